"""Routing decisions kept and found again; what agents have on their hands, and how hot leads were shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.domain.routing import Trace
from leadwake.storage.db import Connection, Database, q

#: decisions about one lead that are read back
MANY = 50
#: hot leads the shares are counted over, at most; the newest
MANY_HOT = 2_000


@dataclass(frozen=True, slots=True)
class Load:
    """What an agent has on their hands (leads of theirs, offers not answered), and what they were given so far."""

    owned: int = 0
    offered: int = 0
    served: float = 0.0
    served_hot: float = 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """Hot leads an agent was given, and how many were due by their weight among those who could have had them."""

    agent_id: UUID
    given: int
    due: float


def parameters(trace: Trace, rules_version: int) -> dict[str, Any]:
    """What `routing_decision_add` and the intake's statement take of a decision: ids and codes only."""
    return {
        "rules_version": rules_version,
        "routed_to": UUID(trace.chosen) if trace.chosen else None,
        "trace": Jsonb(trace.as_json()),
    }


async def keep(
    connection: Connection, lead_id: UUID, inquiry_id: UUID, trace: Trace, rules_version: int, now: datetime
) -> None:
    """The decision is kept, and the chosen one's count of leads goes on from where it says."""
    values = {"now": now, "lead_id": lead_id, "inquiry_id": inquiry_id, **parameters(trace, rules_version)}
    await connection.execute(q("routing_decision_add"), values)
    await go_on_from(connection, trace)


async def go_on_from(connection: Connection, trace: Trace) -> None:
    """The chosen one's count is at least where this turn begins; to be done before they are given the lead."""
    if trace.chosen and trace.served_from:
        values = {"agent_id": UUID(trace.chosen), "served_from": trace.served_from, "temperature": trace.temperature}
        await connection.execute(q("routing_goes_on_from"), values)


async def of_lead(db: Database, lead_id: UUID) -> list[DictRow]:
    """The decisions about a lead, newest first: {at, inquiry_id, rules_version, agent_id, trace}."""
    return await db.all("routing_decisions_of_lead", lead_id=lead_id, limit=MANY)


async def loads(db: Database) -> Mapping[UUID, Load]:
    """Agent id → what they have on their hands."""
    rows = await db.all("routing_loads")
    return {row["agent_id"]: Load(row["owned"], row["offered"], row["served"], row["served_hot"]) for row in rows}


async def hot_shares(db: Database, since: datetime) -> list[Share]:
    """How hot leads were shared since then, most first; returning people, who stay with their owner, do not count."""
    rows = await db.all("routing_hot_shares", since=since, limit=MANY_HOT)
    return [Share(UUID(row["agent"]), row["given"], row["due"]) for row in rows]
