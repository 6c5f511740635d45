"""A vendor is asked no faster than it may be, whatever waits; what somebody waits for goes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from leadwake.actions.limits import Limiter
from leadwake.actions.planning import Planned, plan_now
from leadwake.domain.values import Purpose
from leadwake.errors import Throttled
from leadwake.providers.ports import CrmNews
from leadwake.storage.ids import new_id
from leadwake.workflows import crm_news
from office_case import House, a_house, until, working
from redis_case import redis_server


@pytest.fixture
async def limited(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Nobody works yet; HubSpot may be asked five times a second, SendGrid three times a day."""
    limits = "hubspot 5/s, sendgrid 3/day"
    async with a_house(database_url, tmp_path / "data", at_work=False, LIMITS=limits) as house:
        yield house


async def leads(house: House, number: int) -> None:
    for one in range(number):
        lead = {"name": f"Person {one}", "email": f"person{one}@example.com"}
        assert (await house.post(lead)).status_code == 202


async def asked(house: House, vendor: str) -> list[float]:
    """When the stand-in was asked, in seconds."""
    answer = await house.sandbox.get("/received", params={"vendor": vendor})
    return sorted(
        datetime.fromisoformat(entry["at"]).timestamp() for entry in answer.json() if entry["method"] == "POST"
    )


async def test_after_one_burst_calls_come_no_faster_than_the_limit(limited: House) -> None:
    await leads(limited, 20)
    async with working(limited.office):
        await until(lambda: _has(limited, "hubspot", 20))
    times = await asked(limited, "hubspot")

    assert times[-1] - times[0] > 1.5  # 2.5 s for what is beyond the burst of seven, less what a busy machine delays


async def test_what_the_limit_holds_back_spends_no_attempt_and_fails_nothing(limited: House) -> None:
    await leads(limited, 12)
    async with working(limited.office):
        await until(lambda: _has(limited, "hubspot", 12))
        await until(lambda: _all_crm(limited, "sent"))

    assert await limited.rows("select 1 from action where kind = 'crm' and (failures > 0 or attempts > 1)") == []
    assert await limited.rows("select 1 from vendor_state where vendor = 'hubspot' and state = 'open'") == []


async def test_a_used_up_day_is_said_and_goes_on_tomorrow(limited: House) -> None:
    house = limited
    await leads(house, 5)
    async with working(house.office):
        await until(lambda: _says(house, "has had today's 3 calls"))
        await until(lambda: _mails(house, 3))
        waiting = await house.rows("select state, failures from action where channel = 'email' and state = 'planned'")
        assert waiting
        assert all(row["failures"] == 0 for row in waiting)
    house.advance(timedelta(days=1))
    await house.wakes()
    async with working(house.office):
        await until(lambda: _mails(house, 6))
        await until(lambda: _says(house, "has had today's 3 calls"))

    assert len(await house.mails()) == 6  # three more, and again no more than that


async def test_what_somebody_waits_for_goes_before_what_may_take_its_time(limited: House) -> None:
    house = limited
    for _ in range(20):
        lead = (await house.post({"email": f"{new_id()}@example.com"})).json()
        patient = Planned("crm", "hubspot", Purpose.STAFF, True, ordinal=9)
        async with house.office.db.transaction() as connection:
            await plan_now(
                connection, [patient], cause_id=new_id(), now=house.now, lead_id=lead["lead_id"], queue="bulk"
            )
    await house.rows("update action set state = 'cancelled', due_at = null where ordinal <> 9 and channel = 'crm'")
    async with working(house.office):
        await until(lambda: _has(house, "hubspot", 8))
        receipt = (await house.post({"name": "Ann Lee", "email": "ann@example.com"})).json()
        await house.reaches(receipt["inquiry_id"], "crm", "sent")
        still = await house.rows("select 1 from action where ordinal = 9 and state = 'planned'")

    assert still


async def test_two_processes_with_one_redis_share_the_rate(database_url: str, tmp_path: Path) -> None:
    with redis_server() as redis:
        async with a_house(
            database_url, tmp_path / "data", at_work=False, LIMITS="hubspot 5/s", REDIS_URL=redis.url
        ) as house:
            first, second = (
                Limiter(house.office.db, lambda: house.office.settings, house.office.clock.now) for _ in range(2)
            )
            taken = [await each.take("hubspot", 5) for each in (first, second)]
            await first.aclose()
            await second.aclose()

    assert sum(permit.calls for permit in taken) <= 8  # one burst of seven, not two


async def test_without_redis_processes_divide_the_rate_between_them(limited: House) -> None:
    office = limited.office
    async with working(office), working(office):

        async def both_listen() -> bool:
            row = await office.db.one("worker_processes")
            return row is not None and row["n"] == 2

        await until(both_listen)
        limiter = Limiter(office.db, lambda: office.settings, office.clock.now)
        permit = await limiter.take("hubspot", 50)

    assert permit.calls == 3  # half of seven and a half


async def test_calls_of_one_day_are_counted_exactly_however_many_ask_at_once(limited: House) -> None:
    office = limited.office
    limiters = [Limiter(office.db, lambda: office.settings, office.clock.now) for _ in range(6)]
    permits = await asyncio.gather(*(each.take("sendgrid", 2) for each in limiters))
    await limiters[0].give_back("sendgrid", 1)
    again = await limiters[1].take("sendgrid", 5)

    assert sum(permit.calls for permit in permits) == 3
    assert {permit.used_up for permit in permits if permit.calls < 2} == {3}
    assert again.calls == 1


async def _has(house: House, vendor: str, number: int) -> bool:
    return len(await asked(house, vendor)) >= number


async def _mails(house: House, number: int) -> bool:
    return len(await house.mails()) >= number


async def _all_crm(house: House, state: str) -> bool:
    return not await house.rows("select 1 from action where kind = 'crm' and state <> %s", state)


async def _says(house: House, words: str) -> bool:
    rows = await house.rows("select reason from vendor_state where state = 'open'")
    return any(words in (row["reason"] or "") for row in rows)


async def test_questions_that_nobody_waits_for_leave_half_of_a_vendor_to_what_is_written(
    database_url: str, tmp_path: Path
) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, LIMITS="hubspot 8/s 20/day") as house:
        limiter = Limiter(house.office.db, lambda: house.office.settings, house.office.clock.now)
        read = 0
        while (await limiter.take_to_read("hubspot")).calls:
            read += 1
        written = await limiter.take("hubspot", 6)

        assert 6 <= read <= 8  # of a burst of twelve; more where the machine takes its time
        assert written.calls >= 4
        with pytest.raises(Throttled) as caught:
            await asks_on(limiter)
        rest = await house.rows("select used from vendor_day")
        assert rest == [{"used": 16}]  # the last fifth of the day is for what is written
        assert caught.value.retry_after_s == pytest.approx(day_ends_s(house), abs=5)
        await limiter.aclose()


async def asks_on(limiter: Limiter) -> None:
    async with asyncio.timeout(20):
        while True:
            await limiter.before_reading("hubspot")


def day_ends_s(house: House) -> float:
    zone = house.office.settings.time_zone
    today = house.now.astimezone(zone)
    return (today.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - today).total_seconds()


async def test_what_is_asked_about_news_counts_on_the_vendors_day(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", LIMITS="hubspot 50/day") as house:
        await crm_news.keep(house.office, [CrmNews("hubspot", str(one), "deal", f"40440{one}") for one in range(3)])
        await until(lambda: _done(house))

        assert await house.rows("select used from vendor_day") == [{"used": 3}]


async def _done(house: House) -> bool:
    return not await house.rows("select 1 from crm_event where state = 'waiting'")
