"""What waits for a person, opened and done in the transaction of whatever made it so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from leadwake.storage.db import Connection, q

#: claim: nobody has them · reply: they wrote or called · touch: theirs, and nobody was in touch · call: to be called
#: · failed: what was sent did not arrive
Kind = Literal["claim", "reply", "touch", "call", "failed"]
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


async def done(connection: Connection, lead_id: UUID, kinds: Sequence[Kind], now: datetime, by: str) -> int:
    """These tasks of the lead are done, and how many were open. by: "user <id>", "lead", "system"."""
    values = {"lead_id": lead_id, "kinds": list(kinds), "now": now, "by": by}
    return (await connection.execute(q("tasks_done"), values)).rowcount
