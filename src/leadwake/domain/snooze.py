"""Until when something is put off. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: choice → what its button says
CHOICES: Final[Mapping[str, str]] = {"hour": "1 hour", "tomorrow": "Tomorrow 9:00", "monday": "Monday 9:00"}

_MORNING: Final = time(9)
#: nobody is put off for longer
FARTHEST: Final = timedelta(days=366)


def choices(now: datetime, zone: ZoneInfo) -> Mapping[str, str]:
    """What is offered now; on a Sunday, tomorrow is Monday, and is offered once."""
    is_sunday = now.astimezone(zone).isoweekday() == 7
    return {choice: words for choice, words in CHOICES.items() if not (is_sunday and choice == "monday")}


def at_a_time(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """
    The instant of a day and time as a browser's field has them ("2026-12-01T15:00"), on the clock of whoever types.

    Raises ValueError for what is none, is over, or more than a year ahead.
    """
    until = datetime.fromisoformat(text)
    if until.tzinfo is not None:
        raise ValueError("a day and time without a zone")
    try:
        until = until.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        raise ValueError("a day at the end of the calendar") from None
    if not now < until <= now + FARTHEST:
        raise ValueError("a time within the next year")
    return until


def snoozed_until(choice: str, now: datetime, zone: ZoneInfo) -> datetime:
    """
    When it comes back, aware UTC, always after `now`. zone: of whoever puts it off.

    "monday" is the next one: said on a Monday, a week later. Raises ValueError for a choice there is not.
    """
    today = now.astimezone(zone).date()
    match choice:
        case "hour":
            return now.astimezone(UTC) + timedelta(hours=1)
        case "tomorrow":
            day = today + timedelta(days=1)
        case "monday":
            day = today + timedelta(days=8 - today.isoweekday())
        case _:
            raise ValueError(f"no such time: {choice[:20]!r}")
    return datetime.combine(day, _MORNING, zone).astimezone(UTC)
