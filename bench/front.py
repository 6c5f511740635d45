"""nginx before Leadwake, by the product's own template, with a certificate signed by itself."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bench.installation import Failed, free_port, on_core

HOST = "leads.example.com"
_DEPLOY = Path(__file__).parents[1] / "deploy" / "nginx"
_PARTS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(slots=True)
class Front:
    """nginx in `folder`, in front of the port `upstream`; core: the only one it may use."""

    folder: Path
    upstream: int
    core: int | None = None
    port: int = field(default_factory=free_port)
    _nginx: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """It answers. Raises Failed where nginx is not installed or does not like its configuration."""
        nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
        if nginx is None:
            raise Failed("nginx is not installed (Debian: nginx-light)")
        (self.folder / "log").mkdir(parents=True)
        _certify(self.folder)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(self._configuration())
        tried = subprocess.run([nginx, "-t", "-c", configuration], capture_output=True, text=True, check=False)
        if tried.returncode:
            raise Failed(f"nginx: {tried.stderr}")
        with on_core(self.core):
            self._nginx = subprocess.Popen([nginx, "-c", configuration], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not _listens(self.port):
            if time.monotonic() > deadline:
                raise Failed(f"nginx does not answer: {(self.folder / 'log' / 'error.log').read_text()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """It has ended."""
        if self._nginx:
            self._nginx.send_signal(signal.SIGTERM)
            self._nginx.wait(20)
            self._nginx = None

    def processes(self) -> list[psutil.Process]:
        """Its master and workers."""
        assert self._nginx is not None
        master = psutil.Process(self._nginx.pid)
        return [master, *master.children()]

    def trust(self) -> ssl.SSLContext:
        """What a client believes its certificate by."""
        return ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))

    def _configuration(self) -> str:
        names = {
            "LEADWAKE_HOST": HOST, "LEADWAKE_UPSTREAM": f"127.0.0.1:{self.upstream}",
            "LEADWAKE_HTTP_PORT": str(free_port()), "LEADWAKE_HTTPS_PORT": str(self.port),
            "LEADWAKE_CERT": str(self.folder / "fullchain.pem"), "LEADWAKE_CERT_KEY": str(self.folder / "privkey.pem"),
            "LEADWAKE_ACME_ROOT": str(self.folder),
        }  # fmt: skip
        template = (_DEPLOY / "leadwake.conf.template").read_bytes()
        done = subprocess.run(
            ["sh", _DEPLOY / "render.sh"], input=template, env=os.environ | names, capture_output=True, check=False
        )
        if done.returncode:
            raise Failed(done.stderr.decode())
        filled = done.stdout.decode().replace("/var/log/nginx", str(self.folder / "log"))
        spools = "\n".join(f"{part}_temp_path {self.folder}/{part};" for part in _PARTS)
        return (
            f"daemon off;\nworker_processes 1;\npid {self.folder}/nginx.pid;\n"
            f"error_log {self.folder}/log/error.log crit;\n"
            f"events {{ worker_connections 1024; }}\nhttp {{\n{spools}\n{filled}\n}}\n"
        )


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _certify(folder: Path) -> None:
    """A key and a certificate for HOST, signed by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
