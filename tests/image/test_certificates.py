"""The scripts of the containers for nginx and certbot: real certbot, a real ACME server (Pebble), a real nginx."""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509

from polling import until
from ports import free_port

DOCKER = Path(__file__).parents[2] / "deploy" / "docker"
HOST = "leads.test"
_NGINX = """
daemon off; pid {folder}/nginx.pid; error_log stderr crit; worker_processes 1;
events {{}}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl; ssl_certificate {cert}/fullchain.pem; ssl_certificate_key {cert}/privkey.pem;
    }}
}}
"""


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"Debian's {name} is not installed, and CI never skips")
        pytest.skip(f"Debian's {name} is not installed")
    return found


@contextmanager
def _running(command: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """The program and all that it starts, gone afterwards."""
    process = subprocess.Popen(command, env=os.environ | environment, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _acme(folder: Path) -> Iterator[str]:
    """An authority that believes every name; its directory."""
    key, cert, (port, management) = folder / "key.pem", folder / "cert.pem", (free_port(), free_port())
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-keyout", key, "-out", cert], check=True, capture_output=True,
    )  # fmt: skip
    (folder / "pebble.json").write_text(json.dumps({"pebble": {
        "listenAddress": f"127.0.0.1:{port}", "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(cert), "privateKey": str(key), "httpPort": free_port(), "tlsPort": free_port(),
        "ocspResponderURL": "",
    }}))  # fmt: skip
    command = [_program("pebble"), "-config", str(folder / "pebble.json")]
    with _running(command, PEBBLE_VA_ALWAYS_VALID="1", PEBBLE_VA_NOSLEEP="1", PEBBLE_WFE_NONCEREJECT="0"):
        yield f"https://127.0.0.1:{port}/dir"


def _certificate(current: Path) -> x509.Certificate | None:
    file = current / "fullchain.pem"
    return x509.load_pem_x509_certificate(file.read_bytes()) if file.exists() and file.stat().st_size else None


def _other_than(current: Path, serial: int) -> x509.Certificate | None:
    found = _certificate(current)
    return found if found and found.serial_number != serial else None


def test_a_certificate_stands_in_is_issued_and_is_renewed(tmp_path: Path) -> None:
    _program("certbot")
    current = tmp_path / "leadwake"
    with _acme(tmp_path) as directory:
        arguments = f"--server {directory} --no-verify-ssl --force-renewal --work-dir {tmp_path} --logs-dir {tmp_path}"
        environment = {
            "LEADWAKE_HOST": HOST, "CERTBOT_DIR": str(tmp_path), "CERTBOT_WEBROOT": str(tmp_path),
            "CERTBOT_EVERY_S": "1", "CERTBOT_ARGS": arguments,
        }  # fmt: skip
        with _running(["sh", str(DOCKER / "certbot.sh")], **environment):
            stand_in = until(lambda: _certificate(current), "one that stands in")
            issued = until(lambda: _other_than(current, stand_in.serial_number), "one that is issued")
            renewed = until(lambda: _other_than(current, issued.serial_number), "one that is renewed")

            assert stand_in.issuer == stand_in.subject
            assert "Pebble" in issued.issuer.rfc4514_string()
            assert issued.issuer == renewed.issuer
            assert (current / "privkey.pem").stat().st_mode & 0o077 == 0


def _serial_at(port: int) -> int | None:
    try:
        pem = ssl.get_server_certificate(("127.0.0.1", port), timeout=5)
    except OSError:
        return None
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


def _stand_in(folder: Path) -> None:
    """Another certificate lies in `folder`, by the script's own hand; what follows the first ask is not waited for."""
    shutil.rmtree(folder, ignore_errors=True)
    environment = {"LEADWAKE_HOST": HOST, "CERTBOT_DIR": str(folder.parent)}
    with _running(["sh", str(DOCKER / "certbot.sh")], CERTBOT_ARGS="--nothing-of-the-kind", **environment):
        until(lambda: _certificate(folder), "one that stands in")


def test_nginx_waits_for_a_certificate_and_takes_each_new_one(tmp_path: Path) -> None:
    current, port, nginx = tmp_path / "leadwake", free_port(), _program("nginx")
    (tmp_path / "nginx.conf").write_text(_NGINX.format(folder=tmp_path, port=port, cert=current))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "nginx").write_text(f'#!/bin/sh\nexec {nginx} -c {tmp_path}/nginx.conf "$@"\n')
    (tmp_path / "bin" / "nginx").chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "LEADWAKE_CERT": str(current / "fullchain.pem"),
        "NGINX_LOOK_S": "0.2",
    }  # fmt: skip
    with _running(["sh", "-c", f"sh {DOCKER}/nginx.sh && exec nginx"], **environment):
        assert _serial_at(port) is None
        _stand_in(current)
        first = until(lambda: _serial_at(port), "nginx serves")
        _stand_in(current)

        assert until(lambda: serial if (serial := _serial_at(port)) != first else None, "the new one is served")
