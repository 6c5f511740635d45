"""Every door, and what reads a capture that came in by it; a new door is one file beside this one and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from leadwake.domain.values import Inquiry
from leadwake.intake import api, crm_contact, form, phone_call

#: (the bytes as they came, what came around them, the capture's instant) → the inquiry. Raises InputError, Unparsable.
Reader = Callable[[bytes, Mapping[str, str], datetime], Inquiry]

READERS: Mapping[str, Reader] = {
    "api": lambda body, _, now: api.parse_lead(body, now),
    "form": form.read_form,
    "call": lambda _, meta, now: phone_call.parse_call(meta, now),
    "crm": lambda _, meta, now: crm_contact.read_contact(meta, now),
}


def understand(door: str, body: bytes, meta: Mapping[str, str], now: datetime) -> Inquiry:
    """The inquiry in a capture; what has no reader of its own has the shape of POST /v1/leads. Raises InputError."""
    return READERS.get(door, READERS["api"])(body, meta, now)
