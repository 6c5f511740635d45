"""A new version's migrations: tried on a copy first, and with a backup to step back to."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from leadwake.errors import ConfigError
from leadwake.settings import Settings
from leadwake.storage import backups, clients, keys, ledger, scratch, vault_copy
from leadwake.storage.backups import Made, Progress, silent
from leadwake.storage.db import Connection, Database, migrate, pending_migrations, q
from leadwake.storage.events import record
from leadwake.storage.keys import MasterKey


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What the migrations did to a copy. ran: name and seconds of each. copied_s: how long the copy took."""

    ran: Sequence[tuple[str, float]]
    copied_s: float
    problems: Sequence[str]


async def rehearse(settings: Settings, url: str, progress: Progress = silent) -> Rehearsed:
    """
    What has not run yet ran on a copy beside the database, which is gone again; the database itself is as it was.

    Raises ConfigError when no copy can be made, DatabaseAway.
    """
    if reason := await why_no_copy(settings, url):
        raise ConfigError(f"no rehearsal: {reason}")
    clock = asyncio.get_running_loop().time
    began = clock()
    await scratch.drop_left(url, "upgrade")
    beside = await scratch.make(url, "upgrade")
    ran: list[tuple[str, float]] = []
    try:
        progress("copying the database")
        await clients.copy(url, beside)
        copied_s = clock() - began
        problems = await _migrated(beside, ran, progress)
    finally:
        await scratch.drop(url, beside)
    return Rehearsed(ran, copied_s, problems)


async def _migrated(url: str, ran: list[tuple[str, float]], progress: Progress) -> list[str]:
    def told(name: str, seconds: float) -> None:
        progress(f"{name}: {seconds:.1f} s")
        ran.append((name, seconds))

    try:
        await migrate(url, told)
    except ConfigError:
        raise
    except Exception as error:  # whatever a migration may raise is what the rehearsal is for
        return [" ".join(str(error).split())[:500] or type(error).__name__]
    db = Database(url, max_size=1)
    await db.open()
    try:
        return [f"ledger: {problem}" for problem in (await ledger.read(db, datetime.now(UTC))).problems]
    finally:
        await db.close()


async def why_no_copy(settings: Settings, url: str) -> str | None:
    """Why no second database can stand beside this one; None when it can."""
    if not await scratch.may_create(url):
        return "the database's user may not make databases: alter role … createdb lets it"
    if (settings.data_dir / "postgres").is_dir():
        free, needed = shutil.disk_usage(settings.data_dir).free, 2 * await scratch.size(url)
        if free < needed:
            return f"{free >> 20} MiB are free, and {needed >> 20} MiB are needed for a second database"
    return None


async def with_a_backup(settings: Settings, url: str, progress: Progress = silent) -> tuple[list[str], Path | None]:
    """
    The migrations that ran now, and the backup that was made before, where there was something to lose.

    Raises ConfigError: then nothing was migrated.
    """
    made = await _backed_up(settings, url, progress)
    ran = await migrate(url)
    if made:
        async with scratch.connected(url) as connection:
            await note(connection, made, "before_upgrade", "system", datetime.now(UTC))
    return ran, made.path if made else None


async def _backed_up(settings: Settings, url: str, progress: Progress) -> Made | None:
    async with scratch.connected(url) as connection:
        pending = await pending_migrations(connection)
        row = await (await connection.execute(q("is_there"), {"table": "vault.index_key"})).fetchone()
        if not pending or not row or not row["there"]:
            return None
        index = await (await connection.execute(q("index_key"))).fetchone()
    if index is None:  # a start that was cut off: nothing is sealed yet
        return None
    progress("making a backup before the upgrade")
    master = master_key(settings, index["master_key_id"])
    try:
        made = await backups.create(url, settings.backup_dir, master, why="before_upgrade", progress=progress)
    except ConfigError as error:
        raise ConfigError(
            f"no backup could be made before the upgrade ({error}): mend that, or go without one by "
            "leadwake migrate --no-backup"
        ) from error
    db = Database(url, max_size=1)
    await db.open()
    try:
        await vault_copy.write(db, settings.vault_dir)
    finally:
        await db.close()
    return made


def master_key(settings: Settings, wrapped_by: str) -> MasterKey:
    """The key with that fingerprint. Raises ConfigError where it is not at hand."""
    return keys.choose_master_key(settings.data_dir, settings.get("MASTER_KEY") or None, wrapped_by)


async def note(connection: Connection, made: Made, why: str, actor: str, now: datetime) -> None:
    """The backup stands in the database, and in the log. now: business time."""
    header = made.header
    values = {"id": UUID(header.id), "real_at": header.made_at, "why": why, "path": str(made.path), "bytes": made.size,
              "host": socket.gethostname(), "seconds": made.seconds, "problem": None}  # fmt: skip
    await connection.execute(q("backup_add"), values)
    await record(connection, now, actor, "backup_made", backup=header.id, why=why, bytes=made.size)
