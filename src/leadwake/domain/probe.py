"""What a probe elsewhere saw of us, as availability: up, down, and what nobody saw. Pure.

A look stands for the seconds until the next one; a stretch without looks is unknown, never up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

DAYS: Final = 28
#: the mission's word
TARGET: Final = 0.995
#: a look stands for no longer than this, however seldom it is made
LONGEST_S: Final = 900

#: code of what failed → how that is said
WHY: Final[Mapping[str, str]] = {
    "dns": "the name was not found",
    "connect": "nothing answered",
    "tls": "the certificate does not hold",
    "timeout": "no answer in time",
    "ready": "it was not ready",
    "refused": "the capture was refused",
    "error": "the capture failed",
    "not_admitted": "the lead would not have been admitted",
}


@dataclass(frozen=True, slots=True)
class Day:
    """Seconds of one UTC day that a probe saw us up, and down."""

    day: date
    up_s: int
    down_s: int


@dataclass(frozen=True, slots=True)
class Availability:
    """
    What one probe saw over DAYS. days: each of them, oldest first, with those nobody looked at.

    last_at, is_up, why, tls_until: of its newest look.
    """

    probe: str
    days: Sequence[Day]
    last_at: datetime
    is_up: bool
    why: str | None
    tls_until: datetime | None
    since: datetime
    now: datetime

    @property
    def up_s(self) -> int:
        """Seconds seen up."""
        return sum(day.up_s for day in self.days)

    @property
    def down_s(self) -> int:
        """Seconds seen down."""
        return sum(day.down_s for day in self.days)

    @property
    def unknown_s(self) -> float:
        """Seconds that nobody saw."""
        return max(0.0, (self.now - self.since).total_seconds() - self.up_s - self.down_s)

    @property
    def share(self) -> float | None:
        """The share seen up, of what was seen; None of nothing."""
        seen = self.up_s + self.down_s
        return self.up_s / seen if seen else None


def availability(
    probe: str,
    seen: Mapping[date, tuple[int, int]],
    now: datetime,
    last: tuple[datetime, bool, str | None, datetime | None],
) -> Availability:
    """Put together of (up, down) seconds by UTC day; more than a day has is cut to it, in proportion."""
    since = now - timedelta(days=DAYS)
    first = since.astimezone(UTC).date()
    days = [first + timedelta(days=n) for n in range(DAYS + 1)]
    return Availability(probe, [_day(day, *seen.get(day, (0, 0)), since, now) for day in days], *last, since, now)


def _day(day: date, up_s: int, down_s: int, since: datetime, now: datetime) -> Day:
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    most = (min(now, begin + timedelta(days=1)) - max(since, begin)).total_seconds()
    total = up_s + down_s
    if total <= most or not total:
        return Day(day, up_s, down_s)
    down = min(down_s, int(most))  # two loops under one name: what was seen down counts whole
    return Day(day, int(most) - down, down)
