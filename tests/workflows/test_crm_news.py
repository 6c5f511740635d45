"""What CRMs say has happened, done here: owners, outcomes, opt-outs, deletions, and people we did not know."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from leadwake.ops import erasure
from leadwake.providers import registry
from leadwake.providers.gohighlevel_words import event
from leadwake.providers.ports import CrmNews
from leadwake.workflows import crm_news
from leadwake.workflows.crm_sync import CrmSync
from office_case import House, a_house, a_sandbox, hire, until

LEAD = {"name": "Maria Lopez", "email": "maria@example.com", "phone": "+18135550142", "message": "Is it open?"}
HUBSPOT = {"authorization": "Bearer x"}
CONTACTS, DEALS = "/hubspot/crm/v3/objects/contacts", "/hubspot/crm/v3/objects/deals"


class Crm:
    """HubSpot's stand-in with its webhooks in the test's hand."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.vendors = registry.build(house.office.settings)
        self.sync = CrmSync(house.office, lambda: self.vendors.crms)
        self._events = 0

    async def contact(self, **properties: str) -> str:
        answer = await self.house.sandbox.post(CONTACTS, json={"properties": properties}, headers=HUBSPOT)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def change(self, ref: str, **properties: str) -> None:
        path = f"{DEALS if ref.startswith('9') else CONTACTS}/{ref}"
        answer = await self.house.sandbox.patch(path, json={"properties": properties}, headers=HUBSPOT)
        assert answer.status_code == 200, answer.text

    async def deal(self, contact: str, **properties: str) -> str:
        order = {"properties": properties, "associations": [{"to": {"id": contact}, "types": []}]}
        return str((await self.house.sandbox.post(DEALS, json=order, headers=HUBSPOT)).json()["id"])

    async def says(self, kind: str, ref: str, *, times: int = 1) -> str | None:
        """The event is kept and done; what came of it."""
        self._events += 1
        news = CrmNews("hubspot", str(self._events), kind, ref)
        await asyncio.gather(*(crm_news.keep(self.house.office, [news]) for _ in range(times)))
        await asyncio.gather(*(self.sync.tick("hubspot") for _ in range(times)))
        return (await self.house.rows("select reason from crm_event order by id desc limit 1"))[0]["reason"]


@pytest.fixture
async def crm(idle_house: House) -> AsyncIterator[Crm]:
    found = Crm(idle_house)
    yield found
    await found.vendors.aclose()


async def known(crm: Crm) -> tuple[str, UUID]:
    """Maria, a lead of ours that HubSpot has: (HubSpot's id, ours)."""
    receipt = (await crm.house.post(LEAD)).json()
    ref = await crm.contact(email="maria@example.com", phone="+18135550142", firstname="Maria", lastname="Lopez")
    await crm.house.rows(
        "update action set state = 'sent', vendor_ref = %s, due_at = null, wake_at = null where kind = 'crm'", ref
    )
    return ref, UUID(receipt["lead_id"])


async def owner(crm: Crm, lead_id: UUID) -> str | None:
    (row,) = await crm.house.rows("select agent_id from lead where id = %s", lead_id)
    person = crm.house.office.person(row["agent_id"])
    return person.name if person else None


async def outcomes(crm: Crm) -> list[tuple[str, int | None]]:
    found = await crm.house.rows("select kind, cents from outcome order by kind")
    return [(row["kind"], row["cents"]) for row in found]


async def told(crm: Crm, lead_id: UUID) -> list[str]:
    return [entry["text"] for entry in await crm.house.timeline(str(lead_id))]


async def test_an_owner_given_there_has_the_lead_here_and_hears_of_it(crm: Crm) -> None:
    ref, lead_id = await known(crm)
    await hire(crm.house.office, name="Morgan Reyes", email="morgan.reyes@example.com", phone="+18135550109")
    await crm.says("changed", ref)  # seen, nobody has them there
    await crm.change(ref, hubspot_owner_id="70111")
    await crm.says("changed", ref, times=3)

    assert await owner(crm, lead_id) == "Morgan Reyes"
    assert "Given to Morgan Reyes" in await told(crm, lead_id)
    alerts = await crm.house.rows("select agent_id from action where kind = 'alert_sms' and state <> 'cancelled'")
    person = next(one for one in crm.house.office.team if one.name == "Morgan Reyes")
    assert [row["agent_id"] for row in alerts].count(person.id) == 1


async def test_what_the_crm_said_before_takes_no_lead_back(crm: Crm) -> None:
    ref, lead_id = await known(crm)
    morgan = await hire(crm.house.office, name="Morgan Reyes", email="morgan.reyes@example.com", phone="+18135550109")
    await crm.says("changed", ref)
    await crm.change(ref, hubspot_owner_id="70111")
    await crm.says("changed", ref)
    dana = next(one for one in crm.house.office.team if one.id != morgan.id)
    await crm.house.rows("update lead set agent_id = %s where id = %s", dana.id, lead_id)
    await crm.change(ref, city="Tampa")
    await crm.says("changed", ref)

    assert await owner(crm, lead_id) == "Dana Reyes"


async def test_our_own_change_on_its_way_there_is_not_undone_by_what_they_had(crm: Crm) -> None:
    ref, lead_id = await known(crm)
    await hire(crm.house.office, name="Morgan Reyes", email="morgan.reyes@example.com", phone="+18135550109")
    await crm.says("changed", ref)
    before = await owner(crm, lead_id)
    await crm.change(ref, hubspot_owner_id="70111")
    await crm.house.rows("update action set state = 'planned', due_at = now() where kind = 'crm'")
    await crm.says("changed", ref)

    assert await owner(crm, lead_id) == before


async def test_an_owner_without_the_licence_does_not_get_the_lead(crm: Crm) -> None:
    ref, lead_id = await known(crm)
    await hire(
        crm.house.office, name="Morgan Reyes", email="morgan.reyes@example.com", phone=None, takes_leads=False
    )  # fmt: skip
    await crm.says("changed", ref)
    before = await owner(crm, lead_id)
    await crm.change(ref, hubspot_owner_id="70111")
    await crm.says("changed", ref)

    assert await owner(crm, lead_id) == before
    assert any("may not have this lead" in text for text in await told(crm, lead_id))


async def test_a_deal_becomes_outcomes_with_money_and_each_is_told_once(crm: Crm) -> None:
    ref, lead_id = await known(crm)
    deal = await crm.deal(ref, dealstage="appointmentscheduled")
    await crm.says("deal", deal)
    await crm.change(deal, dealstage="closedwon", amount="9500")
    await crm.says("deal", deal, times=5)

    assert await outcomes(crm) == [("meeting", None), ("won", 950_000)]
    assert [text for text in await told(crm, lead_id) if "Won" in text] == ["Won: $9,500"]


async def test_a_deal_that_is_open_again_is_no_longer_won(crm: Crm) -> None:
    ref, lead_id = await known(crm)
    deal = await crm.deal(ref, dealstage="closedwon", amount="12.50")
    await crm.says("deal", deal)
    await crm.change(deal, dealstage="qualifiedtobuy")
    await crm.says("deal", deal)

    assert await outcomes(crm) == []
    assert "No longer so in HubSpot: Won" in await told(crm, lead_id)


async def test_an_opt_out_there_holds_here_for_that_channel_alone(crm: Crm) -> None:
    ref, lead_id = await known(crm)
    await crm.change(ref, hs_email_optout="true")
    await crm.says("changed", ref)
    stopped = await crm.house.rows("select kind, opted_out_by from contact_point where opted_out_at is not null")
    states = await crm.house.rows("select kind, state from action where kind in ('sms', 'email')")

    assert [(row["kind"], row["opted_out_by"]) for row in stopped] == [("email", "crm")]
    assert {row["kind"]: row["state"] for row in states} == {"sms": "planned", "email": "cancelled"}
    assert "Opted out of this channel in the CRM" in await told(crm, lead_id)
    await crm.change(ref, hs_email_optout="false")
    await crm.says("changed", ref)
    assert len(await crm.house.rows("select 1 from contact_point where opted_out_at is not null")) == 1


async def test_a_contact_deleted_there_is_noted_once_and_the_lead_stays(crm: Crm) -> None:
    ref, lead_id = await known(crm)
    await crm.house.sandbox.delete(f"{CONTACTS}/{ref}", headers=HUBSPOT)
    await crm.says("gone", ref)
    await crm.says("changed", ref)  # an older event, come late

    assert (await told(crm, lead_id)).count("Their record in the CRM was deleted there") == 1


async def test_somebody_made_there_becomes_a_lead_whom_nobody_writes_to(crm: Crm) -> None:
    ref = await crm.contact(email="ann@example.com", phone="+18135550177", firstname="Ann", lastname="Bell")
    await asyncio.gather(*(crm.says("created", ref) for _ in range(4)))
    (lead,) = await crm.house.rows("select id, source, channel, status, agent_id from lead")
    actions = await crm.house.rows("select kind, state, reason from action")

    assert (lead["source"], lead["channel"], lead["agent_id"]) == ("hubspot", "crm", None)
    assert {row["kind"]: (row["state"], row["reason"]) for row in actions} == {
        "sms": ("skipped", "not_asked"), "email": ("skipped", "not_asked"), "crm": ("planned", None),
        "enrich": ("skipped", "not_asked"),
    }  # fmt: skip
    assert await crm.house.rows("select 1 from escalation union select 1 from task") == []
    assert (await crm.house.ledger()).problems == []


async def test_somebody_made_there_with_an_owner_is_theirs_here(crm: Crm) -> None:
    await hire(crm.house.office, name="Morgan Reyes", email="morgan.reyes@example.com", phone="+18135550109")
    ref = await crm.contact(email="ann@example.com", firstname="Ann", hubspot_owner_id="70111")
    await crm.says("created", ref)
    (lead,) = await crm.house.rows("select id from lead")

    assert await owner(crm, lead["id"]) == "Morgan Reyes"
    assert await crm.house.rows("select 1 from action where kind like 'alert%%'") == []


async def test_a_change_of_somebody_we_do_not_know_makes_no_lead(crm: Crm) -> None:
    ref = await crm.contact(email="ann@example.com", firstname="Ann")

    assert await crm.says("changed", ref) == "nobody we know"
    assert await crm.house.rows("select 1 from lead") == []


async def test_an_erased_person_does_not_come_back_by_the_crm(crm: Crm) -> None:
    _, lead_id = await known(crm)
    await erasure.erase(crm.house.office, lead_id, "test")
    ref = await crm.contact(email="maria.two@example.com", phone="+18135550142", firstname="Maria")

    assert await crm.says("created", ref) == "nobody we know"
    assert await crm.house.rows("select 1 from lead") == []


async def test_a_crm_that_asks_for_patience_gets_it_and_nothing_is_lost(crm: Crm) -> None:
    ref, _ = await known(crm)
    deal = await crm.deal(ref, dealstage="closedwon", amount="10")
    await crm.house.behave("hubspot", mode="throttle")
    await crm.says("deal", deal)
    await crm.house.behave("hubspot", mode="ok")
    waits = await crm.house.rows("select wake_at > now() + interval '5 seconds' as later, state from crm_event")

    assert [(row["later"], row["state"]) for row in waits] == [(True, "waiting")]
    assert await crm.sync.tick("hubspot") == 0
    await crm.house.rows("update crm_event set wake_at = now()")
    await crm.sync.tick("hubspot")
    assert await outcomes(crm) == [("won", 1_000)]


async def test_what_fails_again_and_again_waits_for_a_person(crm: Crm) -> None:
    await crm.house.behave("hubspot", mode="error")
    await crm.house.rows(
        "insert into crm_event (vendor, event_id, kind, ref, at, tries) values ('hubspot', 'x', 'deal', '9', now(), 11)"
    )
    await crm.sync.tick("hubspot")
    (row,) = await crm.house.rows("select state, reason from crm_event")

    assert row["state"] == "failed"
    assert "hubspot answered 500" in row["reason"]


# GoHighLevel, from its own samples


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(database_url, tmp_path / "data", at_work=False) as running:
        yield running


async def says(house: House, told: dict[str, Any], crms: registry.Vendors | None = None) -> None:
    """The event is kept and done; without credentials only what came with it is known."""
    news = event(json.dumps(told).encode(), house.now)
    assert news is not None
    await crm_news.keep(house.office, [news])
    await CrmSync(house.office, lambda: crms.crms if crms else {}).tick("gohighlevel")


@pytest.fixture
def samples(shared: Path) -> dict[str, dict[str, Any]]:
    folder = shared / "vendor-specs/samples/gohighlevel"
    names = ("contact_create", "contact_dnd_update", "opportunity_create", "inbound_message_sms")
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in names}


async def test_the_sample_of_a_new_contact_is_a_lead_that_may_not_be_disturbed(
    house: House, samples: dict[str, dict[str, Any]]
) -> None:
    await says(house, samples["contact_create"])
    (lead,) = await house.rows("select id, source from lead")
    stopped = await house.rows("select kind from contact_point where opted_out_by = 'crm_all' order by kind")

    assert lead["source"] == "gohighlevel"
    assert [row["kind"] for row in stopped] == ["email"]  # the sample's number is no number anybody can have


async def test_the_sample_of_do_not_disturb_stops_mail_and_leaves_texts(
    house: House, samples: dict[str, dict[str, Any]]
) -> None:
    await says(house, {**samples["contact_create"], "dnd": False})
    await says(house, samples["contact_dnd_update"])
    stopped = await house.rows("select kind, opted_out_by from contact_point where opted_out_at is not null")

    assert [(row["kind"], row["opted_out_by"]) for row in stopped] == [("email", "crm")]


async def test_the_sample_of_an_opportunity_is_no_outcome_until_it_is_won(
    house: House, samples: dict[str, dict[str, Any]]
) -> None:
    contact = {**samples["contact_create"], "dnd": False, "id": samples["opportunity_create"]["contactId"]}
    await says(house, contact)
    await says(house, samples["opportunity_create"])
    assert await house.rows("select 1 from outcome") == []
    await says(house, {**samples["opportunity_create"], "type": "OpportunityStatusUpdate", "status": "won"})
    (row,) = await house.rows("select kind, cents, source from outcome")

    assert (row["kind"], row["cents"], row["source"]) == ("won", 4_000, "gohighlevel")


async def test_a_text_to_gohighlevels_number_is_a_reply_and_its_stop_a_stop(
    database_url: str, tmp_path: Path, samples: dict[str, dict[str, Any]]
) -> None:
    async with a_sandbox() as vendors:
        live = {
            "GOHIGHLEVEL_TOKEN": "pit", "GOHIGHLEVEL_LOCATION_ID": "l1C08ntBrFjLS0elLIYU",
            "GOHIGHLEVEL_URL": f"{vendors.base_url}/gohighlevel",
        }  # fmt: skip
        async with a_house(database_url, tmp_path / "data", at_work=False, **live) as house:
            crms = registry.build(house.office.settings)
            receipt = (await house.post(LEAD)).json()
            made = await vendors.post(
                "/gohighlevel/contacts/", json={"locationId": "l", "email": LEAD["email"], "phone": LEAD["phone"]},
                headers={"authorization": "Bearer x", "version": "2021-07-28"},
            )  # fmt: skip
            sample = {**samples["inbound_message_sms"], "contactId": made.json()["contact"]["id"]}
            await says(house, sample, crms)
            await says(house, {**sample, "body": "STOP", "dateAdded": "2021-04-21T11:40:00.000Z"}, crms)
            await says(house, {**sample, "body": "STOP", "messageId": "m3"}, crms)
            await crms.aclose()

            intents = [row["intent"] for row in await house.rows("select intent from message order by at, id")]
            assert intents == ["reply", "stop", "stop"]
            assert await house.rows("select 1 from contact_point where kind = 'phone' and opted_out_at is not null")
            assert await house.rows("select 1 from action where kind = 'confirmation_sms'") == []
            assert "This is a test message" in str(await house.timeline(receipt["lead_id"]))


async def test_the_workers_of_a_process_do_the_news_by_themselves(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data") as house:
        receipt = (await house.post(LEAD)).json()
        record = await house.reaches(receipt["inquiry_id"], "crm", "sent")
        order = {
            "properties": {"dealstage": "closedwon", "amount": "7"},
            "associations": [{"to": {"id": record["vendor_ref"]}, "types": []}],
        }
        deal = (await house.sandbox.post(DEALS, json=order, headers=HUBSPOT)).json()["id"]
        await crm_news.keep(house.office, [CrmNews("hubspot", "1", "deal", deal)])

        await until(lambda: house.rows("select 1 from outcome where kind = 'won' and cents = 700"))
