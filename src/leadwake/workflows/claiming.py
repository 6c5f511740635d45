"""Whose a lead is: claimed by an agent, passed on, finished. (Stands in until the branch of escalations is merged.)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from leadwake.errors import RuleError
from leadwake.storage import tasks
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office

REFUSALS: Mapping[str, str] = {"opted_out": "They asked us to stop. There is nothing to claim."}


@dataclass(frozen=True, slots=True)
class Claim:
    """What came of a claim. owner: whose the lead is now. why: a key of REFUSALS when it was not given to anybody."""

    won: bool
    owner: Person | None
    why: str | None = None


async def claim(office: Office, lead_id: UUID, person: Person, *, by: str) -> Claim:
    """The lead is the agent's, or somebody else's who was faster. Raises RuleError when there is no such lead."""
    async with office.db.transaction() as connection:
        now = office.clock.now()
        row = await (await connection.execute(q("ownership_lock"), {"lead_id": lead_id})).fetchone()
        if row is None:
            raise RuleError("there is no such lead any more")
        if row["agent_id"] is not None:
            return Claim(row["agent_id"] == person.id, office.person(row["agent_id"]))
        if row["status"] == "opted_out":
            return Claim(won=False, owner=None, why="opted_out")
        await connection.execute(q("owner_set"), {"lead_id": lead_id, "agent_id": person.id, "now": now})
        await tasks.done(connection, lead_id, ["claim"], now, f"user {person.id}")
        due_at = now + timedelta(minutes=5)
        await tasks.open_task(connection, lead_id, "touch", now, due_at=due_at, agent_id=person.id)
        await record(connection, now, f"user {person.id}", "claimed", lead_id=lead_id, by=by)
        await connection.execute(q("lead_told"), {"id": lead_id})
        return Claim(won=True, owner=person)


async def pass_on(office: Office, lead_id: UUID, person: Person, *, by: str) -> bool:
    """The agent does not want the lead. False when nothing is offered to them."""
    async with office.db.transaction() as connection:
        values = {"lead_id": lead_id, "agent_id": person.id, "now": office.clock.now(), "by": by}
        return (await connection.execute(q("offer_passed"), values)).rowcount > 0


async def finish(office: Office, lead_id: UUID, actor: Person) -> None:
    """They are done with the lead: nothing of it waits for anybody."""
    async with office.db.transaction() as connection:
        now = office.clock.now()
        await connection.execute(q("lead_finish"), {"lead_id": lead_id, "now": now})
        await tasks.done(connection, lead_id, tasks.KINDS, now, f"user {actor.id}")
        await record(connection, now, f"user {actor.id}", "finished", lead_id=lead_id)
        await connection.execute(q("lead_told"), {"id": lead_id})
