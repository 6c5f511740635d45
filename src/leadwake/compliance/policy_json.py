"""A policy as plain JSON values and back; what is not understood is refused, never left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from leadwake.compliance.decision import instant_text
from leadwake.compliance.hours import WEEKDAYS, Hours, parse_span
from leadwake.compliance.policy import Loosened, Loosening, Policy
from leadwake.domain.values import Channel, Purpose

_NAMES = frozenset({"hours", "state_hours", "closed_days", "cap", "fresh_replies", "holds", "off", "loosenings"})
_LOOSENING_NAMES = frozenset({"name", "by", "reason", "at", "limit"})


def policy_json(policy: Policy) -> dict[str, Any]:
    """What differs from the defaults, as JSON values; the version stands apart. `{}` for the defaults."""
    value = {
        "hours": span_text(policy.hours) if policy.hours else None,
        "state_hours": {state: span_text(hours) for state, hours in sorted(policy.state_hours.items())},
        "closed_days": [WEEKDAYS[day] for day in sorted(policy.closed_days)],
        "cap": policy.cap,
        "fresh_replies": None if policy.fresh_replies else False,
        "holds": {state: instant_text(until) for state, until in sorted(policy.holds.items())},
        "off": sorted(f"{channel.value}/{purpose.value}" for channel, purpose in policy.off),
        "loosenings": [_loosening_json(loosening) for loosening in policy.loosenings],
    }
    return {name: part for name, part in value.items() if part not in (None, {}, [])}


def parse_policy(value: Any, version: int = 0) -> Policy:
    """The policy of JSON values. Raises ValueError for anything it does not know, whole."""
    given = _object(value, _NAMES)
    return Policy(
        version=version,
        hours=None if given.get("hours") is None else parse_span(_text(given["hours"])),
        state_hours={state: parse_span(_text(span)) for state, span in _object(given.get("state_hours")).items()},
        closed_days=frozenset(WEEKDAYS.index(_text(day)) for day in _list(given.get("closed_days"))),
        cap=_whole(given.get("cap")),
        fresh_replies=_flag(given.get("fresh_replies"), default=True),
        holds={state: _instant(until) for state, until in _object(given.get("holds")).items()},
        off=frozenset(_switch(name) for name in _list(given.get("off"))),
        loosenings=tuple(_loosening(entry) for entry in _list(given.get("loosenings"))),
    )


def span_text(hours: Hours) -> str:
    """`09:00-18:00`."""
    return f"{hours.opens // 60:02}:{hours.opens % 60:02}-{hours.closes // 60:02}:{hours.closes % 60:02}"


def _loosening_json(loosening: Loosening) -> dict[str, Any]:
    value = {
        "name": loosening.name.value,
        "by": loosening.by,
        "reason": loosening.reason,
        "at": instant_text(loosening.at),
    }
    return value if loosening.limit is None else {**value, "limit": loosening.limit}


def _loosening(entry: Any) -> Loosening:
    given = _object(entry, _LOOSENING_NAMES)
    return Loosening(
        Loosened(_text(given.get("name"))),
        _text(given.get("by")),
        _text(given.get("reason")),
        _instant(given.get("at")),
        _whole(given.get("limit")),
    )


def _switch(name: Any) -> tuple[Channel, Purpose]:
    channel, _, purpose = _text(name).partition("/")
    return Channel(channel), Purpose(purpose)


def _object(value: Any, names: Iterable[str] | None = None) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{str(value)[:40]!r} is no object")
    if names is not None and (unknown := set(value) - set(names)):
        raise ValueError(f"unknown: {', '.join(sorted(map(str, unknown)))[:80]}")
    return value


def _list(value: Any) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise ValueError(f"{str(value)[:40]!r} is no list")
    return value or []


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:40]!r} is no text")
    return value


def _whole(value: Any) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ValueError(f"{str(value)[:40]!r} is no whole number")


def _flag(value: Any, *, default: bool) -> bool:
    if value is None or isinstance(value, bool):
        return default if value is None else value
    raise ValueError(f"{str(value)[:40]!r} is neither true nor false")


def _instant(value: Any) -> datetime:
    at = datetime.fromisoformat(_text(value))
    if at.utcoffset() is None:
        raise ValueError(f"{value!r} has no zone")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{value!r} is beyond the calendar") from error
