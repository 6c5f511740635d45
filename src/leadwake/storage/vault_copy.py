"""The vault's own copies: small, kept apart from the backups, the last two only (DESIGN: personal data and keys).

A backup leaves the schema `vault` out. Restoring joins old rows with the newest copy: whoever was erased since has no
key in it, so nothing of theirs opens. The copy also tells whom nobody may bring back or write to any more.

A file is a sequence of parts, each its length (4 bytes, big-endian) and one msgpack value [kind, …]; the last one
counts them. Keys stand in it as in the database: wrapped. The master key is never in it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from leadwake.errors import ConfigError
from leadwake.storage.db import Connection, Database, q

#: how many copies stay
KEPT: Final = 2
#: a copy is written anew when the newest is older
EVERY: Final = timedelta(hours=24)
#: somebody said stop, or was erased, since the newest: then it is written anew when it is older than this
SOON: Final = timedelta(minutes=1)
#: rows in one part
_PART: Final = 1000
_VERSION: Final = 1
_NAME: Final = re.compile(r"vault-(\d{8}T\d{12}Z)-k(\d+)\.copy")
_KEY: Final = ("ids", "kek_ids", "wrapped", "lead_ids")
_POINT: Final = ("kinds", "hashes", "erased", "opted_out", "by")
_msgpack = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True, order=True)
class Copy:
    """A copy on disk. kek_id: of the key-encryption key in use when it was taken."""

    taken_at: datetime
    kek_id: int
    path: Path


@dataclass(frozen=True, slots=True)
class Joined:
    """What a copy brought into a restored database. taken_at: rows older than this without a key were erased."""

    taken_at: datetime
    data_keys: int
    erasures: int


def copies(folder: Path) -> list[Copy]:
    """The whole copies in the folder, the newest first."""
    found = []
    for path in folder.glob("vault-*.copy") if folder.is_dir() else ():
        if match := _NAME.fullmatch(path.name):
            taken_at = datetime.strptime(match[1], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
            found.append(Copy(taken_at, int(match[2]), path))
    return sorted(found, reverse=True)


async def write(db: Database, folder: Path) -> Copy | None:
    """
    One more copy, whole on disk, its owner's only; older ones but one, and all of destroyed KEKs, are gone.

    None while a key change is under way: its end writes them. Raises ConfigError when the folder cannot be written.
    """
    taken_at = datetime.now(UTC)
    try:
        draft, file = _draft(folder)
        try:
            with file:
                kek_id = await _written(db, file, taken_at)
            if kek_id is None:
                return None
            made = Copy(taken_at, kek_id, folder / f"vault-{taken_at:%Y%m%dT%H%M%S%fZ}-k{kek_id}.copy")
            _put(draft, made.path)
        finally:
            _remove(draft)
        tidy(folder, kek_id)
    except OSError as error:
        raise ConfigError(f"{folder}: the vault's copy cannot be written: {error.strerror}") from error
    return made


async def _written(db: Database, file: BinaryIO, taken_at: datetime) -> int | None:
    """The KEK in use, once every part is in the file; None when there are two."""
    kek_id = None
    async for part in _parts(db, taken_at):
        if part[0] == "keks":
            if len(part[1]) > 1:
                return None
            kek_id = part[1][0]["id"]
        packed = _msgpack.encode(part)
        file.write(len(packed).to_bytes(4, "big") + packed)
    return kek_id


def _draft(folder: Path) -> tuple[Path, BinaryIO]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".vault-", suffix=".tmp", dir=folder)  # mode 0600
    return Path(name), os.fdopen(descriptor, "wb")


def _put(draft: Path, target: Path) -> None:
    """On disk whole, or not at all, also after a power cut."""
    _sync(draft)
    draft.rename(target)
    _sync(target.parent)


def _remove(draft: Path) -> None:
    draft.unlink(missing_ok=True)


def tidy(folder: Path, kek_id: int) -> None:
    """Of the copies of the KEK in use the last two are left; all others, and drafts of a crash, are gone."""
    found = copies(folder)
    current = [copy for copy in found if copy.kek_id == kek_id]
    for copy in found:
        if copy not in current[:KEPT]:
            copy.path.unlink(missing_ok=True)
    for draft in folder.glob(".vault-*.tmp"):
        if draft.stat().st_mtime < datetime.now(UTC).timestamp() - 3600:
            draft.unlink(missing_ok=True)


async def keep(db: Database, folder: Path, *, soon: timedelta = SOON) -> Copy | None:
    """
    The newest copy is of the KEK in use, less than a day old, and knows every stop and erasure but the last minute's.

    The copy, if one had to be written.
    """
    keks = await db.all("vault_copy_keks")
    if len(keks) != 1:
        return None
    found = copies(folder)
    is_fresh = found and found[0].kek_id == keks[0]["id"] and datetime.now(UTC) - found[0].taken_at < EVERY
    if is_fresh and all(copy.kek_id == keks[0]["id"] for copy in found):
        is_new = datetime.now(UTC) - found[0].taken_at < soon
        if is_new or await _stops(db) == _stops_in(found[0].path):
            return None
    return await write(db, folder)


async def _stops(db: Database) -> list[Any]:
    """Tells whether somebody said stop, took it back, or was erased since: counts and the newest instants."""
    row = await db.one("vault_copy_stops")
    return list(row.values()) if row else []


def _stops_in(path: Path) -> list[Any] | None:
    """The same as a copy says it; None where it is of an older version, or damaged."""
    try:
        return next((value.get("stops") for kind, value in read(path) if kind == "head"), None)
    except ConfigError:
        return None


async def _parts(db: Database, taken_at: datetime) -> AsyncIterator[list[Any]]:
    """The parts of a copy, all of one snapshot."""
    async with db.transaction() as connection:
        await connection.execute("set transaction isolation level repeatable read, read only")
        stops = list((await _rows(connection, "vault_copy_stops"))[0].values())
        yield ["head", {"version": _VERSION, "taken_at": taken_at, "stops": stops}]
        yield ["keks", await _rows(connection, "vault_copy_keks")]
        yield ["index_key", (await _rows(connection, "index_key"))[0]]
        yield ["erasures", await _rows(connection, "vault_copy_erasures")]
        points = data_keys = 0
        async for rows in _batches(connection, "vault_copy_points", 0):
            points += len(rows)
            yield ["points", rows]
        async for rows in _batches(connection, "vault_copy_keys", "00000000-0000-0000-0000-000000000000"):
            data_keys += len(rows)
            yield ["data_keys", [[row["id"], row["kek_id"], row["wrapped"], row["lead_id"]] for row in rows]]
        yield ["end", {"points": points, "data_keys": data_keys}]


async def _batches(connection: Connection, name: str, after: object) -> AsyncIterator[list[dict[str, Any]]]:
    while rows := await _rows(connection, name, after=after, limit=_PART):
        yield rows
        after = rows[-1]["id"]


async def _rows(connection: Connection, name: str, **values: object) -> list[dict[str, Any]]:
    return await (await connection.execute(q(name), values)).fetchall()


def read(path: Path) -> Iterator[tuple[str, Any]]:
    """Each part's kind and value. Raises ConfigError when the file is not a whole copy, by its end at the latest."""
    counted = {"points": 0, "data_keys": 0}
    try:
        with path.open("rb") as file:
            while length := file.read(4):
                part = file.read(int.from_bytes(length, "big"))
                kind, value = msgspec.msgpack.decode(part)
                if kind == "head" and value.get("version") != _VERSION:
                    raise ConfigError(f"{path}: this copy was written by a newer Leadwake")
                if kind == "end":
                    if value != counted or file.read(1):
                        break
                    return
                if kind in counted:
                    counted[kind] += len(value)
                yield kind, value
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: this is no copy of a vault") from error
    raise ConfigError(f"{path}: this copy is not whole; take the other one")


async def join(url: str, path: Path) -> Joined:
    """
    A database restored from a backup that left the vault out has the copy's keys, and no others.

    Whoever the copy has no key for is dark; `ops.erasure.reapply` then takes their rows away, before anybody is served.
    Raises ConfigError.
    """
    counts = {"data_keys": 0, "erasures": 0}
    async with await AsyncConnection.connect(url, row_factory=dict_row) as connection:
        await connection.execute(q("vault_schema"))
        taken_at = datetime.now(UTC)
        for kind, value in read(path):
            if kind == "head":
                taken_at = value["taken_at"]
            else:
                await _join_part(connection, kind, value)
            if kind in counts:
                counts[kind] += len(value)
    return Joined(taken_at, **counts)


async def _join_part(connection: Connection, kind: str, value: Any) -> None:
    match kind:
        case "keks":
            for kek in value:
                await connection.execute(q("vault_join_kek"), kek)
        case "index_key":
            await connection.execute(q("index_key_add"), value)
        case "data_keys":
            await connection.execute(q("vault_join_keys"), _columns(_KEY, value))
        case "erasures":
            for row in value:
                await connection.execute(q("vault_join_erasure"), {**row, "scope": Jsonb(row["scope"])})
        case "points":
            fields = ("kind", "hash", "erased_at", "opted_out_at", "opted_out_by")
            rows = [[row[field] for field in fields] for row in value]
            await connection.execute(q("vault_join_points"), _columns(_POINT, rows))


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
