"""A person erased: their rows and keys gone in one transaction, vendors told, a certificate left (R-GDPR-5, -7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.errors import RuleError
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.events import record
from leadwake.storage.intake import open_profile
from leadwake.storage.vault import DataKey
from leadwake.storage.vault_copy import Joined
from leadwake.workflows import forgetting
from leadwake.workflows.office import Office

#: backups and disk snapshots are kept this long at most; then the last row of an erased person is gone, too
BACKUP_DAYS: Final = 35
#: a key change follows an erasure within a day; it begins in time for that
KEY_CHANGE_AFTER_HOURS: Final = 12
_NAMED_KEYS: Final = 150  # a notice has 8,000 bytes
_BATCH: Final = 100


class Moved(RuleError):
    """Their contacts changed between two looks; the erasure is begun again."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did. certificate: its number. scope: counts of what went and of what is kept."""

    certificate: UUID
    scope: Mapping[str, int]


async def preview(office: Office, lead_id: UUID) -> Mapping[str, int]:
    """How much of each kind an erasure takes and keeps. Raises RuleError when there is no such lead."""
    counts = await office.db.one("erase_counts", lead_id=lead_id)
    if counts is None or await office.db.one("lead_standing", lead_id=lead_id) is None:
        raise RuleError("no lead has this id: leadwake lead list")
    return dict(counts)


async def erase(office: Office, lead_id: UUID, actor: str) -> Erased:
    """
    Nothing of the person is left but a tombstone, their opt-out, and a log of ids; vendors are being told.

    Their keys in older copies of the vault go dark with the next key change. Raises RuleError when there is no such
    lead.
    """

    async def once() -> Erased:
        async with office.db.transaction() as connection:
            return await _erase(office, connection, lead_id, actor, is_request=True)

    for _ in range(3):
        try:
            return await past_deadlocks(once)
        except Moved:
            continue
    return await once()


async def forget(office: Office, connection: Connection, lead_id: UUID) -> None:
    """
    The same without a tombstone, a certificate or word to vendors: what is kept no longer (retention), or was erased
    before a backup was restored. In the caller's transaction. Raises RuleError when there is no such lead.
    """
    await _erase(office, connection, lead_id, "system", is_request=False)


async def _erase(office: Office, connection: Connection, lead_id: UUID, actor: str, *, is_request: bool) -> Erased:
    now = office.clock.now()
    # 1. theirs alone from here on, locked as everybody locks: contacts by hash, then the lead
    points = await _rows(connection, "erase_points", lead_id=lead_id)
    lead = await _row(connection, "erase_lead", lead_id=lead_id)
    if lead is None:
        raise RuleError("no lead has this id: leadwake lead list")
    if {point["id"] for point in points} != set(lead["points"] or ()):
        raise Moved("somebody wrote to this lead just now: try again")
    own = [point["id"] for point in points if not point["is_shared"]]
    counts = await _row(connection, "erase_counts", lead_id=lead_id)
    assert counts is not None
    known = await _rows(connection, "erase_known", lead_id=lead_id, practice=lead["practice"], own_points=own)
    # 2. nothing more goes out, and vendors are told to forget
    await connection.execute(q("forgetting"))
    await connection.execute(q("erase_cancel"), {"lead_id": lead_id, "now": now})
    certificate = uuid4()
    if is_request:
        key = await _erasure_key(office, connection) if known else None
        scope = {**counts, "vendor_records": len(known)}
        await connection.execute(
            q("erasure_add"),
            {"id": certificate, "at": now, "actor": actor, "lead_id": lead_id, "key_id": key.id if key else None,
             "scope": Jsonb(scope)},
        )  # fmt: skip
        if key:
            about = {"id": certificate, "at": now, "email": _email(office, lead), "orders": 0}
            await forgetting.order(connection, office.settings, key, about, known)
        await record(connection, now, actor, "erased", certificate=str(certificate), **counts)
    # 3. their rows, then their keys
    await _delete_rows(connection, lead, points, own, now, with_tombstone=is_request)
    return Erased(certificate, dict(counts))


async def _delete_rows(
    connection: Connection, lead: DictRow, points: Sequence[DictRow], own: Sequence[int], now: datetime,
    *, with_tombstone: bool,
) -> None:  # fmt: skip
    lead_id = lead["id"]
    moved = await _bury(connection, points, now, with_tombstone=with_tombstone)
    values = {"lead_id": lead_id, "own_points": list(own), "now": now}
    for name in (
        "erase_attempts",
        "erase_actions",
        "erase_idempotency",
        "erase_routing_decisions",
        "erase_import_rows",
        "erase_page_views",
        "outcomes_unnamed",
        "webhooks_forget",
    ):
        await connection.execute(q(name), values)
    await connection.execute(
        q("erase_actions_under_way"), {**values, "old_ids": list(moved), "new_ids": list(moved.values())}
    )
    messages = await _rows(connection, "erase_messages", **values)
    calls = await _rows(connection, "erase_calls", **values)
    captures = await _rows(connection, "erase_captures", **values)
    await connection.execute(q("erase_row"), values)
    ids = [lead["data_key_id"], *(row["data_key_id"] for row in (*messages, *calls, *captures) if row["data_key_id"])]
    gone = [str(row["id"]) for row in await _rows(connection, "erase_keys", lead_id=lead_id, ids=ids)]
    named = ",".join(gone) if len(gone) <= _NAMED_KEYS else ""
    await connection.execute(q("keys_changed"), {"ids": named})
    await connection.execute("select pg_notify('leadwake_live', '')")


async def _bury(
    connection: Connection, points: Sequence[DictRow], now: datetime, *, with_tombstone: bool
) -> dict[int, int | None]:
    """Old contact id → the id under which its tombstone or opt-out goes on; a housemate's number stays theirs."""
    moved: dict[int, int | None] = {}
    erased_at = now if with_tombstone else None
    for point in points:
        if point["is_shared"]:
            moved[point["id"]] = point["id"]
            if with_tombstone:
                await connection.execute(q("tombstone_mark"), {"id": point["id"], "erased_at": now})
            continue
        await connection.execute(q("erase_point"), {"id": point["id"]})
        kept = None
        if with_tombstone or point["opted_out_at"]:
            values = {name: point[name] for name in ("kind", "hash", "opted_out_at", "opted_out_by")}
            kept = await _row(connection, "tombstone_add", **values, erased_at=erased_at)
        moved[point["id"]] = kept["id"] if kept else None
    return moved


async def follow_up(office: Office) -> None:
    """What was under way when somebody was erased is cut off as well; what vendors confirmed is forgotten here, too."""
    async with office.db.transaction() as connection:
        for erasure in await _rows(connection, "erasures_with_late_news"):
            await _late(office, connection, erasure)
    await office.db.run("erasure_orders_carried_out")
    await office.db.run("erasures_unlink", days=BACKUP_DAYS)


async def _late(office: Office, connection: Connection, erasure: DictRow) -> None:
    lead_id = erasure["lead_id"]
    known = await _rows(connection, "erase_known", lead_id=lead_id, practice=False, own_points=[])
    # a record without its number is one whose address went out with the first orders already
    if named := [row for row in known if row["ref"]]:
        key = await _known_key(office, connection, erasure)
        about = {"id": erasure["id"], "at": office.clock.now(), "email": None, "orders": erasure["orders"]}
        await forgetting.order(connection, office.settings, key, about, named)
    await connection.execute(q("forgetting"))
    await connection.execute(q("erase_attempts"), {"lead_id": lead_id})
    await connection.execute(q("erase_actions"), {"lead_id": lead_id})


async def reapply(office: Office, joined: Joined) -> int:
    """
    After a restore, before anybody is served: whoever was erased since the backup is gone again; how many they were.

    joined: what the vault's copy brought.
    """
    count = 0
    while True:
        async with office.db.transaction() as connection:
            found = await _rows(connection, "leads_without_key", before=joined.taken_at, limit=_BATCH)
            for row in found:
                await forget(office, connection, row["id"])
        count += len(found)
        if not found:
            break
    now = office.clock.now()
    async with office.db.transaction() as connection:
        await connection.execute(q("captures_without_key"), {"before": joined.taken_at, "now": now})
        await connection.execute(q("messages_without_key"), {"before": joined.taken_at})
        await record(connection, now, "system", "erasures_reapplied", leads=count, erasures=joined.erasures)
    return count


def _email(office: Office, lead: DictRow) -> str | None:
    return open_profile(office.vault, lead).get("email") if lead["wrapped"] is not None else None


async def _erasure_key(office: Office, connection: Connection) -> DataKey:
    key = office.vault.new_data_key()
    await connection.execute(
        q("data_key_add"), {"id": key.id, "kek_id": key.kek_id, "wrapped": key.wrapped, "lead_id": None}
    )
    return key


async def _known_key(office: Office, connection: Connection, erasure: DictRow) -> DataKey:
    """The erasure's own key; a new one where the vendors' answers had destroyed it."""
    if row := await _row(connection, "data_key_read", id=erasure["data_key_id"]):
        return office.vault.open_data_key(row["id"], row["kek_id"], row["wrapped"])
    key = await _erasure_key(office, connection)
    await connection.execute(q("erasure_key"), {"id": erasure["id"], "key_id": key.id})
    return key


async def _rows(connection: Connection, name: str, **values: Any) -> list[DictRow]:
    return await (await connection.execute(q(name), values)).fetchall()


async def _row(connection: Connection, name: str, **values: Any) -> DictRow | None:
    return await (await connection.execute(q(name), values)).fetchone()
