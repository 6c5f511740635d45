"""A new key-encryption key, so that older copies of the vault go dark for whoever was erased.

    1. a new KEK is stored beside the old one and everybody is told: from here on both open
    2. every living data key is wrapped anew, in small batches (and what the first versions sealed by the KEK itself)
    3. the old KEK is destroyed; a key that somebody stored under it meanwhile stops this (foreign key), back to 2
    4. the vault's copies are written anew

Cut off anywhere, it goes on from there: two KEKs mean that it is under way. Nobody waits for it.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

from leadwake.errors import ConfigError
from leadwake.storage import keys
from leadwake.storage.db import Connection, Database, q
from leadwake.storage.keyring import reload, vault_rows
from leadwake.storage.vault import OF_HOUSE, Vault

#: rows wrapped or sealed anew in one transaction
BATCH = 500
#: a process that stores keys under the old KEK again and again has lost its connection to what everybody is told
_ROUNDS = 20


async def change_kek(db: Database, vault: Vault, data_dir: Path, configured: str | None) -> int:
    """
    One KEK is left, made by this call or by one that was cut off; how many data keys it wraps anew.

    The copies (step 4) are the caller's. Raises ConfigError, DatabaseAway; then it is done again.
    """
    new_id = await _begun(db, data_dir, configured)
    wrapped = 0
    for _ in range(_ROUNDS):
        await reload(db, vault, data_dir, configured)
        wrapped += await _rewrapped(db, vault, new_id)
        await _resealed(db, vault)
        if await _destroyed(db, new_id):
            break
    else:
        raise ConfigError("some process still stores keys under the old KEK: restart it, then change the KEK again")
    await reload(db, vault, data_dir, configured)
    async with db.connection() as connection:
        await connection.execute(q("keks_vacuum"))
    return wrapped


async def _begun(db: Database, data_dir: Path, configured: str | None) -> int:
    """The id of the new KEK, which is stored and known to everybody."""
    async with db.transaction() as connection:
        await connection.execute(q("key_change_lock"))
        keks, index_key = await vault_rows(connection, lock=True)
        if not keks or index_key is None:
            raise ConfigError("this database holds no keys yet; start Leadwake once")
        if len(keks) > 1:
            return max(kek.id for kek in keks)
        master = keys.choose_master_key(data_dir, configured, index_key.master_key_id)
        _, new = Vault(master, keks, index_key).with_new_kek(master)
        await connection.execute(
            q("kek_add"), {"id": new.id, "wrapped": new.wrapped, "master_key_id": new.master_key_id}
        )
        await connection.execute(q("keys_changed"), {"ids": ""})
        return new.id


async def _rewrapped(db: Database, vault: Vault, new_id: int) -> int:
    count, after = 0, UUID(int=0)
    while True:
        async with db.transaction() as connection:
            found = await _rows(connection, after, new_id)
            if not found:
                return count
            anew = [vault.rewrap_data_key(row["id"], row["kek_id"], row["wrapped"]) for row in found]
            await connection.execute(
                q("data_keys_rewrap"),
                {"kek_id": new_id, "ids": [key.id for key in anew], "wrapped": [key.wrapped for key in anew]},
            )
        count, after = count + len(found), found[-1]["id"]


async def _rows(connection: Connection, after: UUID, new_id: int) -> list[DictRow]:
    values = {"after": after, "kek_id": new_id, "limit": BATCH}
    return await (await connection.execute(q("data_keys_to_rewrap"), values)).fetchall()


#: what the first versions sealed by the KEK itself: table → the name its value is bound to, of the row's own name
_BOUND = {"setting": "{}", "app_user": "user {}", "action": "action {}"}


async def _resealed(db: Database, vault: Vault) -> None:
    """One statement a value, only where it still is what was read: whoever saves a new one meanwhile wins."""
    while rows := await db.all("sealed_by_kek", header=OF_HOUSE, limit=BATCH):
        for row in rows:
            bound = _BOUND[row["place"]].format(row["name"])
            new = vault.rewrap_setting(bound, row["sealed"])
            await db.run(f"reseal_{row['place']}", name=row["name"], old=row["sealed"], new=new)


async def _destroyed(db: Database, new_id: int) -> bool:
    """True when only the new KEK is left; False when a data key was stored under the old one since."""
    try:
        async with db.transaction() as connection:
            if await (await connection.execute(q("data_keys_left"), {"kek_id": new_id})).fetchone():
                return False
            await connection.execute(q("keks_destroy"), {"kek_id": new_id})
            await connection.execute(q("keys_changed_for"), {"kek_id": new_id})
            await connection.execute(q("keys_changed"), {"ids": ""})
    except psycopg.errors.ForeignKeyViolation:
        return False
    return True
