"""A line in a chat at the moment of sending: what the gate says of it, its words, and that it is stored for them."""

from __future__ import annotations

from uuid import UUID

import msgspec

from leadwake.actions.claims import Judgement
from leadwake.actions.states import State
from leadwake.compliance.decision import Facts
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.domain import chat as words
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.errors import DatabaseAway, Rejected, Unavailable
from leadwake.providers.ports import Accepted, ChatLine
from leadwake.storage.chats import VENDOR
from leadwake.storage.db import q
from leadwake.storage.decisions import evidence
from leadwake.storage.vault import DataKey
from leadwake.workflows import gate_facts
from leadwake.workflows.composing import Errand
from leadwake.workflows.human_messages import Content
from leadwake.workflows.office import Office


def judge(errand: Errand) -> Judgement:
    """What becomes of a line of the house, or of a person's: it stands in the chat now, or never, with the reason."""
    office, row = errand.office, errand.row
    if row["kind"] == "human_chat" and ((writer := office.person(row["agent_id"])) is None or writer.disabled):
        return Judgement(State.CANCELLED, "agent_left")
    if row["chat_id"] is None:
        return Judgement(State.BLOCKED, "chat_over")
    key, profile = errand.opened()
    is_open = words.is_open(row["chat_talked_at"], row["chat_ended_at"], errand.now)
    message = gate_facts.message(Channel.CHAT, Purpose(row["purpose"]), str(row["chat_id"]), profile)
    facts = Facts(ConsentLevel.INQUIRY, chat_open=is_open)
    decision = may_send(message, facts, office.tables, errand.now, office.policy)
    said = {**decision.as_json(), "sentence": explain(decision, message)}
    found = evidence(message, facts, key, VENDOR)
    if decision.outcome == "block":
        return Judgement(State.BLOCKED, decision.reason, decision=said, evidence=found)
    content = errand.seal(key, {"to": VENDOR, "body": _words(errand, key)})
    line = ChatLine(str(row["chat_id"]))
    return Judgement(State.SENDING, outgoing=line, content=content, data_key_id=key.id, decision=said, evidence=found)


async def store(office: Office, line: ChatLine, action_id: UUID) -> Accepted:
    """
    The line stands in the chat, once however often it is stored. Raises Rejected, Unavailable.

    Without the database nothing was stored, or it was and the next try finds it.
    """
    values = {"chat_id": UUID(line.chat_id), "now": office.clock.now(), "message_id": None, "action_id": action_id}
    try:
        async with office.db.transaction() as connection:
            row = await (await connection.execute(q("chat_line_add"), values)).fetchone()
            if row is None:
                row = await (
                    await connection.execute(
                        q("chat_line_number"), {"chat_id": values["chat_id"], "action_id": action_id}
                    )
                ).fetchone()
    except DatabaseAway as error:
        raise Unavailable("the database is away", vendor=VENDOR, code="lease") from error
    if row is None or row["number"] is None:
        raise Rejected("the chat is gone", vendor=VENDOR)
    return Accepted(str(row["number"]))


def _words(errand: Errand, key: DataKey) -> str:
    row = errand.row
    if row["kind"] == "human_chat":
        content = msgspec.json.decode(key.open(row["letter_content"], b"letter.content"), type=Content)
        return content.body
    if row["cause_id"] == row["chat_id"]:
        return key.open(row["chat_welcome"], b"chat.welcome").decode()
    return words.stopped(row["chat_language"])
