"""Looks at people: in which ways somebody's data is seen, and when somebody saw more of it than they usually do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from statistics import median
from typing import Final


class How(StrEnum):
    """In which way somebody's data was seen; see `how_words`."""

    PAGE = "page"
    RECORD = "record"
    LIST = "list"
    SEARCH = "search"
    ALERT = "alert"
    EXPORT = "export"
    API = "api"
    COMMAND = "command"


_WORDS: Final[Mapping[str, str]] = {
    How.PAGE: "the lead's page",
    How.RECORD: "the whole record",
    How.LIST: "in a list",
    How.SEARCH: "found by a search",
    How.ALERT: "the link of an alert",
    How.EXPORT: "the export of everything",
    How.API: "by the API",
    How.COMMAND: "on the command line",
}
#: a name and a line of what they asked, among others: not a look at the person
IN_PASSING: Final = frozenset({How.LIST, How.SEARCH})

#: so many people on one day are nobody's curiosity yet
_USUAL_PEOPLE: Final = 50
#: and so many times somebody's own usual day
_TIMES_THEIR_OWN: Final = 3
#: this many days make a habit
_DAYS_OF_A_HABIT: Final = 5


@dataclass(frozen=True, slots=True)
class Looked:
    """One reader's looks at one person. how: the way of the latest."""

    reader: str
    how: str
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ReaderDay:
    """One reader's day. people: whom they saw at all; opened: of these, in full. usual: their own median day before."""

    reader: str
    day: date
    people: int
    opened: int
    usual: float | None = None

    @property
    def is_unusual(self) -> bool:
        """True when they opened many people, and many more than they do: worth a question, no proof of anything."""
        return self.opened > max(_USUAL_PEOPLE, _TIMES_THEIR_OWN * (self.usual or 0.0))


def how_words(how: str) -> str:
    """The way, for a person."""
    return _WORDS.get(how, how)


def together(rows: Iterable[Looked]) -> list[Looked]:
    """One line a reader: looks in full where there are any, else those in passing; the latest first."""
    of_reader: dict[str, list[Looked]] = defaultdict(list)
    for row in rows:
        of_reader[row.reader].append(row)
    found = []
    for reader, looks in of_reader.items():
        told = [look for look in looks if look.how not in IN_PASSING] or looks
        latest = max(told, key=lambda look: look.last_at)
        found.append(Looked(
            reader, latest.how, sum(look.times for look in told), min(look.first_at for look in told), latest.last_at,
        ))  # fmt: skip
    return sorted(found, key=lambda look: look.last_at, reverse=True)


def with_habits(days: Iterable[ReaderDay]) -> list[ReaderDay]:
    """The days, the latest first, each beside what is usual for its reader: the median of their days before it."""
    before: dict[str, list[int]] = defaultdict(list)
    found = []
    for one in sorted(days, key=lambda one: one.day):
        past = before[one.reader]
        usual = float(median(past)) if len(past) >= _DAYS_OF_A_HABIT else None
        found.append(ReaderDay(one.reader, one.day, one.people, one.opened, usual))
        past.append(one.opened)
    return found[::-1]
