"""What comes late counts in the day it belongs to, though that day was counted long ago."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from proof_case import NEW_YORK, NOW, Asked, arrive, as_by_hand, by_hand, go_on, hire

from leadwake.domain import proof as figures
from leadwake.storage import proof
from leadwake.storage.db import Connection
from leadwake.workflows.office import Office
from office_case import rows

FOUR_DAYS_AGO = NOW - timedelta(days=4)
LOOKED = NOW - timedelta(days=2)
MARIA = Asked(FOUR_DAYS_AGO, "lead", asked_at=FOUR_DAYS_AGO, temperature="hot")


async def _counted(office: Office, asked: Asked) -> None:
    """Two days ago closed days were counted, hers among them."""
    async with office.db.connection() as connection:
        await hire(connection)
        await arrive(connection, asked)
        await go_on(connection, asked, None, LOOKED)
    await proof.keep_days(office.db, LOOKED, NEW_YORK)
    assert await _kept(office)


async def _kept(office: Office) -> bool:
    """True when her day is read from what was counted."""
    day = FOUR_DAYS_AGO.astimezone(NEW_YORK).date()
    return bool(await office.db.all("proof_kept_days", first=day, last=day, zone=NEW_YORK.key))


def _later(**facts: datetime) -> Asked:
    return dataclasses.replace(MARIA, **facts)


@pytest.mark.parametrize(
    "asked",
    [
        _later(first_touch_at=NOW - timedelta(days=1)),
        _later(offered_at=FOUR_DAYS_AGO, human_at=NOW - timedelta(days=1)),
        _later(offered_at=NOW - timedelta(days=1)),
        _later(wrote_at=NOW - timedelta(hours=3)),
        dataclasses.replace(
            MARIA, fate="delivered", first_touch_at=FOUR_DAYS_AGO, delivered_at=NOW - timedelta(days=1)
        ),
        dataclasses.replace(
            MARIA, offered_at=FOUR_DAYS_AGO, own_offer_at=FOUR_DAYS_AGO, human_at=NOW - timedelta(days=1), agent=2
        ),
    ],
    ids=["answered", "in touch", "offered", "wrote", "delivered", "claimed"],
)  # fmt: skip
async def test_a_late_fact_marks_its_day_which_is_counted_anew(office: Office, asked: Asked) -> None:
    await _counted(office, asked)
    async with office.db.connection() as connection:
        await go_on(connection, asked, LOOKED, NOW)

    assert not await _kept(office)
    for _ in range(2):
        period = figures.period("7", NOW, NEW_YORK)
        found = await proof.read(office.db, period, NEW_YORK, practice=False)
        assert as_by_hand(found.now) == by_hand([asked], period.begin, period.end, practice=False)
        await proof.keep_days(office.db, NOW, NEW_YORK)
        assert await _kept(office)


async def test_a_prompt_answer_marks_nothing(office: Office) -> None:
    prompt = _later(
        first_touch_at=FOUR_DAYS_AGO + timedelta(seconds=1), offered_at=FOUR_DAYS_AGO + timedelta(seconds=2)
    )
    async with office.db.connection() as connection:
        await hire(connection)
        await arrive(connection, prompt)
        await go_on(connection, prompt, None, NOW)

    assert await rows(office.db, "select * from proof_late") == []


async def _understood(connection: Connection) -> None:
    await connection.execute("update capture set outcome = 'rejected' where id = %s", [MARIA.id])


async def _erased(connection: Connection) -> None:
    await connection.execute("delete from lead where id = %s", [MARIA.lead_id])


@pytest.mark.parametrize("change", [_understood, _erased])
async def test_what_is_understood_or_erased_later_marks_its_day(
    office: Office, change: Callable[[Connection], Awaitable[None]]
) -> None:
    await _counted(office, MARIA)
    async with office.db.connection() as connection:
        await change(connection)

    assert not await _kept(office)


async def test_in_another_zone_every_day_is_another_one_and_is_counted_anew(office: Office) -> None:
    await _counted(office, MARIA)
    los_angeles = figures.ZoneInfo("America/Los_Angeles")
    period = figures.period("7", NOW, los_angeles)

    found = await proof.read(office.db, period, los_angeles, practice=False)
    assert found.now.received == 1
    assert await proof.keep_days(office.db, NOW, los_angeles) > 0
    assert {row["zone"] for row in await rows(office.db, "select zone from proof_day")} == {"America/Los_Angeles"}


async def test_a_capture_that_says_it_became_a_lead_and_has_none_is_not_accounted_for(office: Office) -> None:
    async with office.db.connection() as connection:
        await arrive(connection, MARIA)
        await connection.execute("delete from inquiry where id = %s", [MARIA.id])

    found = await proof.read(office.db, figures.period("7", NOW, NEW_YORK), NEW_YORK, practice=False)

    assert (found.now.received, found.now.accounted) == (1, 0)
