"""The composer as a form: what was typed, read; when it is to go, on the lead's clock; what it holds meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from leadwake.domain.segments import Segments, segments
from leadwake.domain.values import Channel
from leadwake.errors import InputError
from leadwake.storage.ids import new_id
from leadwake.web.read_api import parse_id
from leadwake.workflows.letters import Held, Words
from leadwake.workflows.reach import Reach

#: of one segment in the US, in cents: 0.83 at Twilio and about 0.35 to the carrier (published prices, July 2026)
SEGMENT_CENTS: Final = 1.2
NOTE: Final = "note"
_MORNING: Final = time(9)
_NOUNS: Final[Mapping[str, str]] = {
    "sms": "Text", "email": "E-mail", "chat": "Chat", NOTE: "Note",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """One channel of the switch. why_not: a sentence, where it does not work. hint: what the gate warns of."""

    name: str
    label: str
    why_not: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Composer:
    """
    What the form holds. id: of the letter or note to be, so that two taps write one.

    when: now, open, tomorrow or at. wrong: field → what to mend. held: why it was not written, and what can be done.
    """

    channel: str
    body: str = ""
    subject: str = ""
    when: str = "now"
    at: str = ""
    id: UUID = field(default_factory=new_id)
    wrong: Mapping[str, str] = field(default_factory=dict)
    held: Held | None = None
    note: str = ""

    @property
    def segments(self) -> Segments:
        """What it costs as a text."""
        return segments(self.body)

    @property
    def price_cents(self) -> float:
        """About what it costs as a text."""
        return self.segments.count * SEGMENT_CENTS


def read(given: Mapping[str, str]) -> Composer:
    """The form as it was posted."""
    channel = given.get("channel", NOTE)
    return Composer(
        channel if channel in _NOUNS else NOTE, given.get("body", ""), given.get("subject", ""),
        given.get("when", "now"), given.get("at", ""), parse_id(given.get("id", "")) or new_id(),
    )  # fmt: skip


def of_words(words: Words, wanted: str | None = None) -> Composer:
    """The words given back, as a letter to be. wanted: by another channel."""
    channel = wanted if wanted and wanted in _NOUNS else words.channel.value
    return Composer(channel, words.body, words.subject)


def choices(reach: Reach) -> Sequence[Choice]:
    """The channels, whether they work, and what the gate warns of."""
    found = []
    for channel, way in reach.ways.items():
        found.append(Choice(channel.value, _NOUNS[channel.value], way.why_not, way.sentence))
    return [*found, Choice(NOTE, _NOUNS[NOTE])]


def first_choice(reach: Reach, wanted: str | None, last: str | None) -> str:
    """The channel that is set at first: as asked for, as they wrote last (while they are there), or whichever works."""
    chat = reach.ways[Channel.CHAT].chat if Channel.CHAT in reach.ways else None
    has_left = last == Channel.CHAT and not (chat and chat.is_here)
    for name in (wanted, None if has_left else last, Channel.SMS.value, Channel.EMAIL.value, Channel.CHAT.value):
        if name == NOTE:
            return NOTE
        if name in set(Channel) and (way := reach.ways.get(Channel(name))) and way.why_not is None:
            return name
    return NOTE


def send_at(composer: Composer, reach: Reach, now: datetime, team_zone: ZoneInfo) -> datetime | None:
    """When it is to go; None for now. Raises InputError on a time that cannot be read."""
    zone = reach.zone or team_zone
    match composer.when:
        case "open":
            way = reach.ways.get(Channel(composer.channel))
            return way.opens_at if way else None
        case "tomorrow":
            day = now.astimezone(zone).date() + timedelta(days=1)
            return datetime.combine(day, _MORNING, zone).astimezone(now.tzinfo)
        case "at":
            return _typed(composer.at, zone).astimezone(now.tzinfo)
        case _:
            return None


def _typed(text: str, zone: ZoneInfo) -> datetime:
    try:
        typed = datetime.fromisoformat(text)
        return typed.replace(tzinfo=zone) if typed.tzinfo is None else typed
    except ValueError:
        raise InputError({"when": "Choose the day and the time at which it is to go."}) from None
