"""What a report is made of: what was counted of some days, and what the team says things cost. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from leadwake.domain.kpis import ASKED
from leadwake.domain.proof import Figures

#: (name, source) → what the team says
Inputs = Mapping[tuple[str, str], Decimal]


@dataclass(frozen=True, slots=True)
class Spent:
    """What vendors took. uncounted: texts of before segments were counted, each taken for one segment."""

    tie: str
    source: str
    sequence: str
    segments: int
    texts: int
    uncounted: int
    mails: int
    lookups: int


@dataclass(frozen=True, slots=True)
class Came:
    """New people of a source. known: not erased since; met: those of them with a meeting."""

    tie: str
    source: str
    leads: int
    known: int
    met: int


@dataclass(frozen=True, slots=True)
class Reached:
    """
    kind: conversation, meeting, won. priced: how many of them have an amount.

    tenths: of seconds since they asked, where that is known.
    """

    kind: str
    tie: str
    source: str
    sequence: str
    agent: str
    currency: str
    n: int
    priced: int
    cents: int
    tenths: Sequence[int] | None


@dataclass(frozen=True, slots=True)
class Facts:
    """
    All that was counted of some days.

    in_time: hot inquiries still within the target, nobody in touch yet. enrolled: how many began each sequence.
    """

    days: Sequence[date]
    figures: Figures
    in_time: int
    came: Sequence[Came]
    spent: Sequence[Spent]
    reached: Sequence[Reached]
    enrolled: Mapping[str, int]
    enriched: Mapping[str, int]
    automated: Mapping[str, int]


def months(days: Iterable[date]) -> Fraction:
    """How many months these days are: each is its month's share."""
    return sum((Fraction(1, calendar.monthrange(day.year, day.month)[1]) for day in days), Fraction(0))


def read_input(name: str, text: str) -> Decimal | None:
    """What somebody typed, None for nothing. Raises ValueError with what to type."""
    typed = text.strip().replace(",", "").removeprefix("$").strip()
    if not typed:
        return None
    if not typed.isascii() or not typed.replace(".", "", 1).isdecimal() or len(typed) > 12:
        raise ValueError(f"Write a number: {ASKED[name].hint}.")
    value = Decimal(typed)
    if value >= 1_000_000:
        raise ValueError("That is more than a million.")
    return value.quantize(Decimal("0.00001"))
