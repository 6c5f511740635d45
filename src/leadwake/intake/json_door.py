"""Any program's JSON: where each of our fields stands in it is data, and what nobody said is guessed by its name.

A place is keys with dots between them; in a list `[0]`, or `[label=Email]` for the entry whose label is Email, as form
builders send their answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.api import read_object
from leadwake.intake.fields import believed, inquiry, instant
from leadwake.intake.questions import Read, as_text, field_of, utm_of, yes_or_no

DOOR: Final = "json"
#: who comes in by a door: people who asked us, or rows of a list, whom nobody may write to for that alone
ASKED, LISTED = "web_form", "csv"
#: stands for "nowhere, and do not guess"
NOWHERE: Final = "-"

#: our fields in the order of the page; beyond those of every inquiry, what makes a repetition one, and consent
FIELDS: Final[Mapping[str, str]] = {
    "name": "Name", "first_name": "First name", "last_name": "Last name", "phone": "Phone", "email": "E-mail",
    "message": "Message", "postal_code": "ZIP code", "state": "State", "country": "Country", "interest": "Interest",
    "budget": "Budget", "timeline": "Timeline", "page_url": "Page", "source": "Source", "id": "Their own number of it",
    "received_at": "When they asked", "sms_consent": "May we text them", "email_consent": "May we e-mail them",
}  # fmt: skip
_PLAIN: Final = frozenset(FIELDS) - {"id", "received_at", "sms_consent", "email_consent"}
#: names of their own number and time; other fields go by `questions`. A plain "id" may be the person's: whoever asks
#: twice would be taken for a repetition
_GUESSED: Final[Mapping[str, frozenset[str]]] = {
    "id": frozenset({"submission_id", "submissionid", "response_id", "entry_id", "event_id"}),
    "received_at": frozenset({"created_at", "submitted_at", "received_at", "created", "submission_date", "timestamp"}),
    "page_url": frozenset({"page_url", "page", "referrer", "url", "landing_page"}),
    "sms_consent": frozenset({"sms_consent", "sms_opt_in", "sms_optin", "text_consent", "consent_sms"}),
    "email_consent": frozenset({"email_consent", "email_opt_in", "email_optin", "consent_email"}),
}  # fmt: skip

MAX_PLACES, MAX_CHARS, _DEPTH = 100, 200, 6
_NAMES, _VALUES = ("label", "name", "key", "title", "question", "field", "id"), ("value", "values", "answer", "text")
_STEP: Final = re.compile(r"\[(\d{1,4})\]|\[(\w{1,20})=([^\[\]]*)\]|\.?([^.\[\]]+)")
_LOOKS_PERSONAL: Final = re.compile(r"@|\d{7}")


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a sample. places: our field → where it was found; refused: why it would be no lead."""

    inquiry: Inquiry | None
    places: Mapping[str, str]
    refused: str = ""


def read_leads(body: bytes) -> list[dict[str, Any]]:
    """The objects in a body: one, or a list of them. Raises Unparsable, InputError."""
    if body.lstrip()[:1] != b"[":
        return [read_object(body)]
    found = read_object(b'{"all":' + body + b"}")["all"]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise InputError({"body": "must be an object, or a list of objects"})
    return found


def read_lead(body: bytes, meta: Mapping[str, str], now: datetime) -> Inquiry:
    """The inquiry in an object. meta: door, channel, mapping (JSON). Raises InputError without a person in it."""
    document = read_object(body)
    places = placed(document, json.loads(meta.get("mapping", "{}")))
    return _inquiry(document, places, meta["door"], meta.get("channel", ASKED), now)


def trial(document: Mapping[str, Any], mapping: Mapping[str, str], channel: str, now: datetime) -> Trial:
    """What would become of a sample with this mapping."""
    places = placed(document, mapping)
    try:
        return Trial(_inquiry(document, places, "sample", channel, now), places)
    except InputError as error:
        return Trial(None, places, next(iter(error.reasons.values())))


def their_id(document: Mapping[str, Any], mapping: Mapping[str, str]) -> str | None:
    """The sender's own number of the lead; None when it says none."""
    place = placed(document, mapping).get("id")
    text = as_text(at(document, place)) if place else None
    return text.strip()[:MAX_CHARS] or None if text else None


def placed(document: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, str]:
    """Our field → its place in this document: as it was said, else guessed where something stands."""
    said = {field: place for field, place in mapping.items() if field in FIELDS and place and place != NOWHERE}
    guessed = guess(document)
    return {
        field: place
        for field in FIELDS
        if (place := said.get(field) or ("" if mapping.get(field) == NOWHERE else guessed.get(field, "")))
    }


def guess(document: Mapping[str, Any]) -> dict[str, str]:
    """Our field → the first place whose name asks for it, those nearer to the top first."""
    found: dict[str, str] = {}
    for place, value in sorted(leaves(document), key=lambda leaf: leaf[0].count(".") + leaf[0].count("[")):
        text = as_text(value)
        if text is None or not text.strip():
            continue
        name = called(place)
        plain = re.sub(r"[\W_]+", "_", name.lower()).strip("_")
        ours = next((field for field, names in _GUESSED.items() if plain in names), None)
        ours = ours or field_of(name, value=text)
        if ours and ours not in found:
            found[ours] = place
    if {"first_name", "last_name"} <= found.keys():
        found.pop("name", None)  # beside both halves, a "name" may be the form's own
    return found


def leaves(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(place, value) of everything that stands somewhere, at most 100."""
    for number, leaf in enumerate(_leaves(document, "", _DEPTH)):
        if number == MAX_PLACES:
            return
        yield leaf


def names(document: Mapping[str, Any]) -> list[str]:
    """The places of a document, without any that look as if they held somebody's address or number."""
    return [place for place, _ in leaves(document) if len(place) <= MAX_CHARS and not _LOOKS_PERSONAL.search(place)]


def at(document: Any, place: str) -> Any:
    """What stands at a place; None where nothing does."""
    if isinstance(document, dict) and place in document:
        return document[place]  # a key may hold dots itself
    step = _STEP.match(place)
    if step is None:
        return document if not place else None
    index, key, value, name = step.groups()
    rest = place[step.end() :].removeprefix(".")
    if index is not None:
        inner = document[int(index)] if isinstance(document, list) and int(index) < len(document) else None
    elif key is not None:
        entries = document if isinstance(document, list) else []
        inner = next((one for one in entries if isinstance(one, dict) and as_text(one.get(key)) == value), None)
    else:
        inner = document.get(name) if isinstance(document, dict) else None
    return inner if not rest or inner is None else at(inner, rest)


def called(place: str) -> str:
    """What a place is called: its last key, or the label of its entry."""
    labelled = re.findall(r"\[\w{1,20}=([^\[\]]*)\]", place)
    tail = re.split(r"[.\]]", place.rstrip("]"))[-1].split("[")[0]
    return labelled[-1] if labelled and (not tail or tail in _VALUES) else tail or place


def _leaves(value: Any, place: str, depth: int) -> Iterator[tuple[str, Any]]:
    match value:
        case dict() if depth:
            for key, inner in value.items():
                if key:
                    yield from _leaves(inner, f"{place}.{key}" if place else key, depth - 1)
        case list() if depth:
            for number, inner in enumerate(value[:MAX_PLACES]):
                yield from _leaves(inner, f"{place}[{_entry(inner) or number}]", depth - 1)
        case None | dict() | list():
            return
        case _:
            yield place, value


def _entry(entry: Any) -> str | None:
    """How an entry of a list of answers is known: by its label, where it has one and a value."""
    if not isinstance(entry, dict) or not any(key in entry for key in _VALUES):
        return None
    labels = ((key, as_text(entry.get(key))) for key in _NAMES)
    return next((f"{key}={label}" for key, label in labels if label and not set(label) & set("[]")), None)


def _inquiry(document: Mapping[str, Any], places: Mapping[str, str], door: str, channel: str, now: datetime) -> Inquiry:
    found, read_places = Read(), set(places.values())
    for field in _PLAIN & set(places):
        if text := as_text(at(document, places[field])):
            found.put(field, text)
    if not any(found.fields.get(name) for name in ("name", "first_name", "last_name", "phone", "email")):
        raise InputError(dict.fromkeys(("name", "phone", "email"), "there is no name, phone or e-mail in it"))
    tags = {called(place): value for place, value in leaves(document)}
    for place, value in leaves(document):
        if place not in read_places and not called(place).lower().startswith("utm_"):
            found.keep(called(place) if "=" in place else place, value)
    asked_at, claimed_at = believed(_instant(document, places.get("received_at")), now)
    said = {field: yes_or_no(as_text(at(document, places[field])) or "")
            for field in ("sms_consent", "email_consent") if field in places}  # fmt: skip
    claim = replace(found.claim(), sms=said.get("sms_consent"), email=said.get("email_consent"), timestamp=asked_at)
    return inquiry(
        found.fields, asked_at=asked_at, claimed_at=claimed_at, channel=channel, source=door, consent=claim,
        utm=utm_of(tags), extra=found.bounded(),
    )  # fmt: skip


def _instant(document: Mapping[str, Any], place: str | None) -> datetime | None:
    try:
        return instant(as_text(at(document, place)) or "") if place else None
    except ValueError:
        return None
