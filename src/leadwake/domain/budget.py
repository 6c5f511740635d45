"""How fast the error budget of the response promise burns. Pure.

The promise: 99 of 100 inquiries are answered within 60 s, over 28 days. Burning it so fast that a part of it that
matters is gone in an hour, or in six, is worth a message; a single late lead of a quiet night is not. Windows and
factors: Google's SRE workbook, chapter 5, "multiwindow, multi-burn-rate alerts".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
