"""The gate's tables in the database: each set that was ever in force is kept, to replay its decisions."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime

from psycopg.rows import DictRow

from leadwake import __version__
from leadwake.compliance.table_files import TABLE_FILES, read_files
from leadwake.compliance.tables import Tables
from leadwake.errors import InputError, RuleError
from leadwake.storage.db import Connection, Database, q
from leadwake.storage.events import record


async def in_force(db: Database, known: Tables, shipped: Tables, version: str | None) -> Tables:
    """The tables of the version, `known` if it is that; those Leadwake came with for None."""
    if version is None or version == shipped.version:
        return shipped
    if version == known.version:
        return known
    return await read(db, version) or known


async def read(db: Database, version: str) -> Tables | None:
    """The tables of a version; None when they are not kept."""
    contents = await files(db, version)
    return Tables.of(contents) if contents is not None else None


async def files(db: Database, version: str) -> dict[str, bytes] | None:
    """The files of a version by name, as they were loaded; None when they are not kept."""
    row = await db.one("rule_table_files", version=version)
    return _unpacked(row["files"]) if row else None


async def by_version(db: Database, versions: Iterable[str]) -> dict[str, Tables]:
    """The tables of these versions; a set that is not kept is left out."""
    found = {}
    for version in set(versions):
        if tables := await read(db, version):
            found[version] = tables
    return found


async def keep_shipped(db: Database, shipped: Tables, at: datetime) -> None:
    """The tables Leadwake came with are kept, for when an update brings others."""
    if await db.one("rule_table_files", version=shipped.version) is None:
        contents, _ = read_files()
        by = f"leadwake {__version__}"
        await db.run("rule_table_add", version=shipped.version, at=at, by=by, reason="shipped", files=_packed(contents))


async def load(db: Database, *, at: datetime, by: str, reason: str, contents: Mapping[str, bytes]) -> Tables:
    """
    The set is kept and in force from now on.

    Raises InputError with every problem in it, each naming its file and row; then nothing has changed.
    """
    tables = Tables.of(contents)
    _check(tables)
    async with db.transaction() as connection:
        values = {"version": tables.version, "at": at, "by": by, "reason": reason, "files": _packed(contents)}
        added = await connection.execute(q("rule_table_add"), values)
        if added.rowcount:
            await record(connection, at, by, "rules_loaded", version=tables.version)
        await _put_in_force(connection, at, by, tables.version)
    return tables


async def use(db: Database, *, at: datetime, by: str, version: str | None) -> None:
    """
    A set that is kept is in force again; None: always those Leadwake comes with.

    Raises RuleError when it is not kept, InputError when this version of Leadwake finds problems in it.
    """
    if version is not None:
        tables = await read(db, version)
        if tables is None:
            raise RuleError(f"no tables of version {version} are kept: leadwake rules history")
        _check(tables)
    async with db.transaction() as connection:
        await _put_in_force(connection, at, by, version)


async def history(db: Database) -> list[DictRow]:
    """Every set that is kept, oldest first: {version, loaded_at, loaded_by, reason, active}."""
    return await db.all("rule_tables")


def _check(tables: Tables) -> None:
    if tables.problems:
        raise InputError({f"problem {number}": text for number, text in enumerate(tables.problems, start=1)})


async def _put_in_force(connection: Connection, at: datetime, by: str, version: str | None) -> None:
    await connection.execute(q("rule_tables_lock"))
    await connection.execute(q("rule_tables_rest"))
    if version is not None:
        await connection.execute(q("rule_table_use"), {"version": version})
    await record(connection, at, by, "rules_used", version=version or "shipped")
    await connection.execute(q("deferred_asked_again"), {"now": at})
    await connection.execute(q("office_changed"))


def _packed(contents: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in TABLE_FILES:
            if name in contents:
                archive.writestr(zipfile.ZipInfo(name), contents[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _unpacked(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name in TABLE_FILES}
