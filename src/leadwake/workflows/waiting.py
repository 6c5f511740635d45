"""Somebody wrote back: automation steps aside, a person has a task, and whoever is to answer hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.storage import tasks
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office

#: an answer is due after; what is not hot has the longer one
HOT_DUE: Final = timedelta(minutes=15)
DUE: Final = timedelta(minutes=60)
#: several texts in a row are one piece of news
SAME_NEWS: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who is to hear of a reply, first those to whom the lead belongs. temperature: of the lead."""

    temperature: str
    owner_id: UUID | None
    offered_to: Sequence[UUID]
    asked_of: UUID | None
    told_just_now: bool

    def people(self, office: Office) -> list[Person]:
        """The owner; else whoever has them on offer, else whose inquiry it was, else managers and admins."""
        for ids in ([self.owner_id], self.offered_to, [self.asked_of]):
            found = [person for each in ids if (person := office.person(each)) and not person.disabled]
            if found:
                return found
        return [person for person in office.team if person.role in {"manager", "admin"} and not person.disabled]


async def hearers(connection: Connection, lead_id: UUID, message: UUID, now: datetime) -> Hearers | None:
    """Who is to hear that this lead wrote; message: the text's id. None when there is no such lead."""
    values = {"lead_id": lead_id, "message": message, "since": now - SAME_NEWS}
    row = await (await connection.execute(q("reply_heard"), values)).fetchone()
    return _hearers(row) if row else None


async def replied(
    connection: Connection, lead_id: UUID, message: UUID, now: datetime, *, pauses: bool, always_tell: bool
) -> Hearers | None:
    """
    The lead waits for an answer: a task is open, and nobody is done with them any more. Who is to be told, or None.

    pauses: automation steps aside until somebody resumes it, or they ask again. always_tell: also of the second of two
    texts in a row.
    """
    found = await hearers(connection, lead_id, message, now)
    if found is None:
        return None
    await connection.execute(q("lead_wrote"), {"id": lead_id, "now": now})
    due_at = now + (HOT_DUE if found.temperature == "hot" else DUE)
    await tasks.open_task(connection, lead_id, "reply", now, due_at=due_at, agent_id=found.owner_id)
    if pauses and (await connection.execute(q("lead_pause_replied"), {"id": lead_id, "now": now})).rowcount:
        await record(connection, now, "system", "paused", lead_id=lead_id, why="replied")
    return None if found.told_just_now and not always_tell else found


async def needs_no_answer(office: Office, lead_id: UUID, person: Person) -> bool:
    """A person read it and there is nothing to answer; False when nothing was waiting."""
    async with office.db.transaction() as connection:
        now, actor = office.clock.now(), f"user {person.id}"
        was_waiting = (await connection.execute(q("lead_needs_no_answer"), {"id": lead_id})).rowcount == 1
        done = await tasks.done(connection, lead_id, ["reply"], now, actor)
        if not was_waiting and not done:
            return False
        await record(connection, now, actor, "no_answer_needed", lead_id=lead_id)
        await connection.execute(q("lead_told"), {"id": lead_id})
    return True


def _hearers(row: DictRow) -> Hearers:
    return Hearers(row["temperature"], row["agent_id"], row["offered_to"] or (), row["asked_of"], row["told_just_now"])
