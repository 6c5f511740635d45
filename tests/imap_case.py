"""A real IMAP server for the tests: Debian's Dovecot, one user, a maildir of the test's own."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from polling import until
from ports import free_port

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
USER, PASSWORD = "leads@example.com", "secret word%1"

_CONFIG = """
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
mail_location = maildir:{place}/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
default_login_user = {login_user}
default_internal_user = {login_user}
default_internal_group = {login_group}
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = {place}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class ImapServer:
    """Where it listens, and what a person's mail program does there."""

    port: int
    tls_port: int
    log: Path

    def url(self, *, password: str = PASSWORD, folder: str = "INBOX", scheme: str = "imap") -> str:
        port = self.tls_port if scheme == "imaps" else self.port
        return f"{scheme}://{quote(USER, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}/{quote(folder)}"

    @contextmanager
    def program(self) -> Iterator[imaplib.IMAP4]:
        """Logged in, the inbox open."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as client:
            client.login(USER, PASSWORD)
            client.select("INBOX")
            yield client

    def deliver(self, *mails: bytes, flags: str = "", at: float | None = None) -> None:
        """The mails lie in the inbox. at: when they came, seconds since 1970."""
        came = imaplib.Time2Internaldate(time.time() if at is None else at)
        with self.program() as client:
            for mail in mails:
                status, said = client.append("INBOX", flags, came, mail)
                assert status == "OK", said

    def unread(self) -> int:
        with self.program() as client:
            return len(client.search(None, "UNSEEN")[1][0].split())

    def total(self) -> int:
        with self.program() as client:
            return len(client.search(None, "ALL")[1][0].split())


@contextmanager
def an_imap_server(place: Path, *, certificate: Path | None = None) -> Iterator[ImapServer]:
    """
    Dovecot at work; skipped where Debian's package is not installed, which CI installs.

    place: a directory that any account can reach. certificate: a file with it and its key, for imaps.
    """
    if DOVECOT is None:
        if os.environ.get("CI") == "true":
            pytest.fail("dovecot-imapd is absent, and CI never skips")
        pytest.skip("Dovecot is absent: apt-get install dovecot-imapd")
    if os.geteuid() != 0:
        pytest.skip("Dovecot's processes start as root here")
    for name in ("run", "state", "mail", "home"):
        (place / name).mkdir(parents=True)
    account = pwd.getpwnam("nobody")  # it opens no mailbox for root
    for name in ("mail", "home"):
        os.chown(place / name, account.pw_uid, account.pw_gid)
    port, tls_port = free_port(), free_port()
    (place / "users").write_text(f"{USER}:{{plain}}{PASSWORD}\n")
    config = place / "dovecot.conf"
    keys = f"ssl_cert = <{certificate}\nssl_key = <{certificate}" if certificate else ""
    config.write_text(
        _CONFIG.format(
            place=place, port=port, tls_port=tls_port if certificate else 0, certificate=keys,
            ssl="yes" if certificate else "no", uid=account.pw_uid, gid=account.pw_gid, login_user="dovecot",
            login_group="dovecot",
        )
    )  # fmt: skip
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(config)], stderr=subprocess.PIPE)
    try:
        server = ImapServer(port, tls_port, place / "log")
        _wait(process, server)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(process: subprocess.Popen[bytes], server: ImapServer) -> None:
    def answers() -> bool:
        if process.poll() is not None:
            said = server.log.read_text() if server.log.exists() else ""
            pytest.fail(f"Dovecot has ended: {said[-2000:]}")
        with server.program():
            return True

    until(answers, "Dovecot answers", seconds=20, trying=(OSError, imaplib.IMAP4.error))
