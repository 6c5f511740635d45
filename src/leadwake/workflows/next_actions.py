"""What is to come for a lead, skipped or hurried by a person; whoever hurries hears what the gate says."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import DictRow

from leadwake.actions.claims import Judgement, waiting
from leadwake.actions.states import State
from leadwake.errors import RuleError
from leadwake.storage import chats
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.storage.wakeups import wake
from leadwake.vendors import Mode
from leadwake.workflows import letters, sending
from leadwake.workflows.composing import Errand
from leadwake.workflows.human_messages import ASKED
from leadwake.workflows.instant_response import VENDORS
from leadwake.workflows.office import Office


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    Why an action does not go now. reason: a word for programs; sentence: the gate's, or None.

    asks: warnings that would have to be accepted, for a letter.
    """

    reason: str | None
    sentence: str | None = None
    asks: Sequence[str] = ()


_GONE = Refusal("not_waiting", "It is not waiting any more: it has gone, or was taken back.")


async def skip(office: Office, lead_id: UUID, action_id: UUID, person: Person) -> bool:
    """The action never happens; False when it does not wait any more. Raises RuleError for somebody else's letter."""
    row = await _waiting(office, lead_id, action_id)
    if row is None:
        return False
    _check(row, person)
    async with office.db.transaction() as connection:
        if not await letters.take_back(office, connection, action_id, "skipped_by_hand", person):
            return False
        now, actor = office.clock.now(), f"user {person.id}"
        await record(connection, now, actor, "action_skipped", lead_id=lead_id, action=str(action_id))
        await connection.execute(q("lead_told"), {"id": lead_id})
    return True


async def send_now(
    office: Office, lead_id: UUID, action_id: UUID, person: Person, *, accepted: Collection[str] = ()
) -> Refusal | None:
    """
    The action goes at once, or nothing changes and the refusal says why: it is judged just as at its claim.

    accepted: warnings that a letter's writer read. Raises RuleError for somebody else's letter, DatabaseAway.
    """
    row = await _waiting(office, lead_id, action_id)
    if row is None:
        return _GONE
    _check(row, person)
    refusal: Refusal | None = None
    async with office.db.transaction() as connection:
        await connection.execute(q("action_point"), {"id": action_id})  # locked first, as everybody does
        now = office.clock.now()
        if codes := sorted(ASKED.intersection(accepted)) if row["purpose"] == "human" else []:
            await connection.execute(q("letter_accept"), {"id": row["cause_id"], "accepted": codes})
            await letters.sent_anyway(connection, now, person, lead_id, row["cause_id"], codes)
        hurried = await connection.execute(q("action_hurry"), {"id": action_id, "now": now})
        verdict = await _judged(office, connection, row) if hurried.rowcount else None
        if verdict is None or verdict.state is not State.SENDING:
            refusal = _refusal(verdict, row)
            raise psycopg.Rollback
        await record(connection, now, f"user {person.id}", "action_hurried", lead_id=lead_id, action=str(action_id))
        await wake(connection, [(row["channel"], row["id"])], row["queue"])
        await connection.execute(q("lead_told"), {"id": lead_id})
    return refusal


async def _judged(office: Office, connection: Connection, row: DictRow) -> Judgement | None:
    """What a worker would make of it now; None when one has it."""
    found = await waiting(connection, [row["id"]], [row["contact_point_id"]], office.clock.now())
    if not found:
        return None
    vendors = (
        [chats.VENDOR]
        if row["channel"] == "chat"
        else [name for name in VENDORS[row["channel"]] if office.settings.mode(name) is not Mode.OFF]
    )
    return sending.judge(Errand(office, found[0], uuid4(), vendors[0] if vendors else "", office.clock.now()))


def _refusal(verdict: Judgement | None, row: DictRow) -> Refusal:
    if verdict is None:
        return _GONE
    decision = verdict.decision or {}
    asks = [code for code in decision.get("warnings", ()) if code in ASKED] if row["purpose"] == "human" else []
    return Refusal(verdict.reason, decision.get("sentence"), asks)


async def _waiting(office: Office, lead_id: UUID, action_id: UUID) -> DictRow | None:
    return await office.db.one("action_waiting", id=action_id, lead_id=lead_id)


def _check(row: DictRow, person: Person) -> None:
    if row["purpose"] == "human" and not letters.may_change(row["agent_id"], person):
        raise RuleError("somebody else wrote this; ask them, or a manager")
