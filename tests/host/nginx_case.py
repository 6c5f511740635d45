"""A real nginx (Debian's) on loopback with the template of deploy/nginx, between a client and whatever is behind it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from polling import until
from ports import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
HOST = "leads.test"

#: as distributions ship it, with what a stricter file must have the last word over
_AROUND = """
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 768; }}
http {{
    sendfile on; tcp_nopush on;
    include /etc/nginx/mime.types; default_type application/octet-stream;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on;
    gzip on; gzip_types text/event-stream application/json;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/conf.d/*.conf;
}}
"""


def program(name: str) -> str:
    """Where a Debian program is. Skips where it is not installed, and never in CI."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"Debian's {name} is not installed, and CI never skips")
        pytest.skip(f"Debian's {name} is not installed")
    return found


@dataclass
class Nginx:
    """It listens at two ports of loopback; its files lie in `folder`, its certificate at `cert`."""

    folder: Path
    http_port: int
    https_port: int

    @property
    def cert(self) -> Path:
        return self.folder / "tls" / "fullchain.pem"

    @property
    def key(self) -> Path:
        return self.folder / "tls" / "privkey.pem"

    @property
    def acme_root(self) -> Path:
        return self.folder / "acme"

    @property
    def conf(self) -> Path:
        return self.folder / "nginx.conf"

    @property
    def logs(self) -> str:
        """All that it wrote down."""
        return "".join(file.read_text() for file in sorted((self.folder / "log").glob("*.log")))

    @property
    def reload_command(self) -> list[str]:
        return [program("nginx"), "-c", str(self.conf), "-s", "reload"]

    def client(self, source: str, *, accept: str = "*/*", **more: Any) -> httpx.AsyncClient:
        """A client at an address of loopback, which knows the name and verifies the certificate."""
        trust = ssl.create_default_context(cafile=str(self.cert))
        transport = httpx.AsyncHTTPTransport(
            verify=trust, local_address=source, limits=httpx.Limits(max_connections=64)
        )
        return _Named(
            base_url=f"https://127.0.0.1:{self.https_port}", headers={"Host": HOST, "Accept": accept},
            transport=transport, timeout=30.0, trust_env=False, **more,
        )  # fmt: skip

    def handshake(self, version: ssl.TLSVersion) -> ssl.SSLSocket:
        """A connection by exactly this version, HTTP/2 offered. Raises ssl.SSLError."""
        context = ssl.create_default_context(cafile=str(self.cert))
        context.minimum_version = context.maximum_version = version
        context.set_alpn_protocols(["h2", "http/1.1"])
        raw = socket.create_connection(("127.0.0.1", self.https_port), 5)
        try:
            return context.wrap_socket(raw, server_hostname=HOST)
        except ssl.SSLError:
            raw.close()
            raise

    def serial(self) -> int:
        """The serial number of the certificate that a new connection is shown, whoever signed it."""
        context = ssl._create_unverified_context()
        with (
            socket.create_connection(("127.0.0.1", self.https_port), 5) as raw,
            context.wrap_socket(raw, server_hostname=HOST) as tls,
        ):
            shown = tls.getpeercert(binary_form=True)
        pem = ssl.DER_cert_to_PEM_cert(shown or b"")
        said = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=pem, capture_output=True, text=True)
        return int(said.stdout.strip().partition("=")[2], 16)


class _Named(httpx.AsyncClient):
    """Asks an address for a host by its name, in TLS, too."""

    def build_request(self, *args: Any, **more: Any) -> httpx.Request:
        request = super().build_request(*args, **more)
        request.extensions = {**request.extensions, "sni_hostname": HOST}
        return request


@contextmanager
def nginx(upstream: str, *, place: str | None = None) -> Iterator[Nginx]:
    """It answers with the shipped template in front of `upstream` (host:port), by the stand-in certificate."""
    binary = program("nginx")
    folder = Path(tempfile.mkdtemp(prefix="lwn-", dir=place))
    folder.chmod(0o755)
    found = Nginx(folder, free_port(), free_port())
    for name in ("conf.d", "log", "acme"):
        (folder / name).mkdir()
    subprocess.run(
        [DEPLOY / "certbot" / "stand-in.sh"], check=True, env={**os.environ, **variables(found, upstream)}
    )  # fmt: skip
    found.conf.write_text(_AROUND.format(folder=folder, user=_user()))
    (folder / "conf.d" / "leadwake.conf").write_text(rendered(found, upstream))
    process = subprocess.Popen([binary, "-c", str(found.conf), "-e", "stderr"], stderr=subprocess.PIPE, text=True)
    try:
        _wait(process, found.https_port)
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
        shutil.rmtree(folder, ignore_errors=True)


def variables(found: Nginx, upstream: str) -> dict[str, str]:
    """What the template and the scripts take from the environment."""
    return {
        "LEADWAKE_HOST": HOST, "LEADWAKE_UPSTREAM": upstream,
        "LEADWAKE_HTTP_PORT": str(found.http_port), "LEADWAKE_HTTPS_PORT": str(found.https_port),
        "LEADWAKE_CERT": str(found.cert), "LEADWAKE_CERT_KEY": str(found.key),
        "LEADWAKE_ACME_ROOT": str(found.acme_root),
    }  # fmt: skip


def rendered(found: Nginx, upstream: str) -> str:
    """The template, filled in as on a host; only its logs lie elsewhere."""
    filled = subprocess.run(
        [DEPLOY / "nginx" / "render.sh"], input=(DEPLOY / "nginx" / "leadwake.conf.template").read_text(),
        env={**os.environ, **variables(found, upstream)}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return filled.replace("/var/log/nginx/", f"{found.folder}/log/")


def _user() -> str:
    """Root's nginx hands its work to the account that Debian's does."""
    if os.geteuid() != 0:
        return ""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "user www-data;" if "www-data" in names else "user nobody;"


def _wait(process: subprocess.Popen[str], port: int) -> None:
    def listens() -> bool:
        if process.poll() is not None:
            pytest.fail(f"nginx ended: {process.stderr.read() if process.stderr else ''}")
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True

    until(listens, "nginx listens", seconds=20, every_s=0.02)
