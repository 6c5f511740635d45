"""Every door, and what reads a capture that came in by it; a new door is one file beside this one and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from leadwake.domain.values import Inquiry
from leadwake.intake import (
    api,
    calendly,
    chat,
    crm_contact,
    form,
    google_ads,
    json_door,
    meta,
    phone_call,
    typeform,
    written_mail,
    zillow,
)
from leadwake.intake.mail.reading import read_part

#: (the bytes as they came, what came around them, the capture's instant) → the inquiry. Raises InputError, Unparsable.
Reader = Callable[[bytes, Mapping[str, str], datetime], Inquiry]

READERS: Mapping[str, Reader] = {
    "api": lambda body, _, now: api.parse_lead(body, now),
    "form": form.read_form,
    "chat": chat.read_chat,
    "meta": meta.read_lead,
    "google_ads": google_ads.read_lead,
    "typeform": typeform.read_lead,
    "zillow": zillow.read_lead,
    "json": json_door.read_lead,
    "booking": lambda body, _, now: calendly.parse_booking(body, now),
    "call": lambda _, meta, now: phone_call.parse_call(meta, now),
    "crm": lambda _, meta, now: crm_contact.read_contact(meta, now),
    "portal_mail": read_part,
    "mail": written_mail.read_written,
    "mail_lead": written_mail.read_of_a_batch,
}


#: doors that only name a lead: (what is still to be fetched, by its sender's id; the bytes with what was fetched)
FETCHED: Mapping[str, tuple[Callable[[bytes], str | None], Callable[[bytes, Mapping[str, Any]], bytes]]] = {
    "meta": (meta.wanted, meta.completed),
}


def wanted(door: str, body: bytes) -> str | None:
    """What has to be fetched before the capture can be understood; None when all is there."""
    return FETCHED[door][0](body) if door in FETCHED else None


def completed(door: str, body: bytes, found: Mapping[str, Any]) -> bytes:
    """The capture's bytes with what was fetched."""
    return FETCHED[door][1](body, found)


def understand(door: str, body: bytes, meta: Mapping[str, str], now: datetime) -> Inquiry:
    """The inquiry in a capture; what has no reader of its own has the shape of POST /v1/leads. Raises InputError."""
    return READERS.get(door, READERS["api"])(body, meta, now)
