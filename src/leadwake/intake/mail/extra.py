"""What a letter says beyond who and what: each by its name in `whatif email`, read by its kind where it has one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from leadwake.domain.place import normalise_state
from leadwake.intake.mail.boilerplate import is_boilerplate
from leadwake.intake.mail.labels import words_of
from leadwake.intake.mail.pairs import Pair
from leadwake.intake.mail.said import Said
from leadwake.intake.mail.values import read_amount, read_count, read_day, read_instant
from leadwake.intake.us_address import find_address, one_line, postal_code, state

_IP = re.compile(
    r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}(?![\w:])", re.IGNORECASE
)
_MLS = re.compile(r"\bMLS\s?(?:ID)?\s?(?:#|no\.?|number|id)?\s?[:#]?\s{0,3}([A-Z]{0,4}-?\d[\w-]{4,14})", re.IGNORECASE)
_META_PREFIX = re.compile(r"^[a-z]{1,2}:(?=\d)")  # l:123 of Meta's exports
#: our name of a line of insurance, and how senders write it
_LINES: Final = (
    ("auto", r"auto(?:mobile)?|cars?|vehicle"),
    ("renters", r"renter'?s?"),
    ("home", r"home(?:owner'?s?)?|dwelling|house|property|ho-?3"),
    ("life", r"(?:term |whole |universal )?life|final expense"),
    ("medicare", r"medicare|med ?supp"),
    ("health", r"health|medical"),
    ("commercial", r"commercial|business|general liability|workers'? comp"),
    ("motorcycle", r"motorcycle"),
    ("umbrella", r"umbrella"),
    ("flood", r"flood"),
    ("boat", r"boat|marine"),
    ("condo", r"condo"),
    ("disability", r"disability"),
    ("pet", r"pet"),
    ("dental", r"dental"),
    ("annuity", r"annuit\w+"),
)
#: of a value that is no more than a line and means nothing else
_SOLE_LINE: Final = {name: name for name, _ in _LINES if name not in {"home", "commercial", "condo", "boat", "pet"}}
#: where a line is named in a sentence: "New AUTO lead", "Home insurance quote", "Lead: Home - TX"
_NAMED_LINE = (
    re.compile(r"\b([\w' -]{3,30}?)\s+(?:insurance|quote|coverage|policy|lead)\b", re.IGNORECASE),
    re.compile(r"\b(?:lead|quote|request)\s*[:–-]+\s*([\w' ]{3,30})", re.IGNORECASE),
    re.compile(r"\s[-–—:]\s*([\w' ]{3,30})$", re.MULTILINE),
)
_ON_INSURANCE = re.compile(r"\binsur|\bsegur|quote|\bpolicy\b|\bcarrier\b|\bcoverage\b", re.IGNORECASE)
#: kept as they were said
_KEPT: Final = (
    "credit_score", "pets", "timeline", "budget", "interest", "campaign", "ad_set", "ad_name", "form_name", "platform",
    "page_name", "listing_id", "listing_price", "listing_url", "bathrooms", "vehicle_2",
    "consent_text", "consent_url", "trusted_form", "jornaya_id", "tour_time", "tour_type", "best_time",
    "contact_method", "occupation", "city", "country", "date_of_birth",
)  # fmt: skip
_ANSWERS, _ANSWER_CHARS, _KEY_CHARS = 30, 300, 60


def extra_of(said: Said) -> dict[str, Any]:
    """All that was said beyond name, contact, message and property; answers to unknown questions by their words."""
    known: dict[str, Any] = {field: _read(said, field) for field in _READERS}
    known |= {field: said.first(field) for field in _KEPT}
    known |= _insurance(said) | _place(said, known)
    known["consent_ip"] = known["consent_ip"] or _consent_ip(said)
    known["mls_id"] = known["mls_id"] or said.meta("mls") or _mls(said)
    known["interest"] = known["interest"] or said.meta("type")
    known["property"] = said.first("property") or _property_name(said)
    return {**_answers(said), **{key: value for key, value in known.items() if value not in (None, "")}}


def _read(said: Said, field: str) -> Any:
    """The first value that its reader takes; where none does, some stay as they were said."""
    values = said.values(field)
    read = next((got for value in values if (got := _READERS[field](value)) is not None), None)
    return values[0] if read is None and values and field in _STAY else read


def _day(text: str) -> str | None:
    day = read_day(text)
    return day.isoformat() if day else None


def _instant(text: str) -> str | None:
    at = read_instant(text)
    return at.isoformat() if at else None


def _months(text: str) -> int | None:
    count = read_count(text)
    return count * 12 if count is not None and re.search(r"\byears?\b", text, re.IGNORECASE) else count


def _carrier(text: str) -> str | None:
    return None if text.strip().lower() in {"yes", "no", "true", "false", "y", "n"} else text


def _ip(text: str) -> str | None:
    match = _IP.search(text[:2_000])
    return match[0] if match else None


def _number(text: str) -> str:
    return _META_PREFIX.sub("", text).strip(" #")


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "move_in": _day, "policy_expires": _day, "income": read_amount, "occupants": read_count, "bedrooms": read_count,
    "lease_months": _months, "current_carrier": _carrier, "state": normalise_state, "postal_code": postal_code,
    "consent_timestamp": _instant, "consent_ip": _ip, "mls_id": _number, "leadgen_id": _number, "lead_id": _number,
}  # fmt: skip
_STAY: Final = frozenset({"move_in", "policy_expires", "income", "occupants", "bedrooms", "lease_months", "state"})


def _consent_ip(said: Said) -> str | None:
    texts = said.values("consent_timestamp", "consent_text")
    return next((ip for text in texts if (ip := _ip(text))), None)


def _mls(said: Said) -> str | None:
    """A number after "MLS" in any sentence."""
    texts = (said.letter.subject, *(line.text for pairs in said.letter.pairs for line in pairs.lines))
    return next((match[1] for text in texts if (match := _MLS.search(text[:500]))), None)


def _insurance(said: Said) -> dict[str, str | None]:
    """The line of business: from its label, from a TYPE, or from the words before "insurance", "quote", "lead"."""
    vehicle = said.first("vehicle") or " ".join(
        part for field in ("vehicle_year", "vehicle_make", "vehicle_model") if (part := said.first(field))
    )
    kinds = said.values("kind")
    line = next((line for value in (*said.values("line"), *kinds) if (line := _line(value))), None)
    line = line or next((line for value in said.values("interest") if (line := _SOLE_LINE.get(value.lower()))), None)
    if line is None and kinds and not said.first("interest"):
        return {"vehicle": vehicle, "interest": kinds[0]}
    if line is None and _ON_INSURANCE.search(
        f"{said.letter.sender.domain} {said.letter.subject} {said.letter.text[:20_000]}"
    ):
        text = f"{said.letter.subject}\n{said.letter.opening}"
        named = (words for pattern in _NAMED_LINE for words in pattern.findall(text))
        line = next((line for words in named if (line := _line(words))), None)
    return {"line": line, "vehicle": vehicle}


def _line(text: str) -> str | None:
    """The line of insurance that the words name first."""
    found = [
        (match.start(), name)
        for name, words in _LINES
        if (match := re.search(rf"\b(?:{words})\b", text[:200], re.IGNORECASE))
    ]
    return min(found)[1] if found else None


def _place(said: Said, known: dict[str, Any]) -> dict[str, str | None]:
    """Where the person lives, out of an address of theirs."""
    address = None if said.is_address_of_property else said.first("address")
    whole = one_line("\n".join(filter(None, (address, said.first("city_state")))))
    return {
        "address": one_line(address) if address else None,
        "postal_code": known["postal_code"] or (postal_code(whole) if whole else None),
        "state": known["state"] or (state(whole) if whole else None),
    }


def _property_name(said: Said) -> str | None:
    """What a property is called, where its label says no street."""
    value = said.first("property_address") or ""
    first = value.splitlines()[0] if value else ""
    is_name = bool(first) and not first[0].isdigit() and len(first) <= 80 and not find_address(first)
    return first if is_name else None


def _answers(said: Said) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in said.pairs:
        if pair.field is None and _is_answer(pair) and len(found) < _ANSWERS:
            found.setdefault("_".join(words_of(pair.label).split())[:_KEY_CHARS], pair.value)
    return found


def _is_answer(pair: Pair) -> bool:
    words = words_of(pair.label)
    is_machine = is_boilerplate(pair.label) or pair.value.startswith(("http://", "https://", "<"))
    return bool(words) and not words[0].isdigit() and len(pair.value) <= _ANSWER_CHARS and not is_machine
