"""The best time to call somebody: lawful where they are, in the agent's shift, at an hour they keep. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from leadwake.domain.shifts import Hours

#: further ahead no time is looked for
HORIZON: Final = timedelta(days=14)
#: an hour at which they were there before is worth waiting so long for; one that is good for everybody, so long
PATIENCE: Final = timedelta(days=3)
USUAL_WITHIN: Final = timedelta(days=1)
#: so much of a shift and of the lawful hours is left for the call
ROOM: Final = timedelta(minutes=15)
#: where nothing is known of a person: the hours, on weekdays, at which most leads answered, the best first
#: Source: Oldroyd and Elkington, Lead Response Management Study, 2007, leadresponsemanagement.org/lrm_study (read
#: 2026-11-29): 100,000 calls; 16-18 reached most people, 8-9 came next, late mornings and early afternoons were worst.
USUAL: Final[Sequence[tuple[time, time]]] = ((time(16), time(18)), (time(8), time(9)))
#: somebody who did not answer is not tried again so near the same hour
APART: Final = timedelta(hours=2)

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_QUARTER: Final = 15


class Lawful(Protocol):
    """When a call may be made, as the gate's windows say."""

    def closure(self, at: datetime) -> object | None:
        """Why not at the instant; None when it may."""

    def next_open(self, start: datetime, until: datetime) -> datetime | None:
        """The first instant from `start` to `until` at which it may; None when there is none."""


class AnyHour:
    """Nobody knows where they are, so no hours hold: whoever calls sees to it."""

    def closure(self, at: datetime) -> object | None:
        """Never."""

    def next_open(self, start: datetime, until: datetime) -> datetime | None:
        """At once."""
        return start if start <= until else None


@dataclass(frozen=True, slots=True)
class Heard:
    """They were there at the instant. how: as it stands behind "when they": wrote, called, asked."""

    at: datetime
    how: str


@dataclass(frozen=True, slots=True)
class Callee:
    """
    Who is to be called. zone: their clock, None when nobody knows it; heard: when they were there, the newest first.

    tried: when somebody called and nobody answered.
    """

    zone: ZoneInfo | None
    lawful: Lawful
    heard: Sequence[Heard] = ()
    tried: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class BestTime:
    """When to call, aware UTC, and why then, to be said behind the time. in_shift: whoever calls works then."""

    at: datetime
    why: str
    in_shift: bool = True


def on_both_clocks(at: datetime, yours: ZoneInfo, theirs: ZoneInfo | None, now: datetime) -> str:
    """ "Tue 10:15 yours, 11:15 theirs"; "Tue 10:15" where the clocks agree, or nobody knows theirs."""
    mine = at.astimezone(yours)
    other = at.astimezone(theirs) if theirs else mine
    day = "" if mine.date() == now.astimezone(yours).date() else f"{_day(mine)} "
    if other.utcoffset() == mine.utcoffset():
        return f"{day}{_clock(mine)}"
    their_day = "" if other.date() == mine.date() else f"{_day(other)} "
    return f"{day}{_clock(mine)} yours, {their_day}{_clock(other)} theirs"


def best_time(callee: Callee, hours: Hours, start: datetime, *, urgent: bool = False) -> BestTime | None:
    """
    The best time from `start` on; None when no call is lawful within two weeks.

    hours: of whoever calls; where they do not work within two weeks, their shift does not count, and in_shift says so.
    urgent: the first time there is, whatever the hour.
    """
    start = start.astimezone(UTC)
    found = None if urgent else _heard_before(callee, hours, start) or _usual(callee, hours, start)
    return found or _first(callee, hours, start)


def _heard_before(callee: Callee, hours: Hours, start: datetime) -> BestTime | None:
    """At an hour at which they were there, the one they keep most; None when it is too far off."""
    zone = callee.zone
    if zone is None:
        return None
    often = Counter(heard.at.astimezone(zone).hour for heard in callee.heard)
    newest = {heard.at.astimezone(zone).hour: heard for heard in reversed(callee.heard)}
    for hour in sorted(newest, key=lambda hour: (-often[hour], -newest[hour].at.timestamp())):
        local = newest[hour].at.astimezone(zone)
        for at in _days(start, PATIENCE, zone, _quarter(local.time())):
            if _is_good(callee, hours, at, start):
                times = "last time" if often[hour] == 1 else f"{often[hour]} times"
                return BestTime(at, f"{_part(at, zone)}, when they {newest[hour].how} {times}")
    return None


def _usual(callee: Callee, hours: Hours, start: datetime) -> BestTime | None:
    """At an hour at which people are reached; None when there is none soon."""
    zone = callee.zone
    if zone is None:
        return None
    for opens, closes in USUAL:
        for minute in range(opens.hour * 60, closes.hour * 60, _QUARTER):
            for at in _days(start, USUAL_WITHIN, zone, time(*divmod(minute, 60))):
                if at.astimezone(zone).isoweekday() <= 5 and _is_good(callee, hours, at, start):
                    span = f"{opens.hour} and {closes.hour}"
                    return BestTime(at, f"{_part(at, zone)}: between {span} most people pick up")
    return None


def _first(callee: Callee, hours: Hours, start: datetime) -> BestTime | None:
    """The first time that is lawful and in a shift, else the first that is lawful."""
    until = start + HORIZON
    in_shift = _common(callee.lawful, hours, start, until)
    at = in_shift or callee.lawful.next_open(start, until)
    if at is None:
        return None
    zone = callee.zone
    when = _part(at, zone) if zone else "their clock is not known"
    if in_shift is None:
        return BestTime(
            at, f"{when}: lawful there, but whose it is does not work in the next two weeks", in_shift=False
        )
    return BestTime(at, f"{when}: the first time that suits both")


def _common(lawful: Lawful, hours: Hours, start: datetime, until: datetime) -> datetime | None:
    """The first instant both in a shift and lawful: no common one is before either's next, so nothing is skipped."""
    at: datetime | None = start
    while at is not None and at <= until:
        begins = hours.next_begin(at)
        opens = lawful.next_open(begins.astimezone(UTC), until) if begins else None
        if opens is not None and hours.is_on(opens):
            return opens
        at = opens
    return None


def _is_good(callee: Callee, hours: Hours, at: datetime, start: datetime) -> bool:
    """True when there is time for a call then, and they did not fail to answer at such an hour."""
    if at < start or any(_is_near(at, tried) for tried in callee.tried):
        return False
    return all(hours.is_on(one) and callee.lawful.closure(one) is None for one in (at, at + ROOM))


def _is_near(at: datetime, tried: datetime) -> bool:
    """True when the hours of the two are near, whatever the days."""
    apart = (at - tried) % timedelta(days=1)
    return min(apart, timedelta(days=1) - apart) < APART


def _days(start: datetime, within: timedelta, zone: ZoneInfo, at: time) -> Iterator[datetime]:
    """That time of each day from `start`'s on, as long as it is within."""
    first: date = start.astimezone(zone).date()
    for n in range(within.days + 1):
        found = datetime.combine(first + timedelta(days=n), at, zone).astimezone(UTC)
        if start <= found <= start + within:
            yield found


def _quarter(at: time) -> time:
    return time(at.hour, at.minute // _QUARTER * _QUARTER)


def _part(at: datetime, zone: ZoneInfo) -> str:
    hour = at.astimezone(zone).hour
    return f"their {'morning' if hour < 12 else 'afternoon' if hour < 17 else 'evening'}"


def _clock(local: datetime) -> str:
    return f"{local.hour}:{local.minute:02}"


def _day(local: datetime) -> str:
    return f"{_DAYS[local.weekday()]} {local.day}"
