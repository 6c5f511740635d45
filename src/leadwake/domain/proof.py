"""What Proof shows, put together from counts: captures accounted for, how fast, by source, by agent. Pure.

A percentile is the time within which that share had happened, one of the times that were (nearest rank), never an
average of two. Times are rounded up to what is shown, so that no figure flatters us.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

OUTCOMES: Final = ("lead", "known", "spam", "rejected", "pending")
#: the promise to a new lead, and the target for a person's answer to a hot one
MACHINE_TARGET_S: Final = 60
HUMAN_TARGET_S: Final = 4 * 3600
PERCENTILES: Final = (50, 90, 99)
#: where the bars of a distribution end, in seconds; the last one has no end
BOUNDS_S: Final = (10, 60, 300, 3600, 4 * 3600, 86_400)
#: named periods, in the order they are offered
PERIODS: Final = ("today", "7", "28", "90", "month")

#: (figure, a, b, (tenths of a second, n) each), as sql/proof.sql says
Count = tuple[str, str, str, Iterable[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Period:
    """
    A stretch of the team's days up to now, and the one before it that it is compared with. All instants aware UTC.

    name: one of PERIODS, a number of days, or the quarter. first, last: its days, the last one today. before_end: the
    same time of day as now.
    """

    name: str
    first: date
    last: date
    begin: datetime
    end: datetime
    before_begin: datetime
    before_end: datetime

    @property
    def days(self) -> list[date]:
        """Every day of it, the last one today."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def period(name: str, now: datetime, zone: ZoneInfo) -> Period:
    """The period of this name; 28 days for a name that is none. zone: the team's."""
    local = now.astimezone(zone)
    today = local.date()
    if name == "month":
        first = today.replace(day=1)
        before = (first - timedelta(days=1)).replace(day=1)
        last = before.replace(day=min(today.day, calendar.monthrange(before.year, before.month)[1]))
    elif name == "quarter":
        first = _quarter(today)
        before = _quarter(first - timedelta(days=1))
        last = min(before + (today - first), first - timedelta(days=1))
    else:
        count = days_of(name) or 28
        name = name if days_of(name) else "28"
        first = today - timedelta(days=count - 1)
        before, last = first - timedelta(days=count), today - timedelta(days=count)
    before_end = datetime.combine(last, local.time(), zone).astimezone(UTC)
    return Period(
        name, first, today, midnight(first, zone), now.astimezone(UTC), midnight(before, zone),
        max(before_end, midnight(before, zone)),
    )  # fmt: skip


def _quarter(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def days_of(name: str) -> int | None:
    """How many days a period has, None for the month, the quarter and what is none."""
    if name == "today":
        return 1
    return int(name) if name.isascii() and name.isdecimal() and len(name) <= 2 and 1 <= int(name) <= 90 else None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins there, in UTC, where instants can be taken from each other."""
    return datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)


@dataclass(slots=True)
class Times:
    """How long something took, n times. tenths: {tenths of a second, rounded up: how often}."""

    tenths: Counter[int] = field(default_factory=Counter)

    @property
    def n(self) -> int:
        """How many there were."""
        return self.tenths.total()

    def percentile(self, share: int) -> float | None:
        """Seconds within which `share` of a hundred had happened; None when nothing has."""
        left = ceil(self.n * share / 100)
        for tenths in sorted(self.tenths):
            left -= self.tenths[tenths]
            if left <= 0:
                return tenths / 10
        return None

    @property
    def median(self) -> float | None:
        """Half were faster, or as fast."""
        return self.percentile(50)

    def within(self, seconds: float) -> int:
        """How many took no longer; exact for 60 s and 4 h."""
        return sum(n for tenths, n in self.tenths.items() if tenths <= seconds * 10)

    def bars(self) -> list[int]:
        """How many ended up to each of BOUNDS_S, the rest last."""
        upto = [self.within(bound) for bound in BOUNDS_S]
        return [n - before for before, n in zip([0, *upto], [*upto, self.n], strict=True)]


@dataclass(slots=True)
class Source:
    """
    What one source brought. machine, human: of all its inquiries.

    counts: inquiries (repeats aside), offered (an agent heard of them), leads (new people), and of these reached (a
    message arrived, or a person was in touch), replied, human (a person was in touch).
    """

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    machine: Times = field(default_factory=Times)
    human: Times = field(default_factory=Times)


@dataclass(slots=True)
class Agent:
    """What became of the leads held out to one agent, and how fast they were in touch. id: as text."""

    id: str
    offers: Counter[str] = field(default_factory=Counter)
    times: Times = field(default_factory=Times)

    @property
    def offered(self) -> int:
        """How many were held out to them."""
        return self.offers.total()


@dataclass(slots=True)
class Figures:
    """
    All figures of some days, without names. messages: {channel: {state: n}}; held: {(what, reason): n}.

    machine: from asking to the first message a vendor accepted; delivered: to the first that arrived; human: from the
    first offer to the first touch of a person. hot: offered, touched, in_time.
    """

    captures: Counter[str] = field(default_factory=Counter)
    machine: Times = field(default_factory=Times)
    delivered: Times = field(default_factory=Times)
    human: Times = field(default_factory=Times)
    hot: Counter[str] = field(default_factory=Counter)
    by_source: dict[str, Source] = field(default_factory=dict)
    by_agent: dict[str, Agent] = field(default_factory=dict)
    messages: dict[str, Counter[str]] = field(default_factory=dict)
    held: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def received(self) -> int:
        """Captures that came in."""
        return self.captures.total()

    @property
    def accounted(self) -> int:
        """Captures whose outcome is known and holds."""
        return sum(self.captures[outcome] for outcome in OUTCOMES)

    @property
    def inquiries(self) -> int:
        """What people asked, repeats aside."""
        return sum(source.counts["inquiries"] for source in self.by_source.values())

    @property
    def offered(self) -> int:
        """Inquiries an agent heard of."""
        return sum(source.counts["offered"] for source in self.by_source.values())

    @property
    def sources(self) -> list[Source]:
        """The most inquiries first, then by name."""
        return sorted(self.by_source.values(), key=lambda source: (-source.counts["inquiries"], source.name))

    @property
    def channels(self) -> list[tuple[str, Counter[str]]]:
        """Messages by channel, those to leads first."""
        order = ["sms", "email", "voice", "crm", "staff"]
        return sorted(self.messages.items(), key=lambda item: order.index(item[0]) if item[0] in order else -1)


def figures(counts: Iterable[Count]) -> Figures:
    """The figures that these counts add up to; the same key may come several times, in any order."""
    found = Figures()
    for figure, a, b, times in counts:
        _add(found, figure, a, b, times)
    return found


def _add(found: Figures, figure: str, a: str, b: str, times: Iterable[tuple[int, int]]) -> None:
    match figure:
        case "machine":
            _put(times, found.machine, _source(found, a).machine)
        case "delivered":
            _put(times, found.delivered)
        case "human":
            _put(times, found.human, _source(found, a).human)
        case "agent":
            _put(times, _agent(found, a).times)
        case "capture":
            found.captures[a] += _sum(times)
        case "source":
            _source(found, a).counts[b] += _sum(times)
        case "hot":
            found.hot[a] += _sum(times)
        case "offer":
            _agent(found, a).offers[b] += _sum(times)
        case "message":
            found.messages.setdefault(a, Counter())[b] += _sum(times)
        case "held":
            found.held[a, b] += _sum(times)
        case _:
            raise ValueError(f"no figure is called {figure!r}")


def _put(times: Iterable[tuple[int, int]], *into: Times) -> None:
    for tenths, n in times:
        for each in into:
            each.tenths[tenths] += n


def _sum(times: Iterable[tuple[int, int]]) -> int:
    return sum(n for _, n in times)


def _source(found: Figures, name: str) -> Source:
    return found.by_source.get(name) or found.by_source.setdefault(name, Source(name))


def _agent(found: Figures, name: str) -> Agent:
    return found.by_agent.get(name) or found.by_agent.setdefault(name, Agent(name))


def spans(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[date, datetime, datetime]]:
    """The stretch from begin to end cut at the midnights of the zone: (day, from, to), half open."""
    day = begin.astimezone(zone).date()
    while (starts := max(begin, midnight(day, zone))) < end:
        yield day, starts, min(end, midnight(day + timedelta(days=1), zone))
        day += timedelta(days=1)


def share(part: int, whole: int) -> int | None:
    """Percent, rounded down, so that only all of them are 100; None of nothing."""
    return 100 * part // whole if whole else None


def bar_heights(values: Sequence[int], most: int) -> list[int]:
    """Heights up to `most`, the largest value as high as that, none that is not 0 lower than 1."""
    top = max(values, default=0)
    return [max(1, round(most * value / top)) if value else 0 for value in values]


def per_day(days: Sequence[date], counts: Mapping[date, int]) -> list[int]:
    """One count for each day, in order."""
    return [counts.get(day, 0) for day in days]
