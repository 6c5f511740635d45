"""Dead letters: actions that need a person, tried again by one."""

from __future__ import annotations

from uuid import UUID

from psycopg.types.json import Jsonb

from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.wakeups import wake
from leadwake.workflows.office import Office


async def replay(office: Office, action_id: UUID | None, actor: str) -> int:
    """The dead letter (None: all) is planned again and the gate asked again; how many there were."""
    now = office.clock.now()
    async with office.db.transaction() as connection:
        rows = await (await connection.execute(q("dead_letter_replay"), {"id": action_id, "now": now})).fetchall()
        for row in rows:
            await connection.execute(
                q("attempt_note"),
                {
                    "id": row["id"],
                    "attempt_id": row["attempt_id"],
                    "now": now,
                    "event": "replayed",
                    "state": "planned",
                    "detail": Jsonb({"actor": actor}),
                },
            )
            await record(connection, now, actor, "dead_letter_replayed", lead_id=row["lead_id"], action=str(row["id"]))
        for start in range(0, len(rows), 50):
            await wake(connection, [(row["channel"], row["id"]) for row in rows[start : start + 50]])
        await connection.execute("select pg_notify('leadwake_live', '')")
    return len(rows)
