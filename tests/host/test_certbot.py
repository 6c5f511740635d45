"""A certificate fetched, renewed and served: real certbot, a real ACME server (Pebble), a real nginx."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from nginx_case import DEPLOY, HOST, Nginx, nginx, program, variables

from polling import until
from ports import free_port


@dataclass
class Acme:
    """An authority that proves names over http, at the port of `front`."""

    directory: str
    management: str

    def root(self) -> str:
        """The certificate that all of its certificates hang on."""
        answer = httpx.get(f"{self.management}/roots/0", verify=False, trust_env=False)
        assert answer.status_code == 200
        return answer.text


@contextmanager
def pebble(folder: Path, front: Nginx) -> Iterator[Acme]:
    """Pebble runs, and every name in its world leads to this machine."""
    folder.mkdir()
    acme, management, dns, names = (free_port() for _ in range(4))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True,
    )  # fmt: skip
    config = {
        "listenAddress": f"127.0.0.1:{acme}", "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(folder / "cert.pem"), "privateKey": str(folder / "key.pem"),
        "httpPort": front.http_port, "tlsPort": front.https_port, "ocspResponderURL": "",
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps({"pebble": config}))
    with ExitStack() as stack:
        for command in (
            [program("pebble-challtestsrv"), "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "",
             "-dns01", f"127.0.0.1:{dns}",
             "-management", f"127.0.0.1:{names}", "-http01", "", "-https01", "", "-tlsalpn01", ""],
            [program("pebble"), "-config", str(folder / "config.json"), "-dnsserver", f"127.0.0.1:{dns}"],
        ):  # fmt: skip
            process = subprocess.Popen(
                command,
                env={**os.environ, "PEBBLE_VA_NOSLEEP": "1"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
        found = Acme(f"https://127.0.0.1:{acme}/dir", f"https://127.0.0.1:{management}")
        until(
            lambda: httpx.get(found.directory, verify=False, trust_env=False),
            "Pebble answers",
            trying=httpx.TransportError,
        )
        yield found


@dataclass
class Certbot:
    """certbot with all of its folders in one of ours."""

    folder: Path
    front: Nginx
    acme: Acme

    @property
    def environment(self) -> dict[str, str]:
        reload = " ".join(self.front.reload_command)
        return {
            **os.environ, **variables(self.front, "127.0.0.1:9"), "LEADWAKE_LETSENCRYPT": str(self.folder / "config"),
            "LEADWAKE_NGINX_TEST": reload.replace("-s reload", "-t -q"), "LEADWAKE_NGINX_RELOAD": reload,
        }  # fmt: skip

    @property
    def options(self) -> list[str]:
        return ["--server", self.acme.directory, "--no-verify-ssl", "--work-dir", str(self.folder / "work"),
                "--logs-dir", str(self.folder / "logs")]  # fmt: skip

    def issue(self) -> str:
        return self._run([str(DEPLOY / "certbot" / "issue.sh"), *self.options])

    def renew(self) -> str:
        """As its timer does, only sooner."""
        config = ["--config-dir", str(self.folder / "config")]
        return self._run(
            [program("certbot"), "renew", "--force-renewal", "--no-random-sleep-on-renew", "-n", *config, *self.options]
        )

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


def test_a_certificate_is_fetched_served_and_renewed(place: Path, tmp_path: Path) -> None:
    program("certbot")
    with nginx("127.0.0.1:9", place=str(place)) as front, pebble(tmp_path / "pebble", front) as acme:
        certbot, served = Certbot(tmp_path / "certbot", front, acme), [front.serial()]

        for act in (certbot.issue, certbot.renew):
            act()
            served.append(_serial_after(front, served[-1]))
        trust = ssl.create_default_context(cadata=acme.root())
        with httpx.Client(verify=trust, trust_env=False) as client:
            request = client.build_request("GET", f"https://127.0.0.1:{front.https_port}/", headers={"Host": HOST})
            request.extensions["sni_hostname"] = HOST
            answer = client.send(request)

        assert answer.status_code == 503, "verified by the authority's root; Leadwake itself is not there"
        assert len(set(served)) == 3, "the stand-in, the first, the renewed one"
        assert front.key.stat().st_mode & 0o077 == 0

        certbot.issue()
        assert front.serial() == served[-1], "one that holds is not fetched again"


def test_a_certificate_that_nginx_does_not_take_is_taken_back(place: Path, tmp_path: Path) -> None:
    with nginx("127.0.0.1:9", place=str(place)) as front:
        former = front.cert.read_bytes(), front.key.read_bytes()
        (tmp_path / "fullchain.pem").write_text("no certificate")
        (tmp_path / "privkey.pem").write_text("no key")
        reload = " ".join(front.reload_command)
        hook = subprocess.run(
            [DEPLOY / "certbot" / "deploy-hook.sh"], capture_output=True, text=True,
            env={**os.environ, **variables(front, "127.0.0.1:9"), "RENEWED_LINEAGE": str(tmp_path),
                 "LEADWAKE_NGINX_TEST": reload.replace("-s reload", "-t -q"), "LEADWAKE_NGINX_RELOAD": reload},
        )  # fmt: skip

        assert hook.returncode == 1
        assert "the former one stays" in hook.stderr
        assert (front.cert.read_bytes(), front.key.read_bytes()) == former
        assert front.serial() > 0, "nginx serves on"


def _serial_after(front: Nginx, former: int) -> int:
    """The serial number once it is another: nginx reloads without a pause."""
    return until(lambda: serial if (serial := front.serial()) != former else None, "the new one is served", seconds=10)
