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

#: of a row's SHA-256 in its seal: nobody finds a second row with the same in 2**128 tries
LEAF_BYTES = 16


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
        block = {
            "upto_id": rows[-1]["id"],
            "from_id": last["upto_id"] + 1 if last else 1,
            "count": len(rows),
            "leaves": b"".join(leaf(row) for row in rows),
        }
        hashed = block_hash(last["hash"] if last else b"", block)
        await connection.execute(q("event_seal_add"), {**block, "hash": hashed})
        return len(rows)


async def verify(db: Database) -> list[str]:
    """What does not hold in the chain, in plain words, each naming its rows; empty: nothing was changed."""
    return await _walked(db, await db.all("event_seals"), None)


async def verify_newest(db: Database, blocks: int) -> tuple[int, list[str]]:
    """How many events the newest seals hold, and what does not hold in them; nothing older is looked at."""
    found = await db.all("event_seals_newest", limit=blocks + 1)
    chosen, earlier = found[:blocks][::-1], found[blocks:]
    problems = await _walked(db, chosen, earlier[0] if earlier else None)
    return sum(block["count"] for block in chosen), problems


async def _walked(db: Database, blocks: Sequence[DictRow], earlier: DictRow | None) -> list[str]:
    """What does not hold in the blocks, oldest first. earlier: the one before them."""
    problems: list[str] = []
    before, expected_from = (earlier["hash"], earlier["upto_id"] + 1) if earlier else (b"", 1)
    for block in blocks:
        rows = await db.all("events_between", from_id=block["from_id"], upto_id=block["upto_id"])
        if block["from_id"] != expected_from:
            problems.append(f"events {expected_from}-{block['from_id'] - 1}: their seal is missing")
        problems += _problems(before, block, rows)
        before, expected_from = block["hash"], block["upto_id"] + 1
    return problems


def _problems(before: bytes, block: DictRow, rows: Sequence[DictRow]) -> list[str]:
    where = f"events {block['from_id']}-{block['upto_id']}"
    if block["leaves"] is None:
        return _problems_of_old(before, block, rows, where)
    found = _differences(block, rows)
    if block_hash(before, block) != block["hash"]:
        found.append(f"{where}: their seal itself was changed, or one before it")
    return found


def _problems_of_old(before: bytes, block: DictRow, rows: Sequence[DictRow], where: str) -> list[str]:
    """Blocks from before rows had leaves: the block is named, not the row."""
    if len(rows) != block["count"]:
        return [f"{where}: {block['count']} events were sealed, {len(rows)} are there"]
    return [f"{where}: changed after they were sealed"] if _old_block_hash(before, rows) != block["hash"] else []


def _differences(block: DictRow, rows: Sequence[DictRow]) -> list[str]:
    """Each row that was changed, put in or taken out, in the order of their ids."""
    size, leaves = LEAF_BYTES, block["leaves"]
    sealed = [leaves[at : at + size] for at in range(0, len(leaves), size)]
    there = [leaf(row) for row in rows]
    if sealed == there:
        return []
    still, known = set(there), set(sealed)
    found, last_id = [], block["from_id"] - 1
    i = j = 0
    while i < len(sealed) or j < len(there):
        if i < len(sealed) and j < len(there) and sealed[i] == there[j]:
            last_id, i, j = rows[j]["id"], i + 1, j + 1
            continue
        is_gone = i < len(sealed) and sealed[i] not in still
        is_new = j < len(there) and there[j] not in known
        if is_gone and is_new:
            found.append(f"event {rows[j]['id']}: changed after it was sealed")
            last_id, i, j = rows[j]["id"], i + 1, j + 1
        elif is_gone:
            found.append(f"an event after {last_id} was taken out" if last_id else "the first event was taken out")
            i += 1
        elif is_new:
            found.append(f"event {rows[j]['id']}: put in after the others were sealed")
            last_id, j = rows[j]["id"], j + 1
        else:  # both known, in another order: only a seal that was changed says so
            found.append(f"event {rows[min(j, len(rows) - 1)]['id']}: not where it was sealed")
            break
    return found


def leaf(row: Mapping[str, Any]) -> bytes:
    """16 bytes that stand for one event in its seal."""
    return hashlib.sha256(_canonical(row)).digest()[:LEAF_BYTES]


def block_hash(before: bytes, block: Mapping[str, Any]) -> bytes:
    """SHA-256 over the hash of the block before, the range and the count, and every row's leaf."""
    head = f"leadwake seal {block['from_id']} {block['upto_id']} {block['count']}\n".encode()
    return hashlib.sha256(before + head + block["leaves"]).digest()


def _old_block_hash(before: bytes, rows: Sequence[Mapping[str, Any]]) -> bytes:
    digest = hashlib.sha256(before)
    for row in rows:
        digest.update(_canonical(row))
    return digest.digest()


def _canonical(row: Mapping[str, Any]) -> bytes:
    lead_id = str(row["lead_id"]) if row["lead_id"] else None
    values = [row["id"], _utc(row["at"]), _utc(row["real_at"]), row["actor"], row["kind"], lead_id, row["data"]]
    return msgspec.json.encode(values, order="deterministic")


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
