"""A sequence tried on the team's own past leads before it is published: every message, for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.domain.sequence import model
from leadwake.domain.sequence.model import LANGUAGES, Message, Variant, Words
from leadwake.domain.template import Problem, TemplateRefused, TextTooLong, render, render_subject, render_text
from leadwake.storage import intake as rows
from leadwake.workflows import composing, sequence_facts
from leadwake.workflows.composing import Values
from leadwake.workflows.office import Office

#: leads that every message is rendered for
READERS: Final = 20
#: what goes wrong is told of so many leads a message
_TOLD: Final = 2


@dataclass(frozen=True, slots=True)
class Reader:
    """A past lead as somebody who would get the messages. language: theirs, None where they have shown none."""

    lead_id: UUID
    called: str
    language: str | None
    values: Callable[[str | None], Values]


async def readers(office: Office, limit: int = READERS) -> list[Reader]:
    """Who asked last, newest first; as if no data vendor knew them."""
    return [_reader(office, row) for row in await office.db.all("sequence_readers", limit=limit)]


def _reader(office: Office, row: DictRow) -> Reader:
    profile, details = rows.open_profile(office.vault, row), sequence_facts.details_of(office.vault, row)
    business, booking = composing.business_values(office), composing.booking_link(office, row["lead_id"])
    values = partial(
        composing.lead_values, business, booking, profile, details, office.person(row["agent_id"]), {}
    )  # fmt: skip
    called = profile.get("name") or profile.get("email") or "somebody without a name"
    return Reader(row["lead_id"], called, sequence_facts.language(details), values)


def failures(sequence: model.Sequence, tried: Sequence[Reader]) -> list[Problem]:
    """Each message that cannot be sent to one of these, with its line."""
    found = []
    for step in sequence.steps:
        if isinstance(step.act, Message):
            wrong = list(dict.fromkeys(_wrong(step.act, tried)))
            found += [Problem(text, step.line) for text in wrong[:_TOLD]]
    return found


def _wrong(message: Message, tried: Sequence[Reader]) -> Iterator[str]:
    for reader in tried:
        for channel, variant in _wordings(message):
            words = variant.spoken(reader.language)
            if why := failure(words, channel, reader.values(words.body.language)):
                yield f"cannot be sent to {reader.called}: {why}"


def _wordings(message: Message) -> Iterator[tuple[str, Variant]]:
    yield from ((message.channel, variant) for variant in message.variants)
    if message.instead_words:
        yield "email", message.instead_words


def failure(words: Words, channel: str, values: Values) -> str | None:
    """Why a message cannot be sent with these values; None when it can."""
    try:
        body = render_text(words.body, values) if channel == "sms" else render(words.body, values)
        subject = render_subject(words.subject, values) if words.subject else None
    except TemplateRefused as refused:
        return "; ".join(str(problem) for problem in refused.problems)
    except TextTooLong as error:
        return str(error)
    if not body:
        return "nothing is left of it"
    return "its subject is empty" if subject == "" else None


def language_of(reader: Reader | None) -> str:
    """The language that a reader's messages are shown in."""
    return reader.language if reader and reader.language in LANGUAGES else LANGUAGES[0]
