"""Chats that nobody tells us of: visitors who left, answers nobody saw, questions that wait for too long."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Final

from leadwake import log
from leadwake.domain.chat import OPEN_FOR, SEEN_WITHIN
from leadwake.errors import DatabaseAway
from leadwake.storage import tasks
from leadwake.storage.db import q
from leadwake.workflows.office import Office

_log = log.get(__name__)

TICK_S: Final = 5.0
#: what its browser has forgotten, too
_GONE_AFTER: Final = 2 * OPEN_FOR
#: questions that came due within so long are told of (business time); more than a tick, so that none is passed over
_LATELY_S: Final = 20.0


async def run(office: Office) -> None:
    """Looks until cancelled."""
    while True:
        try:
            await tick(office)
        except DatabaseAway:
            _log.warning("chats_wait", reason="database away")
        except Exception:
            _log.exception("chats_failed")
        await asyncio.sleep(TICK_S * random.uniform(0.8, 1.2))  # noqa: S311 - keeps several processes out of step


async def tick(office: Office) -> None:
    """Whoever left has left on the team's pages; what they did not see waits for a person. Raises DatabaseAway."""
    now = office.clock.now()
    await office.db.run("chats_left")
    async with office.db.transaction() as connection:
        missed = await (await connection.execute(q("chats_missed"), {"before": now - SEEN_WITHIN})).fetchall()
        for row in missed:
            if row["kind"] == "human_chat":
                await tasks.open_task(
                    connection, row["lead_id"], "failed", now, due_at=now, agent_id=row["agent_id"],
                    reason="chat_not_seen",
                )  # fmt: skip
                await connection.execute(q("lead_told"), {"id": row["lead_id"]})
    lately = office.clock.business(timedelta(seconds=_LATELY_S))
    await office.db.run("chats_overdue", since=now - lately, now=now)
    await office.db.run("chats_prune", before=now - _GONE_AFTER)
