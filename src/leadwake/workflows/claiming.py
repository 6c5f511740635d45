"""Who has a lead: the joint that the claiming of leads fills in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from leadwake.storage.db import q
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office


@dataclass(frozen=True, slots=True)
class Claim:
    """won: the lead is theirs now, or was already; owner: whose it is."""

    won: bool
    owner: Person | None


async def claim(office: Office, lead_id: UUID, person: Person, *, by: str) -> Claim:
    """The lead is this person's, unless another was faster."""
    async with office.db.transaction() as connection:
        values = {"lead_id": lead_id, "agent_id": person.id, "now": office.clock.now(), "by": by}
        row = await (await connection.execute(q("joint_claim"), values)).fetchone()
        await connection.execute(q("joint_offers_end"), values)
    owner = office.person(row["agent_id"]) if row else None
    return Claim(owner is not None and owner.id == person.id, owner)


async def left(office: Office, agent_id: UUID, *, actor: str) -> int:
    """Their leads are nobody's and their offers are gone."""
    del actor
    async with office.db.transaction() as connection:
        await connection.execute(q("joint_offers_gone"), {"agent_id": agent_id, "now": office.clock.now()})
        return (await connection.execute(q("joint_left"), {"agent_id": agent_id})).rowcount
