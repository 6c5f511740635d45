"""A lead's deal in the CRM: made once, moved as the lead gets further, and what a person there does with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from leadwake.errors import InputError
from leadwake.ops import erasure
from leadwake.providers import registry
from leadwake.providers.ports import FORGOTTEN, CrmNews
from leadwake.storage.staff import Person
from leadwake.workflows import claiming, crm_deals, crm_keys, crm_news, crm_stages
from leadwake.workflows.crm_sync import CrmSync
from office_case import House, a_house, a_sandbox, hire, until

LEAD = {"name": "Maria Lopez", "email": "maria@example.com", "phone": "+18135550142", "interest": "buying"}
BEARER = {"authorization": "Bearer x"}
DEALS = "/hubspot/crm/v3/objects/deals"


class Team:
    """A house whose HubSpot is live, and Morgan, who takes its leads."""

    def __init__(self, house: House, hubspot: httpx.AsyncClient, morgan: Person) -> None:
        self.house, self.hubspot, self.morgan = house, hubspot, morgan
        self.vendors = registry.build(house.office.settings)
        self.sync = CrmSync(house.office, lambda: self.vendors.crms)
        self._events = 0

    async def asks(self) -> UUID:
        """Maria asks, and HubSpot has her."""
        receipt = (await self.house.post(LEAD)).json()
        await self.house.reaches(receipt["inquiry_id"], "crm", "sent")
        return UUID(receipt["lead_id"])

    async def deals(self) -> list[dict[str, Any]]:
        """What HubSpot has, once all that is due was written."""
        await asyncio.gather(*(crm_deals.plan_due(self.house.office, "hubspot") for _ in range(3)))
        await self.house.settled()
        order: dict[str, Any] = {"filterGroups": [{"filters": []}]}
        found = (await self.hubspot.post(f"{DEALS}/search", json=order, headers=BEARER)).json()["results"]
        return [one["properties"] | {"id": one["id"]} for one in found]

    async def moves(self, ref: str, **properties: str) -> None:
        """A person there changes the deal, and HubSpot tells us."""
        await self.hubspot.patch(f"{DEALS}/{ref}", json={"properties": properties}, headers=BEARER)
        await self.hears(ref)

    async def hears(self, ref: str) -> None:
        """HubSpot tells us of the deal."""
        self._events += 1
        await crm_news.keep(self.house.office, [CrmNews("hubspot", f"d{self._events}", "deal", ref)])
        await self.sync.tick("hubspot")

        async def is_done() -> bool:
            return not await self.house.rows("select 1 from crm_event where state = 'waiting'")

        await until(is_done)

    async def outcomes(self) -> list[tuple[str, str, int | None]]:
        found = await self.house.rows("select source, kind, cents from outcome order by source, kind")
        return [(row["source"], row["kind"], row["cents"]) for row in found]


@pytest.fixture
async def team(database_url: str, tmp_path: Path) -> AsyncIterator[Team]:
    async with a_sandbox() as hubspot:
        live = {"HUBSPOT_TOKEN": "pat", "HUBSPOT_URL": f"{hubspot.base_url}/hubspot"}
        async with a_house(database_url, tmp_path / "data", **live) as house:
            morgan = await hire(
                house.office, name="Morgan Reyes", email="morgan.reyes@example.com", phone="+18135550109",
                practice=False, role="manager", takes_leads=False,
            )  # fmt: skip
            found = Team(house, hubspot, morgan)
            await crm_stages.read(house.office, "hubspot", found.vendors.crms["hubspot"])
            await crm_stages.choose(house.office, "hubspot", "claimed", "75001", "test")
            await house.rows("update lead set agent_id = null")
            yield found
            await found.vendors.aclose()


async def test_a_deal_begins_when_somebody_has_the_lead_and_goes_on_with_it(team: Team) -> None:
    lead_id = await team.asks()
    await team.house.rows("update lead set agent_id = null, claimed_at = null")
    assert await team.deals() == []  # nobody works on it yet
    await claiming.claim(team.house.office, lead_id, team.morgan, by="page")
    (begun,) = await team.deals()

    assert begun["dealname"].startswith("Maria Lopez")
    assert (begun["pipeline"], begun["dealstage"], begun["hubspot_owner_id"]) == ("75001", "75011", "70111")
    await team.house.rows("select human_touched(id, %s, now(), 'call') from lead", team.morgan.id)
    await team.house.rows("update lead set last_at = %s", team.house.office.clock.now())
    assert [one["dealstage"] for one in await team.deals()] == ["75012"]
    await claiming.finish(team.house.office, lead_id, team.morgan, claiming.CameOf("won"))
    (won,) = await team.deals()
    assert "amount" not in won
    await crm_deals.plan_due(team.house.office, "hubspot")  # told, and so over
    assert not await claiming.finish(team.house.office, lead_id, team.morgan, claiming.CameOf("lost"))
    assert await claiming.finish(team.house.office, lead_id, team.morgan, claiming.CameOf("won", 950_000))
    (won,) = await team.deals()

    assert (won["id"], won["dealstage"], won["amount"]) == (begun["id"], "75015", "9500")
    await team.hears(won["id"])
    assert await team.outcomes() == [("leadwake", "won", 950_000)]  # our own word, told back, is none of theirs
    await team.moves(won["id"], amount="9700")
    assert await team.outcomes() == [("leadwake", "won", 970_000)]
    again = (await team.house.post({**LEAD, "message": "I also want to sell."})).json()
    await team.house.reaches(again["inquiry_id"], "crm", "sent")
    assert [one["dealstage"] for one in await team.deals()] == ["75015", "75011"]  # the next inquiry, the next deal
    await erasure.erase(team.house.office, lead_id, "test")
    await team.house.settled()
    assert [one["dealname"] for one in await team.deals()] == [FORGOTTEN, FORGOTTEN]


async def test_whoever_moves_a_deal_there_has_the_last_word(team: Team) -> None:
    lead_id = await team.asks()
    await claiming.claim(team.house.office, lead_id, team.morgan, by="page")
    (deal,) = await team.deals()
    await team.moves(deal["id"], dealstage="75013")
    assert await team.outcomes() == [("hubspot", "meeting", None)]
    await team.house.rows("select human_touched(id, %s, now(), 'call') from lead", team.morgan.id)
    await team.house.rows("update lead set last_at = %s", team.house.office.clock.now())
    assert [one["dealstage"] for one in await team.deals()] == ["75013"]  # in touch is not back to it
    await claiming.finish(team.house.office, lead_id, team.morgan, claiming.CameOf("won"))
    assert [one["dealstage"] for one in await team.deals()] == ["75015"]
    await team.moves(deal["id"], dealstage="75016")

    assert await team.outcomes() == [("hubspot", "lost", None), ("hubspot", "meeting", None)]
    assert [one["dealstage"] for one in await team.deals()] == ["75016"]


@pytest.mark.parametrize("is_keyed", [False, True])
async def test_an_answer_that_was_lost_makes_no_second_deal(team: Team, is_keyed: bool) -> None:
    if is_keyed:
        await crm_keys.make(team.house.office, "hubspot", "test")
    lead_id = await team.asks()
    await team.hubspot.put("/behaviour/hubspot", json={"mode": "cut"})
    await claiming.claim(team.house.office, lead_id, team.morgan, by="page")
    await crm_deals.plan_due(team.house.office, "hubspot")

    async def was_tried() -> bool:
        return bool(await team.house.rows("select 1 from action where kind = 'crm_deal' and failures > 0"))

    await until(was_tried)
    await team.hubspot.put("/behaviour/hubspot", json={"mode": "ok"})

    async def is_written() -> bool:
        return bool(await team.house.rows("select 1 from action where kind = 'crm_deal' and state = 'sent'"))

    await until(is_written)
    (deal,) = await team.deals()
    assert ("leadwake_id" in deal) is is_keyed


async def test_deals_are_made_as_the_team_chose(team: Team) -> None:
    office = team.house.office
    await crm_stages.choose(office, "hubspot", "never", "75001", "test")
    lead_id = await team.asks()
    await claiming.claim(office, lead_id, team.morgan, by="page")
    assert await team.deals() == []
    await crm_stages.choose(office, "hubspot", "inquiry", "75001", "test")
    await crm_stages.give_meaning(office, "hubspot", {"75001/75011": ""}, "test")
    assert await team.deals() == []  # no stage is left that says so little
    await crm_stages.give_meaning(office, "hubspot", {"75001/75014": "new"}, "test")
    assert [one["dealstage"] for one in await team.deals()] == ["75014"]
    await crm_stages.read(office, "hubspot", team.vendors.crms["hubspot"])
    assert crm_stages.of(office, "hubspot").stage("new") is not None  # what was chosen outlives the next look
    for make, pipeline in (("often", "75001"), ("never", "gone")):
        with pytest.raises(InputError):
            await crm_stages.choose(office, "hubspot", make, pipeline, "test")
    with pytest.raises(InputError):
        await crm_stages.give_meaning(office, "hubspot", {"x/y": "new"}, "test")


async def test_gohighlevel_is_told_of_the_end_by_status_and_its_echo_is_no_news(
    database_url: str, tmp_path: Path
) -> None:
    async with a_sandbox() as ghl:
        live = {
            "GOHIGHLEVEL_TOKEN": "pit", "GOHIGHLEVEL_LOCATION_ID": "ve9", "HUBSPOT_URL": f"{ghl.base_url}/hubspot",
            "GOHIGHLEVEL_URL": f"{ghl.base_url}/gohighlevel",
        }  # fmt: skip
        async with a_house(database_url, tmp_path / "data", **live) as house:
            dana = house.office.team[0]
            vendors = registry.build(house.office.settings)
            await crm_stages.read(house.office, "gohighlevel", vendors.crms["gohighlevel"])

            async def deals() -> list[dict[str, Any]]:
                await crm_deals.plan_due(house.office, "gohighlevel")
                await house.settled()
                headers = {**BEARER, "version": "2021-07-28"}
                path = "/gohighlevel/opportunities/search?location_id=x"
                return list((await ghl.get(path, headers=headers)).json()["opportunities"])

            lead_id = UUID((await house.post(LEAD)).json()["lead_id"])
            await house.settled()
            await house.rows("update lead set agent_id = %s, claimed_at = %s", dana.id, house.now)
            (begun,) = await deals()
            await claiming.finish(house.office, lead_id, dana, claiming.CameOf("won", 12_345))
            (won,) = await deals()

            assert (begun["status"], begun["pipelineStageId"][-2:]) == ("open", "69")
            assert (won["id"], won["status"], won["monetaryValue"]) == (begun["id"], "won", 123.45)
            await crm_news.keep(house.office, [CrmNews("gohighlevel", "e1", "deal", won["id"])])
            await CrmSync(house.office, lambda: vendors.crms).tick("gohighlevel")
            said = await house.rows("select source, kind, cents from outcome")
            assert said == [{"source": "leadwake", "kind": "won", "cents": 12_345}]
            await vendors.aclose()
