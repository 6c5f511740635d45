"""What is kept no longer is gone when its time has come, and not a day before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from privacy_case import HOUSEMATE, MARIA, REPLY, STRANGER, openable, seen_in, taken_in

from leadwake.config import load
from leadwake.errors import ConfigError
from leadwake.ops import retention
from leadwake.storage import events, reading
from leadwake.workflows import intake
from office_case import House


async def there(house: House, lead_id: str) -> bool:
    return await reading.lead(house.office.db, house.office.vault, UUID(lead_id)) is not None


async def test_after_25_months_a_lead_is_gone_and_its_proof_stays_without_a_name(
    house: House, database_url: str
) -> None:
    maria = await taken_in(house, MARIA)
    await house.hear("+18135550142", REPLY)
    house.advance(timedelta(days=23 * 30))
    await retention.run(house.office)
    assert await there(house, maria), "they answered us: 24 months"
    house.advance(timedelta(days=70))
    due = await retention.due(house.office)
    done = await retention.run(house.office)

    assert due["leads"] == done["leads"] == 1
    assert not await there(house, maria)
    assert seen_in(await openable(house.office, database_url)) == []
    proof = await house.rows("select channel, level from consent where lead_id = %s::uuid order by channel", maria)
    assert [row["channel"] for row in proof] == ["email", "sms"]
    assert await house.rows("select 1 from action where lead_id = %s::uuid and decision is not null", maria)
    assert (await house.ledger()).problems == []
    assert await events.verify(house.office.db) == []
    told = await house.rows("select data from event where kind = 'retention_ran' order by id desc limit 1")
    assert told[0]["data"]["leads"] == 1
    assert (await house.post({**MARIA, "channel": "csv"})).status_code == 202, "nobody asked to be erased"


async def test_an_inquiry_that_nobody_answered_goes_after_12_months(house: House) -> None:
    silent, spoke = await taken_in(house, HOUSEMATE), await taken_in(house, STRANGER)
    await house.hear("+18135550177", "Yes please")
    house.advance(timedelta(days=368))
    await retention.run(house.office)

    assert not await there(house, silent)
    assert await there(house, spoke)
    assert (await house.ledger()).problems == []


async def test_an_old_inquiry_goes_while_the_person_stays(house: House) -> None:
    maria = await taken_in(house, MARIA)
    house.advance(timedelta(days=300))
    await taken_in(house, {**MARIA, "message": "A second question"})
    house.advance(timedelta(days=80))
    done = await retention.run(house.office)

    assert done["inquiries"] == 1
    assert await there(house, maria)
    left = await house.rows("select count(*) as n from inquiry")
    assert left == [{"n": 1}]
    assert (await house.ledger()).problems == []


async def test_words_go_after_24_months_and_the_story_is_told_without_them(house: House) -> None:
    maria = await taken_in(house, MARIA)
    await house.hear("+18135550142", REPLY)
    house.advance(timedelta(days=400))
    await house.hear("+18135550142", "Still here")
    house.advance(timedelta(days=400))
    done = await retention.run(house.office)
    story = await house.timeline(maria)

    assert done["messages_in"] == 1
    assert done["inquiries"] == 1
    too_old = house.now - timedelta(days=731)
    assert await house.rows("select 1 from action where content is not null and settled_at < %s", too_old) == []
    bodies = [entry.get("body") for entry in story if entry["kind"] == "reply"]
    assert bodies == ["", "Still here"] or bodies == [None, "Still here"]


async def test_what_became_nobodys_lead_goes_after_30_days(house: House) -> None:
    await intake.keep(house.office, intake.RawCapture("form", b"x", {}), "spam", house.now, reason="honeypot")
    await house.hear("+18135550199", "Wrong number, sorry")
    house.advance(timedelta(days=29))
    assert (await retention.run(house.office))["captures"] == 0
    house.advance(timedelta(days=2))
    done = await retention.run(house.office)

    assert done["captures"] == 1
    assert done["strangers"] == 1
    assert await house.rows("select count(*) as n from vault.data_key") == [{"n": 0}]
    assert (await house.ledger()).captures["spam"] == 1


async def test_proof_goes_five_years_after_and_an_opt_out_never(house: House) -> None:
    await taken_in(house, MARIA)
    await house.hear("+18135550142", "STOP")
    house.advance(timedelta(days=760))
    await retention.run(house.office)
    assert await house.rows("select 1 from consent")
    house.advance(timedelta(days=5 * 366))
    done = await retention.run(house.office)
    again = await house.post({**MARIA, "message": "Hello again"})
    text = await house.reaches(again.json()["inquiry_id"], "sms", "blocked")

    assert done["proofs"] > 0
    assert done["records"] > 0
    assert text["reason"] == "opted_out"
    assert (await house.ledger()).problems == []


async def test_it_runs_once_a_day(house: House) -> None:
    await retention.run_if_due(house.office)

    assert not await retention.run_if_due(house.office)
    house.advance(timedelta(hours=25))
    assert await retention.run_if_due(house.office)


@pytest.mark.parametrize("value", ["25", "0", "-3", "two"])
def test_a_period_may_only_be_shortened(value: str) -> None:
    assert load({"LEADWAKE_RETENTION_LEAD_MONTHS": "6"}).retention("RETENTION_LEAD_MONTHS") == 6
    with pytest.raises(ConfigError, match="from 1 to 24"):
        load({"LEADWAKE_RETENTION_LEAD_MONTHS": value})


def test_months_end_where_months_end() -> None:
    at = datetime(2028, 3, 31, 12, tzinfo=UTC)

    assert retention._months_before(at, 1) == datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert retention._months_before(at, 24) == datetime(2026, 3, 31, 12, tzinfo=UTC)


async def test_what_was_looked_up_goes_after_12_months_while_the_person_stays(house: House) -> None:
    maria = await taken_in(house, MARIA)
    assert await house.rows("select 1 from enrichment where lead_id = %s::uuid", maria)
    house.advance(timedelta(days=300))
    await house.hear("+18135550142", REPLY)
    house.advance(timedelta(days=68))
    due = await retention.due(house.office)
    await retention.run(house.office)

    assert due["enrichments"] == 1
    assert await house.rows("select 1 from enrichment") == []
    assert await there(house, maria)
