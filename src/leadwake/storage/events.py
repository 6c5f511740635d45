"""The audit log: what happened and who did it, by ids, codes and hashes; a job lays a hash chain over it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.storage.db import Connection, Database, q


async def record(
    connection: Connection, at: datetime, actor: str, kind: str, /, *, lead_id: UUID | None = None, **data: Any
) -> None:
    """
    The event stands in the log once the transaction commits.

    actor: "system", "lead", "user <id>", "key <id>", "vendor <name>". data: ids, codes, hashes; never personal text.
    """
    await connection.execute(
        q("event_add"), {"at": at, "actor": actor, "kind": kind, "lead_id": lead_id, "data": Jsonb(data)}
    )


async def seal(db: Database) -> int:
    """Every event old enough is under the hash chain; how many were sealed now."""
    async with db.transaction() as connection:
        await connection.execute("select pg_advisory_xact_lock(7230004)")
        rows = await (await connection.execute(q("events_unsealed"))).fetchall()
        if not rows:
            return 0
        last = await (await connection.execute(q("event_seal_last"))).fetchone()
        await connection.execute(
            q("event_seal_add"),
            {
                "upto_id": rows[-1]["id"],
                "from_id": last["upto_id"] + 1 if last else 1,
                "count": len(rows),
                "hash": block_hash(last["hash"] if last else b"", rows),
            },
        )
        return len(rows)


async def verify(db: Database) -> list[str]:
    """What does not hold in the chain, in plain words, each naming its rows; empty: nothing was changed."""
    problems, before, expected_from = [], b"", 1
    for block in await db.all("event_seals"):
        rows = await db.all("events_between", from_id=block["from_id"], upto_id=block["upto_id"])
        where = f"events {block['from_id']}-{block['upto_id']}"
        if block["from_id"] != expected_from:
            problems.append(f"{where}: a block before it is missing")
        if len(rows) != block["count"]:
            problems.append(f"{where}: {block['count']} events were sealed, {len(rows)} are there")
        elif block_hash(before, rows) != block["hash"]:
            problems.append(f"{where}: changed after they were sealed")
        before, expected_from = block["hash"], block["upto_id"] + 1
    return problems


def block_hash(before: bytes, rows: Sequence[Mapping[str, Any]] | Sequence[DictRow]) -> bytes:
    """SHA-256 over the hash of the block before and each row, in one canonical form."""
    digest = hashlib.sha256(before)
    for row in rows:
        digest.update(
            msgspec.json.encode(
                [
                    row["id"],
                    _utc(row["at"]),
                    _utc(row["real_at"]),
                    row["actor"],
                    row["kind"],
                    str(row["lead_id"]) if row["lead_id"] else None,
                    row["data"],
                ],
                order="deterministic",
            )
        )
    return digest.digest()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
