"""Values as mails write them: dates in many forms, amounts, counts, and the many ways to say nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

_NOTHING = re.compile(
    r"[\s\-–—_.*/]*(?:(?:n/?\.?a\.?|none|null|nil|undefined|unknown|blank|empty|tbd|unspecified|no answer|"
    r"(?:no|not|none|was not|wasn'?t)(?: \w+)? (?:answered|provided|specified|given|available|supplied|entered|set|"
    r"stated|disclosed|selected|applicable|listed))[\s.)*\]]*|\(\s*(?:none|blank|empty)\s*\))?[\s\-–—_.*/]*",
    re.IGNORECASE,
)
_MONTHS: Final = {
    name: index
    for index, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may may", "jun june", "jul july", "aug august",
         "sep september sept", "oct october", "nov november", "dec december"), 1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAYS = (
    (re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)", re.ASCII)),
    (re.compile(r"(?<![\d/])(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4}|\d{2})(?![\d/])", re.ASCII)),
    (re.compile(r"(?<![\d-])(?P<m>\d{1,2})-(?P<d>\d{1,2})-(?P<y>\d{4})(?![\d-])", re.ASCII)),
    (re.compile(rf"\b(?P<n>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})\b", re.IGNORECASE)),
    (re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?P<n>{_MONTH})\.?,? (?P<y>\d{{4}})\b", re.IGNORECASE)),
    (re.compile(r"\b(?P<d>\d{1,2})-(?P<n>[A-Za-z]{3})-(?P<y>\d{4})\b", re.ASCII)),
    (re.compile(r"\b(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)\b", re.ASCII)),
)
_TIME = re.compile(
    r"(?<!\d)(?P<h>\d{1,2}):(?P<m>\d\d)(?::(?P<s>\d\d)(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\b\.?)?"
    r"\s*(?P<zone>Z\b|(?:UTC|GMT)?\s?[+-]\d{1,2}(?::?\d{2})?(?!\d)|[A-Z]{1,4}T\b|UTC\b|GMT\b)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s?([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_ZONES: Final[dict[str, tzinfo]] = {
    **{name: timezone(timedelta(hours=hours)) for name, hours in {
        "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9,
        "AKDT": -8, "HST": -10, "AST": -4, "ADT": -3,
    }.items()},
    "ET": ZoneInfo("America/New_York"), "CT": ZoneInfo("America/Chicago"), "MT": ZoneInfo("America/Denver"),
    "PT": ZoneInfo("America/Los_Angeles"), "UTC": UTC, "GMT": UTC, "Z": UTC,
}  # fmt: skip
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?", re.ASCII)
_AMOUNT = re.compile(
    r"(?:usd|us\$|\$)?\s*(\d[\d,]{0,12}(?:\.\d{1,2})?)\s*(k)?\s*(?:usd|dollars?)?"
    r"(?:\s*(?:/|per|an?)?\s*(?:years?|yr|annum|annually|annual|yearly))?\.?",
    re.IGNORECASE,
)
_COUNT_WORDS: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "studio": 0}
_DATE_CHARS = 200


def is_nothing(text: str) -> bool:
    """Whether a value says that there is none: "N/A", "Not provided", "-"."""
    return len(text) < 60 and _NOTHING.fullmatch(text) is not None


def read_day(text: str) -> date | None:
    """The first day in the text, month before day as Americans write; a two-digit year is of this century."""
    found = _day(text[:_DATE_CHARS])
    return found[0] if found else None


def read_instant(text: str) -> datetime | None:
    """The first day and time in the text; aware when it names its zone; None without a time."""
    text = text[:_DATE_CHARS]
    found = _day(text)
    if found is None:
        return None
    day, end = found
    time = _TIME.search(text, end) or _TIME.search(text)
    if time is None:
        return None
    hour = int(time["h"])
    if time["half"]:
        hour = hour % 12 + (12 if time["half"][0] in "pP" else 0)
    try:
        at = datetime(day.year, day.month, day.day, hour, int(time["m"]), min(int(time["s"] or 0), 59))  # noqa: DTZ001
        return at.replace(tzinfo=_zone(time["zone"] or ""))
    except ValueError:
        return None


def read_amount(text: str) -> int | None:
    """Whole dollars of "$83,976" or "$84k a year"; None of a range or of words."""
    match = _AMOUNT.fullmatch(text[:_DATE_CHARS].strip())
    if match is None:
        return None
    return round(float(match[1].replace(",", "")) * (1_000 if match[2] else 1))


def read_count(text: str) -> int | None:
    """The whole number of "3 bedrooms" or "two"; None of "2.5" or of a range."""
    words = text.strip().lower().split()
    if words and words[0] in _COUNT_WORDS:
        return _COUNT_WORDS[words[0]]
    numbers = _NUMBER.findall(text[:_DATE_CHARS])
    return int(numbers[0]) if len(numbers) == 1 and numbers[0].isdecimal() and len(numbers[0]) < 5 else None


def _day(text: str) -> tuple[date, int] | None:
    """The first day, and where it ends."""
    found = []
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
            month = _MONTHS.get(parts["n"].lower(), 0) if "n" in parts else int(parts["m"])
            try:
                found.append((match.start(), date(year, month, int(parts["d"])), match.end()))
            except ValueError:
                continue
            break
    if not found:
        return None
    _, day, end = min(found)
    return day, end


def _zone(name: str) -> tzinfo | None:
    """The zone of a name or an offset. A cut one ("-08:0") is read as far as it goes."""
    name = name.strip().upper()
    if name in _ZONES:
        return _ZONES[name]
    if not (offset := _OFFSET.fullmatch(name)):
        return None
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    if hours > 14 or minutes > 59:
        return None
    total = timedelta(hours=hours, minutes=minutes)
    return timezone(-total if offset[1] == "-" else total)
