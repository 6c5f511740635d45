"""Backups made by the clock or by hand, kept by rule, copied elsewhere, and rehearsed every week.

What is due is asked of the database, so that of several processes and machines one makes it. The files are on the disk
of that machine; so is what `leadwake backup list` shows.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake import log
from leadwake.errors import ConfigError, DatabaseAway
from leadwake.ops import restoring, upgrading
from leadwake.ops.restoring import Report
from leadwake.storage import backup_file, backups, scratch, vault_copy
from leadwake.storage.backup_file import Sealed
from leadwake.storage.backups import Made, Progress, silent
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.keys import MasterKey
from leadwake.workflows.office import Office

_log = log.get(__name__)

EVERY: Final = timedelta(hours=24)
#: the newest may be this old before somebody hears of it
LATE_AFTER: Final = timedelta(hours=26)
#: a new installation has something to lose by then
FIRST_AFTER: Final = timedelta(hours=3)
#: what failed is tried again
AGAIN_AFTER: Final = timedelta(hours=1)
REHEARSED_EVERY: Final = timedelta(days=7)
#: a rehearsal that failed is made again
REHEARSED_AGAIN: Final = timedelta(hours=24)
#: the team's own command has this long to copy a backup elsewhere
COMMAND_S: Final = 6 * 3600
_WORDS: Final = 200


@dataclass(frozen=True, slots=True)
class Done:
    """A backup that was made, where the vault's copy lies, and what the team's own command said when it failed."""

    path: Path
    size: int
    seconds: float
    vault_dir: Path
    copy_problem: str | None


async def make(
    office: Office, why: str, *, actor: str = "system", folder: Path | None = None, progress: Progress = silent
) -> Done:
    """
    A backup, a copy of the vault that is younger, and a line in the log; what had its time is gone.

    why: daily, by_hand, before_upgrade. folder: None where the daily ones are. Raises ConfigError, DatabaseAway.
    """
    settings = office.base_settings
    master = await master_key(office)
    try:
        made = await backups.create(office.db.url, folder or settings.backup_dir, master, why=why, progress=progress)
    except ConfigError as error:
        await _note_failed(office, why, actor, str(error))
        raise
    await vault_copy.write(office.db, settings.vault_dir)
    await _note_made(office, made, why, actor)
    copy_problem = None
    if folder is None:
        await asyncio.to_thread(backups.settle, settings.backup_dir, master)
        days, weeks = settings.backup_keep
        await asyncio.to_thread(backups.prune, settings.backup_dir, master, datetime.now(UTC), days, weeks)
        if command := settings.get("BACKUP_COMMAND"):
            copy_problem = await _copied(office, command, made, progress)
    return Done(made.path, made.size, made.seconds, settings.vault_dir, copy_problem)


async def master_key(office: Office) -> MasterKey:
    """The one in use, also when it was changed a moment ago. Raises ConfigError, DatabaseAway."""
    row = await office.db.one("index_key")
    assert row is not None
    return upgrading.master_key(office.base_settings, row["master_key_id"])


async def _note_made(office: Office, made: Made, why: str, actor: str) -> None:
    async with office.db.transaction() as connection:
        await connection.execute(q("backup_answered"))
        await connection.execute(q("backups_forget"))
        await upgrading.note(connection, made, why, actor, office.clock.now())


async def _note_failed(office: Office, why: str, actor: str, problem: str) -> None:
    _log.error("backup_failed", why=why, reason=problem)
    with suppress(DatabaseAway):  # a full disk may keep the database from writing this, too
        async with office.db.transaction() as connection:
            await connection.execute(q("backup_answered"))
            await connection.execute(
                q("backup_add"),
                {"id": uuid4(), "real_at": datetime.now(UTC), "why": why, "path": None, "bytes": None,
                 "host": socket.gethostname(), "seconds": None, "problem": problem[:500]},
            )  # fmt: skip
            await record(connection, office.clock.now(), actor, "backup_failed", why=why)


async def _copied(office: Office, command: str, made: Made, progress: Progress) -> str | None:
    """What the team's own command said, when it failed; it gets the file's path as its last word, no shell, no keys."""
    progress("copying it elsewhere")
    words = shlex.split(command)
    hidden = ("LEADWAKE_", "PG")
    env = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    env |= {"LEADWAKE_BACKUP_FILE": str(made.path), "LEADWAKE_VAULT_DIR": str(office.base_settings.vault_dir)}
    problem: str | None = None
    try:
        process = await asyncio.create_subprocess_exec(
            *words, str(made.path), env=env, cwd="/", start_new_session=True, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            _, said = await asyncio.wait_for(process.communicate(), COMMAND_S)
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            raise
        if process.returncode:
            lines = said.decode(errors="replace").strip().splitlines()
            problem = f"{words[0]} ended with {process.returncode}: {lines[-1] if lines else 'no reason given'}"[
                :_WORDS
            ]
    except OSError as error:
        problem = f"{words[0]} cannot be run: {error.strerror}"
    except TimeoutError:
        problem = f"{words[0]} had not ended after {COMMAND_S // 3600} hours"
    await office.db.run("backup_copied", id=UUID(made.header.id), problem=problem)
    return problem


# By the clock ---------------------------------------------------------------------------------------------------------


async def make_if_due(office: Office) -> bool:
    """True when the day's backup was due, or asked for, and was made. Raises ConfigError, DatabaseAway."""
    if office.base_settings.get("BACKUP_DAILY", "on") != "on":
        return False
    row, now = await standing(office), datetime.now(UTC)
    if row["asked_at"] is not None:
        await make(office, "by_hand", actor=row["asked_by"] or "system")
        return True
    if row["real_at"] is None and now - row["installed_at"] < FIRST_AFTER:
        return False
    if row["real_at"] is not None and now - row["real_at"] < EVERY:
        return False
    if row["failed_at"] is not None and now - row["failed_at"] < AGAIN_AFTER:
        return False
    await make(office, "daily")
    return True


async def rehearse_if_due(office: Office) -> bool:
    """True when the week's rehearsal was due and was made. Raises DatabaseAway."""
    if office.clock.start is not None or await newest(office) is None:
        return False  # at a false time nobody could say who was erased since
    async with office.db.connection() as connection:
        row = await newest_rehearsal(connection)
    if row is not None:
        wait = REHEARSED_EVERY if row["outcome"] == "passed" else REHEARSED_AGAIN
        if datetime.now(UTC) - row["real_at"] < wait:
            return False
    await rehearse(office)
    return True


async def ask(office: Office, actor: str) -> None:
    """Whichever process makes the day's backups makes one within half a minute, and says whose wish it was."""
    await office.db.run("backup_ask", id=uuid4(), by=actor)


async def standing(office: Office) -> DictRow:
    """The newest backup and what failed since; values are None where there was none."""
    row = await office.db.one("backup_standing")
    assert row is not None
    return row


async def newest_rehearsal(connection: Connection) -> DictRow | None:
    """How the last one went."""
    return await (await connection.execute(q("rehearsal_newest"))).fetchone()


async def newest(office: Office) -> Sealed | None:
    """The newest backup on this machine that our key opens."""
    master = await master_key(office)
    found, _ = backups.found(office.base_settings.backup_dir)
    return next((one for one in found if backup_file.is_opened_by(one, [master])), None)


async def rehearse(office: Office, progress: Progress = silent) -> Report | None:
    """
    The newest backup was restored beside the house, looked at and dropped, and a report is kept; None: not possible.

    Raises DatabaseAway.
    """
    began = asyncio.get_running_loop().time()
    sealed = await newest(office)
    report, problems = None, [] if sealed else ["there is no backup on this machine"]
    outcome = "not_possible"
    if sealed and not problems and (reason := await upgrading.why_no_copy(office.base_settings, office.db.url)):
        problems = [reason]
    elif sealed:
        try:
            report = await _restored_beside(office, sealed, progress)
            problems = list(report.problems)
        except ConfigError as error:
            problems = [str(error)]
        outcome = "failed" if problems else "passed"
    seconds = asyncio.get_running_loop().time() - began
    async with office.db.transaction() as connection:
        values = {"backup_at": sealed.header.made_at if sealed else None, "outcome": outcome, "seconds": seconds,
                  "counts": Jsonb(dict(report.counts) if report else {}), "problems": problems}  # fmt: skip
        await connection.execute(q("rehearsal_add"), values)
        await record(connection, office.clock.now(), "system", "restore_rehearsed", outcome=outcome)
    if problems:
        _log.error("restore_rehearsal", outcome=outcome, problems=problems)
    return report


async def _restored_beside(office: Office, sealed: Sealed, progress: Progress) -> Report:
    url, settings, masters = office.db.url, office.base_settings, [await master_key(office)]
    copy = restoring.newest_vault_copy(settings.vault_dir, masters)
    await scratch.drop_left(url, "rehearsal")
    beside = await scratch.make(url, "rehearsal")
    try:
        return await restoring.restore(
            sealed, masters, copy, settings, office.shipped, beside, goes_on=False, progress=progress
        )
    finally:
        await scratch.drop(url, beside)


# What went wrong ------------------------------------------------------------------------------------------------------


async def trouble(office: Office) -> dict[str, dict[str, Any]]:
    """What the channel for operations is to hear of, as domain.ops_words reads it."""
    found: dict[str, dict[str, Any]] = {}
    row, now = await standing(office), datetime.now(UTC)
    if row["problem"] is not None or is_late(office, row, now):
        last = row["real_at"].isoformat(timespec="minutes") if row["real_at"] else None
        found["backup"] = {"problem": row["problem"], "last": last}
    elif row["copy_problem"] is not None:
        found["backup_copy"] = {"problem": row["copy_problem"]}
    async with office.db.connection() as connection:
        rehearsal = await newest_rehearsal(connection)
    if rehearsal and rehearsal["outcome"] == "failed":
        found["rehearsal"] = {"problems": list(rehearsal["problems"][:3])}
    if await waiting(office) is not None:
        found["restore"] = {}
    return found


def is_late(office: Office, row: DictRow, now: datetime) -> bool:
    """True when a backup should be there and is not. row: of `standing`."""
    if office.base_settings.get("BACKUP_DAILY", "on") != "on":
        return False
    last: datetime = row["real_at"] or row["installed_at"]
    return now - last > LATE_AFTER


# After a restore ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """What automation wanted to send to people from the backup since the restore. restore: its row."""

    restore: DictRow
    messages: int
    people: int


async def waiting(office: Office) -> Waiting | None:
    """What is held back; None when nothing is."""
    row = await office.db.one("restore_newest")
    if row is None or row["released_at"] is not None:
        return None
    counts = await office.db.one("restore_waiting")
    assert counts is not None
    return Waiting(row, counts["messages"], counts["people"])


async def release(office: Office, actor: str, *, sends: bool) -> None:
    """A person has looked: automation goes on; what waited is sent (sends) or cancelled, by the gate, in a moment."""
    async with office.db.transaction() as connection:
        now = office.clock.now()
        done = await connection.execute(q("restore_release"), {"now": now, "actor": actor, "sends": sends})
        if done.rowcount == 0:
            return
        await record(connection, now, actor, "restore_released", sends=sends)
        await connection.execute(q("restore_wake"), {"now": now})
        await connection.execute(q("office_changed"))
    await office.refresh()
