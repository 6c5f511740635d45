"""A sequence as understood: steps in order, each with what it says, and how long it waits.

Steps only go forwards: a branch names a later step, so that every way through a sequence ends, and no step comes twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from typing import Final

from leadwake.domain.template import Template, render, render_subject, render_text

#: the languages a message may be written in; the first one is every lead's who speaks none of the others
LANGUAGES: Final = ("en", "es")


class Start(StrEnum):
    """What enrolls a lead."""

    NEW_LEAD = "new_lead"
    MISSED_CALL = "missed_call"
    NO_SHOW = "no_show"
    AFTER_MEETING = "after_meeting"
    DORMANT = "dormant"
    BY_HAND = "by_hand"  # a person, a list, or another sequence's `then`


class Else(StrEnum):
    """What takes the place of a text that may not or cannot be sent."""

    EMAIL = "email"
    CALL_TASK = "call_task"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Words:
    """One message in one language. subject: of a mail, None for a text."""

    body: Template
    subject: Template | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """One wording of a message, in each language; weight: its share beside the others (1 for the only one)."""

    name: str
    weight: int
    words: Mapping[str, Words]

    def spoken(self, language: str | None) -> Words:
        """In the lead's language, else in the first there is."""
        return self.words.get(language or "") or next(iter(self.words.values()))


@dataclass(frozen=True, slots=True)
class Condition:
    """
    A fact that is looked at. fact: of FACTS; op: is, is_not, at_least, below, has, lacks; values: any of these.

    `at_least` and `below` compare one whole number. `has` and `lacks` have no values.
    """

    fact: str
    op: str
    values: tuple[str, ...] = ()


#: facts that `for:` and branches may look at → what they are; nothing that stands in for a protected class
FACTS: Final[Mapping[str, str]] = {
    "interest": "what they want, by the names of domain/interests",
    "source": "where the lead came from, any case",
    "channel": "how they asked: web_form, phone_call, …",
    "temperature": "hot, warm or cold, now",
    "score": "0-100, now",
    "phone": "has one",
    "email": "has one",
    "texts": "written consent to texts: may be texted",
    "timeline": "has said when they want to act",
    "budget": "has said what they would spend",
    "visits": "visits to our pages since they were enrolled",
    "opened_booking": "has opened their booking page since they were enrolled",
    "enriched": "is known to the data vendor",
}


@dataclass(frozen=True, slots=True)
class Wait:
    """
    Nothing until then. for_: since the step before ended; until_day: so many whole days after the enrollment.

    Exactly one of them is given.
    """

    for_: timedelta | None = None
    until_day: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A text or mail. channel: sms, email. instead: what takes a text's place; its mail's words, if that is one."""

    channel: str
    variants: tuple[Variant, ...]
    instead: Else = Else.SKIP
    instead_words: Variant | None = None


@dataclass(frozen=True, slots=True)
class CallTask:
    """A person is to call; says: what about, in the team's words, for the task's page."""

    says: str


@dataclass(frozen=True, slots=True)
class Alert:
    """The lead's agent is told."""

    says: str


@dataclass(frozen=True, slots=True)
class Branch:
    """Goes to the step named `then` when all conditions hold, else to `otherwise`; None: to the step below."""

    conditions: tuple[Condition, ...]
    then: str | None
    otherwise: str | None


@dataclass(frozen=True, slots=True)
class Stop:
    """The sequence is over here."""


Act = Wait | Message | CallTask | Alert | Branch | Stop


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a sequence. name: unique in it, given or made ("step-3"); line: 1-based, where it stands."""

    name: str
    act: Act
    line: int


@dataclass(frozen=True, slots=True)
class Window:
    """When messages may leave by the lead's own clock, beside the law. days: 0 is Monday; from_ < to."""

    days: frozenset[int] = frozenset(range(7))
    from_: time = time(0)
    to: time = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Sequence:
    """
    A whole sequence. name: [a-z][a-z0-9_]{0,39}; audience: all of these hold, or it is not for that lead.

    gap: the least time between two of its messages to one lead where a wait before them was over long ago (an outage, a
    pause), so that they never come in a burst. then: the sequence that follows when nobody answered; None for none.
    """

    name: str
    title: str
    about: str
    start: Start
    steps: tuple[Step, ...]
    audience: tuple[Condition, ...] = ()
    window: Window = field(default_factory=Window)
    gap: timedelta = timedelta(hours=20)
    then: str | None = None
    rank: int = 0  # the higher comes first where several are for the same lead

    def index(self, name: str) -> int:
        """Where the step of this name stands. Raises KeyError."""
        for position, step in enumerate(self.steps):
            if step.name == name:
                return position
        raise KeyError(name)


def variant_of(message: Message, step: str, seed: bytes) -> Variant:
    """Which wording this lead gets: always the same for the same seed (the enrollment's id), by the weights' shares."""
    total = sum(variant.weight for variant in message.variants)
    place = int.from_bytes(hashlib.sha256(seed + step.encode()).digest()[:8], "big") % total
    for variant in message.variants:
        place -= variant.weight
        if place < 0:
            return variant
    raise AssertionError("a message has at least one variant")


def wording_of(message: Message, step: str, channel: str, seed: bytes) -> Variant:
    """The wording that this lead gets by the channel: by mail, where a text's place is taken, the mail's."""
    if channel != message.channel:
        assert message.instead_words is not None, "only a text with a mail instead is sent by another channel"
        return message.instead_words
    return variant_of(message, step, seed)


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it reads. subject: of a mail, None for a text; language: it is written in, None: not said."""

    body: str
    subject: str | None = None
    language: str | None = None


def say(
    step: Step,
    channel: str,
    seed: bytes,
    language: str | None,
    values: Callable[[str | None], Mapping[str, str | None]],
) -> Said:
    """
    What a message's step says by the channel to somebody of this language, as far as it is written in it.

    values: what templates may say, in the language of the words. Raises TextTooLong, TemplateRefused.
    """
    assert isinstance(step.act, Message)
    words = wording_of(step.act, step.name, channel, seed).spoken(language)
    given = values(words.body.language)
    if channel == "sms":
        return Said(render_text(words.body, given))
    assert words.subject is not None, "a mail has one (domain/sequence/messages)"
    return Said(render(words.body, given), render_subject(words.subject, given), words.body.language)
