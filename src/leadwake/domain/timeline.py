"""When a lead wants to act, read from what forms and people write."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

#: what counts as "no plans yet"
BROWSING: Final = "browsing"

_BROWSING: Final = re.compile(
    r"\b(?:just (?:browsing|looking|curious|researching)|browsing|not (?:now|yet|sure)|unsure|someday|exploring"
    r"|undecided|no (?:rush|hurry|timeline|plans?)|don'?t know|unknown|flexible)\b"
)
_WORDS: Final[tuple[tuple[re.Pattern[str], int], ...]] = tuple(
    (re.compile(pattern), days)
    for pattern, days in (
        (r"\b(?:asap|immediate(?:ly)?|right (?:now|away)|now|urgent(?:ly)?|today|tonight|at once|emergency)\b", 0),
        (r"\btomorrow\b", 1),
        (r"\bthis week(?:end)?\b|\b(?:with)?in a week\b", 7),
        (r"\bnext week(?:end)?\b", 14),
        (r"\b(?:few|couple(?: of)?) weeks\b|\bthis month\b|\b(?:with)?in a month\b", 30),
        (r"\b(?:next month|(?:few|couple(?: of)?) months)\b", 90),
        (r"\bthis year\b", 365),
        (r"\bnext year\b", 540),
    )
)
_AMOUNT: Final = re.compile(
    r"([0-9]{1,4})\s*(?:(?:-|–|—|to|or)\s*([0-9]{1,4}))?\s*(\+)?\s*(day|week|wk|month|mo|year|yr)s?\b"
)
_DAYS: Final = {"day": 1, "week": 7, "wk": 7, "month": 31, "mo": 31, "year": 365, "yr": 365}
_MORE: Final = re.compile(r"\b(?:more than|over|after|at least|beyond)\b|>")
_DATE: Final = re.compile(r"(?<![0-9])(20[0-9]{2})-?(0[1-9]|1[0-2])-?([0-2][0-9]|3[01])(?![0-9])")


def read_timeline(text: str | None, *, now: datetime) -> int | str | None:
    """
    Days until the lead wants to act, at the latest; BROWSING; None when nothing is said or it is not understood.

    "ASAP" → 0, "1-3 months" → 93, "2026-12-01" → days from `now` (0 for the past week, None further back).
    """
    said = (text or "")[:200].lower().replace("_", " ")
    if match := _DATE.search(said):
        return _days_to(match, now)
    if match := _AMOUNT.search(said):
        days = int(match[2] or match[1]) * _DAYS[match[4]]
        return days * 2 if match[3] or _MORE.search(said) else days
    if _BROWSING.search(said):
        return BROWSING
    return next((days for pattern, days in _WORDS if pattern.search(said)), None)


def _days_to(match: re.Match[str], now: datetime) -> int | None:
    try:
        days = (date(int(match[1]), int(match[2]), int(match[3])) - now.date()).days
    except ValueError:  # the 31st of June
        return None
    return max(days, 0) if days >= -7 else None
