"""What an agent may take, and when; and how people write it in a form or a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from leadwake.domain.interests import INTERESTS
from leadwake.domain.languages import language
from leadwake.domain.place import STATES, normalise_state
from leadwake.domain.shift_words import read_shift_words
from leadwake.domain.shifts import Hours, Shift
from leadwake.errors import InputError

MOST_VALUES: Final = 300
MOST_DAYS_OFF: Final = 400
HIGHEST_CAPACITY: Final = 10_000

_AREA: Final = re.compile(r"(\d{2,5})[x*]{0,3}", re.ASCII | re.IGNORECASE)
_SLACK_ID: Final = re.compile(r"[UW][A-Z0-9]{5,20}", re.ASCII)
_NO_LIMIT: Final = frozenset({"", "none", "no limit", "unlimited", "-"})
_YES: Final = frozenset({"yes", "y", "true", "1", "on", "x"})
_NO: Final = frozenset({"", "no", "n", "false", "0", "off", "-"})
_DATE: Final = r"(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})"
_DATES: Final = re.compile(rf"{_DATE}(?:\s*(?:\.\.|–|—|\bto\b|\buntil\b)\s*{_DATE})?[\s,;]*")


@dataclass(frozen=True, slots=True)
class Work:
    """
    What an agent may take, and when.

    licences: states, two letters. languages: ISO 639-1. specialties: interests (buy_home, auto_insurance …).
    areas: states or beginnings of ZIP codes. time_zone: IANA name, None for the team's. capacity: open leads and
    unanswered offers at once, None without limit. paused_until: aware; the end of time is "until they say otherwise".
    """

    licences: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    specialties: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    time_zone: str | None = None
    shifts: tuple[Shift, ...] = ()
    days_off: frozenset[date] = frozenset()
    capacity: int | None = None
    on_call: bool = False
    paused_until: datetime | None = None
    slack_id: str | None = None

    def hours(self, team_zone: ZoneInfo) -> Hours:
        """Their hours, on their own clock."""
        return Hours(ZoneInfo(self.time_zone) if self.time_zone else team_zone, self.shifts, self.days_off)

    def is_paused(self, now: datetime) -> bool:
        """True while they take no new leads."""
        return self.paused_until is not None and self.paused_until > now


def changed(work: Work, given: Mapping[str, str]) -> Work:
    """
    The work with what is given, by the names of its fields; what is not given stays.

    Each text is read as its `read_…` function says. Raises InputError with a reason a field.
    """
    new: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, text in given.items():
        try:
            new[name] = READERS[name](text)
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise InputError(wrong)
    return replace(work, **new)


def read_licences(text: str) -> tuple[str, ...]:
    """States by code or name, in the order of the alphabet."""
    return _each(text, _state, "is no state: write FL or Florida")


def read_languages(text: str) -> tuple[str, ...]:
    """Languages by code or English name, in the order given."""
    found = _each(text, language, "is no language we know: write es or Spanish", in_order=False)
    if not found:
        raise ValueError("name at least one language")
    return found


def read_specialties(text: str) -> tuple[str, ...]:
    """Interests by key or by our words for them."""
    return _each(text, _specialty, f"is none of: {', '.join(INTERESTS)}")


def read_areas(text: str) -> tuple[str, ...]:
    """States, and beginnings of ZIP codes of two to five digits."""
    return _each(text, _area, "is no area: write a state, or 2 to 5 digits of a ZIP code")


def read_time_zone(text: str) -> str | None:
    """An IANA zone; None of a blank text, which is the team's."""
    name = text.strip().replace(" ", "_")
    if not name:
        return None
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, LookupError):
        raise ValueError("there is no such time zone: write it like America/Chicago") from None


def read_days_off(text: str) -> frozenset[date]:
    """Days and ranges of days: "2026-12-25, 12/28/2026 to 12/31/2026"; none of a blank text or "-"."""
    found: set[date] = set()
    rest = text.strip() if text.strip() != "-" else ""
    while rest:
        match = _DATES.match(rest)
        if match is None:
            raise ValueError(f"{rest[:20]!r} is no day: write it like 2026-12-25, or 2026-12-24 to 2026-12-31")
        found.update(days_between(_date(match[1]), _date(match[2] or match[1])))
        rest = rest[match.end() :]
        if len(found) > MOST_DAYS_OFF:
            raise ValueError(f"at most {MOST_DAYS_OFF} days")
    return frozenset(found)


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last. Raises ValueError when they are the wrong way round, or too many."""
    if last < first:
        raise ValueError("the last day is before the first")
    if (last - first).days >= MOST_DAYS_OFF:
        raise ValueError(f"at most {MOST_DAYS_OFF} days")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def read_capacity(text: str) -> int | None:
    """A number of leads, 0 or more; None without limit."""
    word = text.strip().casefold()
    if word in _NO_LIMIT:
        return None
    if not (word.isascii() and word.isdecimal()) or int(word[:9]) > HIGHEST_CAPACITY:
        raise ValueError(f"write a number from 0 to {HIGHEST_CAPACITY:,}, or leave it empty for no limit")
    return int(word)


def read_yes(text: str) -> bool:
    """Yes or no."""
    word = text.strip().casefold()
    if word not in _YES | _NO:
        raise ValueError("write yes or no")
    return word in _YES


def read_slack_id(text: str) -> str | None:
    """A member id of Slack; None of a blank text."""
    word = text.strip().upper()
    if word in {"", "-"}:
        return None
    if not _SLACK_ID.fullmatch(word):
        raise ValueError("a Slack member id looks like U024BE7LH: Slack, your profile, the three dots, Copy member ID")
    return word


#: how each field of Work is read; paused_until has buttons of its own
READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "licences": read_licences, "languages": read_languages, "specialties": read_specialties, "areas": read_areas,
    "time_zone": read_time_zone, "shifts": read_shift_words, "days_off": read_days_off, "capacity": read_capacity,
    "on_call": read_yes, "slack_id": read_slack_id,
}  # fmt: skip


def _each(text: str, read: Callable[[str], str | None], refusal: str, *, in_order: bool = True) -> tuple[str, ...]:
    """
    The values of a list of words: parts by commas, semicolons or lines; a part that is no value, by its spaces.

    A lone "-" is none. Raises ValueError for the first that cannot be read.
    """
    found: list[str] = []
    for part in re.split(r"[,;|\n]+", text) if text.strip() != "-" else ():
        whole = read(part) if part.strip() else None
        for word in [part] if whole is not None else part.split():
            value = read(word)
            if value is None:
                raise ValueError(f"{word.strip()[:40]!r} {refusal}")
            found.append(value)
    if len(found) > MOST_VALUES:
        raise ValueError(f"at most {MOST_VALUES}")
    return tuple(sorted(set(found)) if in_order else dict.fromkeys(found))


def _state(text: str) -> str | None:
    code = normalise_state(text)
    return code if code in STATES else None


def _area(text: str) -> str | None:
    digits = _AREA.fullmatch(text.strip())
    return digits[1] if digits else _state(text)


def _specialty(text: str) -> str | None:
    key = re.sub(r"[\s-]+", "_", text.strip().casefold())
    return key if key in INTERESTS else _SPECIALTIES.get(text.strip().casefold())


_SPECIALTIES: Final = {words.casefold(): key for key, words in INTERESTS.items()}


def _date(text: str) -> date:
    try:
        if "/" in text:  # as spreadsheets here write days
            month, day, year = (int(part) for part in text.split("/"))
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day {text}") from None
