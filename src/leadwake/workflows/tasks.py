"""What people do with what waits for them: done, taken back, put off. Claiming and passing stand in `claiming`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office

#: done is taken back within this, real time; the page offers it for ten seconds
UNDO_FOR = timedelta(seconds=60)


class Outcome(Enum):
    """What became of it: as asked; nothing, it was over already; not theirs to do."""

    DONE = "done"
    OVER = "over"
    REFUSED = "refused"


def leads_the_team(person: Person) -> bool:
    """True for managers and admins, who see to everybody's leads."""
    return person.role in {"manager", "admin"}


async def done(office: Office, task_id: UUID, also: Sequence[UUID], person: Person) -> Outcome | None:
    """
    The task is done, and with it those others of the same lead's that stood on its card. None: there is no such task.

    That nobody has a lead is no task one can tick off: that one is claimed.
    """
    async with office.db.transaction() as connection:
        row = await _read(connection, task_id)
        if row is None:
            return None
        if row["kind"] == "claim" or not _may_do(person, row):
            return Outcome.REFUSED
        now = office.clock.now()
        values = {"lead_id": row["lead_id"], "ids": [task_id, *also], "now": now, "by": _actor(person)}
        return await _told(connection, "task_finish", values, now, person, "task_done")


async def undone(office: Office, task_id: UUID, person: Person) -> Outcome | None:
    """
    Waits again, with whatever was done in the same moment. None: there is no such task.

    REFUSED: somebody else did it. OVER: it waits already, or it was done too long ago.
    """
    async with office.db.transaction() as connection:
        row = await _read(connection, task_id)
        if row is None:
            return None
        now = office.clock.now()
        if row["done_at"] is None or now - row["done_at"] > UNDO_FOR * max(1.0, office.clock.speed):
            return Outcome.OVER
        if row["done_by"] != _actor(person):
            return Outcome.REFUSED
        values = {"lead_id": row["lead_id"], "done_at": row["done_at"], "by": row["done_by"]}
        return await _told(connection, "task_reopen", values, now, person, "task_undone")


async def snooze(
    office: Office, task_id: UUID, also: Sequence[UUID], person: Person, until: datetime
) -> Outcome | None:
    """
    It comes back then, with those others of its card. None: there is no such task.

    Only by whose it is, or who leads the team: nobody puts off for all the others what is anybody's.
    """
    async with office.db.transaction() as connection:
        row = await _read(connection, task_id)
        if row is None:
            return None
        if row["kind"] == "claim" or not may_put_off(person, row["agent_id"], row["owner_id"]):
            return Outcome.REFUSED
        now = office.clock.now()
        values = {"lead_id": row["lead_id"], "ids": [task_id, *also], "until": until, "now": now}
        return await _told(connection, "task_snooze", values, now, person, "task_snoozed")


def may_put_off(person: Person, agent_id: UUID | None, owner_id: UUID | None) -> bool:
    """True when a task of agent_id's about a lead of owner_id's is this person's to put off."""
    return leads_the_team(person) or person.id in {agent_id, owner_id}


def _may_do(person: Person, row: DictRow) -> bool:
    return row["agent_id"] is None or may_put_off(person, row["agent_id"], row["owner_id"])


def _actor(person: Person) -> str:
    return f"user {person.id}"


async def _read(connection: Connection, task_id: UUID) -> DictRow | None:
    return await (await connection.execute(q("task_read"), {"id": task_id})).fetchone()


async def _told(
    connection: Connection, query: str, values: dict[str, object], now: datetime, person: Person, event: str
) -> Outcome:
    """The statement is carried out; when it changed anything, the log and every open page know."""
    rows = await (await connection.execute(q(query), values)).fetchall()
    if not rows:
        return Outcome.OVER
    lead_id = values["lead_id"]
    assert isinstance(lead_id, UUID)
    tasks = [str(row["id"]) for row in rows]
    await record(connection, now, _actor(person), event, lead_id=lead_id, tasks=tasks)
    await connection.execute(q("lead_told"), {"id": lead_id})
    return Outcome.DONE
