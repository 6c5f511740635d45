"""POST /v1/leads: the body's bytes into an Inquiry, or every reason why not at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from leadwake.domain.values import ConsentClaim, Inquiry
from leadwake.errors import InputError, Unparsable
from leadwake.intake.fields import (
    EXTRA_KEY_CHARS,
    LIMITS,
    believed,
    bounded_extra,
    bounded_utm,
    clean_line,
    clean_text,
    inquiry,
    instant,
)
from leadwake.intake.lead_schema import LEAD_SCHEMA

__all__ = ["LEAD_SCHEMA", "parse_lead", "read_object", "understand"]

CHANNEL = SOURCE = "api"

_LINES = (
    "name", "first_name", "last_name", "email", "phone", "channel", "source", "interest", "postal_code", "state",
    "country", "budget", "timeline", "page_url", "user_agent",
)  # fmt: skip
_CONSENT_LINES = ("ip", "user_agent", "wording_version", "signature", "url")
_KNOWN = frozenset({*_LINES, "message", "received_at", "consent", "utm"})
_CONSENT_KNOWN = frozenset({*_CONSENT_LINES, "sms", "email", "text", "timestamp", "checkbox"})
_CONTACT = ("name", "phone", "email")
#: digits of the longest whole number read as one; longer ones become infinite and are dropped from `extra`
_MAX_INT_DIGITS = 300
#: reasons given at once; more bad fields than the shape has can only be utm entries
_MAX_REASONS = 60


def parse_lead(body: bytes, now: datetime) -> Inquiry:
    """
    The inquiry in a JSON body of the shape `LEAD_SCHEMA`. now: the capture's instant, aware UTC.

    A phone or e-mail that cannot be normalised is no error: its raw text is kept for a person. Raises Unparsable
    (no JSON, no UTF-8, nested too deep) or InputError with a reason for every bad field.
    """
    return understand(read_object(body), now)


def read_object(body: bytes | str) -> dict[str, Any]:
    """The JSON object in the body. Raises Unparsable when it is no JSON, InputError when it is no object."""
    try:
        document = msgspec.json.decode(body)
    except RecursionError as error:
        raise Unparsable("nested too deep") from error
    except ValueError:
        document = _read_rare_json(body)
    if not isinstance(document, dict):
        raise InputError({"body": "must be a JSON object"})
    return document


def _read_rare_json(body: bytes | str) -> Any:
    """What msgspec refuses and JSON allows: halves of surrogate pairs, boundless numbers; and a byte-order mark."""
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unparsable(f"not UTF-8 at byte {error.start}") from error
    try:
        return json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse_constant, parse_int=_read_int)
    except RecursionError as error:
        raise Unparsable("nested too deep") from error
    except json.JSONDecodeError as error:
        raise Unparsable(f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from error


def _refuse_constant(constant: str) -> float:
    raise Unparsable(f"not JSON: {constant}")


def _read_int(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_INT_DIGITS else float("inf")


def understand(document: Mapping[str, Any], now: datetime) -> Inquiry:
    """The inquiry of a decoded lead. Raises InputError with a reason for every bad field."""
    lead = _Reader(document, "")
    fields = {key: lead.line(key) for key in _LINES}
    fields["message"] = lead.text("message")
    claimed = lead.instant("received_at")
    consent = _consent(lead, fields["user_agent"])
    utm = _utm(lead)
    if not any(fields[key] for key in ("first_name", "last_name", *_CONTACT)) and lead.reasons.keys().isdisjoint(
        ("first_name", "last_name", *_CONTACT)
    ):
        lead.reasons.update(dict.fromkeys(_CONTACT, "give a name, a phone or an e-mail"))
    if lead.reasons:
        raise InputError(lead.reasons)
    asked_at, claimed_at = believed(claimed, now)
    return inquiry(
        fields,
        asked_at=asked_at,
        claimed_at=claimed_at,
        channel=CHANNEL,
        source=SOURCE,
        consent=consent,
        utm=utm,
        extra=_unknown(document),
    )


class _Reader:
    """Fields of one JSON object, each read by its type; `reasons` collects what is wrong, under dotted names."""

    def __init__(self, document: Mapping[str, Any], prefix: str, reasons: dict[str, str] | None = None) -> None:
        self.document, self.prefix = document, prefix
        self.reasons: dict[str, str] = {} if reasons is None else reasons

    def line(self, key: str) -> str | None:
        value = self.string(key)
        return clean_line(value, LIMITS[key]) if value else None

    def text(self, key: str) -> str | None:
        value = self.string(key)
        return clean_text(value, LIMITS[key]) if value else None

    def flag(self, key: str) -> bool | None:
        value = self.document.get(key)
        if value is None or isinstance(value, bool):
            return value
        self._refuse(key, "must be true, false or null")
        return None

    def instant(self, key: str) -> datetime | None:
        value = self.string(key)
        if not value or not value.strip():
            return None
        try:
            return instant(value)
        except ValueError:
            self._refuse(key, "must be an ISO 8601 instant, such as 2026-11-22T15:04:05Z")
            return None

    def inner(self, key: str) -> _Reader:
        value = self.document.get(key)
        if value is not None and not isinstance(value, dict):
            self._refuse(key, "must be an object or null")
            value = None
        return _Reader(value or {}, f"{self.prefix}{key}.", self.reasons)

    def string(self, key: str) -> str | None:
        value = self.document.get(key)
        if value is None or isinstance(value, str):
            return value
        self._refuse(key, "must be a string or null")
        return None

    def _refuse(self, key: str, reason: str) -> None:
        if len(self.reasons) < _MAX_REASONS:
            self.reasons[f"{self.prefix}{clean_line(key, EXTRA_KEY_CHARS)}"] = reason


def _consent(lead: _Reader, user_agent: str | None) -> ConsentClaim:
    claim = lead.inner("consent")
    lines = {key: claim.line(key) for key in _CONSENT_LINES}
    return ConsentClaim(
        sms=claim.flag("sms"),
        email=claim.flag("email"),
        text=claim.text("text"),
        timestamp=_consent_time(claim),
        checkbox=_checkbox(claim),
        ip=lines["ip"],
        user_agent=lines["user_agent"] or user_agent,
        wording_version=lines["wording_version"],
        signature=lines["signature"],
        url=lines["url"],
    )


def _consent_time(claim: _Reader) -> datetime | None:
    """The instant of consent. Unreadable is as good as missing: less proof, no lost lead."""
    value = claim.string("timestamp")
    try:
        return instant(value) if value else None
    except ValueError:
        return None


def _checkbox(claim: _Reader) -> str | None:
    """The state of the box; true and false, as forms send them, are ticked and unticked."""
    value = claim.document.get("checkbox")
    if isinstance(value, bool):
        return "ticked" if value else "unticked"
    return claim.line("checkbox")


def _utm(lead: _Reader) -> dict[str, str]:
    tags = lead.inner("utm")
    return bounded_utm({key: value for key in tags.document if (value := tags.string(key))})


def _unknown(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the shape does not know, bounded; unknown parts of the consent under "consent"."""
    unknown = {key: value for key, value in document.items() if key not in _KNOWN}
    consent = document.get("consent")
    if consent and (more := {key: value for key, value in consent.items() if key not in _CONSENT_KNOWN}):
        unknown["consent"] = more
    return bounded_extra(unknown) if unknown else {}
