"""Lengths of time, weekdays and times of day, as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time, timedelta
from typing import Final

MAX_WAIT: Final = timedelta(days=400)
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS: Final = {
    "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1),
}  # fmt: skip
_PART: Final = r"(\d{1,6})\s*(m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?)"
_LENGTH: Final = re.compile(rf"{_PART}(?:(?:\s*,)?(?:\s+and)?\s*{_PART})?", re.IGNORECASE)
_UNTIL: Final = re.compile(r"(?:until\s+)?day\s+(\d{1,4})", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?", re.IGNORECASE)


def length(said: str) -> timedelta | None:
    """ "20 hours", "1 day", "1 day 12 hours"; None when it is none of these."""
    match = _LENGTH.fullmatch(said.strip())
    if match is None:
        return None
    pairs = [(match[1], match[2]), (match[3], match[4])]
    return sum((int(count) * _UNITS[unit[0].lower()] for count, unit in pairs if count), timedelta())


def until_day(said: str) -> int | None:
    """The day of "until day 7"; None when it does not say that."""
    match = _UNTIL.fullmatch(said.strip())
    return int(match[1]) if match else None


def clock(said: str) -> time | None:
    """ "9:00", "19:30", "7:30 pm", "24:00" (the day's end); None when it is no time of day."""
    match = _CLOCK.fullmatch(said.strip())
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    elif match[2] is None and hour > 24:
        return None
    if (hour, minute) == (24, 0):
        return time(23, 59, 59)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def weekdays(said: Iterable[str]) -> frozenset[int] | None:
    """0 is Monday. "mon-sat", "fri-mon", "mon, wed", "every day", "weekdays"; None when one of them is none."""
    found: set[int] = set()
    for part in (part.strip().lower() for each in said for part in re.split(r",|\band\b", each)):
        if part in {"every day", "daily", "all"}:
            found.update(range(7))
        elif part in {"weekdays", "workdays"}:
            found.update(range(5))
        else:
            ends = [_day(word) for word in re.split(r"\s*(?:-|–|to)\s*", part, maxsplit=1)]
            if None in ends:
                return None
            first, last = ends[0] or 0, ends[-1] or 0
            found.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return frozenset(found)


def said_length(span: timedelta) -> str:
    """ "20 hours", "2 days", "1 day 12 hours"."""
    minutes = int(span.total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    if days and not minutes and days % 7 == 0 and days < 70:
        return _count(days // 7, "week")
    hours, minutes = divmod(minutes, 60)
    parts = [_count(days, "day"), _count(hours, "hour"), _count(minutes, "minute")]
    return " ".join(part for part in parts if not part.startswith("0 ")) or "no time"


def said_days(days: frozenset[int]) -> str:
    """ "Mon-Sat", "Mon, Wed", "every day"."""
    if len(days) == len(DAYS):
        return "every day"
    names = [DAYS[day].capitalize() for day in sorted(days)]
    is_run = sorted(days) == list(range(min(days), max(days) + 1))
    return f"{names[0]}-{names[-1]}" if is_run and len(names) > 2 else ", ".join(names)


def _day(word: str) -> int | None:
    """The weekday of "mo", "tues", "friday"; None for anything else."""
    return next((number for number, name in enumerate(_NAMES) if len(word) > 1 and name.startswith(word)), None)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
