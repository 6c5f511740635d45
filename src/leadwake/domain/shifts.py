"""When an agent works: two shifts a day, lunch, days off, by their own clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

#: further ahead no shift is looked for
HORIZON_DAYS = 15
_MOST_SHIFTS = 30


@dataclass(frozen=True, slots=True)
class Shift:
    """
    One stretch of work, the same on each of its days. days: ISO weekdays, 1 is Monday.

    begin, end: wall clock of the agent; an end before the beginning is on the next day, equal ones are the whole day.
    """

    days: tuple[int, ...]
    begin: time
    end: time

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """The stretch that begins on this day, aware; None on other days."""
        if day.isoweekday() not in self.days:
            return None
        last = day if self.end > self.begin else day + timedelta(days=1)
        return datetime.combine(day, self.begin, zone), datetime.combine(last, self.end, zone)


@dataclass(frozen=True, slots=True)
class Hours:
    """An agent's hours. No shifts: they always work. days_off: no shift begins on them, and one that lasts ends."""

    zone: ZoneInfo
    shifts: tuple[Shift, ...] = ()
    days_off: frozenset[date] = frozenset()

    def is_on(self, now: datetime) -> bool:
        """True while a shift lasts. now: aware."""
        local, instant = now.astimezone(self.zone), now.astimezone(UTC)  # compared as instants, not as wall clocks
        if local.date() in self.days_off:
            return False
        return not self.shifts or any(begin <= instant < end for begin, end in self._around(local.date(), 1))

    def next_begin(self, now: datetime) -> datetime | None:
        """When they work next: now while on shift; None when no shift begins within 15 days."""
        if self.is_on(now):
            return now
        local, instant = now.astimezone(self.zone), now.astimezone(UTC)
        if not self.shifts:
            days = (local.date() + timedelta(days=n) for n in range(1, HORIZON_DAYS))
            return next((datetime.combine(d, time(), self.zone) for d in days if d not in self.days_off), None)
        begins = sorted(begin for begin, _ in self._around(local.date(), HORIZON_DAYS) if begin > instant)
        return begins[0] if begins else None

    def has_shift(self, day: date) -> bool:
        """True when a shift begins on this day of theirs."""
        if day in self.days_off:
            return False
        return not self.shifts or any(day.isoweekday() in shift.days for shift in self.shifts)

    def _around(self, day: date, ahead: int) -> list[tuple[datetime, datetime]]:
        days = [day + timedelta(days=n) for n in range(-1, ahead + 1)]
        found = (shift.on(d, self.zone) for d in days if d not in self.days_off for shift in self.shifts)
        return [stretch for stretch in found if stretch]


def read_shifts(value: Sequence[Mapping[str, Any]]) -> tuple[Shift, ...]:
    """
    The shifts of [{"days": [1, 2], "from": "09:00", "to": "12:30"}, …].

    Raises ValueError with what is wrong, in words for a page.
    """
    if len(value) > _MOST_SHIFTS:
        raise ValueError(f"at most {_MOST_SHIFTS} shifts")
    return tuple(_shift(each) for each in value)


def shifts_json(shifts: Sequence[Shift]) -> list[dict[str, Any]]:
    """The shifts as they are stored; `read_shifts` takes them back."""
    return [{"days": list(shift.days), "from": f"{shift.begin:%H:%M}", "to": f"{shift.end:%H:%M}"} for shift in shifts]


def _shift(value: Mapping[str, Any]) -> Shift:
    days = value.get("days")
    if not isinstance(days, list) or not days or not all(isinstance(d, int) and 1 <= d <= 7 for d in days):
        raise ValueError("a shift needs its days, 1 (Monday) to 7 (Sunday)")
    try:
        begin, end = (time.fromisoformat(str(value[name])) for name in ("from", "to"))
    except (KeyError, ValueError):
        raise ValueError("write a shift's hours like 09:00 and 17:30") from None
    if begin.tzinfo or end.tzinfo:
        raise ValueError("a shift's hours are on the agent's own clock, without a zone")
    return Shift(tuple(sorted(set(days))), begin, end)
