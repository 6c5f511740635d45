"""Dates as lists have them: ISO, American, European, with month names, as spreadsheets and programs count."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from leadwake.domain.names import fold


@dataclass(frozen=True, slots=True)
class ReadDate:
    """An instant, aware. is_ambiguous: day and month may be the other way round."""

    at: datetime
    is_ambiguous: bool = False


_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan january ene enero", "feb february febrero", "mar march marzo", "apr april abr abril", "may mayo",
         "jun june junio", "jul july julio", "aug august ago agosto", "sep sept september septiembre set setiembre",
         "oct october octubre", "nov november noviembre", "dec december dic diciembre"), 1,
    )
    for name in names.split()
}  # fmt: skip
_TIME: Final = (
    r"(?:[ t,]+(?:at |a las )?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap])?\.?m?\.?"
    r"\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?)?"
)
_NUMBERS: Final = re.compile(rf"(\d{{1,4}})([/.\-])(\d{{1,2}})\2(\d{{1,4}}){_TIME}")
_MONTH_FIRST: Final = re.compile(rf"(?:[a-z]+,? )?([a-z]+)\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}){_TIME}")
_DAY_FIRST: Final = re.compile(
    rf"(?:[a-z]+,? )?(\d{{1,2}})(?:st|nd|rd|th)?[ \-](?:de )?([a-z]+)\.?[ \-,]+(?:de )?(\d{{2,4}}){_TIME}"
)
_SERIAL: Final = re.compile(r"(\d{5})(?:\.(\d+))?")
_EPOCH: Final = re.compile(r"(\d{10})(\d{3})?")
#: day 0 as Excel counts days
_EXCEL: Final = datetime(1899, 12, 30, tzinfo=UTC)
_MOST: Final = 60


def read_date(text: str, zone: ZoneInfo, order: str = "") -> ReadDate | None:
    """
    The instant a list means; None when it cannot be read.

    zone: of one without a zone; a date alone is its noon. order: "mdy" or "dmy" where 03/04/2026 is known to be written
    so; else it is read month first, and ambiguous.
    """
    said = " ".join(fold(text[:_MOST]).split())
    try:
        return _iso(said, zone) or _numbers(said, zone, order) or _named(said, zone) or _counted(said, zone)
    except (ValueError, OverflowError):
        return None


def date_order(texts: Iterable[str]) -> str:
    """The order that some of a column's dates can only be read in: "mdy" or "dmy"; blank when none or both."""
    orders = set()
    for text in texts:
        found = _NUMBERS.fullmatch(" ".join(text[:_MOST].lower().split()))
        if found and len(found[1]) < 3 and found[2] != ".":
            orders |= {"dmy"} if int(found[1]) > 12 else {"mdy"} if int(found[3]) > 12 else set()
    return orders.pop() if len(orders) == 1 else ""


def _iso(said: str, zone: ZoneInfo) -> ReadDate | None:
    try:
        at = datetime.fromisoformat(said.upper())
    except ValueError:
        return None
    if len(said) <= 10:
        at = at.replace(hour=12)
    return ReadDate(_utc(at if at.tzinfo else at.replace(tzinfo=zone)))


def _numbers(said: str, zone: ZoneInfo, order: str) -> ReadDate | None:
    found = _NUMBERS.fullmatch(said)
    if found is None:
        return None
    first, sign, second, third = int(found[1]), found[2], int(found[3]), int(found[4])
    if len(found[1]) == 4:
        return ReadDate(_instant(first, second, third, found.groups()[4:], zone))
    if len(found[1]) > 2 or len(found[4]) == 3:
        return None
    order = "dmy" if sign == "." else order
    is_ambiguous = first <= 12 and second <= 12 and first != second and not order
    day, month = (first, second) if first > 12 or (second <= 12 and order == "dmy") else (second, first)
    return ReadDate(_instant(third, month, day, found.groups()[4:], zone), is_ambiguous)


def _named(said: str, zone: ZoneInfo) -> ReadDate | None:
    if found := _MONTH_FIRST.fullmatch(said):
        month, day, year = found[1], int(found[2]), int(found[3])
    elif found := _DAY_FIRST.fullmatch(said):
        day, month, year = int(found[1]), found[2], int(found[3])
    else:
        return None
    if month not in _MONTHS:
        return None
    return ReadDate(_instant(year, _MONTHS[month], day, found.groups()[3:], zone))


def _counted(said: str, zone: ZoneInfo) -> ReadDate | None:
    """Days as a spreadsheet counts them, seconds or milliseconds as programs do."""
    if found := _SERIAL.fullmatch(said):
        days = float(said)
        if 20_000 <= days <= 80_000:
            at = _EXCEL + timedelta(days=days) if found[2] else _EXCEL + timedelta(days=days, hours=12)
            return ReadDate(_utc(at.replace(tzinfo=zone)))
    if found := _EPOCH.fullmatch(said):
        return ReadDate(datetime.fromtimestamp(int(found[1]), UTC))
    return None


def _instant(year: int, month: int, day: int, clock: tuple[str | None, ...], zone: ZoneInfo) -> datetime:
    hour, minute, second, half, offset = clock
    hours = 12 if hour is None else int(hour)
    if half:
        hours = hours % 12 + (12 if half == "p" else 0)
    year += 0 if year > 99 else 1900 if year > 68 else 2000
    at = datetime(year, month, day, hours, int(minute or 0), int(second or 0), tzinfo=zone)
    if offset:
        named = offset.upper() if offset[0] in "+-" else "+00:00"
        at = datetime.fromisoformat(f"{at.replace(tzinfo=None).isoformat()}{named}")
    return _utc(at)


def _utc(at: datetime) -> datetime:
    if not 1970 <= at.year <= 2200:
        raise ValueError
    return at.astimezone(UTC)
