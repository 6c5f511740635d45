"""A row of a list: cells or a JSON line into an inquiry that somebody else speaks of, and when it was made."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.domain.dates import read_date
from leadwake.domain.names import fold
from leadwake.domain.values import Inquiry
from leadwake.intake import api
from leadwake.intake.columns import EXTRA, IGNORE

CHANNEL: Final = "csv"
#: contacts of a row beyond its first number and address
MOST_CONTACTS: Final = 10
#: how far ahead of us the clock of whoever wrote the list may be
_AHEAD: Final = timedelta(minutes=5)

_YES: Final = frozenset(
    {"yes", "y", "true", "1", "on", "x", "si", "opted in", "optin", "opt in", "subscribed", "ticked"}
)
_NO: Final = frozenset({"no", "n", "false", "0", "off", "opted out", "optout", "opt out", "unsubscribed", "unticked"})
_PARTS: Final = re.compile(r"[;\n|]| / |, (?=[+(\d])")


@dataclass(frozen=True, slots=True)
class Reading:
    """How the columns of a list are read. fields: of each head; order: of the dates; source: of rows that name none."""

    kind: str
    heads: Sequence[str]
    fields: Sequence[str]
    order: str
    source: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Listed:
    """
    A row understood. more: further contacts, (kind, value). asked_at: when they asked, None where nothing says so.

    owner: whoever has them by the list, as it stands there. notes: codes of what a person may want to look at.
    """

    inquiry: Inquiry
    more: Sequence[tuple[str, str]] = ()
    asked_at: datetime | None = None
    owner: str | None = None
    notes: Sequence[str] = field(default=())


def name_of(reading: Reading, cells: Sequence[str]) -> str:
    """
    What the row is known by when it comes again: all it says, in whatever order and file.

    Where it has an id, by that and whom it is about, so that a later export with other dates is still the same row.
    """
    document = _object(cells) if reading.kind == "jsonl" else _by_field(reading, cells)
    theirs = document.get("id")
    if theirs not in (None, "", []):
        about = {name: document.get(name) for name in ("name", "first_name", "last_name", "phone", "email")}
        return _canonical({"id": theirs, **about})
    return _canonical(document if reading.kind == "jsonl" else raw(reading, cells))


def raw(reading: Reading, cells: Sequence[str]) -> dict[str, str]:
    """The row as it stands in the file: head → cell, without blank ones."""
    return {head: cell for head, cell in zip(_heads(reading, cells), cells, strict=False) if cell}


def understand(reading: Reading, cells: Sequence[str], now: datetime) -> Listed:
    """
    The inquiry of a row. now: of the import, aware UTC.

    `asked_at` of the inquiry is now, and what the list says stands beside it as claimed: no figure and no rule takes a
    row for somebody who has just asked. Raises InputError with what is wrong.
    """
    document = _object(cells) if reading.kind == "jsonl" else _document(reading, cells)
    owner = document.pop("owner", None)
    document.pop("id", None)
    notes: list[str] = []
    claimed = _date(document.pop("received_at", None) or document.pop("created_at", None), reading, now, notes)
    phones, emails = _several(document, "phone"), _several(document, "email")
    inquiry = api.understand(document, now)
    default = CHANNEL if reading.kind == "csv" else "import"
    inquiry = dataclasses.replace(
        inquiry,
        asked_at=now,
        claimed_at=claimed,
        channel=inquiry.channel if document.get("channel") else default,
        source=inquiry.source if document.get("source") else reading.source,
    )
    if inquiry.phone is None and inquiry.phone_raw:
        notes.append("bad_phone")
    if inquiry.email is None and inquiry.email_raw:
        notes.append("bad_email")
    more = list(_more(inquiry, phones, emails))[:MOST_CONTACTS]
    return Listed(inquiry, more, claimed, owner if isinstance(owner, str) else None, notes)


def _object(cells: Sequence[str]) -> dict[str, Any]:
    """The lead of a line; numbers that programs write without quotes (a phone, a ZIP) are text."""
    document = api.read_object(cells[0])
    return {
        name: str(value) if isinstance(value, int) and not isinstance(value, bool) and name in _TEXTS else value
        for name, value in document.items()
    }


_TEXTS: Final = frozenset({"id", "phone", "postal_code", "budget", "name", "message", "received_at", "created_at"})


def _heads(reading: Reading, cells: Sequence[str]) -> Iterator[str]:
    """The heads, and names for cells beyond them."""
    yield from reading.heads
    for place in range(len(reading.heads), len(cells)):
        yield f"column {place + 1}"


def _by_field(reading: Reading, cells: Sequence[str]) -> dict[str, list[str]]:
    """Field → the cells of its columns that say something."""
    found: dict[str, list[str]] = {}
    for name, cell in zip(reading.fields, cells, strict=False):
        if cell and name not in {EXTRA, IGNORE}:
            found.setdefault(name, []).append(cell)
    return found


def _document(reading: Reading, cells: Sequence[str]) -> dict[str, Any]:
    """The row in the shape of POST /v1/leads; what says nothing to us under its own head."""
    given = _by_field(reading, cells)
    document: dict[str, Any] = {
        head: cell
        for head, cell, name in zip(
            _heads(reading, cells), cells, [*reading.fields, *[EXTRA] * len(cells)], strict=False
        )
        if cell and name == EXTRA and head not in _SHAPE
    }
    for name, cells_of in given.items():
        if name in _PLAIN:
            document[name] = ("\n" if name == "message" else " ").join(cells_of)
    for name in ("phone", "email"):
        if name in given:
            document[name] = "\n".join(given[name])
    document |= {name: "\n".join(given[name]) for name in ("notes", "tags") if name in given}
    document["utm"] = {name[4:]: " ".join(values) for name, values in given.items() if name.startswith("utm.")}
    document["consent"] = _consent(given)
    return document | _called(given)


#: what the shape of a lead has a meaning for: no column of another name may pass for it
_SHAPE: Final = frozenset(
    {"consent", "utm", "channel", "source", "received_at", "created_at", "owner", "id", "user_agent"}
)
_PLAIN: Final = (
    "message", "received_at", "source", "channel", "interest", "postal_code", "state", "country", "budget", "timeline",
    "page_url", "owner", "id",
)  # fmt: skip


def _called(given: Mapping[str, list[str]]) -> dict[str, str]:
    """The name, however many columns it has."""
    parts = {name: " ".join(given.get(name, ())) for name in ("name", "first_name", "middle_name", "last_name")}
    if parts["name"] and not (parts["first_name"] or parts["last_name"]):
        return {"name": parts["name"]}
    whole = " ".join(filter(None, (parts["first_name"], parts["middle_name"], parts["last_name"])))
    if parts["name"] and not parts["first_name"]:
        is_whole = fold(parts["last_name"]) in fold(parts["name"])
        return {"name": parts["name"] if is_whole else f"{parts['name']} {parts['last_name']}"}
    return {"name": parts["name"] or whole} if whole or parts["name"] else {}


def _consent(given: Mapping[str, list[str]]) -> dict[str, Any]:
    """The claim of the row; a no in any column is a no."""
    claim: dict[str, Any] = {
        name[8:]: values[0] for name, values in given.items() if name.startswith("consent.") and name not in _ANSWERS
    }
    for channel in ("sms", "email"):
        claim[channel] = _answer(given.get(f"consent.{channel}", ()))
        against = [
            *given.get("do_not_contact", ()),
            *given.get(f"do_not_{'text' if channel == 'sms' else 'email'}", ()),
        ]
        if any(fold(cell) not in _NO for cell in against):
            claim[channel] = False
    return claim


_ANSWERS: Final = frozenset({"consent.sms", "consent.email"})


def _answer(cells: Sequence[str]) -> bool | None:
    said = {fold(cell) for cell in cells}
    if said & _NO:
        return False
    return True if said & _YES else None


def _several(document: dict[str, Any], name: str) -> list[str]:
    """Every number or address of the field; the document keeps the first."""
    value = document.get(name)
    if not isinstance(value, str):
        return []
    parts = [part.strip() for part in _PARTS.split(value) if part.strip()]
    if len(parts) > 1:  # the first that can be used comes first
        usable = normalise_phone if name == "phone" else normalise_email
        parts.sort(key=lambda part: usable(part) is None)
    if parts:
        document[name] = parts[0]
    return parts


def _more(inquiry: Inquiry, phones: Sequence[str], emails: Sequence[str]) -> Iterator[tuple[str, str]]:
    seen = {inquiry.phone, inquiry.email}
    for kind, texts in (("phone", phones), ("email", emails)):
        for text in texts[1 : MOST_CONTACTS + 1]:
            value = normalise_phone(text) if kind == "phone" else normalise_email(text)
            if value and value not in seen:
                seen.add(value)
                yield kind, value


def _date(value: Any, reading: Reading, now: datetime, notes: list[str]) -> datetime | None:
    """When they asked by the list; None where it does not say, cannot be read, or has not come yet."""
    if value in (None, ""):
        return None
    found = read_date(str(value), reading.zone if reading.kind == "csv" else ZoneInfo("UTC"), reading.order)
    if found is None or found.at > now + _AHEAD:
        notes.append("unread_date" if found is None else "future_date")
        return None
    if found.is_ambiguous:
        notes.append("ambiguous_date")
    return found.at.astimezone(UTC)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
