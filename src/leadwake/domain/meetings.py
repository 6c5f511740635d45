"""A meeting that a lead booked: where it stands, and what follows from each word about it. Pure.

Words come doubled and in any order. A standing only rises, so that the same words end in the same standing however
they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID


class MeetingState(StrEnum):
    """Where a meeting stands."""

    BOOKED = "booked"
    HELD = "held"  # its time is over, and nobody said that they did not come
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"  # another one has taken its place


class Word(StrEnum):
    """What somebody told us of a meeting."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    MOVED = "moved"  # another one takes its place
    NO_SHOW = "no_show"
    CAME = "came"  # a no-show taken back


@dataclass(frozen=True, slots=True)
class MeetingTime:
    """When a meeting takes place, in UTC, what it is called and where; place: a link, a number, an address or ""."""

    starts_at: datetime
    ends_at: datetime
    title: str
    place: str


@dataclass(frozen=True, slots=True)
class Booking:
    """
    A word about one booking. ref, event_ref, moved_from, moved_to: the vendor's own ids. said_at: by its clock.

    lead_id: ours, where the booking came by a link of ours. time: None where only the event's id is told. answers:
    (question, what they typed). made_at: when they booked. Blank where nobody says.
    """

    vendor: str
    ref: str
    word: Word
    said_at: datetime
    made_at: datetime
    name: str = ""
    email: str = ""
    phone: str = ""
    zone: str = ""
    lead_id: UUID | None = None
    event_ref: str = ""
    time: MeetingTime | None = None
    answers: Sequence[tuple[str, str]] = ()
    change_url: str = ""
    cancel_url: str = ""
    moved_from: str = ""
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    came_told_at: the sender's own instant of the newest word on whether they came. is_ours: one of the team said so.
    """

    state: MeetingState = MeetingState.BOOKED
    came_told_at: datetime | None = None
    is_ours: bool = False


_OVER: Final = frozenset({MeetingState.CANCELLED, MeetingState.RESCHEDULED})
#: states in which somebody still expects to meet
EXPECTED: Final = frozenset({MeetingState.BOOKED})


def after(standing: Standing, word: Word, at: datetime, *, is_past: bool, by_us: bool = False) -> Standing:
    """
    The standing once the word is heard. at: when it was said, by the sender's own clock. is_past: the time is over.

    Moved beats cancelled, which beats everything else. Of whether they came, what was said last holds; where both was
    said in one instant, that they came: a no-show is taken back only after it was said. by_us: one of the team says it,
    who was to meet them: no vendor's word on whether they came counts after that.
    """
    if word is Word.MOVED:
        return replace(standing, state=MeetingState.RESCHEDULED)
    if standing.state in _OVER or word is Word.BOOKED:
        return standing
    if word is Word.CANCELLED:
        return replace(standing, state=MeetingState.CANCELLED)
    if by_us:
        came = MeetingState.HELD if is_past else MeetingState.BOOKED
        return replace(standing, state=MeetingState.NO_SHOW if word is Word.NO_SHOW else came, is_ours=True)
    if standing.is_ours:
        return standing
    told = standing.came_told_at
    if word is Word.NO_SHOW:
        return Standing(MeetingState.NO_SHOW, at) if told is None or at > told else standing
    if told is not None and at < told:
        return standing
    return Standing(MeetingState.HELD if is_past else MeetingState.BOOKED, at)


#: what the owner hears of, by the ordinal of their alerts
NEWS: Final[Sequence[str]] = ("booked", "moved", "cancelled")


# Reminders.

DAY_BEFORE: Final = timedelta(hours=24)
HOUR_BEFORE: Final = timedelta(hours=1)
#: whoever booked so little before a reminder needs none
LEAST_APART: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reminder:
    """ordinal: tells a meeting's reminders apart. contact: phone or email."""

    contact: str
    ordinal: int
    due_at: datetime


def reminders(starts_at: datetime, now: datetime, *, phone: bool, email: bool) -> list[Reminder]:
    """When a lead is reminded: a text and a mail a day before, an hour before a text, or a mail where there is none."""
    contacts = [kind for kind, is_there in (("phone", phone), ("email", email)) if is_there]
    wanted = [*((kind, 0, DAY_BEFORE) for kind in contacts), *((kind, 1, HOUR_BEFORE) for kind in contacts[:1])]
    return [
        Reminder(kind, ordinal, starts_at - before)
        for kind, ordinal, before in wanted
        if starts_at - before - now >= LEAST_APART
    ]
