"""Token buckets: never more than the rate and one burst, whoever takes, in memory and in a real Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.storage.buckets import OWED_S, MemoryBuckets
from leadwake.storage.redis_buckets import RedisBuckets
from redis_case import RedisServer, redis_server

rates = st.floats(0.1, 50)
steps = st.lists(st.tuples(st.floats(0, 3), st.integers(1, 20)), min_size=1, max_size=40)


@given(rates, st.floats(1, 20), steps, st.integers(1, 4))
def test_never_more_is_granted_than_the_burst_and_the_rate_allow(
    per_s: float, burst: float, steps: list[tuple[float, int]], parts: int
) -> None:
    clock = [0.0]
    buckets = MemoryBuckets(lambda: parts, lambda: clock[0])
    granted = 0

    async def go() -> None:
        nonlocal granted
        for wait, wanted in steps:
            clock[0] += wait
            taken = await buckets.take("v", per_s, burst, wanted)
            granted += taken.granted
            assert 0 <= taken.granted <= wanted
            assert granted <= max(1.0, burst / parts) + clock[0] * per_s / parts + 1e-6

    asyncio.run(go())


@given(rates, st.integers(1, 5))
def test_whoever_waits_as_long_as_told_gets_one(per_s: float, wanted: int) -> None:
    clock = [0.0]
    buckets = MemoryBuckets(now=lambda: clock[0])

    async def go() -> None:
        taken = await buckets.take("v", per_s, 1, 50)
        for _ in range(wanted):
            clock[0] += taken.wait_s + 1e-9
            taken = await buckets.take("v", per_s, 1, 1)
            assert taken.granted == 1

    asyncio.run(go())


@given(st.floats(0.5, 50), st.integers(1, 30), st.integers(0, 1_000))
def test_what_is_owed_is_paid_by_those_that_come_and_stops_nothing_for_long(
    per_s: float, burst: int, owed: int
) -> None:
    clock = [0.0]
    buckets = MemoryBuckets(now=lambda: clock[0])

    async def go() -> None:
        await buckets.owe("v", per_s, burst, owed)
        taken = await buckets.take("v", per_s, burst, 1)
        assert taken.granted == (1 if owed < burst else 0)
        assert taken.wait_s <= OWED_S + 1 / per_s + 1e-6
        clock[0] += taken.wait_s + 1e-9
        assert taken.granted or (await buckets.take("v", per_s, burst, 1)).granted == 1

    asyncio.run(go())


async def test_what_is_given_back_may_be_taken_again() -> None:
    buckets = MemoryBuckets(now=lambda: 0.0)

    assert (await buckets.take("v", 1, 5, 5)).granted == 5
    await buckets.take("v", 1, 5, -2)
    assert (await buckets.take("v", 1, 5, 5)).granted == 2


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


async def test_two_processes_share_one_bucket_in_redis(redis: RedisServer) -> None:
    ours, theirs = (RedisBuckets(redis.url, MemoryBuckets()) for _ in range(2))
    began = time.monotonic()
    granted = 0
    for _ in range(30):
        granted += sum([(await each.take("shared", 20, 5, 4)).granted for each in (ours, theirs)])
    most = 5 + 20 * (time.monotonic() - began)
    await ours.take("shared", 20, 5, -3)
    again = await theirs.take("shared", 20, 5, 3)
    await ours.owe("owed", 2, 5, 9)  # four more than there are
    paid = await theirs.take("owed", 2, 5, 1)
    for each in (ours, theirs):
        await each.aclose()

    assert 5 <= granted <= most
    assert again.granted == 3
    assert again.wait_s <= 1 / 20 + 0.001
    assert paid.granted == 0
    assert 2 < paid.wait_s <= 2.5


async def test_whether_redis_is_there_is_known(redis: RedisServer) -> None:
    here, nowhere = RedisBuckets(redis.url, MemoryBuckets()), RedisBuckets("redis://127.0.0.1:9", MemoryBuckets())

    assert [await each.is_there() for each in (here, nowhere)] == [True, False]
    for each in (here, nowhere):
        await each.aclose()


async def test_while_redis_hangs_each_counts_for_itself_and_nobody_waits_long(redis: RedisServer) -> None:
    buckets = RedisBuckets(redis.url, MemoryBuckets(now=lambda: 0.0))
    assert (await buckets.take("hangs", 1, 2, 2)).granted == 2
    redis.pause()
    try:
        alone = [(await buckets.take("hangs", 1, 2, 1)).granted for _ in range(3)]
    finally:
        redis.go_on()
    await buckets.aclose()

    assert alone == [1, 1, 0]
