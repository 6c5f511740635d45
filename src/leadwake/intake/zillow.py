"""A lead of Zillow's rental network: a posted form, unsigned and without an id of its own.

Source: zillowgroup.com/developers/api/rentals/lead-api and its field list as others quote it (read 2026-11-22). Any
field may be empty; unknown ones are kept. The listing's place is the property's, never the person's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.fields import LIMITS, bounded_extra, clean_line, clean_text, inquiry

SOURCE, CHANNEL, INTEREST = "Zillow", "portal", "rent_home"

_LISTING = ("listingStreet", "listingUnit", "listingCity", "listingState", "listingPostalCode")
_READ = frozenset({"name", "email", "phone", "message", "introduction", "movingDate", *_LISTING[:2]})
#: theirs → what other portals' leads call it; the rest keeps Zillow's name, written as ours are
_CALLED = {
    "numBedroomsSought": "bedrooms", "numBathroomsSought": "bathrooms", "leaseLengthMonths": "lease_months",
    "incomeYearly": "income", "numOccupants": "occupants", "creditScoreRangeJson": "credit_score",
    "petDetailsJson": "pet_details", "employmentDetailsJson": "employment_details",
}  # fmt: skip
_DATES = frozenset({"movingDate", "employmentStartDate"})
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def sent_id(fields: Mapping[str, str], today: date) -> str:
    """
    What stands for an id: the listing, the person and the day; the same again is Zillow trying again.

    Holds a number or an address: it is hashed under a key of ours before anything keeps it.
    """
    email, phone = fields.get("email", ""), fields.get("phone", "")
    person = [normalise_email(email) or email.strip().lower(), normalise_phone(phone) or phone.strip()]
    if not any(person):
        person = [" ".join(fields.get("name", "").lower().split()), fields.get("message", "")]
    return "\x1f".join(("zillow", fields.get("listingId", "").strip(), *person, today.isoformat()))


def read_lead(body: bytes, _: Mapping[str, str], now: datetime) -> Inquiry:
    """The inquiry in a stored form, {field: value} in JSON. Raises InputError without a name, a phone or an e-mail."""
    fields = {name: value for name, value in msgspec.json.decode(body, type=dict[str, str]).items() if value.strip()}
    if not any(fields.get(name) for name in ("name", "phone", "email")):
        raise InputError(dict.fromkeys(("name", "phone", "email"), "the form holds none of them"))
    moving = _date(fields.get("movingDate", ""))
    timeline = fields.get("moveInTimeframe") or moving
    person = {name: clean_line(fields.get(name, ""), LIMITS[name]) for name in ("name", "email", "phone")}
    return inquiry(
        {
            **person, "message": clean_text(_said(fields), LIMITS["message"]), "interest": INTEREST,
            "timeline": clean_line(timeline, LIMITS["timeline"]) if timeline else None,
            "state": clean_line(fields.get("movingFromState", ""), LIMITS["state"]),
        },
        asked_at=now, channel=CHANNEL, source=SOURCE,
        extra=bounded_extra({**_property(fields), **({"move_in": moving} if moving else {}), **_others(fields)}),
    )  # fmt: skip


def _said(fields: Mapping[str, str]) -> str:
    """What the person wrote; how they introduce themselves stands below it."""
    return "\n\n".join(text for name in ("message", "introduction") if (text := fields.get(name, "").strip()))


def _property(fields: Mapping[str, str]) -> dict[str, str]:
    street, unit, city, state, code = (fields.get(name, "").strip() for name in _LISTING)
    lines = [" ".join(filter(None, (street, unit))), city, state, code]
    address = ", ".join(filter(None, lines))
    return {"property_address": address} if address else {}


def _others(fields: Mapping[str, str]) -> dict[str, Any]:
    return {_called(name): _value(name, value) for name, value in fields.items() if name not in _READ}


def _called(name: str) -> str:
    return _CALLED.get(name) or _HUMP.sub("_", name).lower()


def _value(name: str, value: str) -> Any:
    if name in _DATES:
        return _date(value)
    if name.endswith("Json"):
        try:
            return msgspec.json.decode(value)
        except (ValueError, RecursionError):
            return value
    return value


def _date(text: str) -> str:
    """A date as everybody writes it, from Zillow's 20260401; what is none stays as it came."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return text.strip()
