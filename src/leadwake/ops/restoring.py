"""A backup brought back: loaded, joined with the vault's newest copy, held against what its header says, and held back.

    1. the file is read to its end: nothing is touched before it is known to be whole
    2. loaded in one transaction
    3. counted: as many rows as the header says
    4. joined with the vault's copy: opt-outs and erasures since the backup hold, and who was erased stays dark
    5. migrated, where the backup is of an older version
    6. whoever was erased since is erased again
    7. looked at: the ledger adds up, the log's seals hold, a name opens

A rehearsal is the same in a scratch database. In a house that is to go on working, a row of `restore` is written, too:
what automation had planned before waits for a person (workflows.aftermath).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from leadwake.compliance.tables import Tables
from leadwake.errors import ConfigError
from leadwake.ops import erasure
from leadwake.settings import Settings
from leadwake.storage import backup_file, backups, clients, events, ledger, scratch, vault_copy
from leadwake.storage.backup_file import Sealed
from leadwake.storage.backups import Progress, silent
from leadwake.storage.db import Database, migrate, q
from leadwake.storage.events import record
from leadwake.storage.keyring import open_vault
from leadwake.storage.keys import MasterKey
from leadwake.storage.vault import KekUnknown, SealBroken
from leadwake.workflows.office import Office


@dataclass(frozen=True, slots=True)
class Report:
    """
    What came of it. counts: rows as they were loaded. dark: leads whose keys the vault's copy is too old for.

    problems: what does not hold, in plain words; empty: all is well.
    """

    backup_at: datetime
    vault_at: datetime
    seconds: float
    counts: Mapping[str, int]
    erased: int
    dark: int
    problems: Sequence[str] = field(default=())


def newest_vault_copy(folder_or_file: Path, masters: Sequence[MasterKey]) -> Path:
    """The newest whole copy of the vault that a key at hand opens. Raises ConfigError."""
    if folder_or_file.is_file():
        candidates = [folder_or_file]
    else:
        candidates = [copy.path for copy in vault_copy.copies(folder_or_file)]
    wrong: list[str] = []
    for path in candidates:
        try:
            wanted = keys_of(path)
        except ConfigError as error:
            wrong.append(str(error))
            continue
        if wanted <= {master.key_id for master in masters}:
            return path
        wrong.append(f"{path}: its keys hang on master key {', '.join(wanted)}: give its recovery copy with --key-file")
    raise ConfigError(
        wrong[0]
        if wrong
        else f"no copy of the vault is in {folder_or_file}, and without one nobody's name opens: say where with --vault"
    )


def keys_of(copy: Path) -> set[str]:
    """The master keys that a copy of the vault hangs on: one. Raises ConfigError where the copy is not whole."""
    return {key["master_key_id"] for kind, keks in vault_copy.read(copy) if kind == "keks" for key in keks}


async def load(sealed: Sealed, masters: Sequence[MasterKey], url: str) -> None:
    """The empty database holds the backup, or is as empty as before. Raises ConfigError, DatabaseAway."""
    async with scratch.connected(url) as connection:
        version = connection.info.server_version
        name = connection.info.dbname
    command = [await clients.program("pg_restore", version), "--no-owner", "--no-privileges", "--exit-on-error",
               "--single-transaction", f"--dbname={name}"]  # fmt: skip
    async with aclosing(clients.by_thread(backup_file.read(sealed, masters))) as pieces:
        await clients.feed(command, url, pieces)


async def restore(
    sealed: Sealed, masters: Sequence[MasterKey], copy: Path, settings: Settings, tables: Tables, url: str,
    *, goes_on: bool, progress: Progress = silent,
) -> Report:  # fmt: skip
    """
    The empty database at the URL is the house of the backup.

    copy: of the vault. goes_on: the house is to work from here on, so that what it had planned is held back.
    Raises ConfigError, DatabaseAway.
    """
    began = asyncio.get_running_loop().time()
    progress(f"reading {sealed.path.name} to its end")
    await asyncio.to_thread(backups.verify, sealed, masters, progress)
    progress("loading it")
    await load(sealed, masters, url)
    problems, counts = await _counted(sealed, url)
    progress(f"joining it with {copy.name}")
    joined = await vault_copy.join(url, copy)
    for name in await migrate(url):
        progress(f"migrated: {name}")
    async with _office(settings, tables, url) as office:
        progress("erasing again whoever was erased since")
        erased = await erasure.reapply(office, joined)
        row = await office.db.one("leads_dark")
        problems += await _looked_at(office, progress)
        if goes_on:
            await _held(office, sealed, erased)
    seconds = asyncio.get_running_loop().time() - began
    dark = row["n"] if row else 0
    if dark:
        problems.append(f"{dark} leads cannot be read: the vault's copy is older than the backup")
    return Report(sealed.header.made_at, joined.taken_at, seconds, counts, erased, dark, problems)


async def _counted(sealed: Sealed, url: str) -> tuple[list[str], dict[str, int]]:
    async with scratch.connected(url) as connection:
        counts = await backups.counts(connection)
    return [
        f"{wanted} {what} were in the backup, {counts.get(what, 0)} are here"
        for what, wanted in sealed.header.counts.items() if counts.get(what, 0) != wanted
    ], counts  # fmt: skip


async def _looked_at(office: Office, progress: Progress) -> list[str]:
    progress("looking whether everything adds up")
    problems = [f"ledger: {problem}" for problem in (await ledger.read(office.db, office.clock.now())).problems]
    problems += [f"log: {problem}" for problem in (await events.verify(office.db))[:5]]
    row = await office.db.one("lead_to_open")
    if row is not None:
        try:
            key = office.vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
            key.open(row["sealed_profile"], b"lead.profile")
        except (SealBroken, KekUnknown) as error:
            problems.append(f"the newest lead cannot be read: {error}")
    return problems


async def _held(office: Office, sealed: Sealed, erased: int) -> None:
    async with office.db.transaction() as connection:
        now = office.clock.now()
        values = {"at": now, "backup_at": sealed.header.made_at, "erased": erased}
        await connection.execute(q("restore_add"), values)
        await record(connection, now, "cli", "restored", backup=sealed.header.id, erased=erased)


@asynccontextmanager
async def _office(settings: Settings, tables: Tables, url: str) -> AsyncIterator[Office]:
    """An office on the restored database: its books can be looked at, and nobody works in it."""
    db = Database(url, max_size=2)
    await db.open()
    try:
        vault, _ = await open_vault(db, settings.data_dir, settings.get("MASTER_KEY") or None)
        office = Office(db, vault, settings, tables)
        await office.refresh()
        yield office
    finally:
        await db.close()
