"""Databases beside ours on the same server: made for a try or a restore, dropped, or put in ours' place."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import psycopg
from psycopg import AsyncConnection, conninfo, sql
from psycopg.rows import DictRow, dict_row

from leadwake.errors import ConfigError, DatabaseAway
from leadwake.storage.db import Connection, q

#: where one connects to rename a database: nobody can while connected to it
_ELSEWHERE: Final = "postgres"
#: names of PostgreSQL end at 63 bytes
_LONGEST: Final = 40


def at(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return conninfo.make_conninfo(url, dbname=name)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """One connection in autocommit. Raises DatabaseAway, ConfigError."""
    try:
        connection = await AsyncConnection.connect(url, row_factory=dict_row, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        raise DatabaseAway(f"the database does not answer ({' '.join(str(error).split())[:300]})") from error
    async with connection:
        yield connection


async def is_empty(url: str) -> bool:
    """True when nothing of anybody stands in the database."""
    return not (await _asked(url, "database_is_used"))["used"]


async def may_create(url: str) -> bool:
    """True when our user may make databases."""
    return bool((await _asked(url, "database_may_create"))["may"])


async def size(url: str) -> int:
    """How many bytes the database takes."""
    return int((await _asked(url, "database_size"))["n"])


async def others(url: str) -> int:
    """How many others are connected to the database."""
    return int((await _asked(url, "database_others"))["n"])


async def _asked(url: str, name: str) -> DictRow:
    async with connected(url) as connection:
        row = await (await connection.execute(q(name))).fetchone()
    assert row is not None
    return row


async def make(url: str, what: str) -> str:
    """The URL of a new, empty database on the same server; `what` is part of its name. Raises ConfigError."""
    name = f"{_own(url)}_{what}_{secrets.token_hex(4)}"
    try:
        async with connected(url) as connection:
            await connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigError(
            "the database's user may not make databases: let it (alter role … createdb), or restore into an empty "
            "database with --into"
        ) from error
    except psycopg.Error as error:
        raise ConfigError(f"no database can be made on the server: {error.diag.message_primary or error}") from error
    return at(url, name)


async def drop(url: str, scratch_url: str) -> None:
    """The database is gone, whoever was connected to it. url: of another one."""
    async with connected(url) as connection:
        name = conninfo.conninfo_to_dict(scratch_url)["dbname"]
        await connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(str(name))))


async def drop_left(url: str, what: str) -> None:
    """Databases of that kind that a crash left behind are gone."""
    async with connected(url) as connection:
        values = {"pattern": f"^{re.escape(_own(url))}_{what}_[0-9a-f]{{8}}$"}
        rows = await (await connection.execute(q("databases_like"), values)).fetchall()
    for row in rows:
        await drop(url, at(url, row["datname"]))


async def put_in_place(url: str, new_url: str, aside: str) -> str:
    """
    The new database has the name of the one at `url`, whose own is kept under another; that name.

    Both renames are one transaction. Raises ConfigError while somebody is connected.
    """
    own, new = (str(conninfo.conninfo_to_dict(one)["dbname"]) for one in (url, new_url))
    kept = f"{_own(url)}_{aside}"
    async with connected(at(url, _ELSEWHERE)) as connection:
        try:
            async with connection.transaction():
                for before, after in ((own, kept), (new, own)):
                    await connection.execute(
                        sql.SQL("alter database {} rename to {}").format(sql.Identifier(before), sql.Identifier(after))
                    )
        except psycopg.errors.ObjectInUse as error:
            raise ConfigError("somebody is connected to the database: stop Leadwake everywhere, then again") from error
    return kept


def _own(url: str) -> str:
    return str(conninfo.conninfo_to_dict(url).get("dbname") or "leadwake")[:_LONGEST]
