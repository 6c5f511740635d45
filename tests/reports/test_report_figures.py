"""The figures of reports against a small world that is counted by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from report_case import BEGIN, NOW, World, ago, report

from leadwake.domain.report import GONE, NO_SEQUENCE, NOBODY
from leadwake.domain.report_values import Value, values
from leadwake.storage.db import Database

PRICES = {
    ("segment_price", ""): Decimal("0.01"), ("mail_price", ""): Decimal("0.001"), ("lookup_price", ""): Decimal("0.05"),
    ("monthly_fixed", ""): Decimal(30), ("minutes_per_action", ""): Decimal(3), ("hourly_cost", ""): Decimal(40),
}  # fmt: skip


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, max_size=2)
    await opened.open()
    yield opened
    await opened.close()


async def figure(db: Database, name: str, inputs: dict[tuple[str, str], Decimal] | None = None) -> Value:
    return values(await report(db, inputs or {}))[name]


async def test_what_it_costs_is_segments_mails_and_look_ups_as_often_as_a_vendor_took_them(db: Database) -> None:
    async with db.connection() as connection:
        world = World(connection)
        zillow, website = await world.lead("Zillow", ago(days=3)), await world.lead("website", ago(days=2))
        await world.action(zillow, ago(days=3), segments=3, taken=1)
        await world.action(zillow, ago(days=3), segments=2, taken=2, state="undelivered")
        await world.action(zillow, ago(days=3), state="sent", kind="email", channel="email", taken=1)
        await world.action(
            website, ago(days=2), state="sent", kind="enrich", channel="enrich", purpose="staff", taken=1
        )
        await world.action(None, ago(days=1), state="sent", kind="ops_email", channel="email", purpose="staff", taken=1)
        await world.action(zillow, ago(days=1), segments=None, taken=0)
        for state in ("blocked", "skipped", "cancelled", "expired", "dead"):
            await world.action(zillow, ago(days=1), state=state, segments=1)
        await world.action(zillow, BEGIN - timedelta(seconds=1), segments=100, taken=1)
        await world.action(zillow, ago(days=1), segments=100, taken=1, practice=True)

    found = await report(db, PRICES)
    cost = values(found)["cost"]
    fixed = 30 * (Fraction(4, 31) + Fraction(24, 30))
    assert cost.amount == Fraction(8, 100) + Fraction(2, 1000) + Fraction(5, 100) + fixed
    assert cost.n == 6
    assert cost.note == "1 texts of before segments were counted, taken for one segment each"
    assert [(line.label, line.cost) for line in found.sources] == [
        ("Zillow", Fraction(81, 1000)), ("website", Fraction(5, 100)), (NOBODY, Fraction(1, 1000) + fixed),
    ]  # fmt: skip
    assert values(found)["cost_per_lead"].amount == cost.amount / 2
    assert [line.per("leads") for line in found.sources] == ["$0.081", "$0.050", "–"]


async def test_without_a_price_the_figure_says_what_to_enter_and_a_price_of_nothing_is_not_asked_for(
    db: Database,
) -> None:
    async with db.connection() as connection:
        world = World(connection)
        lead = await world.lead("Zillow", ago(days=3))
        await world.action(lead, ago(days=3), segments=1, taken=1)

    nothing = await figure(db, "cost")
    assert nothing.words == "Enter the price of a text segment and the month's fixed costs to see this"
    assert nothing.plain is None
    some = await figure(db, "cost_per_lead", {("segment_price", ""): Decimal("0.5"), ("monthly_fixed", ""): Decimal(0)})
    assert some.words == "$0.50"
    assert (await figure(db, "time_saved")).missing == ("minutes_per_action",)
    assert (await figure(db, "return_on_cost", {})).missing == (
        "segment_price", "monthly_fixed", "minutes_per_action", "hourly_cost",
    )  # fmt: skip


async def test_time_saved_counts_what_was_carried_out_without_a_person(db: Database) -> None:
    async with db.connection() as connection:
        world = World(connection)
        lead = await world.lead("Zillow", ago(days=3))
        for kind, channel, purpose in (
            ("sms", "sms", "instant_reply"), ("meeting_reminder_email", "email", "transactional"),
            ("chat", "chat", "instant_reply"), ("crm", "crm", "staff"), ("enrich", "enrich", "staff"),
        ):  # fmt: skip
            await world.action(lead, ago(days=2), kind=kind, channel=channel, purpose=purpose, state="sent", segments=1)
        for kind, channel, purpose in (
            ("human_sms", "sms", "human"), ("alert_sms", "sms", "staff"), ("call", "voice", "human"),
            ("confirmation_sms", "sms", "confirmation"), ("webhook", "webhook", "staff"),
        ):  # fmt: skip
            await world.action(lead, ago(days=2), kind=kind, channel=channel, purpose=purpose, state="sent", segments=1)

    saved = await figure(db, "time_saved", PRICES)
    assert (saved.amount, saved.n, saved.words) == (Fraction(1, 4), 5, "0.2 h")
    found = values(await report(db, PRICES))
    assert found["return_on_cost"].amount == Fraction(10) / found["cost"].amount  # type: ignore[operator]


async def test_conversations_and_meetings_are_peoples_first_and_sales_are_each_deal(db: Database) -> None:
    async with db.connection() as connection:
        world = World(connection)
        ana, ben, cyd, dee = [await world.lead("Zillow", ago(days=day)) for day in (20, 10, 5, 4)]
        old = await world.lead("website", BEGIN - timedelta(days=9))
        await world.event("replied", ana, ago(days=19))
        await world.event("replied", ana, ago(days=18))
        await world.event("human_touch", ben, ago(days=9), how="call")
        await world.event("human_touch", cyd, ago(days=4), how="sms")
        await world.event("replied", old, BEGIN - timedelta(days=8))
        await world.event("replied", old, ago(days=1))
        await world.event("meeting_booked", ana, ago(days=10))
        await world.outcome("meeting", ana, ago(days=8))
        await world.outcome("meeting", old, ago(days=2))
        await world.event("meeting_booked", dee, ago(days=1))
        await connection.execute(
            "insert into meeting (id, lead_id, vendor, ref, state, at) "
            "values (gen_random_uuid(), %s, 'calendly', 'x', 'cancelled', %s)",
            [dee, ago(days=1)],
        )
        await world.outcome("won", ana, ago(days=1), 950_000)
        await world.outcome("won", ana, ago(days=1), 950_000, source="leadwake")
        await world.outcome("won", ben, ago(days=1), 50_000, source="leadwake")
        await world.outcome("won", ben, ago(days=1), 70_000, source="leadwake", currency="EUR")

    found = await report(db, PRICES)
    shown = values(found)
    assert [shown[name].n for name in ("leads", "conversations", "meetings", "sales")] == [4, 2, 2, 3]
    assert (shown["lead_to_meeting"].part, shown["lead_to_meeting"].n) == (1, 4)
    assert shown["lead_to_meeting"].words == "too few"
    assert shown["asked_to_meeting"].n == 2
    assert shown["asked_to_meeting"].amount == Fraction(10 * 86_400)
    assert (shown["revenue"].words, shown["revenue"].note, shown["revenue"].n) == ("$10,000", "and EUR 700", 2)
    zillow, website, _ = found.sources
    assert (zillow.leads, zillow.conversations, zillow.meetings, zillow.sales) == (4, 2, 1, 3)
    assert (website.label, website.leads, website.meetings) == ("website", 0, 1)
    assert zillow.revenue == {"USD": 1_000_000, "EUR": 70_000}


async def test_the_agent_who_has_the_lead_now_gets_what_came_of_it(db: Database) -> None:
    async with db.connection() as connection:
        world = World(connection)
        dana = await world.agent()
        await world.outcome("won", await world.lead("Zillow", ago(days=3), agent=dana), ago(days=1), 100)
        await world.outcome("won", await world.lead("Zillow", ago(days=3)), ago(days=1), 900)
        await world.outcome("won", await world.lead("Zillow", ago(days=3)), ago(days=1), None)

    found = values(await report(db, {}))
    assert (found["sales"].n, found["revenue"].n, found["revenue"].words) == (3, 2, "$10")
    lines = {line.label: line.revenue for line in (await report(db, {})).agents}
    assert lines == {str(dana): {"USD": 100}, "": {"USD": 900}}


async def test_what_came_of_somebody_is_the_last_sequences_that_had_written_to_them(db: Database) -> None:
    async with db.connection() as connection:
        world = World(connection)
        ana, ben = [await world.lead("Zillow", ago(days=20)) for _ in range(2)]
        buyer = await world.enrollment(ana, "new_buyer", ago(days=19), touched_at=ago(days=18))
        long = await world.enrollment(ana, "long", ago(days=12), touched_at=ago(days=11))
        await world.enrollment(ana, "silent", ago(days=8), touched_at=None)
        await world.enrollment(ana, "later", ago(days=2), touched_at=ago(days=1))
        await world.event("replied", ana, ago(days=17))
        await world.event("meeting_booked", ana, ago(days=10))
        await world.outcome("won", ana, ago(days=5), 500)
        await world.outcome("won", ben, ago(days=5), 700)
        for cause, segments in ((buyer, 2), (long, 3)):
            await world.action(
                ana, ago(days=11), kind="nurture_sms", purpose="marketing", cause=cause, segments=segments
            )
        await world.action(ana, ago(days=20), segments=1)

    found = await report(db, PRICES)
    rows = [
        (line.label, line.leads, line.conversations, line.meetings, line.sales, line.revenue)
        for line in found.sequences
    ]
    assert rows == [
        ("later", 1, 0, 0, 0, {}), ("long", 1, 0, 1, 1, {"USD": 500}), ("new_buyer", 1, 1, 0, 0, {}),
        ("silent", 1, 0, 0, 0, {}), (NO_SEQUENCE, 0, 0, 0, 1, {"USD": 700}),
    ]  # fmt: skip
    costs = [line.cost for line in found.sequences]
    assert costs[:4] == [0, Fraction(3, 100), Fraction(2, 100), 0]
    assert sum(costs) == values(found)["cost"].amount


async def test_lists_contacts_of_a_crm_and_practice_are_no_leads(db: Database) -> None:
    async with db.connection() as connection:
        world = World(connection)
        await world.lead("Zillow", ago(days=3))
        await world.lead("old list", ago(days=3), listed=True, door="import")
        await world.lead("sample", ago(days=3), practice=True)

    assert (await figure(db, "leads")).n == 1
    assert values(await report(db, {}, practice=True))["leads"].n == 2


async def test_the_figures_of_erased_people_stay_under_no_source(db: Database) -> None:
    async with db.connection() as connection:
        world = World(connection)
        lead = await world.lead("Ana Lopez' own site", ago(days=3))
        await world.action(lead, ago(days=3), segments=2, taken=1)
        await world.event("replied", lead, ago(days=2))
        await world.event("meeting_booked", lead, ago(days=2))
        await world.outcome("won", lead, ago(days=1), 12_300)
        await world.erase(lead)

    found = await report(db, PRICES)
    (gone,) = [line for line in found.sources if line.label == GONE]
    assert (gone.leads, gone.conversations, gone.meetings, gone.sales) == (1, 1, 1, 1)
    assert (gone.revenue, gone.cost) == ({"USD": 12_300}, Fraction(2, 100))
    assert [line.label for line in found.sources] == [GONE, NOBODY]
    assert [line.label for line in found.sequences] == [NO_SEQUENCE]


async def test_accuracy_counts_what_a_person_had_to_put_right(db: Database) -> None:
    async with db.connection() as connection:
        world = World(connection)
        given = [await world.lead("Zillow", ago(days=day), offered=True) for day in (9, 8, 7)]
        await world.event("assigned", given[0], ago(days=8, hours=1), actor="user x")  # 23 hours later
        await world.event("assigned", given[1], ago(days=6, hours=23), actor="user x")  # 25 hours later
        await world.event("assigned", given[2], ago(days=7), actor="system")
        fine = await world.action(given[0], ago(days=5), segments=1)
        for state in ("undelivered", "bounced", "dead", "unknown"):
            await world.action(given[0], ago(days=5), state=state)
        again = await world.action(given[0], ago(days=5), segments=1)
        await world.event("dead_letter_replayed", given[0], ago(days=4), actor="user x", action=str(again))
        await world.action(given[0], ago(days=5), state="cancelled", reason="skipped_by_hand")
        await world.action(given[0], ago(days=5), state="blocked")
        await world.action(given[0], ago(days=5), state="dead", purpose="staff")
        user = await world.agent()
        taken_in, dismissed, _ = [await world.capture(what, ago(days=3)) for what in ("rejected", "rejected", "spam")]
        for capture, inquiry in ((taken_in, given[0]), (dismissed, None)):
            await connection.execute(
                "insert into aside_verdict (capture_id, at, by, inquiry_id) values (%s, %s, %s, %s)",
                [capture, NOW, user, inquiry],
            )

    accuracy = await figure(db, "accuracy")
    assert fine != again
    # actions: 1 of 7 stands; leads given: 2 of 3; set aside: 2 of 3
    assert (accuracy.part, accuracy.n, accuracy.words) == (5, 13, "38 %")


async def test_processing_enrichment_and_errors(db: Database) -> None:
    async with db.connection() as connection:
        world = World(connection)
        leads = [await world.lead("Zillow", ago(days=3)) for _ in range(6)]
        for outcome in ("known", "spam", "rejected", "pending"):
            await world.capture(outcome, ago(days=2))
        for lead, outcome in zip(
            leads, ("found", "found", "not_found", "not_found", "not_found", "pending"), strict=True
        ):
            action = await world.action(
                lead, ago(days=2), kind="enrich", channel="enrich", purpose="staff", state="sent"
            )
            await connection.execute(
                "insert into enrichment (action_id, lead_id, vendor, practice, asked_at, outcome, data_key_id, "
                "sealed_found, day, credits, late) "
                "values (%s, %s, 'apollo', false, %s, %s, %s, '', '2026-11-22', 1, 'none')",
                [action, lead, ago(days=2), outcome, lead],
            )
        for state in ("sent", "delivered", "delivered", "bounced", "dead", "blocked", "expired"):
            await world.action(leads[0], ago(days=2), state=state)

    found = values(await report(db, {}))
    # a capture said to be known without a lead is not accounted for
    assert (found["processing_success"].part, found["processing_success"].n) == (6, 8)
    assert (found["enrichment_rate"].part, found["enrichment_rate"].n) == (2, 5)
    assert (found["error_rate"].part, found["error_rate"].n, found["error_rate"].words) == (2, 5, "40 %")
