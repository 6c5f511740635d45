"""IMAP against a real server: over TLS, and never a password in clear to another machine."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from vendor_on_loopback import Certificates

from imap_case import an_imap_server
from leadwake.errors import BadCredentials, ConfigError, Unavailable
from leadwake.providers import imap
from leadwake.providers.imap import Address, session


async def test_a_mailbox_is_read_over_tls_and_only_from_whom_somebody_vouches_for(
    place: Path, certificates: Certificates
) -> None:
    with an_imap_server(place / uuid4().hex, certificate=certificates.file) as server:
        server.deliver(b"Subject: Hello\r\n\r\nHi\r\n")
        async with session(Address(server.url(scheme="imaps")), tls=certificates.client) as box:
            assert await box.after(0) == [1]
            assert await box.message(1, 1_000) == b"Subject: Hello\r\n\r\nHi\r\n"
        async with session(Address(server.url()), tls=certificates.client) as box:  # by STARTTLS
            assert await box.after(1) == []
        for scheme in ("imap", "imaps"):
            with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
                async with session(Address(server.url(scheme=scheme))):
                    pass


async def test_a_password_is_not_sent_in_clear_to_another_machine(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "is_loopback", lambda _: False)
    with an_imap_server(place / uuid4().hex) as server, pytest.raises(BadCredentials, match="encryption"):
        async with session(Address(server.url())):
            pass


@pytest.mark.parametrize(
    "url", ["", "imap://host", "http://u:p@host", "imaps://u:p@host:99999/", "imaps://u:p@host/K%C3%BCche"]
)
def test_an_address_that_is_none_is_told_at_once(url: str) -> None:
    with pytest.raises(ConfigError, match="LEADWAKE_IMAP_URL"):
        Address(url)


def test_an_address_holds_what_a_url_cannot_write_plainly() -> None:
    found = Address("imaps://ann%40example.com:p%40ss%2Fword@mail.example.com/%5BGmail%5D/All%20Mail")

    assert (found.user, found.password) == ("ann@example.com", "p@ss/word")
    assert (found.host, found.port, found.folder) == ("mail.example.com", 993, "[Gmail]/All Mail")
    assert "p@ss" not in str(found)
