"""Hours of a local day as the tables write them: `same`, `none`, `12:00-21:00`, `Mon-Sat 08:00-21:00; Hol …`."""

from __future__ import annotations

import re
from typing import NamedTuple

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SPAN = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})", re.ASCII)


class Hours(NamedTuple):
    """Half-open minutes of a local day: `opens` is open, `closes` is not; equal: shut all day."""

    opens: int
    closes: int


SHUT = Hours(0, 0)

#: no solicitation before 8:00 or after 21:00 at the called party's place: 47 CFR 64.1200(c)(1), read 2026-11-22
FEDERAL = Hours(8 * 60, 21 * 60)


class VoiceHours(NamedTuple):
    """When an automated voice may call: Monday to Sunday, and on a holiday (None: as on any day)."""

    week: tuple[Hours, ...]
    holiday: Hours | None


def parse_span(text: str) -> Hours:
    """The hours of `HH:MM-HH:MM`. Raises ValueError, also for hours that run over midnight."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not HH:MM-HH:MM")
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    hours = Hours(from_hour * 60 + from_minute, to_hour * 60 + to_minute)
    if from_minute > 59 or to_minute > 59 or not hours.opens < hours.closes <= 24 * 60:
        raise ValueError(f"{text!r} is not a span within one day")
    return hours


def parse_day(text: str, usual: Hours) -> Hours:
    """The hours of a day rule: `same` as usual, `none`, or a span of its own. Raises ValueError."""
    word = text.strip()
    if word == "same":
        return usual
    return SHUT if word == "none" else parse_span(word)


def parse_voice(text: str) -> VoiceHours | None:
    """The hours of `auto_voice_window`; a day it does not name is shut. None when it is empty. Raises ValueError."""
    if not text.strip():
        return None
    week, holiday = [SHUT] * 7, None
    for part in text.split(";"):
        days, _, span = part.strip().partition(" ")
        hours = parse_span(span)
        if days == "Hol":
            holiday = hours
            continue
        first, _, last = days.partition("-")
        from_day, to_day = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        if from_day > to_day:
            raise ValueError(f"{days!r} runs over the end of the week")
        week[from_day : to_day + 1] = [hours] * (to_day + 1 - from_day)
    return VoiceHours(tuple(week), holiday)
