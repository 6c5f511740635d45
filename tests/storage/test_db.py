"""The pool: transactions that commit whole or not at all, and one error for a database that is away."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from leadwake.errors import DatabaseAway
from leadwake.storage.db import Database, is_refusal, past_deadlocks, queries
from leadwake.storage.ids import new_id
from office_case import rows


@pytest.fixture
async def db(database_url: str) -> object:
    database = Database(database_url, max_size=4)
    await database.open()
    yield database
    await database.close()


async def test_a_transaction_that_fails_leaves_nothing(db: Database) -> None:
    async def fail() -> None:
        async with db.transaction() as connection:
            await connection.execute("insert into setting (name, sealed) values ('a', '')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await rows(db, "select * from setting") == []


async def test_a_connection_that_dies_in_a_transaction_is_the_database_being_away(db: Database) -> None:
    with pytest.raises(DatabaseAway):
        async with db.transaction() as connection:
            await connection.execute("select pg_terminate_backend(pg_backend_pid())")

    assert await db.is_there()


async def test_a_refused_statement_is_not_the_database_being_away(db: Database) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled) as refused:
        await rows(db, "do $$ begin raise query_canceled; end $$")

    assert is_refusal(refused.value)


async def test_work_that_loses_a_deadlock_is_done_again_from_its_beginning(db: Database) -> None:
    await rows(db, "insert into setting (name, sealed) values ('a', ''), ('b', '')")
    both, begun = asyncio.Barrier(2), []

    async def swap(first: str, second: str) -> None:
        begun.append(first)
        async with db.transaction() as connection:
            await connection.execute("update setting set sealed = sealed || 'x' where name = %s", [first])
            if len(begun) <= 2:
                await both.wait()
            await connection.execute("update setting set sealed = sealed || 'x' where name = %s", [second])

    await asyncio.gather(past_deadlocks(lambda: swap("a", "b")), past_deadlocks(lambda: swap("b", "a")))

    assert len(begun) >= 3  # the loser may be back before the winner woke up, and win the second time
    assert [bytes(row["sealed"]) for row in await rows(db, "select sealed from setting")] == [b"xx", b"xx"]


async def test_no_server_is_said_within_seconds() -> None:
    database = Database("host=127.0.0.1 port=9 dbname=x user=x connect_timeout=1", max_size=1)
    database.pool.timeout = 0.3
    await database.open()
    with pytest.raises(DatabaseAway):
        await database.one("is_new")
    assert not await database.is_there()
    await database.close()


def test_ids_grow_with_time_and_never_repeat() -> None:
    ids = [new_id() for _ in range(2_000)]

    assert len(set(ids)) == len(ids)
    assert all(found.version == 7 for found in ids)
    assert [found.int >> 80 for found in ids] == sorted(found.int >> 80 for found in ids)


def test_queries_are_read_once_and_none_stands_twice() -> None:
    assert queries() is queries()
    assert all(text and not text.endswith(";") for text in queries().values())
