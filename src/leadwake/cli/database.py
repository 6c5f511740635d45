"""The database for one command: the embedded server attached to or started, or the one at LEADWAKE_DATABASE_URL."""

from __future__ import annotations

import asyncio
import functools
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Concatenate, ParamSpec

import click
import psycopg
from psycopg import AsyncConnection, errors
from psycopg.rows import dict_row

from leadwake import bootstrap, config, log
from leadwake.errors import ConfigError, DatabaseAway
from leadwake.ops import upgrading
from leadwake.settings import Settings
from leadwake.storage import db
from leadwake.storage.embedded import EmbeddedServer
from leadwake.storage.keys import MasterKey
from leadwake.workflows.office import Office

P = ParamSpec("P")

CONNECT_S = 5
#: whoever acts here, in the audit log
ACTOR = "cli"
_TERMINATED = 143


def with_office(command: Callable[Concatenate[Office, P], Awaitable[int | None]]) -> Callable[P, None]:
    """The command with an open office as its first argument; what it returns is its exit code."""

    @functools.wraps(command)
    def called(*args: P.args, **options: P.kwargs) -> None:
        async def whole() -> int | None:
            async with office(config.load()) as opened:
                return await command(opened, *args, **options)

        run(whole())

    return called


def run(work: Coroutine[object, object, int | None]) -> None:
    """
    The work is done; its result other than 0 and None ends the command with that exit code.

    Raises ConfigError and DatabaseAway where the server refuses what any other would do.
    """
    try:
        code = asyncio.run(_until_terminated(work))
    except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction) as error:
        reason = error.diag.message_primary
        raise ConfigError(f"the database refuses ({reason}): give LEADWAKE_DATABASE_URL a user that may") from error
    except (errors.LockNotAvailable, errors.QueryCanceled, errors.DeadlockDetected) as error:
        raise DatabaseAway("the database is busy with something else: try again in a moment") from error
    if code:
        raise click.exceptions.Exit(code)


@asynccontextmanager
async def office(settings: Settings) -> AsyncIterator[Office]:
    """
    The team's office on a database of this version, closed at the end.

    Raises ConfigError (a setting, or migrations to run first) and DatabaseAway.
    """
    log.setup(settings.get("LOG_LEVEL", "WARNING"))
    async with database_url(settings) as url:
        await _be_ready(settings, url)
        async with office_at(settings, url) as opened:
            yield opened


@asynccontextmanager
async def office_at(settings: Settings, url: str) -> AsyncIterator[Office]:
    """An office on a migrated database; a master key made on the way is shown, for it is shown once."""
    opened, created = await bootstrap.open_office(settings, url, pool=2)
    try:
        if created:
            show_recovery_copy(created)
        yield opened
    finally:
        await opened.db.close()


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """Where the database is; the embedded server runs until the block ends, and on if somebody else uses it."""
    if settings.database_url:
        yield settings.database_url
        return
    server = EmbeddedServer(settings.data_dir, progress=_progress)
    try:
        yield await server.start()
    finally:
        await server.stop()


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[db.Connection]:
    """One connection of its own, in autocommit. Raises DatabaseAway or ConfigError, saying what to look at."""
    try:
        opened = await AsyncConnection.connect(url, connect_timeout=CONNECT_S, row_factory=dict_row, autocommit=True)
    except psycopg.OperationalError as error:
        raise DatabaseAway(
            f"the database does not answer ({_reason(error)}): is it running, and is LEADWAKE_DATABASE_URL right?"
        ) from error
    except psycopg.ProgrammingError as error:
        raise ConfigError(f"LEADWAKE_DATABASE_URL cannot be read: {_reason(error)}") from error
    async with opened:
        yield opened


def show_recovery_copy(key: MasterKey) -> None:
    """The master key stands on standard error, with what to do with it; it is not shown again."""
    click.echo(
        "A master key was made: it opens everything this Leadwake seals, and without it nothing can be read again.\n"
        f"Keep this copy away from this machine:\n\n    {key.text}\n\nthen say so: leadwake master-key confirm\n",
        err=True,
    )


async def _be_ready(settings: Settings, url: str) -> None:
    """The schema is this version's. A server of its own is migrated by its operator, when they choose to."""
    if settings.database_url is None:
        await upgrading.with_a_backup(settings, url, _progress)
        return
    async with connection(url) as opened:
        if pending := await db.pending_migrations(opened):
            raise ConfigError(f"the database is {len(pending)} migrations behind this version: run leadwake migrate")


async def _until_terminated(work: Coroutine[object, object, int | None]) -> int | None:
    """SIGTERM cancels the work, so that it leaves as it would on Ctrl-C: the server let go, files closed."""
    task = asyncio.ensure_future(work)
    terminated = False

    def terminate() -> None:
        nonlocal terminated
        terminated = True
        task.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
    try:
        return await task
    except asyncio.CancelledError:
        if terminated:
            return _TERMINATED
        raise


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"… {line}", err=True)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
