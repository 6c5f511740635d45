"""The federal holidays of the United States, for people who do not work on them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple


class Holiday(NamedTuple):
    """A day with its name."""

    day: date
    name: str


def federal_holidays(year: int) -> list[Holiday]:
    """
    The holidays of the year, in order, each on its own day: one on a Saturday or Sunday is not moved.

    Source: 5 USC 6103(a) (read 2026-11-22). (b) moves those of a week-end for federal employees only.
    """
    return [
        Holiday(date(year, 1, 1), "New Year's Day"),
        Holiday(_nth(year, 1, 1, 3), "Martin Luther King, Jr. Day"),
        Holiday(_nth(year, 2, 1, 3), "Washington's Birthday"),
        Holiday(_last_monday_of_may(year), "Memorial Day"),
        Holiday(date(year, 6, 19), "Juneteenth"),
        Holiday(date(year, 7, 4), "Independence Day"),
        Holiday(_nth(year, 9, 1, 1), "Labor Day"),
        Holiday(_nth(year, 10, 1, 2), "Columbus Day"),
        Holiday(date(year, 11, 11), "Veterans Day"),
        Holiday(_nth(year, 11, 4, 4), "Thanksgiving Day"),
        Holiday(date(year, 12, 25), "Christmas Day"),
    ]


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th weekday of the month. weekday: ISO, 1 is Monday."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (n - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.isoweekday() - 1)
