"""What waits for a person, opened and done in the transaction of whatever made it so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from leadwake.storage.db import Connection, q

#: claim: nobody has them · reply: they wrote or called · touch: theirs, and nobody was in touch · call: to be called
#: · failed: what was sent did not arrive · follow_up: they said "not now", and this is the day
Kind = Literal["claim", "reply", "touch", "call", "failed", "follow_up"]
KINDS: Sequence[Kind] = get_args(Kind)


async def open_task(
    connection: Connection,
    lead_id: UUID,
    kind: Kind,
    now: datetime,
    *,
    due_at: datetime,
    agent_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """The lead waits for a person. agent_id: whose it is, None for anybody's. One of a kind is open at a time."""
    values = {"lead_id": lead_id, "kind": kind, "agent_id": agent_id, "now": now, "due_at": due_at, "reason": reason}
    await connection.execute(q("task_open"), values)


async def follow_up(
    connection: Connection, lead_id: UUID, now: datetime, *, at: datetime, due_at: datetime, agent_id: UUID | None
) -> None:
    """The lead sleeps until `at`, and waits for a person then; what was said before about another day is forgotten."""
    values = {"lead_id": lead_id, "agent_id": agent_id, "now": now, "until": at, "due_at": due_at}
    await connection.execute(q("task_follow_up"), values)


async def done(connection: Connection, lead_id: UUID, kinds: Sequence[Kind], now: datetime, by: str) -> int:
    """These tasks of the lead are done, and how many were open. by: "user <id>", "lead", "system"."""
    values = {"lead_id": lead_id, "kinds": list(kinds), "now": now, "by": by}
    return (await connection.execute(q("tasks_done"), values)).rowcount
