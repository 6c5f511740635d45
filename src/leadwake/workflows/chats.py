"""Chats: begun by a question, which is an inquiry as by any door; gone on with by whoever holds the browser's secret.

What they write stands on the lead's one thread and is read and obeyed like a text. What we write is an action; it is
sent once it is stored for their browser, and delivered once it stood open on their screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.actions import deliveries
from leadwake.actions.planning import Planned, plan_now
from leadwake.compliance.reply import read_reply
from leadwake.domain import chat as words
from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.domain.values import Purpose
from leadwake.domain.website import Website
from leadwake.errors import DatabaseAway, RuleError
from leadwake.providers.ports import Delivery, DeliveryStatus
from leadwake.storage import chats, tasks
from leadwake.storage.chats import VENDOR, Chat
from leadwake.storage.db import Connection, q
from leadwake.storage.intake import RawCapture
from leadwake.workflows import chat_hours, intake, obeying, suppression, visits
from leadwake.workflows.obeying import Heard, Said
from leadwake.workflows.office import Office


class NoSuchChat(RuleError):
    """There is none, it is over, or the secret opens another one; whoever asks is told no more."""

    def __init__(self) -> None:
        super().__init__("This chat is over.")


@dataclass(frozen=True, slots=True)
class Question:
    """
    How a chat begins. id, token: made by the browser; body: an `intake.chat.Question`, as JSON.

    contact, message, language: what stands in it. visitor: what the browser calls itself, where visits are counted.
    """

    id: UUID
    token: str
    body: bytes
    contact: str
    message: str
    language: str
    meta: Mapping[str, str]
    visitor: str = ""


async def begin(office: Office, website: Website, question: Question) -> None:
    """
    The question is an inquiry, with all that follows, and its chat is open; the same again changes nothing.

    Raises InputError, NoSuchChat when the id is another one's, DatabaseAway: also while the inquiry is not understood
    yet (it is stored, and the browser asks again).
    """
    if await office.db.one("chat_read", id=question.id):
        if await chats.opened(office.db, question.id, question.token, office.clock.now()) is None:
            raise NoSuchChat
        return
    raw = RawCapture.once("chat", str(question.id), question.body, question.meta, "website_chat")
    receipt = await intake.receive(office, raw)
    if receipt.lead_id is None:
        row = await office.db.one("capture_receipt", id=receipt.inquiry_id)
        if row is None or row["outcome"] == "pending":
            raise DatabaseAway("the question is stored and not understood yet")
        raise NoSuchChat  # refused before, or erased since
    await visits.attach(office, website, question.visitor, receipt.lead_id)
    await _open(office, website, question, receipt.inquiry_id)


async def say(office: Office, chat: Chat, ref: UUID, text: str) -> None:
    """
    What they wrote stands on the thread, is obeyed, and whoever is to answer hears of it; the same again does nothing.

    ref: the id that their browser gave it. After a stop nothing to them is under way any more when this returns.
    Raises NoSuchChat, DatabaseAway.
    """
    reading = read_reply(text)
    intent = words.meaning(reading.intent, reading.scope)
    async with office.db.transaction() as connection:
        points = await _all(connection, "chat_points_lock", lead_id=chat.lead_id)
        lead = await _row(connection, "chat_lock", id=chat.id)
        now = office.clock.now()
        if lead is None or not words.is_open(lead["talked_at"], lead["ended_at"], now):
            raise NoSuchChat
        said = Said("chat", VENDOR, f"{chat.id}:{ref}", text)
        message = await obeying.keep(office, connection, said, chat.point, [lead], intent, now)
        if message is None:
            return
        await _line(connection, chat.id, now, message_id=message)
        await _obey(office, connection, chat, message, points, lead, intent, now, text)
        await connection.execute(q("lead_told"), {"id": chat.lead_id})
    if intent == "stop":
        for point in points:
            await suppression.in_flight_settled(office, point["id"])


async def seen(office: Office, chat: Chat, upto: int) -> None:
    """Our lines up to this number have stood open on their screen."""
    async with office.db.transaction() as connection:
        now = office.clock.now()
        lines = await _all(connection, "chat_seen", chat_id=chat.id, upto=upto, now=now)
        for line in lines:
            event = f"seen {chat.id} {line['number']}"
            report = Delivery(VENDOR, event, DeliveryStatus.DELIVERED, action_id=str(line["action_id"]))
            await deliveries.apply(connection, report, now, lambda _: False)
        if any(line["is_missed"] for line in lines):
            await connection.execute(q("chat_missed_over"), {"lead_id": chat.lead_id, "now": now})
        if lines:
            await connection.execute(q("lead_told"), {"id": chat.lead_id})


async def end(office: Office, chat: Chat) -> None:
    """The visitor ended it: nothing opens it any more, and nothing can be said in it."""
    async with office.db.transaction() as connection:
        await connection.execute(q("chat_end"), {"id": chat.id, "now": office.clock.now()})
        await connection.execute(q("chat_told"), {"id": chat.id})
        await connection.execute(q("lead_told"), {"id": chat.lead_id})


async def _open(office: Office, website: Website, question: Question, inquiry_id: UUID) -> None:
    """The chat with its two first lines, theirs and the house's; and they wait for a person."""
    kind: Literal["email", "phone"] = "email" if "@" in question.contact else "phone"
    value = (normalise_email if kind == "email" else normalise_phone)(question.contact) or question.contact
    asked = await office.db.one("chat_asked", inquiry_id=inquiry_id, kind=kind, hash=office.vault.blind(kind, value))
    if asked is None or asked["point"] is None:  # erased a moment after they asked
        raise NoSuchChat
    who = await chat_hours.answering(office, asked["asked_of"])
    key = office.vault.open_data_key(asked["data_key_id"], asked["kek_id"], asked["wrapped"])
    async with office.db.transaction() as connection:
        now = office.clock.now()
        welcome = words.welcome(who, question.language, now).encode()
        values = {
            "id": question.id, "lead_id": asked["lead_id"], "inquiry_id": inquiry_id, "website_id": website.id,
            "token_hash": chats.token_hash(question.token), "point": asked["point"], "language": question.language,
            "welcome": key.seal(welcome, b"chat.welcome"), "now": now,
        }  # fmt: skip
        if (await connection.execute(q("chat_add"), values)).rowcount == 0:
            return
        lead = {**asked, "id": asked["lead_id"]}
        said = Said("chat", VENDOR, f"{question.id}:{question.id}", question.message)
        # they wrote it when they asked: an answer planned since then is not one to somebody who wrote again
        message = await obeying.keep(office, connection, said, asked["point"], [lead], "asked", asked["asked_at"])
        await _line(connection, question.id, now, message_id=message)
        await _by_itself(connection, question.id, question.id, asked["lead_id"], now)
        if asked["restricted_at"] is None:
            await connection.execute(q("lead_wrote"), {"id": asked["lead_id"], "now": now})
            await _waits(office, connection, lead, now)
        await connection.execute(q("lead_told"), {"id": asked["lead_id"]})


async def _obey(
    office: Office, connection: Connection, chat: Chat, message: UUID, points: list[DictRow], lead: DictRow,
    intent: str, now: datetime, text: str,
) -> None:  # fmt: skip
    if intent == "stop":  # R-REV-1: by every number and address of theirs, as when they tell a colleague
        for point in points:
            leads = await _all(connection, "reply_leads", point=point["id"])
            await suppression.opt_out(connection, point["id"], leads, now, by="words")
        await _by_itself(connection, chat.id, message, chat.lead_id, now)
        return
    point = next((each for each in points if each["id"] == chat.point), {"id": chat.point, "opted_out_at": None})
    await Heard(office, connection, message, point, [lead], now, by="words", answered=True, words=text).obey(intent)
    await _waits(office, connection, lead, now)


async def _waits(office: Office, connection: Connection, lead: Mapping[str, object], now: datetime) -> None:
    """They are looking at the chat: an answer is due at once, not within the hour."""
    due_at = chat_hours.due_at(office, now)
    lead_id, owner = lead["id"], lead["agent_id"]
    assert isinstance(lead_id, UUID)
    assert owner is None or isinstance(owner, UUID)
    await tasks.open_task(connection, lead_id, "reply", now, due_at=due_at, agent_id=owner, reason="chat")


async def _by_itself(connection: Connection, chat_id: UUID, cause: UUID, lead_id: UUID, now: datetime) -> None:
    """A line that the house says: the welcome (cause: the chat), or that a stop was heard (cause: the message)."""
    line = Planned("chat", str(chat_id), Purpose.CONFIRMATION, practice=False)
    await plan_now(connection, [line], cause_id=cause, now=now, lead_id=lead_id)


async def _line(connection: Connection, chat_id: UUID, now: datetime, *, message_id: UUID | None) -> None:
    values = {"chat_id": chat_id, "now": now, "message_id": message_id, "action_id": None}
    await connection.execute(q("chat_line_add"), values)


async def _row(connection: Connection, name: str, **values: object) -> DictRow | None:
    return await (await connection.execute(q(name), values)).fetchone()


async def _all(connection: Connection, name: str, **values: object) -> list[DictRow]:
    return await (await connection.execute(q(name), values)).fetchall()
