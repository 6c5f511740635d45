"""An import taken back: whoever came only by it, and was not touched since, goes; the others stay, each with why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.errors import RuleError
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.events import record
from leadwake.storage.wakeups import defer
from leadwake.workflows.office import Office

#: leads in one transaction
_BATCH = 200


async def begin(office: Office, import_id: UUID, actor: str, *, by_workers: bool = True) -> None:
    """Nothing more of the import is taken in, and what came is being taken back. Raises RuleError."""
    await past_deadlocks(lambda: _begin(office, import_id, actor, by_workers=by_workers))


async def _begin(office: Office, import_id: UUID, actor: str, *, by_workers: bool) -> None:
    now = office.clock.now()
    async with office.db.transaction() as connection:
        if (await connection.execute(q("import_undo"), {"id": import_id})).rowcount != 1:
            raise RuleError("there is nothing to undo: no such import, not started, or undone before")
        await connection.execute(q("import_enrolled_stop"), {"id": import_id, "now": now})
        await record(connection, now, actor, "import_undone", import_id=str(import_id))
        if by_workers:
            await defer(connection, "bulk", [("import", {"import_id": str(import_id)})])


async def work(office: Office, import_id: UUID, *, chain: bool = False) -> bool | None:
    """The next leads are looked at. False when all were, None when somebody else is at it just now."""
    return await past_deadlocks(lambda: _work(office, import_id, chain=chain))


async def _work(office: Office, import_id: UUID, *, chain: bool) -> bool | None:
    now = office.clock.now()
    async with office.db.transaction() as connection:
        turn = await (await connection.execute(q("import_turn"), {"id": import_id, "state": "undoing"})).fetchone()
        if turn is None:
            return None if await office.db.one("import_undoing", id=import_id) else False
        rows = await _rows(connection, "import_undo_rows", id=import_id, limit=_BATCH)
        ids = [row["lead_id"] for row in rows]
        # as everybody locks: contacts by hash, then leads
        points = [row["id"] for row in await _rows(connection, "import_undo_points", ids=ids)]
        found = await _rows(connection, "import_undo_leads", ids=ids, id=import_id)
        touched = {row["id"]: row["touched"] for row in found}
        gone = [lead_id for lead_id in ids if lead_id in touched and touched[lead_id] is None]
        stays = {lead_id: touched.get(lead_id) or "erased" for lead_id in ids if lead_id not in gone}
        await connection.execute(q("forgetting"))
        await connection.execute(
            q("import_undo_write"),
            {"id": import_id, "gone_ids": gone, "stay_ids": list(stays), "whys": list(stays.values()), "now": now},
        )
        if points:
            await connection.execute(q("import_undo_contacts"), {"points": points})
        if gone:
            await connection.execute(q("keys_changed"), {"ids": ""})
        is_last = len(rows) < _BATCH
        if is_last:
            await connection.execute(q("import_undone"), {"id": import_id})
        elif chain:
            await defer(connection, "bulk", [("import", {"import_id": str(import_id)})])
        await connection.execute("select pg_notify('leadwake_live', '')")
        return not is_last


async def _rows(connection: Connection, name: str, **values: Any) -> list[DictRow]:
    return await (await connection.execute(q(name), values)).fetchall()
