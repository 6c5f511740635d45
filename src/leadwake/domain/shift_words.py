"""A week of shifts as people write it: "Mon-Fri 9:00-12:30 13:30-18:00; Sat 10:00-14:00"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import time
from typing import Final

from leadwake.domain.shifts import Shift

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: in one week of one person; a form with so many rows still fits one post
MOST_SHIFTS: Final = 20

_WEEK: Final = tuple(range(1, 8))
_DAY_GROUPS: Final = {
    "daily": _WEEK, "every day": _WEEK, "everyday": _WEEK, "all days": _WEEK, "weekdays": _WEEK[:5],
    "weekends": _WEEK[5:], "weekend": _WEEK[5:],
}  # fmt: skip
_DAY: Final = r"(?:mon|tue|wed|thu|fri|sat|sun)(?:[a-z]{0,6})\b\.?"
_DAYS: Final = re.compile(rf"({'|'.join(_DAY_GROUPS)})\b|({_DAY})(?:\s*(?:-|–|—|\bto\b)\s*({_DAY}))?", re.IGNORECASE)
_TIME: Final = r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.|a|p)?(?![\w:])"
_SPAN: Final = re.compile(rf"{_TIME}\s*(?:-|–|—|\bto\b|\buntil\b)\s*{_TIME}|(24h|24/7|all day)\b", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[\s,&+]*(?:\band\b\s*)?", re.IGNORECASE)
_MAX_CHARS: Final = 2_000


def tidy(shifts: Iterable[Shift]) -> tuple[Shift, ...]:
    """The same hours with the fewest shifts: one for each stretch, on all of its days, in the order of the week."""
    days: dict[tuple[time, time], set[int]] = {}
    for shift in shifts:
        days.setdefault((shift.begin, shift.end), set()).update(shift.days)
    merged = [Shift(tuple(sorted(found)), begin, end) for (begin, end), found in days.items()]
    return tuple(sorted(merged, key=lambda shift: (shift.days, shift.begin, shift.end)))


def shift_words(shifts: Sequence[Shift]) -> str:
    """The shifts as `read_shift_words` takes them back; "always" without any."""
    parts: dict[tuple[int, ...], list[str]] = {}
    for shift in tidy(shifts):
        parts.setdefault(shift.days, []).append(f"{shift.begin:%H:%M}-{shift.end:%H:%M}")
    return "; ".join(f"{day_words(days)} {' '.join(spans)}" for days, spans in parts.items()) or "always"


def day_words(days: Sequence[int]) -> str:
    """The days of a week: "Mon-Fri", "Mon,Wed"."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(_run(run) for run in runs)


def read_shift_words(text: str) -> tuple[Shift, ...]:
    """
    The shifts of a text; none for "always".

    Each part, ended by ";" or a line's end, is days and then one or more stretches. Raises ValueError with what is
    wrong, in words for a page.
    """
    if len(text) > _MAX_CHARS:
        raise ValueError("too long: write the shifts of one week")
    if text.strip().casefold() in {"always", "any", "24/7"}:
        return ()
    found = tidy(shift for part in re.split(r"[;\n]+", text) if part.strip() for shift in _part(part.strip()))
    if len(found) > MOST_SHIFTS:
        raise ValueError(f"at most {MOST_SHIFTS} different shifts")
    return found


def _part(text: str) -> Iterator[Shift]:
    days, at = _days(text)
    if not days:
        raise ValueError(f"{text[:40]!r} names no day: write it like Mon-Fri 9:00-12:30 13:30-18:00")
    if at == len(text):
        raise ValueError(f"{text[:40]!r} names no hours: write it like Mon-Fri 9:00-12:30 13:30-18:00")
    while at < len(text):
        span = _SPAN.match(text, at)
        if span is None:
            raise ValueError(f"{text[at:][:40]!r} is no stretch of hours: write it like 9:00-12:30")
        begin, end = _stretch(span)
        yield Shift(tuple(sorted(days)), begin, end)
        at = _past(text, span.end())


def _days(text: str) -> tuple[set[int], int]:
    """The days at the head of the text, and where they end."""
    days: set[int] = set()
    at = 0
    while found := _DAYS.match(text, at):
        group, first, last = found.groups()
        days.update(_DAY_GROUPS[group.casefold()] if group else _between(first, last or first))
        at = _past(text, found.end())
        if text[at : at + 1] == ":":
            at = _past(text, at + 1)
    return days, at


def _between(first: str, last: str) -> Iterator[int]:
    """Every day from the first to the last, over the week's end where it must: Fri-Mon."""
    begin, end = (WEEKDAYS.index(day[:3].capitalize()) for day in (first, last))
    return ((begin + n) % 7 + 1 for n in range((end - begin) % 7 + 1))


def _past(text: str, at: int) -> int:
    gap = _BETWEEN.match(text, at)
    return gap.end() if gap else at


def _stretch(span: re.Match[str]) -> tuple[time, time]:
    if span[7]:
        return time(), time()
    begin, end = _time(span[1], span[2], span[3]), _time(span[4], span[5], span[6])
    is_bare = not (span[2] or span[5]) or min(len(span[1]), len(span[4])) == 1
    if is_bare and not (span[3] or span[6]) and end <= begin and max(begin.hour, end.hour) <= 12:
        # "9-5" hardly means until five in the morning; 09:00-05:00 does
        raise ValueError(f"{span[0]!r} can be read in two ways: write 9:00-17:00 or 9am-5pm")
    return begin, end


def _time(hour: str, minute: str | None, half: str | None) -> time:
    hours, minutes = int(hour), int(minute or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError(f"there is no {hour} {half}")
        hours = hours % 12 + (12 if half[0].casefold() == "p" else 0)
    elif (hours, minutes) == (24, 0):
        hours = 0
    if hours > 23 or minutes > 59:
        raise ValueError(f"there is no {hour}:{minute or '00'}")
    return time(hours, minutes)


def _run(days: Sequence[int]) -> str:
    first, last = WEEKDAYS[days[0] - 1], WEEKDAYS[days[-1] - 1]
    return first if len(days) == 1 else f"{first},{last}" if len(days) == 2 else f"{first}-{last}"
