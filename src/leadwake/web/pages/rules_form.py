"""The forms of the rules page read: a tighter policy, a hold, a loosening; each with what is wrong beside its field."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from leadwake.compliance.hours import WEEKDAYS, Hours, parse_span
from leadwake.compliance.policy import (
    HIGHEST_CAP,
    MAX_REASON_CHARS,
    MIN_REASON_CHARS,
    PRODUCT_CAP,
    SWITCHES,
    Loosened,
    Loosening,
    Policy,
)
from leadwake.compliance.states import STATE_NAMES
from leadwake.errors import InputError
from leadwake.storage.staff import Person

#: a hold may last this long; nobody remembers one that lasts longer
LONGEST_HOLD = timedelta(days=366)
#: rows of hours by state that a form may have
STATE_ROWS = len(STATE_NAMES)

Given = Mapping[str, str]


def tightened(given: Given, now: Policy) -> Policy:
    """The policy with what the form says; holds and loosenings stay. Raises InputError."""
    wrong: dict[str, str] = {}
    hours = _span(given, "", wrong)
    state_hours = {}
    for row in range(STATE_ROWS):
        state, span = given.get(f"state_{row}", ""), _span(given, f"_{row}", wrong)
        if span is not None and state not in STATE_NAMES:
            wrong[f"opens_{row}"] = "choose the state these hours are for"
        elif span is not None:
            state_hours[state] = span
    cap = given.get("cap", "")
    if cap not in {"", *(str(number) for number in range(1, PRODUCT_CAP + 1))}:
        wrong["cap"] = f"a number from 1 to {PRODUCT_CAP}"
    closed = frozenset(day for day in range(7) if f"closed_{WEEKDAYS[day]}" in given)
    if len(closed) == 7:
        wrong["closed"] = "leave one day open, or switch the messages off below"
    if wrong:
        raise InputError(wrong)
    return dataclasses.replace(
        now,
        hours=hours,
        state_hours=state_hours,
        closed_days=closed,
        cap=int(cap) if cap and int(cap) < PRODUCT_CAP else None,
        fresh_replies="fresh_replies" in given,
        off=frozenset(pair for pair in SWITCHES if switch_name(*pair) not in given),
    )


def held(given: Given, now: Policy, at: datetime, zone: ZoneInfo) -> Policy:
    """Marketing in a state is held until the form's day and time, by the team's clock. Raises InputError."""
    state, wrong = given.get("state", ""), {}
    if state not in STATE_NAMES:
        wrong["state"] = "choose a state"
    try:
        local = datetime.fromisoformat(f"{given.get('date', '')}T{given.get('time', '') or '00:00'}")
        until = local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError({**wrong, "date": "choose the day and time it ends"}) from None
    if not at < until <= at + LONGEST_HOLD:
        wrong["date"] = "a hold ends in the future, within a year"
    if wrong:
        raise InputError(wrong)
    return dataclasses.replace(now, holds={**_lasting(now, at), state: until})


def released(now: Policy, state: str, at: datetime) -> Policy:
    """The policy without the state's hold."""
    return dataclasses.replace(now, holds={name: until for name, until in _lasting(now, at).items() if name != state})


def loosened(name: Loosened, given: Given, now: Policy, at: datetime, person: Person) -> Policy:
    """The policy with the default given up by the person, who typed their name. Raises InputError."""
    wrong: dict[str, str] = {}
    reason, limit = " ".join(given.get("reason", "").split()), None
    if not MIN_REASON_CHARS <= len(reason) <= MAX_REASON_CHARS:
        wrong["reason"] = f"say why, in {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters"
    if _plain(given.get("name", "")) != _plain(person.name):
        wrong["name"] = f"type your name as it stands here: {person.name}"
    if name is Loosened.PRODUCT_CAP:
        choices = {str(number): number for number in range(PRODUCT_CAP + 1, HIGHEST_CAP + 1)}
        limit = choices.get(given.get("limit", ""))
        if limit is None:
            wrong["limit"] = f"a number from {PRODUCT_CAP + 1} to {HIGHEST_CAP}"
    if wrong:
        raise InputError(wrong)
    loosening = Loosening(name, f"user {person.id}", reason, at, limit)
    return dataclasses.replace(now, loosenings=(*kept(now, name), loosening))


def kept(now: Policy, name: Loosened) -> tuple[Loosening, ...]:
    """Every loosening but that one."""
    return tuple(loosening for loosening in now.loosenings if loosening.name is not name)


def switch_name(channel: str, purpose: str) -> str:
    """The field of a switch: it is there while the messages are on."""
    return f"on_{channel}_{purpose}"


def _span(given: Given, suffix: str, wrong: dict[str, str]) -> Hours | None:
    opens, closes = given.get(f"opens{suffix}", "").strip(), given.get(f"closes{suffix}", "").strip()
    if not opens and not closes:
        return None
    try:
        hours = parse_span(f"{opens}-{closes}")
        Policy(hours=hours)
    except ValueError:
        wrong[f"opens{suffix}"] = "from and to, such as 9:00 AM to 6:00 PM, within 8:00 AM to 9:00 PM"
        return None
    return hours


def _lasting(now: Policy, at: datetime) -> dict[str, datetime]:
    """The holds that are not over."""
    return {state: until for state, until in now.holds.items() if until > at}


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
