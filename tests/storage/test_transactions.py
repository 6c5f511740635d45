"""A transaction that begins with a query: the same promises as any other, a round trip cheaper."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from leadwake.storage.db import Connection
from leadwake.workflows.office import Office
from office_case import until

KINDS, HASHES = ["phone"], [b"\x01" * 32]


async def _points(office: Office) -> int:
    async with office.db.connection() as connection:
        row = await (await connection.execute("select count(*) as n from contact_point")).fetchone()
    assert row is not None
    return int(row["n"])


async def test_what_it_begins_with_commits_with_the_rest(office: Office) -> None:
    async with office.db.transaction_after("intake_lock", kinds=KINDS, hashes=HASHES) as (connection, found):
        assert [row["hash"] for row in found] == HASHES
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS

    assert await _points(office) == 1


async def test_nothing_of_it_stands_after_an_error(office: Office) -> None:
    with pytest.raises(ZeroDivisionError):
        async with office.db.transaction_after("intake_lock", kinds=KINDS, hashes=HASHES):
            raise ZeroDivisionError

    assert await _points(office) == 0


async def test_a_refused_beginning_leaves_the_connection_usable(office: Office) -> None:
    with pytest.raises(psycopg.Error):
        async with office.db.transaction_after("intake_lock", kinds=KINDS, hashes=[None]):
            pytest.fail("began")

    assert await _points(office) == 0


async def test_the_second_waits_for_the_lock_of_the_first(office: Office) -> None:
    order: list[str] = []

    async def second() -> None:
        async with office.db.transaction_after("intake_lock", kinds=KINDS, hashes=HASHES):
            order.append("second")

    async with office.db.transaction_after("intake_lock", kinds=KINDS, hashes=HASHES) as (connection, _):
        task = asyncio.create_task(second())
        await until(lambda: _somebody_waits(connection))
        order.append("first")
    await task

    assert order == ["first", "second"]


async def _somebody_waits(connection: psycopg.AsyncConnection[psycopg.rows.DictRow]) -> bool:
    row = await (
        await connection.execute("select exists (select 1 from pg_locks where not granted) as waits")
    ).fetchone()
    return bool(row and row["waits"])


async def test_plans_are_made_once_inside_and_as_ever_afterwards(office: Office) -> None:
    async def mode(connection: Connection) -> str:
        row = await (await connection.execute("show plan_cache_mode")).fetchone()
        assert row
        return str(row["plan_cache_mode"])

    async with office.db.transaction_after("intake_lock", kinds=KINDS, hashes=HASHES) as (connection, _):
        assert await mode(connection) == "force_generic_plan"
    async with office.db.connection() as connection:
        assert await mode(connection) == "auto"
