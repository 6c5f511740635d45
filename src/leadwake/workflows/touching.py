"""A person of ours was in touch: the lead waits for nobody any more, and how long it took is counted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from leadwake.metrics import AGENT_RESPONSE
from leadwake.storage.db import Connection, q
from leadwake.workflows.office import Office


async def touched(connection: Connection, lead_id: UUID, user_id: UUID, now: datetime, *, how: str) -> None:
    """
    Tasks, offers and escalation of the lead are over; whoever was in touch owns a lead that nobody owned.

    how: call, said. A letter needs no call of this: the database counts it when a vendor has taken it.
    """
    await connection.execute(q("human_touch"), {"lead_id": lead_id, "user_id": user_id, "now": now, "how": how})


async def count_responses(office: Office) -> None:
    """The metric has every inquiry that somebody answered since it was last asked."""
    for row in await office.db.all("responses_count"):
        AGENT_RESPONSE.labels(row["temperature"]).observe(max(0.0, row["seconds"]))
