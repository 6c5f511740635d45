"""A team out of a file, for `whatif route`: the list that a team imports, or the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from leadwake.domain import work as profiles
from leadwake.domain.roster import read_roster
from leadwake.domain.routing import Candidate
from leadwake.domain.shifts import read_shifts
from leadwake.domain.work import Work, read_yes
from leadwake.errors import InputError

#: the invented team of practice: whoever gives no team is answered with it
SAMPLE_TEAM: Final[Sequence[Mapping[str, Any]]] = tuple(
    {"name": name, "email": f"{name.split()[0].lower()}@practice.example.com"}
    for name in ("Dana Reyes", "Marcus Bell", "Priya Nair")
)
#: other words for a member's fields; the list's own columns have theirs in domain.roster
_ALSO: Final[Mapping[str, str]] = {
    "language": "languages", "licenses": "licences", "license": "licences", "licence": "licences", "states": "licences",
    "specializations": "specialties", "specialisations": "specialties", "specialty": "specialties",
    "area": "areas", "timezone": "time_zone", "shift": "shifts", "hours": "shifts", "agent": "name",
}  # fmt: skip


def read_team(text: str) -> list[Mapping[str, Any]]:
    """The members of a list: JSON (a list, or {"agents": […]}), else CSV as a team imports it. Raises InputError."""
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] in {"[", "{"}:
        try:
            return members(json.loads(text))
        except (json.JSONDecodeError, RecursionError) as error:
            raise InputError({"team": f"not JSON: {error}"}) from error
    return [row.given for row in read_roster(text).rows]


def members(value: Any) -> list[Mapping[str, Any]]:
    """The members in JSON values. Raises InputError."""
    found = value.get("agents", value.get("team")) if isinstance(value, dict) else value
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise InputError({"agents": "must be a list of objects, one a member"})
    return found


def candidate(given: Mapping[str, Any], number: int, zone: ZoneInfo, now: datetime) -> Candidate:
    """
    A member as routing sees them. number: their place in the list, from 1. zone: where they name none.

    Beyond the list's columns a trial may say id, takes_leads, paused (or paused_until), load, served, served_hot.
    Raises InputError with a reason a field.
    """
    given = {_ALSO.get(name, name): value for name, value in given.items()}
    name = str(given.get("name") or given.get("email") or given.get("id") or f"agent {number}")
    try:
        work = _work(given)
        return Candidate(
            str(given.get("id") or given.get("email") or name), name, _yes(given.get("takes_leads", True)),
            work.licences, work.languages, work.specialties, work.areas, work.hours(zone), work.capacity,
            _whole(given.get("load", 0)), _count(given.get("served", 0)), _count(given.get("served_hot", 0)),
            work.on_call, _is_paused(given, now),
        )  # fmt: skip
    except InputError as error:
        raise InputError({f"{name}: {field}": said for field, said in error.reasons.items()}) from error
    except ValueError as error:
        raise InputError({name: str(error)}) from error


def _work(given: Mapping[str, Any]) -> Work:
    texts = {name: _text(given[name]) for name in profiles.READERS if given.get(name) not in (None, "", [])}
    shifts = given.get("shifts")
    if not isinstance(shifts, list) or not all(isinstance(each, dict) for each in shifts):
        return profiles.changed(Work(), texts)
    del texts["shifts"]
    return profiles.changed(Work(shifts=read_shifts(shifts)), texts)


def _text(value: Any) -> str:
    """The value as a cell of the list holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _is_paused(given: Mapping[str, Any], now: datetime) -> bool:
    until = given.get("paused_until")
    if until in (None, ""):
        return _yes(given.get("paused", False))
    if until == "infinity":
        return True
    at = datetime.fromisoformat(str(until))
    if at.utcoffset() is None:
        raise ValueError("paused_until needs its zone, such as 2026-11-24T15:00:00Z")
    return at > now


def _yes(value: Any) -> bool:
    return value if isinstance(value, bool) else read_yes(str(value))


def _whole(value: Any) -> int:
    text = str(value).strip() or "0"
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise ValueError("load is a whole number of leads")
    return int(text)


def _count(value: Any) -> float:
    number = float(value or 0)
    if not 0 <= number < 1e12:
        raise ValueError("served is a number of leads")
    return number
