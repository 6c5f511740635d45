"""The database: one pool, transactions, SQL by name, migrations."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib.resources import files
from typing import Any, LiteralString, TypeVar, cast

import psycopg
from psycopg import AsyncClientCursor, AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from leadwake.errors import ConfigError, DatabaseAway
from leadwake.storage.cursor import NamedCursor

Connection = AsyncConnection[DictRow]
Result = TypeVar("Result")

#: errors that mean "the server, not the statement": the same work may be tried on a fresh connection
AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.IdleInTransactionSessionTimeout,  # this process was paused inside a transaction
    PoolTimeout,
    PoolClosed,
)

#: a request waits this long for a connection before it answers 503
POOL_TIMEOUT_S = 3.0

#: serialises migrations of processes that start together
_MIGRATION_LOCK = 7_230_001

#: how long whoever lost a deadlock steps back
_STEP_BACK_S = 0.03

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def queries() -> dict[str, LiteralString]:
    """Every named query of `storage/sql`: {"claim_lock": "select …"}. A name stands once."""
    found: dict[str, LiteralString] = {}
    for file in sorted(files("leadwake.storage").joinpath("sql").iterdir(), key=lambda f: f.name):
        parts = _NAME.split(file.read_text("utf-8"))
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if name in found:
                raise ValueError(f"{file.name}: the query {name} stands twice")
            found[name] = cast("LiteralString", text.strip().rstrip(";"))
    return found


def q(name: str) -> LiteralString:
    """The text of one named query."""
    return queries()[name]


class Database:
    """A pool of connections to one PostgreSQL."""

    def __init__(self, url: str, *, min_size: int = 1, max_size: int = 8) -> None:
        self.url = url
        self.pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=min_size,
            max_size=max_size,
            open=False,
            timeout=POOL_TIMEOUT_S,
            max_idle=120,
            reconnect_timeout=5,
            reconnect_failed=None,
            kwargs={"row_factory": dict_row, "cursor_factory": NamedCursor, "connect_timeout": 3},
            configure=_configure,
            reset=_reset,
            name="leadwake",
        )

    async def open(self) -> None:
        """Connections are available, or come as soon as the server is there."""
        await self.pool.open()

    async def close(self) -> None:
        """No connection is open."""
        await self.pool.close(timeout=2)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """
        A connection in autocommit.

        Raises DatabaseAway when the server cannot be reached or goes away meanwhile.
        """
        try:
            async with self.pool.connection() as connection:
                yield connection
        except AWAY as error:
            if is_refusal(error):
                raise
            raise DatabaseAway(str(error)) from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction, committed at its end. Raises DatabaseAway, also when the commit's outcome is unknown."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def transaction_after(self, name: str, /, **values: Any) -> AsyncIterator[tuple[Connection, list[DictRow]]]:
        """
        A transaction, and the rows of the named query it begins with.

        Both go in one message, which saves a round trip. For a short query only, as it is planned anew each time; what
        follows in the transaction is planned once a connection, whatever its values: left to itself, PostgreSQL plans
        a claim's twenty tables anew for every claim, which took longer than reading them.
        Raises DatabaseAway as `transaction` does.
        """
        async with self.connection() as connection:
            try:
                cursor = AsyncClientCursor(connection)
                await cursor.execute(f"begin; set local plan_cache_mode = force_generic_plan; {q(name)}", values)
                cursor.nextset()
                cursor.nextset()
                yield connection, await cursor.fetchall()
                await connection.commit()
            except BaseException:
                with suppress(psycopg.Error):
                    await connection.rollback()
                raise

    async def all(self, name: str, /, **values: Any) -> list[DictRow]:
        """The rows of a named query."""
        async with self.connection() as connection:
            return await (await connection.execute(q(name), values)).fetchall()

    async def one(self, name: str, /, **values: Any) -> DictRow | None:
        """The first row of a named query, or None."""
        async with self.connection() as connection:
            return await (await connection.execute(q(name), values)).fetchone()

    async def run(self, name: str, /, **values: Any) -> int:
        """How many rows a named statement touched."""
        async with self.connection() as connection:
            return (await connection.execute(q(name), values)).rowcount

    async def is_there(self) -> bool:
        """True when a query is answered."""
        try:
            async with self.connection() as connection:
                await connection.execute("select 1")
        except DatabaseAway:
            return False
        return True


def is_refusal(error: Exception) -> bool:
    """True when the server is there and refused this statement only (deadlock, lock or statement time-out)."""
    return isinstance(
        error, psycopg.errors.DeadlockDetected | psycopg.errors.LockNotAvailable | psycopg.errors.QueryCanceled
    )


def is_of_destroyed_kek(error: psycopg.errors.ForeignKeyViolation) -> bool:
    """True when a key was to be stored under a key-encryption key that was destroyed a moment ago."""
    return error.diag.constraint_name == "data_key_kek_id_fkey"


def is_taken(error: Exception, index: str) -> bool:
    """True when a row like it was there already, by this unique index."""
    return isinstance(error, psycopg.errors.UniqueViolation) and error.diag.constraint_name == index


def was_unreachable(error: DatabaseAway) -> bool:
    """True when no connection could be had at all: nothing was done, and waiting once more would take as long."""
    return isinstance(error.__cause__, PoolTimeout | PoolClosed)


async def past_deadlocks(work: Callable[[], Awaitable[Result]], tries: int = 4) -> Result:
    """
    What the work (one transaction) gave; when it lost a deadlock it is done again, from its beginning.

    A little later: the other, woken by our end, is not yet past where we met, and at once it would lose in its turn.
    """
    for attempt in range(1, tries):
        try:
            return await work()
        except psycopg.errors.DeadlockDetected:
            await asyncio.sleep(random.uniform(0.5, 1.5) * attempt * _STEP_BACK_S)  # noqa: S311 - keeps two apart
    return await work()


async def _configure(connection: Connection) -> None:
    await connection.set_autocommit(True)  # not among the pool's arguments: the job library gives it itself
    connection.prepare_threshold = 1
    connection.prepared_max = 200
    await connection.execute(
        "select set_config('lock_timeout', '3s', false), set_config('statement_timeout', '10s', false), "
        "set_config('idle_in_transaction_session_timeout', '5s', false), "
        "set_config('application_name', 'leadwake', false)"
    )


async def _reset(connection: Connection) -> None:
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        await connection.rollback()


# Migrations ----------------------------------------------------------------------------------------------------------


def migrations() -> list[tuple[str, str]]:
    """(name, SQL) of every migration in the package, in order."""
    folder = files("leadwake.storage").joinpath("migrations")
    found = [(f.name.removesuffix(".sql"), f.read_text("utf-8")) for f in folder.iterdir() if f.name.endswith(".sql")]
    return sorted(found)


async def migrate(url: str, ran: Callable[[str, float], None] = lambda _name, _seconds: None) -> list[str]:
    """
    The schema is as this version of Leadwake wants it; the names of the migrations that ran now.

    ran: hears of each when it is done, and how many seconds it took.

    Raises ConfigError when the server is too old or holds a newer schema than this version knows.
    """
    async with await AsyncConnection.connect(url, row_factory=dict_row, autocommit=True) as connection:
        if connection.info.server_version < 140000:
            raise ConfigError("Leadwake needs PostgreSQL 14 or newer; LEADWAKE_DATABASE_URL points at an older server")
        await connection.execute("select pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        present = await (await connection.execute(q("is_there"), {"table": "migration"})).fetchone()
        if not present or not present["there"]:  # who may create no table may still find that there is nothing to do
            await connection.execute(
                "create table migration (name text primary key, at timestamptz not null default now())"
            )
        rows = await (await connection.execute("select name from migration")).fetchall()
        done, known = {row["name"] for row in rows}, migrations()
        if newer := sorted(done - {name for name, _ in known}):
            raise ConfigError(f"the database was migrated by a newer Leadwake ({newer[-1]}); run that version or newer")
        todo = [(name, text) for name, text in known if name not in done]
        for name, text in todo:
            began = asyncio.get_running_loop().time()
            async with connection.transaction():
                await connection.execute("set local lock_timeout = '10s'")
                await connection.execute(text)
                await connection.execute("insert into migration (name) values (%s)", [name])
            ran(name, asyncio.get_running_loop().time() - began)
        return [name for name, _ in todo]


async def pending_migrations(connection: Connection) -> Sequence[str]:
    """The migrations that have not run yet."""
    present = await (await connection.execute("select to_regclass('migration') is not null as there")).fetchone()
    if not present or not present["there"]:
        return [name for name, _ in migrations()]
    rows = await (await connection.execute("select name from migration")).fetchall()
    done = {row["name"] for row in rows}
    return [name for name, _ in migrations() if name not in done]


async def wait_until_there(url: str, *, seconds: float) -> None:
    """Raises DatabaseAway when the server does not answer within `seconds`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            async with await AsyncConnection.connect(url, connect_timeout=3):
                return
        except psycopg.OperationalError as error:
            if asyncio.get_running_loop().time() > deadline:
                raise DatabaseAway(str(error).strip()) from error
            await asyncio.sleep(0.2)
