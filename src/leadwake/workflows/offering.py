"""A lead is held out to agents, given to one, or taken back; whoever has to know is told in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import psycopg

from leadwake.actions.planning import plan_now
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office
from leadwake.workflows.routing import alert

#: what the database says when somebody may not have a lead: "offer_refused: full"
_REFUSED = "offer_refused: "


@dataclass(frozen=True, slots=True)
class Terms:
    """How a lead is given: what routing said of the agent. licence: the state whose licence it takes, None for none."""

    inquiry_id: UUID
    temperature: str
    step: int = 0
    licence: str | None = None
    weight: float = 1.0
    served_from: float = 0.0


def refusal_of(error: psycopg.errors.RestrictViolation) -> str | None:
    """Why the database refused an offer: away, paused, full, licence; None for another refusal."""
    said = error.diag.message_primary or ""
    return said.removeprefix(_REFUSED) if said.startswith(_REFUSED) else None


async def add_offer(
    connection: Connection,
    agent_id: UUID,
    lead_id: UUID,
    terms: Terms,
    now: datetime,
    *,
    due_at: datetime | None = None,
    by: str = "",
) -> tuple[UUID, str | None]:
    """
    The offer's id, and None or why the agent may not have the lead after all: away, paused, full, licence.

    due_at: until when they may claim it; None: it is theirs at once, `by` that act.
    """
    offer_id = new_id()
    values = {
        "id": offer_id, "lead_id": lead_id, "inquiry_id": terms.inquiry_id, "agent_id": agent_id, "step": terms.step,
        "state": "open" if due_at else "claimed", "licence": terms.licence, "weight": terms.weight,
        "served_from": terms.served_from, "temperature": terms.temperature, "now": now, "due_at": due_at or now,
        "by": by,
    }  # fmt: skip
    try:
        async with connection.transaction():
            await connection.execute(q("offer_add"), values)
    except psycopg.errors.RestrictViolation as error:
        if (why := refusal_of(error)) is None:
            raise
        return offer_id, why
    return offer_id, None


async def end_offers(
    connection: Connection, lead_id: UUID, now: datetime, *, state: str, by: str, agent_id: UUID | None = None
) -> list[UUID]:
    """The lead's open offers, or one agent's, are over; whose they were. Alerts that did not leave yet never will."""
    values = {"lead_id": lead_id, "agent_id": agent_id, "state": state, "by": by, "now": now}
    ended = [row["agent_id"] for row in await (await connection.execute(q("offers_end"), values)).fetchall()]
    if ended:
        cancelled = {"lead_id": lead_id, "agent_ids": ended, "reason": "offer_over", "now": now}
        await connection.execute(q("alerts_cancel"), cancelled)
    return ended


async def alert_agent(
    office: Office, connection: Connection, person: Person, lead_id: UUID, cause_id: UUID, now: datetime
) -> None:
    """The agent hears of the lead by every way there is."""
    await plan_now(connection, alert(office.settings, person), lead_id=lead_id, cause_id=cause_id, now=now)


async def tell_taken(
    office: Office, connection: Connection, agents: Sequence[UUID], lead_id: UUID, cause_id: UUID, now: datetime
) -> None:
    """Agents who had a text about the lead hear that it is not theirs to take any more. cause_id: of what ended it."""
    if not agents:
        return
    rows = await connection.execute(q("alerts_out"), {"lead_id": lead_id, "agent_ids": list(agents)})
    people = [office.person(row["agent_id"]) for row in await rows.fetchall()]
    told = [
        replace(action, kind="alert_taken_sms")
        for person in people
        if person is not None and not person.disabled
        for action in alert(office.settings, person)
        if action.kind == "alert_sms"
    ]
    await plan_now(connection, told, lead_id=lead_id, cause_id=cause_id, now=now)


async def log(connection: Connection, now: datetime, actor: str, kind: str, lead_id: UUID, **data: object) -> None:
    """It stands on the lead's timeline, and open pages hear of it."""
    await record(connection, now, actor, kind, lead_id=lead_id, **data)
    await connection.execute(q("lead_told"), {"id": lead_id})
