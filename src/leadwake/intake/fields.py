"""Fields of any source made into an Inquiry: cleaned, bounded, normalised. What it drops stays in the raw capture.

Display fields that are too long are cut, never refused: no lead is lost over a long message.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.domain.interests import interest_code
from leadwake.domain.place import UNKNOWN_COUNTRY, normalise_country, normalise_postal_code, normalise_state
from leadwake.domain.values import ConsentClaim, Inquiry

#: characters kept of each field, after cleaning
LIMITS: Mapping[str, int] = {
    "name": 300, "first_name": 150, "last_name": 150, "email": 320, "phone": 100, "message": 20_000, "channel": 40,
    "source": 100, "interest": 100, "postal_code": 20, "state": 50, "country": 60, "budget": 100, "timeline": 100,
    "page_url": 2048, "user_agent": 512, "ip": 64, "text": 10_000, "wording_version": 200, "checkbox": 100,
    "signature": 300, "url": 2048,
}  # fmt: skip
UTM_ENTRIES, UTM_KEY_CHARS, UTM_VALUE_CHARS = 20, 64, 300
EXTRA_KEY_CHARS, EXTRA_VALUE_CHARS, EXTRA_DEPTH, EXTRA_NODES, EXTRA_CHARS = 64, 500, 4, 200, 16_000

#: how far a sender's own instant is believed (surfaces, section 3)
OLDEST, NEWEST = timedelta(hours=72), timedelta(minutes=5)

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

#: control characters, halves of surrogate pairs, and the marks that make text read in another order than it stands
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029")
_LEAP_SECOND = re.compile(r"(T\d\d:?\d\d:?)60")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def clean_line(text: str, limit: int) -> str | None:
    """The text in one line without control characters, trimmed and cut; None when nothing is left."""
    line = " ".join(text.split())
    if not line.isprintable():
        line = " ".join(_UNWANTED.sub("", line).split())
    return line[:limit].rstrip() or None


def clean_text(text: str, limit: int) -> str | None:
    """As `clean_line`, with its lines and tabs kept."""
    if not text.isprintable():
        text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))
    return text.strip()[:limit].rstrip() or None


def instant(text: str) -> datetime:
    """
    The ISO 8601 instant in UTC; naive counts as UTC.

    Instants that UTC cannot hold (year 1 east of Greenwich) are the nearest it can. Raises ValueError otherwise.
    """
    at = datetime.fromisoformat(_LEAP_SECOND.sub(r"\g<1>59", text.strip().upper()))
    if at.tzinfo is None:
        return at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return _FIRST if at.year == 1 else _LAST


def believed(claimed: datetime | None, now: datetime) -> tuple[datetime, datetime | None]:
    """(asked_at, claimed_at): the sender's instant, or now with the instant that was not believed beside it."""
    if claimed is None:
        return now, None
    is_likely = now - OLDEST <= claimed <= now + NEWEST
    return (claimed, None) if is_likely else (now, claimed)


def inquiry(
    fields: Mapping[str, str | None],
    *,
    asked_at: datetime,
    channel: str,
    source: str,
    claimed_at: datetime | None = None,
    consent: ConsentClaim | None = None,
    utm: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Inquiry:
    """
    The Inquiry of cleaned fields named as in `LIMITS`; channel and source stand where the fields have none.

    A state, country or page address that cannot be read stands in `extra` as it came ("state_raw", …).
    """
    unread: dict[str, Any] = {}
    country = _read(fields, "country", normalise_country, unread)
    phone_raw, email_raw = fields.get("phone"), fields.get("email")
    return Inquiry(
        name=fields.get("name") or _joined(fields),
        phone=_phone(phone_raw, country) if phone_raw else None,
        email=normalise_email(email_raw) if email_raw else None,
        phone_raw=phone_raw,
        email_raw=email_raw,
        channel=_slug(fields.get("channel")) or channel,
        source=fields.get("source") or source,
        asked_at=asked_at,
        claimed_at=claimed_at,
        message=fields.get("message"),
        interest=_interest(fields.get("interest"), unread),
        postal_code=_read(fields, "postal_code", normalise_postal_code, unread),
        state=_read(fields, "state", normalise_state, unread),
        country=country,
        budget=fields.get("budget"),
        timeline=fields.get("timeline"),
        page_url=_read(fields, "page_url", _web_address, unread),
        consent=consent or ConsentClaim(),
        utm=utm or {},
        extra={**(extra or {}), **unread},
    )


def _interest(said: str | None, unread: dict[str, Any]) -> str | None:
    """Our name for it, so that a rule about it holds whatever the form calls it; their words stand in `unread`."""
    code = interest_code(said) if said else None
    if code != said:
        unread["interest_raw"] = said
    return code


def bounded_utm(entries: Mapping[str, str]) -> dict[str, str]:
    """The first 20 non-blank entries, cleaned and cut."""
    kept: dict[str, str] = {}
    for key, value in entries.items():
        name, text = clean_line(key, UTM_KEY_CHARS), clean_line(value, UTM_VALUE_CHARS)
        if name and text and len(kept) < UTM_ENTRIES:
            kept[name] = text
    return kept


def bounded_extra(entries: Mapping[str, Any]) -> dict[str, Any]:
    """Fields nobody asked for, as plain JSON that any store takes: cut in depth, number and length."""
    kept = _Bounded().value(entries, EXTRA_DEPTH)
    return kept if isinstance(kept, dict) else {}


class _Bounded:
    """What of nested values may be kept until the allowance is spent; the rest is left out."""

    def __init__(self) -> None:
        self.nodes, self.chars = EXTRA_NODES, EXTRA_CHARS

    def value(self, value: Any, depth: int) -> Any:
        match value:
            case None | bool():
                return value
            case str():
                return self._text(value)
            case int():
                return value if -(2**63) <= value < 2**63 else None
            case float():
                return value if math.isfinite(value) else None
            case Mapping() if depth > 0:
                return self._mapping(value, depth)
            case list() if depth > 0:
                return [self.value(item, depth - 1) for item in value if self._allows(1)]
            case _:
                return None

    def _mapping(self, entries: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, value in entries.items():
            name = clean_line(str(key), EXTRA_KEY_CHARS)
            if name and self._allows(1 + len(name)):
                kept[name] = self.value(value, depth - 1)
        return kept

    def _text(self, text: str) -> str | None:
        cleaned = clean_text(text, EXTRA_VALUE_CHARS) or ""
        return cleaned if self._allows(len(cleaned)) else None

    def _allows(self, chars: int) -> bool:
        self.nodes -= 1
        self.chars -= chars
        return self.nodes >= 0 and self.chars >= 0


def _phone(raw: str, country: str | None) -> str | None:
    """Read as people of the declared country write numbers, else as Americans do."""
    abroad = normalise_phone(raw, country) if country and country != "US" else None
    return abroad or normalise_phone(raw)


def _joined(fields: Mapping[str, str | None]) -> str | None:
    return " ".join(part for key in ("first_name", "last_name") if (part := fields.get(key))) or None


def _slug(text: str | None) -> str:
    """A channel as we write them: "Web Form" is web_form, so that no spelling of csv passes for an inquiry."""
    return _NOT_SLUG.sub("_", (text or "").lower()).strip("_")


def _web_address(text: str) -> str | None:
    return text if text.lower().startswith(("https://", "http://")) else None


def _read(
    fields: Mapping[str, str | None], key: str, reader: Callable[[str], str | None], unread: dict[str, Any]
) -> str | None:
    """The field as the reader understands it; what it does not, or only in part, is put into `unread`."""
    raw = fields.get(key)
    if raw is None:
        return None
    value = reader(raw)
    if value is None or value == UNKNOWN_COUNTRY:
        unread[f"{key}_raw"] = raw
    return value
