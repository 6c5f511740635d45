"""Deals in either CRM: one for each key, moved forwards, left where a person has put them; held to each contract."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from test_crm_contract import MARIA, Case, a_case
from vendor_on_loopback import Answer, Vendor

from leadwake.domain.deals import Stage, guessed, may_leave, stage_of
from leadwake.errors import BadCredentials, Rejected
from leadwake.providers.hubspot import HubSpot
from leadwake.providers.ports import FORGOTTEN, Call, ForgetContact, OutgoingDeal
from leadwake.vendors import CRMS

HEADERS = {"authorization": "Bearer x", "version": "2021-07-28"}
PIPELINE = {"hubspot": "75001", "gohighlevel": "VDm7RPYC2GLUvdpKmBfC"}


class Deals:
    """The deals of one CRM, its pipelines known."""

    def __init__(self, case: Case, stages: list[Stage], contact: str) -> None:
        self.case, self.stages, self.contact = case, stages, contact

    def deal(self, milestone: str, **changes: Any) -> OutgoingDeal:
        pipeline = PIPELINE[self.case.name]
        stage = stage_of(self.stages, pipeline, milestone)
        status = milestone if milestone in {"won", "lost"} else "open"
        made = OutgoingDeal(
            "0192aa00-0000-7000-8000-000000000001", self.contact, "Maria Lopez, buying", pipeline,
            stage.stage if stage else None, status, may_leave(self.stages, stage) if stage else frozenset(),
        )  # fmt: skip
        return replace(made, **changes)

    async def write(self, milestone: str, **changes: Any) -> str:
        ref = (await self.case.crm.write_deal(self.deal(milestone, **changes), Call.for_seconds())).ref
        assert ref
        return ref

    async def put(self, ref: str, label: str) -> None:
        """A person drags it to the stage of this name."""
        stage = next(one.stage for one in self.stages if one.label == label)
        if self.case.name == "hubspot":
            order: dict[str, Any] = {"properties": {"dealstage": stage}}
            await self.case.sandbox.patch(f"/hubspot/crm/v3/objects/deals/{ref}", json=order, headers=HEADERS)
        else:
            order = {"pipelineStageId": stage}
            await self.case.sandbox.put(f"/gohighlevel/opportunities/{ref}", json=order, headers=HEADERS)

    async def stands_at(self, ref: str) -> str:
        deal = await self.case.crm.read_deal(ref)
        assert deal is not None
        label = next(one.label for one in self.stages if one.stage == deal.stage)
        return f"{label}, {deal.outcome}" if deal.outcome else label

    async def names(self) -> list[str]:
        """What the contact's deals are called."""
        if self.case.name == "hubspot":
            order: dict[str, Any] = {"filterGroups": [{"filters": []}]}
            path = "/hubspot/crm/v3/objects/deals/search"
            found = (await self.case.sandbox.post(path, json=order, headers=HEADERS)).json()["results"]
            return [one["properties"]["dealname"] for one in found]
        path = "/gohighlevel/opportunities/search?location_id=x"
        found = (await self.case.sandbox.get(path, headers=HEADERS)).json()["opportunities"]
        return [one["name"] for one in found]


@pytest.fixture(params=CRMS)
async def deals(request: pytest.FixtureRequest) -> AsyncIterator[Deals]:
    async with a_case(request.param) as case:
        contact = await case.upsert(MARIA)
        yield Deals(case, guessed(await case.crm.stages()), contact)


async def test_a_deal_is_made_once_however_often_it_is_tried(deals: Deals) -> None:
    first = await deals.write("new", owner_email="dana.whitfield@example.com")
    tries = [deals.write("new", maybe_there=True) for _ in range(4)]

    assert {first, *await asyncio.gather(*tries)} == {first}
    assert await deals.names() == ["Maria Lopez, buying"]
    assert (await deals.stands_at(first)) == "New lead"
    read = await deals.case.crm.read_deal(first)
    assert read is not None
    assert list(read.contacts) == [deals.contact]


async def test_it_moves_on_with_the_lead_and_takes_its_money(deals: Deals) -> None:
    ref = await deals.write("new")
    await deals.write("meeting", known_as=ref)
    met = await deals.stands_at(ref)
    await deals.write("won", known_as=ref, cents=950_000)
    won = await deals.case.crm.read_deal(ref)

    assert met in {"Showing", "Appointment"}
    assert won is not None
    assert (won.outcome, won.cents) == ("won", 950_000)


async def test_what_a_person_has_moved_further_is_not_moved_back(deals: Deals) -> None:
    ref = await deals.write("new")
    further = "Under contract" if deals.case.name == "hubspot" else "Contract"
    await deals.put(ref, further)
    await deals.write("meeting", known_as=ref)

    assert await deals.stands_at(ref) == further
    await deals.write("lost", known_as=ref)  # lost is lost wherever it stands
    assert (await deals.stands_at(ref)).endswith("lost")
    await deals.write("won", known_as=ref)
    assert (await deals.stands_at(ref)).endswith("lost")


async def test_what_a_person_has_deleted_stays_deleted(deals: Deals) -> None:
    assert await deals.write("meeting", known_as="404404") == "404404"
    assert await deals.names() == []


async def test_who_is_forgotten_is_no_longer_named_by_their_deal(deals: Deals) -> None:
    ref = await deals.write("won", cents=100)
    for _ in range(2):
        order = ForgetContact([f"deal:{ref}", deals.contact], "maria@example.com")
        await deals.case.crm.forget_contact(order, Call.for_seconds())

    assert await deals.names() == [FORGOTTEN]


async def test_two_of_a_key_at_once_are_one_where_the_portal_keeps_it_unique(hubspot_api: Vendor) -> None:
    taken = Answer(400, {"category": "VALIDATION_ERROR", "message": "9001 already has that value."})
    stands = {"id": "9001", "properties": {"pipeline": "75001", "dealstage": "75011", "hs_is_closed": "false"}}
    hubspot_api.answers(taken, Answer(200, stands), Answer(200, stands))
    crm = HubSpot(hubspot_api.url, "pat", deadline_s=2)
    deal = OutgoingDeal("key-1", "1", "Maria", "75001", "75011", "open", frozenset(), is_keyed=True)

    assert (await crm.write_deal(deal, Call.for_seconds())).ref == "9001"
    assert [(one.method, one.path) for one in hubspot_api.received][1:] == [
        ("GET", "/crm/v3/objects/deals/key-1"), ("GET", "/crm/v3/objects/deals/9001"),
    ]  # fmt: skip
    assert hubspot_api.received[0].json()["properties"]["leadwake_id"] == "key-1"
    await crm.aclose()


async def test_a_token_that_may_not_write_deals_fails_the_deal_and_not_the_vendor(hubspot_api: Vendor) -> None:
    hubspot_api.answers(Answer(403, {"category": "MISSING_SCOPES", "message": "this app lacks scopes"}))
    crm = HubSpot(hubspot_api.url, "pat", deadline_s=2)
    with pytest.raises(Rejected, match=r"crm\.objects\.deals") as caught:
        await crm.write_deal(OutgoingDeal("k", "1", "Maria", "p", "s", "open", frozenset()), Call.for_seconds())

    assert not isinstance(caught.value, BadCredentials)
    await crm.aclose()
