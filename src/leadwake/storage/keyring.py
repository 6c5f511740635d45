"""The vault's rows in the database: made once, loaded, wrapped by a new master key."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from leadwake.errors import ConfigError, DatabaseAway
from leadwake.storage import backups, keys
from leadwake.storage.db import Connection, Database, q
from leadwake.storage.keys import MasterKey
from leadwake.storage.vault import KekSource, Vault, WrappedKek, WrappedKey, rewrap

_BOOTSTRAP_LOCK = 7_230_003


async def open_vault(db: Database, data_dir: Path, configured: str | None) -> tuple[Vault, MasterKey | None]:
    """
    The vault of this database; with the master key if it was created just now, so that its copy can be shown once.

    Raises ConfigError when the master key at hand is not the database's.
    """
    async with db.transaction() as connection:
        await connection.execute("select pg_advisory_xact_lock(%s)", [_BOOTSTRAP_LOCK])
        keks, index_key = await vault_rows(connection)
        if keks and index_key:
            master = keys.choose_master_key(data_dir, configured, index_key.master_key_id)
            if configured:
                keys.forget_next_key(data_dir, index_key.master_key_id, configured)
            return Vault(master, keks, index_key, _source(db.url, data_dir, configured)), None
        if keks or index_key:
            raise ConfigError("the vault is incomplete: restore its copy beside this backup")
        master, created = keys.load_or_create_master_key(data_dir, configured)
        _, rows = Vault.bootstrap(master)
        for kek in rows.keks:
            await connection.execute(
                q("kek_add"), {"id": kek.id, "wrapped": kek.wrapped, "master_key_id": kek.master_key_id}
            )
        await connection.execute(
            q("index_key_add"), {"wrapped": rows.index_key.wrapped, "master_key_id": rows.index_key.master_key_id}
        )
        vault = Vault(master, rows.keks, rows.index_key, _source(db.url, data_dir, configured))
        return vault, master if created else None


async def reload(db: Database, vault: Vault, data_dir: Path, configured: str | None) -> None:
    """The vault holds the KEKs that stand in the database now. Raises ConfigError, DatabaseAway."""
    async with db.transaction() as connection:
        keks, index_key = await vault_rows(connection)
    if index_key is None:
        raise ConfigError("the vault is incomplete: restore its copy beside this backup")
    vault.adopt(keys.choose_master_key(data_dir, configured, index_key.master_key_id), keks)


def _source(url: str, data_dir: Path, configured: str | None) -> KekSource:
    """Reads the KEKs for a vault that met one it does not know; a few milliseconds, once after each key change."""

    def read() -> tuple[MasterKey, Sequence[WrappedKek]]:
        try:
            with psycopg.connect(url, connect_timeout=2, row_factory=dict_row) as connection:
                rows = connection.execute(q("keks")).fetchall()
                index = connection.execute(q("index_key")).fetchone()
        except psycopg.Error as error:
            raise DatabaseAway(str(error)) from error
        if index is None:
            raise ConfigError("the vault is incomplete: restore its copy beside this backup")
        keks = [WrappedKek(row["id"], row["master_key_id"], row["wrapped"]) for row in rows]
        return keys.choose_master_key(data_dir, configured, index["master_key_id"]), keks

    return read


async def rotate_master_key(
    db: Database, data_dir: Path, configured: str | None, *, backup_dir: Path | None = None
) -> MasterKey:
    """
    Every key is wrapped by a new master key, which is on disk before the database needs it; what is sealed stays.

    backup_dir: the backups there open with the new key and no more with the old one; copies elsewhere are as they were.

    Running processes go on: they hold opened keys. Raises ConfigError.
    """
    with keys.rotating(data_dir, configured) as rotation:
        async with db.transaction() as connection:
            keks, index_key = await vault_rows(connection, lock=True)
            if not keks or index_key is None:
                raise ConfigError("this database holds no keys yet; start Leadwake once")
            master = keys.choose_master_key(data_dir, configured, index_key.master_key_id)
            new = rotation.begin(index_key.master_key_id)
            with backups.handing_over(backup_dir, master, new) if backup_dir else nullcontext():
                await _rewrapped(connection, Vault(master, keks, index_key), new)
        rotation.finish()
        if backup_dir:
            backups.settle(backup_dir, new)
    return new


async def _rewrapped(connection: Connection, vault: Vault, new: MasterKey) -> None:
    rows = rewrap(vault, new)
    for kek in rows.keks:
        await connection.execute(
            q("kek_rewrap"), {"id": kek.id, "wrapped": kek.wrapped, "master_key_id": kek.master_key_id}
        )
    await connection.execute(
        q("index_key_rewrap"), {"wrapped": rows.index_key.wrapped, "master_key_id": rows.index_key.master_key_id}
    )


async def vault_rows(connection: Connection, *, lock: bool = False) -> tuple[list[WrappedKek], WrappedKey | None]:
    """The rows of every KEK and of the index key. lock: until the transaction ends nobody changes the KEKs."""
    rows = await (await connection.execute(q("keks_for_update" if lock else "keks"))).fetchall()
    index = await (await connection.execute(q("index_key"))).fetchone()
    keks = [WrappedKek(row["id"], row["master_key_id"], row["wrapped"]) for row in rows]
    return keks, WrappedKey(index["master_key_id"], index["wrapped"]) if index else None
