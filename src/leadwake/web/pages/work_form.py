"""The forms of an agent's work: shifts in rows, days off, pauses. Fields in, values or what is wrong out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from leadwake.domain import work as works
from leadwake.domain.holidays import Holiday, federal_holidays
from leadwake.domain.shift_words import MOST_SHIFTS, WEEKDAYS, read_shift_words, tidy
from leadwake.domain.shifts import Shift
from leadwake.domain.work import Work
from leadwake.errors import InputError
from leadwake.storage.staff import FOR_GOOD

#: rows for shifts that are not there yet
_FURTHER_ROWS: Final = 2
#: name of a button → the shifts it sets, as people write them
PRESETS: Final[Mapping[str, tuple[str, str]]] = {
    "lunch": ("Mon-Fri 9-12:30 and 13:30-18", "Mon-Fri 9:00-12:30 13:30-18:00"),
    "office": ("Mon-Fri 9-17", "Mon-Fri 9:00-17:00"),
    "week": ("Every day 8-20", "daily 8:00-20:00"),
    "always": ("Always", "always"),
}
#: what US teams mean by the names people use
ZONES: Final = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
)  # fmt: skip
#: fields of Work that are written as one text each
_TEXTS: Final = ("licences", "languages", "specialties", "areas", "capacity", "slack_id")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the editor. days: "1" to "7"; begin, end: as <input type=time> holds them."""

    days: frozenset[str]
    begin: str
    end: str


def rows_of(shifts: Sequence[Shift]) -> list[Row]:
    """The shifts as rows, with empty ones for more."""
    rows = [Row(frozenset(map(str, s.days)), f"{s.begin:%H:%M}", f"{s.end:%H:%M}") for s in tidy(shifts)]
    return [*rows, *[Row(frozenset(), "", "")] * _FURTHER_ROWS]


def rows_given(given: Mapping[str, str]) -> list[Row]:
    """The rows as they were posted, so that what is wrong stands as it was written."""
    return [_row(given, n) for n in range(_count(given))]


def hours(work: Work, given: Mapping[str, str]) -> Work:
    """
    The work with the shifts, zone and on-call of the form; a preset's button goes before the rows.

    Raises InputError.
    """
    preset = PRESETS.get(given.get("preset", ""))
    shifts = read_shift_words(preset[1]) if preset else _shifts(given)
    if preset and "time_zone" not in given:
        return replace(work, shifts=shifts)
    found = works.changed(work, {"time_zone": given.get("time_zone", "")})
    return replace(found, shifts=shifts, on_call="on_call" in given)


def days_off(work: Work, given: Mapping[str, str], today: date) -> Work:
    """
    The work with days taken out and put in: a range, or a year's federal holidays from today on. Raises InputError.

    What lies behind us goes.
    """
    kept = {day for day in work.days_off if day >= today and f"remove_{day}" not in given}
    if year := given.get("holidays", ""):
        kept.update(holiday.day for holiday in holidays(today) if str(holiday.day.year) == year)
    if first := given.get("first", ""):
        try:
            kept.update(works.days_between(_day(first), _day(given.get("last") or first)))
        except ValueError as error:
            raise InputError({"first": str(error)}) from None
    if len(kept) > works.MOST_DAYS_OFF:
        raise InputError({"first": f"at most {works.MOST_DAYS_OFF} days"})
    return replace(work, days_off=frozenset(kept))


def texts(work: Work, given: Mapping[str, str], names: Sequence[str] = _TEXTS) -> Work:
    """The work with the fields that are written as text; of ticked boxes, a name each. Raises InputError."""
    found = {name: given.get(name, "") for name in names}
    if "specialties" in found:
        found["specialties"] = ", ".join(name.removeprefix("can_") for name in given if name.startswith("can_"))
    return works.changed(work, found)


def everything(work: Work, given: Mapping[str, str]) -> Work:
    """What they may take, and when, as far as the form says it. Raises InputError with every reason there is."""
    wrong: dict[str, str] = {}
    for read, is_said in ((texts, "licences" in given), (hours, "row0_from" in given or "preset" in given)):
        try:
            work = read(work, given) if is_said else work
        except InputError as error:
            wrong |= error.reasons
    if wrong:
        raise InputError(wrong)
    return work


def pause_until(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the pause of this button ends, on the agent's clock; None for a button that is none of ours."""
    match text:
        case "hour":
            return now + timedelta(hours=1)
        case "today":
            return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
        case "until":
            return FOR_GOOD
    return None


def holidays(today: date) -> list[Holiday]:
    """The federal holidays of this year and the next that are still to come."""
    return [holiday for n in (0, 1) for holiday in federal_holidays(today.year + n) if holiday.day >= today]


def _shifts(given: Mapping[str, str]) -> tuple[Shift, ...]:
    found, wrong = [], {}
    for n in range(_count(given)):
        row = _row(given, n)
        if f"row{n}_remove" in given or not (row.days or row.begin or row.end):
            continue
        try:
            found.append(_shift(row))
        except ValueError as error:
            wrong[f"row{n}"] = str(error)
    if wrong:
        raise InputError(wrong)
    return tidy(found)


def _shift(row: Row) -> Shift:
    if not row.days:
        raise ValueError("tick its days, or remove it")
    try:
        begin, end = time.fromisoformat(row.begin), time.fromisoformat(row.end)
    except ValueError:
        raise ValueError("write from when to when, like 09:00 and 17:30") from None
    return Shift(tuple(sorted(int(day) for day in row.days)), begin.replace(tzinfo=None), end.replace(tzinfo=None))


def _count(given: Mapping[str, str]) -> int:
    """How many rows were posted."""
    return max((n + 1 for n in range(MOST_SHIFTS + _FURTHER_ROWS) if f"row{n}_from" in given), default=0)


def _row(given: Mapping[str, str], n: int) -> Row:
    days = frozenset(str(day) for day in range(1, len(WEEKDAYS) + 1) if f"row{n}_day{day}" in given)
    return Row(days, given.get(f"row{n}_from", "")[:20], given.get(f"row{n}_to", "")[:20])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("write the day like 2026-12-25") from None
