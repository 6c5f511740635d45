"""Links in messages: signed, and saying nothing about anybody.

Those to the people we write to last for ever. Those in alerts to the team open once, within a day, and log somebody in.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from leadwake.storage.credentials import TokenRefused, read_short_token, read_token, short_token, sign_token
from leadwake.storage.vault import Vault

_POINT_BYTES: Final = 8
#: with it a tag has 33 characters: an address has 64 before its "@" (RFC 5321, 4.5.3.1.1)
_TAG_MAC_BYTES: Final = 12
_TAGGED: Final = re.compile(r"[^@+]{1,30}\+([ru])([a-z2-7]{32})@[^@]{1,255}")
#: an alert's link opens for so long (business time)
ALERT_FOR: Final = timedelta(hours=24)
_ALERT: Final = "alert"
_BOOKING: Final = "booking"
_PERSON_BYTES, _ACTION_BYTES = 8, 4
_ALERT_PATH: Final = re.compile(r"/a/[A-Za-z0-9_-]{40,200}")


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


def booking_path(vault: Vault, lead_id: UUID) -> str:
    """The path by which a lead books a meeting: "/b/AZq5…", 35 characters, as texts pay for each. Never expires."""
    return f"/b/{short_token(vault.link_key, _BOOKING, lead_id.bytes)}"


def booker_of(vault: Vault, token: str) -> UUID:
    """The lead whom a booking link was made for. Raises TokenRefused."""
    payload = read_short_token(vault.link_key, _BOOKING, token)
    if len(payload) != 16:
        raise TokenRefused("not a link of ours")
    return UUID(bytes=payload)


def _purpose(page: Page) -> str:
    return f"page {page.name.lower()}"


# Addresses.


class Tag(StrEnum):
    """What a mail to one of our tagged addresses is; the value begins the tag."""

    REPLY = "r"
    UNSUBSCRIBE = "u"


def tagged(vault: Vault, tag: Tag, point: int, address: str) -> str:
    """
    Our address as whoever the contact point belongs to may write to it: "hello+r4k…@example.com".

    Lower-case letters and digits only: mail servers change the case of addresses.
    """
    body = point.to_bytes(_POINT_BYTES, "big")
    local, _, domain = address.partition("@")
    return f"{local}+{tag.value}{_spelt(body + _tag_mac(vault, tag, body))}@{domain}"


def tag_of(vault: Vault, address: str) -> tuple[Tag, int] | None:
    """What a tagged address was made for; None for one that we did not make."""
    found = _TAGGED.fullmatch(address.lower())
    if found is None:
        return None
    tag, raw = Tag(found[1]), base64.b32decode(found[2].upper())
    body, mac = raw[:_POINT_BYTES], raw[_POINT_BYTES:]
    genuine = hmac.compare_digest(mac, _tag_mac(vault, tag, body))
    return (tag, int.from_bytes(body, "big")) if genuine else None


def inbound_key(vault: Vault) -> str:
    """What stands at the end of the address that incoming mail is posted to."""
    return _spelt(hmac.digest(vault.link_key, b"inbound mail", "sha256")[:20])


def _tag_mac(vault: Vault, tag: Tag, body: bytes) -> bytes:
    return hmac.digest(vault.link_key, b"mail tag " + tag.value.encode() + body, "sha256")[:_TAG_MAC_BYTES]


def _spelt(raw: bytes) -> str:
    return base64.b32encode(raw).decode().lower()


# Alerts.


@dataclass(frozen=True, slots=True)
class AlertLink:
    """Whom an alert's link lets in, as its last bytes of their id, and the lead it leads to."""

    lead_id: UUID
    person_end: bytes

    def is_for(self, user_id: UUID) -> bool:
        """True when the link was made for this member of the team."""
        return user_id.bytes[-_PERSON_BYTES:] == self.person_end


def alert_path(vault: Vault, action_id: UUID, user_id: UUID, lead_id: UUID, expires_at: datetime) -> str:
    """
    The path by which this member of the team opens the lead, once: "/a/AQAA…", 74 characters.

    action_id: the alert's, so that each alert has a link of its own. expires_at: aware. Of the person and the action
    only as many bytes as tell them apart: a text pays for each character, and the signature is over all.
    """
    payload = lead_id.bytes + user_id.bytes[-_PERSON_BYTES:] + action_id.bytes[-_ACTION_BYTES:]
    return f"/a/{sign_token(vault.link_key, _ALERT, payload, expires_at)}"


def alert_of(vault: Vault, token: str, now: datetime) -> AlertLink:
    """What an alert's link was made for. Raises TokenRefused, and of it TokenExpired."""
    payload = read_token(vault.link_key, _ALERT, token, now=now)
    if len(payload) != 16 + _PERSON_BYTES + _ACTION_BYTES:
        raise TokenRefused("not a link of ours")
    return AlertLink(UUID(bytes=payload[:16]), payload[16 : 16 + _PERSON_BYTES])


# Look-ups.

#: a data vendor's late answer is taken for so long (business time): as long as the vendor keeps it
LOOKUP_FOR: Final = timedelta(days=30)
_LOOKUP: Final = "lookup"


def lookup_path(vault: Vault, action_id: UUID, now: datetime) -> str:
    """The path that a data vendor, which signs nothing, posts the late answer to one question to."""
    return f"/hooks/apollo/{sign_token(vault.link_key, _LOOKUP, action_id.bytes, now + LOOKUP_FOR)}"


def lookup_of(vault: Vault, token: str, now: datetime) -> UUID:
    """The action that asked. Raises TokenRefused."""
    payload = read_token(vault.link_key, _LOOKUP, token, now=now)
    if len(payload) != 16:
        raise TokenRefused("not a link of ours")
    return UUID(bytes=payload)


def masked(text: str) -> str:
    """The text without the alerts' links in it: they let whoever reads them in as somebody else."""
    return _ALERT_PATH.sub("/a/…", text)
