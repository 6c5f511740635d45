"""The response promise: how it stands, what is left of its error budget, how fast that burns. Pure.

The promise: 99 of 100 inquiries are answered within 60 s, over 28 days. Burning it so fast that a part of it that
matters is gone in an hour, or in six, is worth a message; a single late lead of a quiet night is not. Windows and
factors: Google's SRE workbook, chapter 5, "multiwindow, multi-burn-rate alerts".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

#: share of inquiries answered in time, over so many days
TARGET: Final = 0.99
DAYS: Final = 28
#: (long window, short window, how many times faster than the budget allows), minutes; both windows must burn
PAIRS: Final = ((60, 5, 14.4), (360, 30, 6.0))
#: fewer late ones than this are chance: a team of ten agents has hours with two leads
LEAST_LATE: Final = 3
WINDOWS_MIN: Final = tuple(sorted({minutes for long, short, _ in PAIRS for minutes in (long, short)}))


@dataclass(frozen=True, slots=True)
class Window:
    """late of total inquiries in some minutes up to now."""

    late: int
    total: int

    @property
    def burn(self) -> float:
        """How many times faster than the budget allows; 1 spends it in exactly DAYS."""
        return self.late / self.total / (1 - TARGET) if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Hour:
    """How many inquiries of one hour were answered in time, and how many late."""

    hour: datetime
    good: int
    late: int


@dataclass(frozen=True, slots=True)
class Objective:
    """How the promise stands over DAYS: of good + late inquiries, TARGET are to be good."""

    good: int
    late: int

    @property
    def total(self) -> int:
        """Inquiries that counted."""
        return self.good + self.late

    @property
    def share(self) -> float | None:
        """The share that was in time; None of none."""
        return self.good / self.total if self.total else None

    @property
    def left(self) -> float:
        """The share of the error budget that is left: 1 untouched, 0 gone, below 0 overspent."""
        return 1 - self.late / self.total / (1 - TARGET) if self.total else 1.0

    @property
    def more(self) -> int:
        """How many more inquiries may be late, all else being equal, until the promise is broken; 0 when it is."""
        per_late = round(1 / (1 - TARGET))
        return max(0, (self.total - per_late * self.late) // (per_late - 1))

    @property
    def is_kept(self) -> bool:
        """True while the budget is not overspent."""
        return self.late * round(1 / (1 - TARGET)) <= self.total


def objective(hours: Iterable[Hour], now: datetime) -> Objective:
    """The promise over the DAYS up to now."""
    since = now - timedelta(days=DAYS)
    counted = [one for one in hours if since < one.hour <= now]
    return Objective(sum(one.good for one in counted), sum(one.late for one in counted))


def trail(hours: Sequence[Hour], now: datetime) -> list[tuple[date, float]]:
    """What was left of the budget at the end of each of the last DAYS (UTC), today's being now; oldest first."""
    today = now.astimezone(UTC).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    ends = [min(now, datetime.combine(day + timedelta(days=1), time(), UTC)) for day in days]
    return [(day, objective(hours, end).left) for day, end in zip(days, ends, strict=True)]


@dataclass(frozen=True, slots=True)
class Burn:
    """The budget burns: late of total inquiries in so many minutes, and when all of it is gone at this rate."""

    minutes: int
    late: int
    total: int
    gone_in_h: float


def burning(windows: Mapping[int, Window]) -> Burn | None:
    """The first pair of PAIRS that burns; None when none does. windows: by minutes, each of WINDOWS_MIN."""
    for long, short, factor in PAIRS:
        wide = windows[long]
        if wide.late >= LEAST_LATE and min(wide.burn, windows[short].burn) >= factor:
            return Burn(long, wide.late, wide.total, DAYS * 24 / wide.burn)
    return None
