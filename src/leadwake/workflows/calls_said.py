"""What came of a call on an agent's own phone, said with one tap, and taken back within a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.domain.calls import TAPS, Outcome
from leadwake.errors import RuleError
from leadwake.storage import tasks
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows import call_times, phone_calls
from leadwake.workflows.office import Office
from leadwake.workflows.tasks import UNDO_FOR

#: the same tap so soon is one that was pressed twice (real time)
_TWICE: Final = timedelta(seconds=5)
#: how a lead stood, as the call keeps it
_KEPT: Final = ("human_at", "contacted_at", "replied_at", "agent_id", "claimed_at")


@dataclass(frozen=True, slots=True)
class Said:
    """The call that was written down. then: again, over (so often in vain), or None when no call was to be made."""

    call_id: UUID
    then: str | None = None


async def said(office: Office, lead_id: UUID, outcome: Outcome, person: Person) -> Said:
    """
    The call stands, and whatever follows from it. Talked is being in touch, a wrong number is never used again.

    Nobody answered: they are tried again at another time, three times in all. Raises RuleError when there is no such
    lead, or nothing to say of one that is not to be called.
    """
    if outcome not in TAPS:
        raise RuleError("that is nothing to say of a call")
    return await past_deadlocks(partial(_said, office, lead_id, outcome, person))


async def _said(office: Office, lead_id: UUID, outcome: Outcome, person: Person) -> Said:
    async with office.db.transaction() as connection:
        point = await _point(connection, lead_id)
        lead = await (await connection.execute(q("call_lead_lock"), {"lead_id": lead_id})).fetchone()
        if lead is None:
            raise RuleError("there is no such lead")
        now, call_id = office.clock.now(), new_id()
        values = {
            "id": call_id, "lead_id": lead_id, "point": point, "by": person.id, "now": now, "outcome": outcome.value,
            "before": Jsonb(_before(lead)), "since": now - _TWICE * max(1.0, office.clock.speed),
        }  # fmt: skip
        if same := await (await connection.execute(q("call_own_same"), values)).fetchone():
            return Said(same["id"])
        await connection.execute(q("call_own"), values)
        await connection.execute(q("call_outcome"), values)
        await phone_calls.follow_outcome(connection, call_id, lead_id, point, outcome, person, now)
        then = await _go_on(office, connection, lead, outcome, person, now) if lead["task"] else None
        return Said(call_id, then)


async def undone(office: Office, call_id: UUID, person: Person) -> UUID | None:
    """
    The tap is taken back: the lead stands as before. None when it is too late, or there is no such call of theirs.

    What it stopped stays stopped: a sequence that ended is begun again by hand.
    """
    async with office.db.transaction() as connection:
        row = await (await connection.execute(q("call_own_read"), {"id": call_id})).fetchone()
        now = office.clock.now()
        if row is None or row["agent_id"] != person.id or now - row["at"] > UNDO_FOR * max(1.0, office.clock.speed):
            return None
        lead_id: UUID = row["lead_id"]
        if row["contact_point_id"] is not None:
            await connection.execute(q("choices_lock_one"), {"point": row["contact_point_id"]})
        values = {
            "id": call_id, "lead_id": lead_id, "point": row["contact_point_id"], "at": row["at"], "by": person.id,
            "now": now, "before": Jsonb(row["before"]),
        }  # fmt: skip
        await _undo(connection, row, values, person)
        await connection.execute(q("lead_told"), {"id": lead_id})
        return lead_id


async def _undo(connection: Connection, row: DictRow, values: dict[str, Any], person: Person) -> None:
    await connection.execute(q("call_lead_lock"), values)
    await connection.execute(q("call_own_unsaid"), values)
    await connection.execute(q("call_own_undo"), values)
    await connection.execute(q("recovery_undone_by_call"), values)
    await connection.execute(q("call_undo_touch"), values)
    again = {"lead_id": row["lead_id"], "done_at": row["at"], "by": f"user {person.id}"}
    await connection.execute(q("task_reopen"), again)
    await connection.execute(q("call_undo_task"), values)
    if row["outcome"] == Outcome.WRONG_NUMBER:
        freed = await connection.execute(q("call_undo_wrong_number"), values)
        if freed.rowcount:
            actor, lead_id = f"user {person.id}", row["lead_id"]
            await record(
                connection, values["now"], actor, "opted_in", lead_id=lead_id, point=values["point"], by="undo"
            )
    await record(
        connection, values["now"], f"user {person.id}", "call_undone", lead_id=row["lead_id"], call=str(row["id"])
    )


async def _point(connection: Connection, lead_id: UUID) -> int | None:
    """The number that was called, locked before the lead, as everybody locks them."""
    found = await (await connection.execute(q("call_target"), {"lead_id": lead_id, "point": None})).fetchone()
    if found is None:
        return None
    await connection.execute(q("choices_lock_one"), {"point": found["point"]})
    return int(found["point"])


async def _go_on(
    office: Office, connection: Connection, lead: DictRow, outcome: Outcome, person: Person, now: datetime
) -> str | None:
    """The call to make is over, or comes again."""
    if outcome in {Outcome.NO_ANSWER, Outcome.VOICEMAIL}:
        await call_times.schedule(office, connection, task_id=UUID(lead["task"]["id"]))
        found = await connection.execute(q("call_task_of"), {"lead_id": lead["id"]})
        return "again" if await found.fetchone() else "over"
    if outcome is Outcome.WRONG_NUMBER:
        await tasks.done(connection, lead["id"], ["call"], now, f"user {person.id}")
    return None


def _before(lead: DictRow) -> dict[str, Any]:
    kept = {name: str(lead[name]) if lead[name] is not None else None for name in _KEPT}
    return {**kept, "escalation": lead["escalation"], "task": lead["task"]}
