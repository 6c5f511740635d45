"""Links in messages by which people help themselves: signed, lasting for ever, and saying nothing about anybody."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from leadwake.storage.credentials import TokenRefused, read_token, sign_token
from leadwake.storage.vault import Vault

_POINT_BYTES: Final = 8


class Page(StrEnum):
    """What a link is for; the value is the first part of its path, and a link for one opens no other."""

    UNSUBSCRIBE = "u"
    PREFERENCES = "p"
    CONSENT = "c"


def path(vault: Vault, page: Page, point: int) -> str:
    """The path of a page for whoever an e-mail's contact point belongs to: "/u/AQAA…". Never expires (R-MAIL-3)."""
    payload = point.to_bytes(_POINT_BYTES, "big")
    return f"/{page.value}/{sign_token(vault.link_key, _purpose(page), payload, None)}"


def point_of(vault: Vault, page: Page, token: str, now: datetime) -> int:
    """The contact point a link was made for. Raises TokenRefused for anything we did not make for this page."""
    payload = read_token(vault.link_key, _purpose(page), token, now=now)
    if len(payload) != _POINT_BYTES:
        raise TokenRefused("not a link of ours")
    return int.from_bytes(payload, "big")


def _purpose(page: Page) -> str:
    return f"page {page.name.lower()}"
