"""Captures, inquiries and leads: values ⇄ rows, sealed on the way in and opened on the way out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from leadwake.domain.names import split_name
from leadwake.domain.values import ConsentLevel, Inquiry
from leadwake.storage.ids import new_id
from leadwake.storage.vault import DataKey, Vault

_json = msgspec.json.Encoder()
_profile = msgspec.json.Decoder(dict[str, Any])

#: the namespace of captures that are named by their sender's own id
_SENT_AGAIN = UUID("0d7c2b9e-3b0f-5f0e-9b51-6a1c8f6f3d27")

#: names a person is remembered by, for telling a household's members apart
MAX_NAMES = 5


@dataclass(frozen=True, slots=True)
class RawCapture:
    """
    One arrival, before it is understood.

    door: of `intake.doors`. body: the bytes as they came. meta: what came around them (content type, ip, form, …).
    id: stays the same when storing it is tried again, so that a lost commit answer cannot store it twice.
    """

    door: str
    body: bytes
    meta: Mapping[str, str]
    source: str = ""
    api_key_id: str | None = None
    idempotency_key: str | None = None
    id: UUID = field(default_factory=new_id)

    @classmethod
    def once(cls, door: str, their_id: str, body: bytes, meta: Mapping[str, str], source: str = "") -> RawCapture:
        """A capture that its sender may send again: the same id of theirs is stored once, and answered as it was."""
        return cls(door, body, meta, source, id=uuid5(_SENT_AGAIN, f"{door}:{their_id}"))

    def sealed(self, key: DataKey) -> bytes:
        """The bytes and what came around them, sealed."""
        return key.seal(msgspec.msgpack.encode([dict(self.meta), self.body]), b"capture.body")

    @property
    def idempotency_hash(self) -> bytes | None:
        """What stands for the sender's key; None when there is none."""
        return hashlib.sha256(self.idempotency_key.encode()).digest() if self.idempotency_key is not None else None

    @property
    def body_hash(self) -> bytes:
        """Tells whether a repeated key comes with the same body."""
        return hashlib.sha256(self.body).digest()


def opened_capture(key: DataKey, sealed: bytes, *, capture_id: UUID, door: str, source: str) -> RawCapture:
    """The capture of a row, as it came."""
    meta, body = msgspec.msgpack.decode(key.open(sealed, b"capture.body"))
    return RawCapture(door, body, meta, source, id=capture_id)


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach somebody: kind phone or email, normalised value, and its blind index."""

    kind: str
    value: str
    hash: bytes


def contacts_of(vault: Vault, inquiry: Inquiry) -> list[Contact]:
    """The inquiry's contacts, as the blind index knows them."""
    given = (("phone", inquiry.phone), ("email", inquiry.email))
    return [Contact(kind, value, vault.blind(kind, value)) for kind, value in given if value]  # type: ignore[arg-type]


def profile_of(inquiry: Inquiry) -> dict[str, Any]:
    """What a lead's row holds of the person, from their first inquiry."""
    first, last = split_name(inquiry.name)
    return {
        "name": inquiry.name,
        "names": [inquiry.name] if inquiry.name else [],
        "first": first,
        "last": last,
        "phone": inquiry.phone,
        "phone_raw": inquiry.phone_raw,
        "email": inquiry.email,
        "email_raw": inquiry.email_raw,
        "state": inquiry.state,
        "postal_code": inquiry.postal_code,
        "country": inquiry.country,
    }


def merged(profile: Mapping[str, Any], inquiry: Inquiry) -> dict[str, Any]:
    """The profile with what the inquiry adds; what is known is kept, places follow the latest word."""
    new = profile_of(inquiry)
    result = {**new, **{name: value for name, value in profile.items() if value}}
    for name in ("state", "postal_code", "country"):
        result[name] = new[name] or profile.get(name)
    names = list(profile.get("names") or [])
    if inquiry.name and inquiry.name not in names:
        names = [*names, inquiry.name][:MAX_NAMES]
    return {**result, "names": names}


def open_profile(vault: Vault, row: Mapping[str, Any]) -> dict[str, Any]:
    """The profile of a row with sealed_profile, data_key_id, kek_id and wrapped."""
    key = vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    return _profile.decode(key.open(row["sealed_profile"], b"lead.profile"))


def open_details(vault: Vault, key_id: UUID, kek_id: int, wrapped: bytes, sealed: bytes) -> dict[str, Any]:
    """An inquiry as it was understood."""
    return _profile.decode(vault.open_data_key(key_id, kek_id, wrapped).open(sealed, b"inquiry.details"))


def sealed_profile(key: DataKey, profile: Mapping[str, Any]) -> bytes:
    """The profile for a row."""
    return key.seal(_json.encode(profile), b"lead.profile")


def sealed_details(key: DataKey, inquiry: Inquiry) -> bytes:
    """The inquiry for a row."""
    return key.seal(_json.encode(inquiry), b"inquiry.details")


def fingerprint(vault: Vault, inquiry: Inquiry) -> bytes:
    """Equal for the same request in the same words: what makes a second submit of a form a repetition."""
    said = "\x1f".join((inquiry.message or "", inquiry.interest or "", inquiry.page_url or "", inquiry.source))
    return vault.blind("inquiry", said)[:16]


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact of the inquiry as it will stand with the lead; said_…, missing: what this capture claims, and lacks."""

    point_id: int
    contact: Contact
    consent: ConsentLevel
    said_channel: str
    said_level: ConsentLevel
    missing: Sequence[str]


def after(before: str | None, said: ConsentLevel) -> ConsentLevel:
    """The consent that stands after a capture: a plain no always counts, silence neither lowers nor lifts it."""
    if before is None or said in {ConsentLevel.DECLINED, ConsentLevel.WRITTEN}:
        return said
    known = ConsentLevel(before)
    if known in {ConsentLevel.WRITTEN, ConsentLevel.ORAL, ConsentLevel.DECLINED}:
        return known
    return said if said is not ConsentLevel.NONE else known


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sender is told: lead_id None when understanding is tried again, duplicate for a known lead."""

    inquiry_id: UUID
    lead_id: UUID | None
    duplicate: bool


def lock_parameters(contacts: Sequence[Contact]) -> dict[str, list[Any]]:
    """The parameters of `intake_lock`."""
    return {"kinds": [contact.kind for contact in contacts], "hashes": [contact.hash for contact in contacts]}


def write_parameters(asked_at: datetime, rows: Sequence[ContactRow], lead_key: DataKey) -> dict[str, Any]:
    """The contact columns of `intake_write`."""
    return {
        "asked_at": asked_at,
        "points": [row.point_id for row in rows],
        "point_kinds": [row.contact.kind for row in rows],
        "values": [lead_key.seal(row.contact.value.encode(), b"lead_contact.value") for row in rows],
        "consents": [row.consent.value for row in rows],
        "said_channels": [row.said_channel for row in rows],
        "said_levels": [row.said_level.value for row in rows],
        "said_missing": [",".join(row.missing) for row in rows],
    }
