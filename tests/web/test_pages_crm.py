"""Setup, CRM: what waits and why, a try now, and what goes into which property; and outcomes on a lead's page."""

from __future__ import annotations

from uuid import UUID

from page_case import admin, logged_in

from leadwake.ops import export
from leadwake.providers import registry
from leadwake.providers.ports import CrmDeal, CrmNews
from leadwake.workflows import crm_news, crm_outcomes, crm_stages
from office_case import House

LEAD = {"name": "Maria Lopez", "email": "maria@example.com", "phone": "+18135550142"}


async def test_what_waits_is_told_with_its_reason_and_tried_now(idle_house: House) -> None:
    await admin(idle_house)
    await idle_house.post(LEAD)
    await crm_news.keep(idle_house.office, [CrmNews("hubspot", "1", "deal", "9"), CrmNews("hubspot", "2", "deal", "8")])
    await idle_house.rows("update crm_event set wake_at = now() + interval '1 hour', reason = 'hubspot answered 500'")
    await idle_house.rows("update crm_event set state = 'failed', tries = 12, done_at = now() where event_id = '2'")
    async with logged_in(idle_house) as client:
        before = (await client.get("/setup/crm")).text
        tried = await client.post("/setup/crm/hubspot/try")
        after = (await client.get("/setup/crm?tried=hubspot")).text

    assert "To be written" in before
    assert "Heard, not done yet: HubSpot answered 500" in before
    assert "Heard and could not be done" in before
    assert tried.status_code == 303
    assert "On its way" in after
    assert "could not be done" not in after
    due = await idle_house.rows("select tries from crm_event where state = 'waiting' and wake_at <= now() order by id")
    assert [row["tries"] for row in due] == [0, 0]


async def test_fields_are_saved_and_a_mistake_stands_beside_its_field(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        saved = await client.post("/setup/crm/hubspot/fields", data={"budget": "budget_range", "state": ""})
        wrong = await client.post("/setup/crm/hubspot/fields", data={"budget": "<b>"})
        page = (await client.get("/setup/crm")).text

    assert (saved.status_code, wrong.status_code) == (303, 422)
    assert "internal name" in wrong.text
    assert 'value="&lt;b&gt;"' in wrong.text
    assert 'name="budget" value="budget_range"' in page
    assert 'name="state" value=""' in page
    assert (await idle_house.rows("select count(*) as n from event where kind = 'crm_fields_changed'"))[0]["n"] == 1


async def test_a_crm_nobody_has_is_not_found(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        answers = [
            await client.post(f"/setup/crm/salesforce/{what}")
            for what in ("try", "fields", "deals", "meanings", "stages")
        ]

    assert [answer.status_code for answer in answers] == [404] * 5


async def test_what_came_of_a_lead_stands_on_their_page(idle_house: House) -> None:
    await admin(idle_house)
    lead_id = (await idle_house.post(LEAD)).json()["lead_id"]
    deal = CrmDeal("9", ("1",), "won", "closedwon", 950_000)
    await crm_outcomes.deal_is(idle_house.office, "hubspot", UUID(lead_id), deal, "won")
    async with logged_in(idle_house) as client:
        page = (await client.get(f"/leads/{lead_id}")).text

    whole = await export.collect(idle_house.office, UUID(lead_id))
    assert [(one["outcome"], one["cents"]) for one in whole["outcomes"]] == [("won", 950_000)]
    assert "What came of it" in page
    assert page.count("Won: $9,500") >= 2  # beside the thread, and in it


async def test_deals_and_what_stages_mean_are_chosen_from_the_accounts_own(idle_house: House) -> None:
    await admin(idle_house)
    office = idle_house.office
    vendors = registry.build(office.settings)
    async with logged_in(idle_house) as client:
        before = (await client.get("/setup/crm")).text
        await crm_stages.read(office, "hubspot", vendors.crms["hubspot"])
        saved = await client.post("/setup/crm/hubspot/deals", data={"make": "inquiry", "pipeline": "75001"})
        meant = await client.post("/setup/crm/hubspot/meanings", data={"75001/75012": "", "75001/75014": "contacted"})
        wrong = [
            await client.post("/setup/crm/hubspot/deals", data={"make": "often", "pipeline": "gone"}),
            await client.post("/setup/crm/hubspot/meanings", data={"75001/75012": "sold"}),
        ]
        again = await client.post("/setup/crm/hubspot/stages")
        page = (await client.get("/setup/crm?saved=hubspot")).text
    await vendors.aclose()

    assert "In practice no deals are written" in before
    assert [answer.status_code for answer in (saved, meant, again, *wrong)] == [303, 303, 303, 422, 422]
    assert "not there any more" in wrong[0].text
    assert '<option value="75001" selected>Buyers</option>' in page
    assert '<option value="contacted" selected>' in page
    assert "New lead, in Buyers" in page  # of the example
    changed = await idle_house.rows("select count(*) as n from event where kind = 'crm_deals_changed'")
    assert changed[0]["n"] == 2


async def test_what_came_of_them_is_said_when_an_agent_is_finished(idle_house: House) -> None:
    await admin(idle_house)
    lead_id = (await idle_house.post(LEAD)).json()["lead_id"]
    async with logged_in(idle_house) as client:
        await client.post(f"/leads/{lead_id}/claim", data={})
        page = (await client.get(f"/leads/{lead_id}")).text
        unread = await client.post(f"/leads/{lead_id}/finish", data={"came_of": "won", "amount": "a lot"})
        lost = await client.post(f"/leads/{lead_id}/finish", data={"came_of": "lost"})
        await client.post(f"/leads/{lead_id}/finish", data={"came_of": "won", "amount": "$9,500"})
        after = (await client.get(f"/leads/{lead_id}")).text

    assert "Won or lost?" in page
    assert "no_amount" in unread.headers["location"]
    assert lost.status_code == 303
    assert await idle_house.rows("select kind, cents, source from outcome") == [
        {"kind": "won", "cents": 950_000, "source": "leadwake"}
    ]
    assert "Won: $9,500" in after


async def test_how_it_ended_is_changed_in_the_crm_once_that_has_said_so(idle_house: House) -> None:
    await admin(idle_house)
    lead_id = (await idle_house.post(LEAD)).json()["lead_id"]
    await crm_outcomes.deal_is(idle_house.office, "hubspot", UUID(lead_id), CrmDeal("9"), "won")
    async with logged_in(idle_house) as client:
        answer = await client.post(f"/leads/{lead_id}/finish", data={"came_of": "lost"})

    assert "said_in_crm" in answer.headers["location"]
    assert [row["kind"] for row in await idle_house.rows("select kind from outcome")] == ["won"]


async def test_the_property_that_keeps_contacts_one_is_made_by_a_click(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        before = (await client.get("/setup/crm")).text
        await idle_house.sandbox.put("/behaviour/hubspot", json={"mode": "refuse"})
        refused = await client.post("/setup/crm/hubspot/key")
        await idle_house.sandbox.put("/behaviour/hubspot", json={"mode": "ok"})
        made = await client.post("/setup/crm/hubspot/key")
        after = (await client.get("/setup/crm")).text
        other = await client.post("/setup/crm/gohighlevel/key")

    assert "Make leadwake_id there" in before
    assert (refused.status_code, made.status_code, other.status_code) == (422, 303, 404)
    assert "nothing is made twice" in after
    assert idle_house.office.crm_keys == {("hubspot", "contacts"), ("hubspot", "deals")}
