"""Routing decisions found again, and how hot leads were shared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.storage.db import Database

#: decisions about one lead that are read back
MANY = 50
#: hot leads the shares are counted over, at most; the newest
MANY_HOT = 500


@dataclass(frozen=True, slots=True)
class Share:
    """Hot leads an agent was given, and how many were due by their weight among those who could have had them."""

    agent_id: UUID
    given: int
    due: float


async def of_lead(db: Database, lead_id: UUID) -> list[DictRow]:
    """The decisions about a lead, newest first: {at, inquiry_id, rules_version, agent_id, trace}."""
    return await db.all("routing_decisions_of_lead", lead_id=lead_id, limit=MANY)


async def hot_shares(db: Database, since: datetime) -> list[Share]:
    """How hot leads were shared since then, most first; returning people, who stay with their owner, do not count."""
    rows = await db.all("routing_hot_shares", since=since, limit=MANY_HOT)
    return [Share(UUID(row["agent"]), row["given"], row["due"]) for row in rows]
