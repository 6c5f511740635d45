"""Backups: made, restorable, elsewhere than the data; and what a restore left to be looked at."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

from psycopg.rows import DictRow

from leadwake.ops import backups
from leadwake.ops.doctor.finding import Finding, failed, off, ok, warning
from leadwake.settings import Settings
from leadwake.workflows.office import Office

_ABOUT = "backups"


async def findings(office: Office) -> AsyncIterator[Finding]:
    """A light each, quick enough for a page."""
    row = await backups.standing(office)
    yield _newest(office, row)
    if row["copy_problem"] is not None:
        yield failed("backup copies", f"the last was not copied: {row['copy_problem']}", "mend LEADWAKE_BACKUP_COMMAND")
    async with office.db.connection() as connection:
        rehearsal = await backups.newest_rehearsal(connection)
    if rehearsal is not None:
        yield _rehearsal(rehearsal)
    for found in await asyncio.to_thread(lambda: list(_places(office.base_settings, row))):  # a disk may be slow
        yield found
    if (waiting := await backups.waiting(office)) is not None:
        text = f"restored; {waiting.messages} messages to {waiting.people} people wait until somebody has looked"
        yield warning("restore", text, "Setup, Backups; or leadwake backup release")


def _newest(office: Office, row: DictRow) -> Finding:
    is_late = backups.is_late(office, row, datetime.now(UTC))
    if office.base_settings.get("BACKUP_DAILY", "on") != "on":
        return off(_ABOUT, "LEADWAKE_BACKUP_DAILY is off: another machine, or you, makes them")
    when = f"the newest is of {row['real_at']:%Y-%m-%d %H:%M} UTC" if row["real_at"] else "there is none yet"
    mend = "leadwake backup create says what is wrong"
    if row["problem"] is not None:
        return failed(_ABOUT, f"the last try failed ({row['problem']}); {when}", mend)
    if is_late:
        return failed(_ABOUT, f"late: {when}", mend)
    if row["real_at"] is None:
        return ok(_ABOUT, "the first is made a few hours after the first start, then one a day")
    return ok(_ABOUT, f"{when}, {row['bytes'] / 1e6:,.1f} MB")


def _rehearsal(row: DictRow) -> Finding:
    when = f"{row['real_at']:%Y-%m-%d %H:%M} UTC"
    problems = "; ".join(row["problems"])
    match row["outcome"]:
        case "passed":
            return ok("rehearsal", f"the newest backup was restored and looked at, {when}")
        case "not_possible":
            return warning(
                "rehearsal", f"restoring was not tried: {problems}", "without it nobody knows what a backup is worth"
            )
        case _:
            return failed("rehearsal", f"{when}: {problems}", "leadwake backup create, then leadwake backup rehearse")


def _places(settings: Settings, row: DictRow) -> Iterator[Finding]:
    data, folder, vault = settings.data_dir, settings.backup_dir, settings.vault_dir
    is_copied = bool(settings.get("BACKUP_COMMAND"))
    if (data / "postgres").is_dir() and not is_copied and (_disk(folder) == _disk(data) or _disk(vault) == _disk(data)):
        yield warning(
            "backup disk", "backups and the vault's copies lie on the disk of the data: lost with it",
            "set LEADWAKE_BACKUP_DIR and LEADWAKE_VAULT_DIR to another disk, or LEADWAKE_BACKUP_COMMAND",
        )  # fmt: skip
    if row["bytes"] and folder.is_dir() and (free := shutil.disk_usage(folder).free) < 2 * row["bytes"]:
        yield failed(
            "backup disk", f"{free >> 20} MiB are left in {folder}, too little for the next", "make room there"
        )


def _disk(path: Path) -> int | None:
    there = next((one for one in (path, *path.parents) if one.exists()), None)
    return there.stat().st_dev if there else None
