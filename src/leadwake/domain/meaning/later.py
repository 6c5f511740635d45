"""Until when somebody who says "not now" wants to be left alone: "maybe in March", "in 6 months", "after the holidays".

Of several dates the first that is named; a day that has passed this year is next year's. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from leadwake.domain.meaning.plain import plain

#: without a date of theirs, so long
DEFAULT: Final = timedelta(days=30)
#: nobody is asked again sooner, or kept for longer
SOONEST, LATEST = timedelta(days=1), timedelta(days=730)

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("january enero", "february febrero", "march marzo", "april abril", "may mayo", "june junio", "july julio",
         "august agosto", "september septiembre setiembre", "october octubre", "november noviembre",
         "december diciembre"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_SEASONS: Final = {
    "spring": (3, 20), "primavera": (3, 20), "summer": (6, 10), "verano": (6, 10), "fall": (9, 15), "autumn": (9, 15),
    "otono": (9, 15), "winter": (12, 1), "invierno": (12, 1),
}  # fmt: skip
_FEASTS: Final = (
    (re.compile(r"holidays?|christmas|xmas|new years?|first of the year|navidad|ano nuevo|fiestas"), (1, 5)),
    (re.compile(r"thanksgiving"), (12, 1)),
    (re.compile(r"easter|semana santa"), (4, 20)),
    (re.compile(r"tax (?:season|return|refund)|taxes|impuestos"), (4, 20)),
    (re.compile(r"school year|school (?:is out|ends|lets out)|graduation|escuela|graduacion"), (6, 10)),
    (re.compile(r"end of (?:the )?year|fin de ano"), (12, 28)),
)
_NUMBERS: Final = {
    "a": 1, "an": 1, "one": 1, "un": 1, "una": 1, "another": 1, "otro": 1, "otra": 1, "two": 2, "dos": 2,
    "couple": 2, "three": 3, "tres": 3, "few": 3, "unos": 3, "unas": 3, "algunos": 3, "four": 4, "cuatro": 4,
    "five": 5, "six": 6, "seis": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
}  # fmt: skip
_DAYS: Final = {"day": 1, "dia": 1, "week": 7, "semana": 7, "month": 30, "mes": 30, "year": 365, "ano": 365}
_SPAN: Final = re.compile(
    rf"\b(\d{{1,2}}|{'|'.join(_NUMBERS)})(?: of)?(?: more)? (day|dia|week|semana|month|mes|year|ano)(?:e?s)?\b"
)
_NEXT: Final = re.compile(
    r"\b(?:next|proxim[oa]|siguiente|otr[oa]) (week|semana|month|mes|year|ano|quarter)\b|\b(ano|mes|semana) que viene\b"
)
_DATE: Final = re.compile(
    rf"\b({'|'.join(_MONTHS)})\b(?: (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?\b)?"
    rf"|\b(\d{{1,2}}) de ({'|'.join(_MONTHS)})\b"
)
_PART: Final = re.compile(rf"\b(end|late|mid|middle|finales|mediados|fines)\b(?: of| de)? (?:{'|'.join(_MONTHS)})\b")
#: "may" is also a word
_MAY: Final = re.compile(r"\b(?:i|we|you|it|that|he|she|they|which|who) may\b")


def until(text: str, today: date) -> date:
    """The first day on which they may be asked again. today: where they are."""
    said = _MAY.sub("might", plain(text))
    found = next((day for find in _WAYS if (day := find(said, today)) is not None), today + DEFAULT)
    return min(max(found, today + SOONEST), today + LATEST)


def _span(said: str, today: date) -> date | None:
    if not (match := _SPAN.search(said)):
        return None
    count = int(match[1]) if match[1].isdigit() else _NUMBERS[match[1]]
    return today + timedelta(days=min(count, 99) * _DAYS[match[2]])


def _month(said: str, today: date) -> date | None:
    if not (match := _DATE.search(said)):
        return None
    month = _MONTHS[match[1] or match[4]]
    day = int(match[2] or match[3] or 0)
    if not day:
        part = _PART.search(said)
        day = 1 if part is None else 25 if part[1] in {"end", "late", "finales", "fines"} else 15
    return _coming(month, day, today)


def _season(said: str, today: date) -> date | None:
    match = re.search(rf"\b(?:{'|'.join(_SEASONS)})\b", said)
    return _coming(*_SEASONS[match[0]], today) if match else None


def _feast(said: str, today: date) -> date | None:
    place = next((day for pattern, day in _FEASTS if pattern.search(said)), None)
    return _coming(*place, today) if place else None


def _next(said: str, today: date) -> date | None:
    if not (match := _NEXT.search(said)):
        return None
    unit = match[1] or match[2]
    if unit in {"week", "semana"}:
        return today + timedelta(days=7 - today.weekday())
    if unit in {"month", "mes"}:
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    if unit == "quarter":
        return _coming((today.month - 1) // 3 * 3 + 4 if today.month < 10 else 1, 1, today)
    return date(today.year + 1, 1, 5)


def _coming(month: int, day: int, today: date) -> date:
    """The next such day; today counts as past."""
    for year in (today.year, today.year + 1):
        found = date(year, month, min(day, 28)) if day > 28 else date(year, month, max(day, 1))
        if found > today:
            return found
    raise AssertionError("a day of next year is still to come")


_WAYS: Final[tuple[Callable[[str, date], date | None], ...]] = (_span, _month, _season, _feast, _next)
