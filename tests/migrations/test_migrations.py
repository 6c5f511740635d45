"""Migrations run once, whoever else starts at the same moment, and never on a database from the future."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from leadwake.errors import ConfigError
from leadwake.storage.db import migrate, migrations, pending_migrations
from leadwake.storage.embedded import binaries
from office_case import with_database

ONCE = "import asyncio, sys; from leadwake.storage.db import migrate; print(*asyncio.run(migrate(sys.argv[1])))"


@pytest.fixture
def empty_url(template_url: str) -> Iterator[str]:
    """A database that nothing was ever done to."""
    name = f"m_{uuid4().hex[:12]}"
    with psycopg.connect(with_database(template_url, "postgres"), autocommit=True) as connection:
        connection.execute(f'create database "{name}"'.encode())
    yield with_database(template_url, name)
    with psycopg.connect(with_database(template_url, "postgres"), autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)'.encode())


def _schema(url: str) -> str:
    """The whole schema as pg_dump writes it."""
    dump = subprocess.run(
        [binaries.program("pg_dump"), "--schema-only", "--no-owner", "--restrict-key=x", url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dump.stdout


async def test_running_them_again_changes_nothing(empty_url: str) -> None:
    first = await migrate(empty_url)
    schema = _schema(empty_url)
    second = await migrate(empty_url)

    assert first == [name for name, _ in migrations()]
    assert second == []
    assert _schema(empty_url) == schema


def test_processes_that_start_together_run_them_once(empty_url: str) -> None:
    command, pipe = [sys.executable, "-c", ONCE, empty_url], subprocess.PIPE
    starting = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    ended = [process.communicate(timeout=60) for process in starting]

    assert [process.returncode for process in starting] == [0, 0, 0], ended
    assert sorted(len(out.split()) for out, _ in ended) == [0, 0, len(migrations())]


async def test_a_database_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    await migrate(empty_url)
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("insert into migration (name) values ('9999_pre_flying_cars')")
    with pytest.raises(ConfigError, match="9999_pre_flying_cars"):
        await migrate(empty_url)


async def test_a_migration_that_fails_leaves_nothing_behind_and_runs_whole_the_next_time(empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("create table procrastinate_jobs (in_the_way int)")
    with pytest.raises(psycopg.Error):
        await migrate(empty_url)
    with psycopg.connect(empty_url, autocommit=True) as connection:
        there = connection.execute("select name from migration").fetchall()
        connection.execute("drop table procrastinate_jobs")
    rest = await migrate(empty_url)

    assert [name for (name,) in there] + rest == [name for name, _ in migrations()]


async def test_what_has_not_run_is_known_without_running_it(empty_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(
        empty_url, autocommit=True, row_factory=psycopg.rows.dict_row
    ) as connection:
        before = await pending_migrations(connection)
        await migrate(empty_url)
        after = await pending_migrations(connection)

    assert list(before) == [name for name, _ in migrations()]
    assert list(after) == []


def test_names_are_numbered_and_say_when_they_run() -> None:
    names = [name for name, _ in migrations()]

    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert all(name[4:9] in {"_pre_", "_post"} for name in names)


async def test_a_clone_of_the_template_is_migrated(database_url: str) -> None:
    assert await migrate(database_url) == []
