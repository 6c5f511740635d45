"""What a person of the team writes to a lead: sealed, planned ten seconds ahead or for a time, taken back till then."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.actions.planning import Planned, plan
from leadwake.domain.chat import MAX_CHARS as MAX_CHAT_CHARS
from leadwake.domain.segments import MAX_TEXT_CHARS, plain_typography
from leadwake.domain.template import MAX_SUBJECT_CHARS
from leadwake.domain.values import Channel, Purpose
from leadwake.errors import InputError, RuleError
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows.human_messages import Content
from leadwake.workflows.instant_response import is_practice
from leadwake.workflows.office import Office
from leadwake.workflows.reach import Reach, Way, reach

#: real seconds in which a letter can be taken back
UNDO_S: Final = 10.0
#: further ahead nothing is scheduled: people forget what they wrote
FURTHEST: Final = timedelta(days=90)
MAX_MAIL_CHARS: Final = 20_000
#: what a first text lacks; its writer may send it all the same
UNNAMED: Final = "first_text"

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote, and by which channel. subject: of a mail, "" for a text."""

    channel: Channel
    body: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A letter on its way. is_new False: it had been written before, and nothing was done."""

    letter_id: UUID
    send_at: datetime
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """
    A letter that was not written. asks: the warnings its writer has to accept; none: it cannot go at all.

    why: in a sentence or two. opens_at: when it could go without a word, where waiting helps.
    """

    why: str
    asks: Sequence[str] = ()
    opens_at: datetime | None = None


async def write(
    office: Office,
    person: Person,
    lead_id: UUID,
    channel: Channel,
    body: str,
    subject: str = "",
    send_at: datetime | None = None,
    *,
    letter_id: UUID | None = None,
    accepted: Collection[str] = (),
) -> Written | Held:
    """
    The letter is kept and goes out in ten seconds, or at `send_at`; or it is held, with the reason.

    letter_id: given by the form, so that a double tap writes one letter. accepted: the warnings that the writer read
    and sends it all the same; they stand with the letter and in the log. Raises InputError on words that cannot be
    sent, RuleError when there is no such lead or the id is another letter's, DatabaseAway.
    """
    words = _checked(Words(channel, body, subject), office.clock.now(), send_at)
    letter_id = letter_id or new_id()
    if before := await _written_before(office, person, lead_id, letter_id):
        return before
    found = await reach(office, lead_id, send_at)
    if found is None:
        raise RuleError("there is no such lead")
    way = found.ways.get(channel) or Way(channel, why_not="Their chat is over; write a text or an e-mail.")
    if held := _held(office, way, words, accepted):
        return held
    asked = [code for code in (*way.asks, *_lint(office, way, words)) if code in accepted]
    return await _write(office, person, found, way, words, letter_id, send_at, asked)


async def undo(office: Office, lead_id: UUID, letter_id: UUID, person: Person) -> Words | None:
    """
    The letter never leaves, and its words are given back; None when it was too late, or taken back before.

    Raises RuleError when it is somebody else's and the person no manager.
    """
    row = await _row(office, lead_id, letter_id)
    _may_change(row, person)
    async with office.db.transaction() as connection:
        if not await take_back(office, connection, row["action_id"], "undone", person):
            return None
        await record(connection, office.clock.now(), f"user {person.id}", "letter_undone", lead_id=lead_id)
        await connection.execute(q("lead_told"), {"id": lead_id})
        await _show_writing(connection, row["chat_id"])
    return _opened(office, row)


async def words_of(office: Office, lead_id: UUID, letter_id: UUID, person: Person) -> Words | None:
    """The words of a letter that was taken back, or that stands in a chat, for its writer; None for any other."""
    row = await office.db.one("letter_read", id=letter_id)
    if row is None or row["lead_id"] != lead_id or row["user_id"] != person.id:
        return None
    if row["reason"] != "undone" and row["channel"] != Channel.CHAT:
        return None
    return _opened(office, row)


async def take_back(office: Office, connection: Connection, action_id: UUID, reason: str, person: Person) -> bool:
    """The action, if it still waits, is cancelled by a person; False when a worker has it already."""
    values = {"id": action_id, "now": office.clock.now(), "reason": reason, "by": f"user {person.id}"}
    return (await connection.execute(q("action_take_back"), values)).rowcount == 1


def may_change(writer_id: UUID | None, person: Person) -> bool:
    """Words are their writer's; a manager may take anybody's back."""
    return writer_id == person.id or person.role in {"manager", "admin"}


def _may_change(row: DictRow, person: Person) -> None:
    if not may_change(row["user_id"], person):
        raise RuleError("somebody else wrote this; ask them, or a manager")


async def _row(office: Office, lead_id: UUID, letter_id: UUID) -> DictRow:
    row = await office.db.one("letter_read", id=letter_id)
    if row is None or row["lead_id"] != lead_id:
        raise RuleError("there is no such letter")
    return row


async def _written_before(office: Office, person: Person, lead_id: UUID, letter_id: UUID) -> Written | None:
    row = await office.db.one("letter_read", id=letter_id)
    if row is None:
        return None
    if row["lead_id"] != lead_id or row["user_id"] != person.id:
        raise RuleError("this letter is another one; load the page again")
    return Written(letter_id, row["send_at"], is_new=False)


async def _write(
    office: Office, person: Person, found: Reach, way: Way, words: Words, letter_id: UUID, send_at: datetime | None,
    accepted: Sequence[str],
) -> Written:  # fmt: skip
    content = found.key.seal(_encode(Content(words.subject, words.body)), b"letter.content")
    action = Planned(
        f"human_{words.channel.value}", "lead", Purpose.HUMAN,
        words.channel is not Channel.CHAT and is_practice(office.settings, words.channel.value),
        contact_point_id=way.point, agent_id=person.id,
    )  # fmt: skip
    chat_id = way.chat.id if way.chat else None
    async with office.db.transaction() as connection:
        now = office.clock.now()
        due_at = send_at or now + office.clock.business(timedelta(seconds=UNDO_S))
        added = await connection.execute(
            q("letter_add"),
            {"id": letter_id, "lead_id": found.lead_id, "user_id": person.id, "channel": words.channel.value,
             "point": way.point, "key_id": found.key.id, "content": content, "now": now, "send_at": due_at,
             "accepted": list(accepted), "chat_id": chat_id},
        )  # fmt: skip
        if added.rowcount == 0:  # the other tap of two was a moment faster
            return Written(letter_id, due_at, is_new=False)
        await plan(
            connection, action, cause_id=letter_id, now=now, lead_id=found.lead_id, queue="replies", due_at=due_at
        )
        await connection.execute(q("lead_talked"), {"id": found.lead_id, "now": now})
        if accepted:
            await sent_anyway(connection, now, person, found.lead_id, letter_id, accepted)
        await connection.execute(q("lead_told"), {"id": found.lead_id})
        await _show_writing(connection, chat_id)
    return Written(letter_id, due_at)


async def _show_writing(connection: Connection, chat_id: UUID | None) -> None:
    """Whoever is in the chat sees that somebody writes, or does not any more."""
    if chat_id is not None:
        await connection.execute(q("chat_told"), {"id": chat_id})


async def sent_anyway(
    connection: Connection, now: datetime, person: Person, lead_id: UUID, letter_id: UUID, accepted: Sequence[str]
) -> None:
    """That somebody read these warnings and sends the letter all the same is on record."""
    about = {"letter": str(letter_id), "warnings": list(accepted)}
    await record(connection, now, f"user {person.id}", "sent_anyway", lead_id=lead_id, **about)


def _held(office: Office, way: Way, words: Words, accepted: Collection[str]) -> Held | None:
    if way.why_not is not None:
        return Held(way.why_not)
    lacks = _lint(office, way, words)
    asks = [code for code in (*way.asks, *lacks) if code not in accepted]
    if not asks:
        return None
    said = [way.sentence or ""] if way.asks else []
    return Held(" ".join([*said, *lacks.values()]), [*way.asks, *lacks], way.opens_at)


def _lint(office: Office, way: Way, words: Words) -> Mapping[str, str]:
    """What a first text to somebody should say and does not (R-TCPA-8, R-CTIA-2): code → sentence."""
    business, said = office.settings.business_name, words.body.lower()
    if not way.is_first or (business.lower() in said and "stop" in said):
        return {}
    name = f"name {business}" if business.lower() not in said else ""
    ending = "say “Reply STOP to opt out”" if "stop" not in said else ""
    return {UNNAMED: f"It is the first text they get from you: {' and '.join(p for p in (name, ending) if p)}."}


def _checked(words: Words, now: datetime, send_at: datetime | None) -> Words:
    wrong = {}
    body = words.body.replace("\r\n", "\n").strip()
    subject = " ".join(words.subject.split())
    if words.channel is Channel.CHAT:
        subject, most = "", MAX_CHAT_CHARS
    elif words.channel is Channel.SMS:
        body, subject, most = plain_typography(body), "", MAX_TEXT_CHARS
    else:
        most = MAX_MAIL_CHARS
        if not subject or len(subject) > MAX_SUBJECT_CHARS:
            wrong["subject"] = f"Write a subject, at most {MAX_SUBJECT_CHARS} characters."
    if not body:
        wrong["body"] = "Write something first."
    elif len(body) > most:
        wrong["body"] = f"That has {len(body):,} characters; at most {most:,} can be sent."
    if send_at is not None and not now < send_at <= now + FURTHEST:
        wrong["when"] = f"Choose a time from now on, at most {FURTHEST.days} days ahead."
    if wrong:
        raise InputError(wrong)
    return Words(words.channel, body, subject)


def _opened(office: Office, row: DictRow) -> Words:
    key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    content = msgspec.json.decode(key.open(row["content"], b"letter.content"), type=Content)
    return Words(Channel(row["channel"]), content.body, content.subject)
