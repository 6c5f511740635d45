"""Backups as files: the database but for its vault, sealed while it is read, whole on disk or not at all.

A backup is a pg_dump of one instant without the schema `vault` (DESIGN: personal data and keys), the jobs (wake-ups,
which the pump makes anew) and the sessions (whoever was shut out since must not be back in). No plain byte of it is
ever on a disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, LiteralString

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from leadwake import __version__
from leadwake.errors import ConfigError, DatabaseAway
from leadwake.storage import backup_file, clients
from leadwake.storage.backup_file import Header, Sealed, Writer
from leadwake.storage.db import Connection, q
from leadwake.storage.keys import MasterKey

#: nothing is kept for longer, for erasures promise it (ops.erasure.BACKUP_DAYS), but for the newest
MOST_DAYS: Final = 35
#: about how often progress is told, in bytes
_TELL_EVERY: Final = 64 << 20
_NAME: Final = re.compile(r"leadwake-\d{8}T\d{6}Z-[0-9a-f]{8}\.backup")
_DRAFT: Final = ".leadwake-"
#: what is left out of a backup: table by table
_WITHOUT_ROWS: Final = ("procrastinate_jobs", "procrastinate_events", "procrastinate_workers",
                        "procrastinate_periodic_defers", "session")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made now. seconds: how long it took; bytes_in: what pg_dump wrote."""

    path: Path
    header: Header
    size: int
    bytes_in: int
    seconds: float


Progress = Callable[[str], None]


def silent(line: str) -> None:
    """Progress that nobody hears."""
    del line


async def create(url: str, folder: Path, master: MasterKey, *, why: str, progress: Progress = silent) -> Made:
    """
    One more backup in the folder, whole on disk, its owner's only.

    Raises ConfigError (the folder cannot be written, the disk is full, another backup is being made) or DatabaseAway.
    """
    began = asyncio.get_running_loop().time()
    try:
        with the_only_one(folder):
            _remove_drafts(folder)
            draft, file = _draft(folder)
            try:
                with file:
                    header, bytes_in = await _dumped(url, file, master, why, progress)
                path = folder / f"leadwake-{header.made_at:%Y%m%dT%H%M%SZ}-{header.id[:8]}.backup"
                await asyncio.to_thread(_put, draft, path)
            finally:
                draft.unlink(missing_ok=True)
            size = path.stat().st_size
    except OSError as error:
        raise ConfigError(f"{folder}: the backup cannot be written: {error.strerror}") from error
    return Made(path, header, size, bytes_in, asyncio.get_running_loop().time() - began)


async def _dumped(url: str, file: BinaryIO, master: MasterKey, why: str, progress: Progress) -> tuple[Header, int]:
    """The dump is in the file, sealed; its header, and how many bytes it was."""
    async with _snapshot(url) as (connection, snapshot):
        header = await _header(connection, why)
        await _is_key_in_use(url, master)
        command = [await clients.program("pg_dump", connection.info.server_version), "--format=custom",
                   "--compress=gzip:1", "--exclude-schema=vault", f"--snapshot={snapshot}", "--lock-wait-timeout=60s",
                   *(f"--exclude-table-data=public.{table}" for table in _WITHOUT_ROWS)]  # fmt: skip
        writer = Writer(file, header, master)
        told = 0
        async with contextlib.aclosing(clients.output(command, url)) as dumped:
            async for data in dumped:
                await asyncio.to_thread(writer.write, data)
                if writer.bytes_in - told >= _TELL_EVERY:
                    told = writer.bytes_in
                    progress(f"{told >> 20} MiB so far")
        await asyncio.to_thread(writer.finish)
        await _is_key_in_use(url, master)
    file.flush()
    return header, writer.bytes_in


@contextlib.asynccontextmanager
async def _snapshot(url: str) -> AsyncIterator[tuple[Connection, str]]:
    """One instant of the database for several programs, as long as the block lasts."""
    try:
        connection = await AsyncConnection.connect(url, row_factory=dict_row, connect_timeout=5)
    except psycopg.OperationalError as error:
        raise DatabaseAway(f"the database does not answer ({' '.join(str(error).split())[:300]})") from error
    async with connection:
        try:
            await connection.execute("set transaction isolation level repeatable read, read only")
            await connection.execute("set local idle_in_transaction_session_timeout = 0")
            yield connection, (await _one(connection, q("snapshot_export")))["name"]
            await connection.rollback()
        except psycopg.OperationalError as error:
            raise DatabaseAway(f"the database went away ({' '.join(str(error).split())[:300]})") from error


async def _header(connection: Connection, why: str) -> Header:
    there = await (await connection.execute(q("is_there"), {"table": "public.migration"})).fetchone()
    if not there or not there["there"]:
        raise ConfigError("this database is empty: there is nothing to back up")
    newest = await _one(connection, q("migration_newest"))
    return backup_file.new_header(
        made_at=datetime.now(UTC), why=why, leadwake=__version__, migration=newest["name"] or "",
        postgres=connection.info.server_version, counts=await counts(connection),
    )  # fmt: skip


async def counts(connection: Connection) -> dict[str, int]:
    """How much of each there is: what a restored backup is held against."""
    return dict(await _one(connection, q("backup_counts")))


async def _is_key_in_use(url: str, master: MasterKey) -> None:
    """Raises ConfigError when the database's keys hang on another master key by now, or it has none yet."""
    async with await AsyncConnection.connect(url, row_factory=dict_row) as now:
        row = await (await now.execute(q("index_key"))).fetchone()
    if row is None or row["master_key_id"] != master.key_id:
        raise ConfigError("the master key was changed meanwhile: make the backup again")


async def _one(connection: Connection, query: LiteralString) -> DictRow:
    row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return row


@contextlib.contextmanager
def the_only_one(
    folder: Path, *, busy: str = "another backup is being made in {folder}: wait for it"
) -> Iterator[None]:
    """Nobody else writes backups into the folder, which is there. Raises ConfigError, OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(busy.format(folder=folder)) from None
        yield
    finally:
        os.close(descriptor)


def _draft(folder: Path) -> tuple[Path, BinaryIO]:
    descriptor, name = tempfile.mkstemp(prefix=_DRAFT, suffix=".tmp", dir=folder)  # mode 0600
    return Path(name), os.fdopen(descriptor, "wb")


def _remove_drafts(folder: Path) -> None:
    """What a crash left half written is gone; nobody else is writing."""
    for draft in folder.glob(f"{_DRAFT}*.tmp"):
        draft.unlink(missing_ok=True)


def _put(draft: Path, target: Path) -> None:
    """On disk whole, or not at all, also after a power cut."""
    _sync(draft)
    draft.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# What is there --------------------------------------------------------------------------------------------------------


def found(folder: Path) -> tuple[list[Sealed], list[str]]:
    """The backups in the folder, the newest first, and what is wrong with files that look like some."""
    good, bad = [], []
    for path in sorted(folder.glob("leadwake-*.backup")) if folder.is_dir() else ():
        if _NAME.fullmatch(path.name):
            try:
                good.append(backup_file.look(path))
            except ConfigError as error:
                bad.append(str(error))
    return sorted(good, key=lambda one: one.header.made_at, reverse=True), bad


def verify(sealed: Sealed, masters: Sequence[MasterKey], progress: Progress = silent) -> int:
    """How many bytes of dump the file holds, every one of them as it was sealed. Raises ConfigError."""
    total = told = 0
    for piece in backup_file.read(sealed, masters):
        total += len(piece)
        if total - told >= _TELL_EVERY:
            told = total
            progress(f"{told >> 20} MiB read")
    return total


def to_keep(made: Sequence[datetime], now: datetime, days: int, weeks: int) -> set[datetime]:
    """
    Of backups made at these instants, those that stay: the newest of all, the newest of each of the last `days` days
    and of the last `weeks` weeks (UTC), nothing older than MOST_DAYS.
    """
    newest_first = sorted(made, reverse=True)
    kept = set(newest_first[:1])
    for span, since in ((_day, timedelta(days=days)), (_week, timedelta(weeks=weeks))):
        seen: set[tuple[int, ...]] = set()
        for at in newest_first:
            if now - at < min(since, timedelta(days=MOST_DAYS)) and span(at) not in seen:
                seen.add(span(at))
                kept.add(at)
    return kept


def _day(at: datetime) -> tuple[int, ...]:
    return at.timetuple()[:3]


def _week(at: datetime) -> tuple[int, ...]:
    return at.isocalendar()[:2]


def prune(folder: Path, master: MasterKey, now: datetime, days: int, weeks: int) -> list[Path]:
    """The backups that had their time are gone; which they were. Those of another master key are somebody else's."""
    ours = [one for one in found(folder)[0] if backup_file.is_opened_by(one, [master])]
    kept = to_keep([one.header.made_at for one in ours], now, days, weeks)
    gone = [one.path for one in ours if one.header.made_at not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


# Another master key ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def handing_over(folder: Path, old: MasterKey, new: MasterKey) -> Iterator[None]:
    """
    The backups in the folder open with either key from here on; `settle` takes the old one away, once it is no more.

    No backup is made within the block. Raises ConfigError while one is.
    """
    if not folder.is_dir():
        yield
        return
    try:
        with the_only_one(folder, busy="a backup is being made in {folder}: change the master key when it is done"):
            for one in found(folder)[0]:
                backup_file.add_key(one.path, old, new)
            yield
    except OSError as error:
        raise ConfigError(f"{folder}: the backups cannot be given the new master key: {error.strerror}") from error


def settle(folder: Path, key: MasterKey) -> None:
    """Backups that this key opens are opened by no other: what a change of keys that was cut off left."""
    for one in found(folder)[0]:
        with contextlib.suppress(ConfigError):  # damaged: verify says so
            backup_file.keep_only(one.path, key)
