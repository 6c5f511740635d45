"""Jobs are asked for when there may be some, and no notice of a new one is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from psycopg.rows import DictRow

from leadwake.jobs import BatchingJobManager, Jobs
from leadwake.storage.db import Database
from leadwake.storage.wakeups import wake

WORKER = 1


class Asked(Database):
    """A real database that counts how often jobs were asked for. then: done once, right after an answer was read."""

    times = 0
    then: Callable[[], Awaitable[None]] | None = None

    async def all(self, name: str, /, **values: Any) -> list[DictRow]:
        rows = await super().all(name, **values)
        if name == "jobs_fetch":
            self.times += 1
            if (then := self.then) is not None:
                self.then = None
                await then()
        return rows


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Asked]:
    db = Asked(database_url)
    await db.open()
    yield db
    await db.close()


async def a_job(db: Asked) -> None:
    async with db.transaction() as connection:
        await wake(connection, [("sms", uuid4())])


def manager(db: Asked) -> BatchingJobManager:
    return Jobs(db, {}).manager


async def test_who_got_the_last_job_asks_no_more_until_there_may_be_another(db: Asked) -> None:
    jobs = manager(db)
    await a_job(db)
    assert await jobs.fetch_job(["instant"], WORKER)
    assert await jobs.fetch_job(["instant"], WORKER) is None
    assert db.times == 1

    await a_job(db)
    jobs.tell("instant")
    assert await jobs.fetch_job(["instant"], WORKER)
    assert await jobs.fetch_job(["instant"], WORKER) is None
    assert db.times == 2


async def test_a_look_of_the_librarys_own_finds_what_nobody_was_told_of(db: Asked) -> None:
    jobs = manager(db)
    await a_job(db)
    assert await jobs.fetch_job(["instant"], WORKER)
    await a_job(db)
    assert await jobs.fetch_job(["instant"], WORKER) is None

    assert await jobs.fetch_job(["instant"], WORKER), "the next look asks again"


@pytest.mark.parametrize("before", [0, 1])
async def test_a_notice_that_comes_while_one_asks_is_not_lost(db: Asked, before: int) -> None:
    jobs = manager(db)

    async def another() -> None:
        await a_job(db)
        jobs.tell("instant")

    for _ in range(before):
        await a_job(db)
    db.then = another
    found = [await jobs.fetch_job(["instant"], WORKER) for _ in range(before + 1)]

    assert all(found)
    assert await jobs.fetch_job(["instant"], WORKER) is None
