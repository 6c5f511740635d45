"""What a CRM is told beside the contact: whose they are, what was said, and what the team wants where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from leadwake.domain.calls import Outcome
from leadwake.errors import InputError
from leadwake.ops import erasure
from leadwake.providers import registry
from leadwake.vendors import Mode
from leadwake.workflows import claiming, crm_fields, crm_notes, crm_poll, phone_calls
from leadwake.workflows import notes as team_notes
from office_case import House, a_house, a_sandbox, hire, until

LEAD = {
    "name": "Maria Lopez", "email": "maria@example.com", "phone": "+18135550142", "message": "Is it open?",
    "postal_code": "33602", "budget": "$400,000",
}  # fmt: skip
#: vendors write instants to the millisecond
BRIEFLY = timedelta(milliseconds=20)
BEARER = {"headers": {"authorization": "Bearer x"}}


@pytest.fixture
async def hubspot() -> AsyncIterator[httpx.AsyncClient]:
    """The stand-in that the team's HubSpot is."""
    async with a_sandbox() as running:
        yield running


@pytest.fixture
async def house(database_url: str, tmp_path: Path, hubspot: httpx.AsyncClient) -> AsyncIterator[House]:
    live = {"HUBSPOT_TOKEN": "pat", "HUBSPOT_URL": f"{hubspot.base_url}/hubspot"}
    async with a_house(database_url, tmp_path / "data", **live) as running:
        yield running


async def contact(hubspot: httpx.AsyncClient) -> dict[str, Any]:
    asked = {"limit": 5, "filterGroups": []}
    found = (await hubspot.post("/hubspot/crm/v3/objects/contacts/search", json=asked, **BEARER)).json()["results"]
    return found[0] if found else {"properties": {}}


async def notes(hubspot: httpx.AsyncClient) -> list[str]:
    asked: dict[str, Any] = {"filterGroups": [{"filters": []}]}
    found = (await hubspot.post("/hubspot/crm/v3/objects/notes/search", json=asked, **BEARER)).json()["results"]
    return [one["properties"]["hs_note_body"] for one in found]


async def test_what_was_said_is_noted_once_each_and_forgotten_with_the_person(
    house: House, hubspot: httpx.AsyncClient
) -> None:
    receipt = (await house.post(LEAD)).json()
    await house.reaches(receipt["inquiry_id"], "crm", "sent")
    await house.settled()
    await house.hear("+18135550142", "When can I see it?")
    await until(lambda: _noted(hubspot, 3), limit_s=20)
    await crm_notes.plan_due(house.office, "hubspot")
    await house.settled()
    found = await notes(hubspot)

    assert len(found) == 3
    assert sum("When can I see it?" in one for one in found) == 1
    assert sum(one.startswith("Text to them") for one in found) == 1
    assert sum(one.startswith("E-mail to them") for one in found) == 1
    sealed = await house.rows("select content from action where kind = 'crm_note'")
    assert not any(b"When can" in bytes(row["content"]) for row in sealed)
    await erasure.erase(house.office, UUID(receipt["lead_id"]), "test")
    await house.settled()
    assert await notes(hubspot) == []


async def _noted(hubspot: httpx.AsyncClient, count: int) -> bool:
    return len(await notes(hubspot)) >= count


async def test_whoever_claims_the_lead_is_its_owner_there(house: House, hubspot: httpx.AsyncClient) -> None:
    morgan = await hire(
        house.office, name="Morgan Reyes", email="morgan.reyes@example.com", phone="+18135550109", practice=False,
        role="manager",
    )  # fmt: skip
    receipt = (await house.post(LEAD)).json()
    await house.reaches(receipt["inquiry_id"], "crm", "sent")
    await house.rows("update lead set agent_id = null")
    await claiming.claim(house.office, UUID(receipt["lead_id"]), morgan, by="page")

    async def owned() -> bool:
        return (await contact(hubspot))["properties"].get("hubspot_owner_id") == "70111"

    await until(owned, limit_s=20)
    for _ in range(2):
        await crm_notes.plan_due(house.office, "hubspot")
    await house.settled()
    assert len(await house.rows("select 1 from action where kind = 'crm'")) == 2


async def test_a_field_goes_where_the_team_wants_it(house: House, hubspot: httpx.AsyncClient) -> None:
    await crm_fields.choose(house.office, "hubspot", {"budget": "budget_range", "postal_code": ""}, "test")
    await house.reaches((await house.post(LEAD)).json()["inquiry_id"], "crm", "sent")
    properties = (await contact(hubspot))["properties"]

    assert properties["budget_range"] == "$400,000"
    assert "zip" not in properties


async def test_a_property_that_cannot_be_one_is_refused(house: House) -> None:
    for chosen in ({"budget": "Budget range"}, {"budget": "x", "message": "x"}):
        with pytest.raises(InputError):
            await crm_fields.choose(house.office, "hubspot", chosen, "test")
    assert house.office.settings.mode("hubspot") is Mode.LIVE


async def test_what_webhooks_missed_is_caught_up_with_once(
    database_url: str, tmp_path: Path, hubspot: httpx.AsyncClient
) -> None:
    live = {
        "HUBSPOT_TOKEN": "pat", "HUBSPOT_URL": f"{hubspot.base_url}/hubspot", "GOHIGHLEVEL_TOKEN": "pit",
        "GOHIGHLEVEL_LOCATION_ID": "ve9", "GOHIGHLEVEL_URL": f"{hubspot.base_url}/gohighlevel",
    }  # fmt: skip
    async with a_house(database_url, tmp_path / "data", at_work=False, **live) as house:
        vendors = registry.build(house.office.settings)

        async def poll(crm: str) -> int:
            await house.rows("update crm_cursor set looked_at = '-infinity'")
            return await crm_poll.poll_due(house.office, crm, vendors.crms[crm])

        assert [await poll(crm) for crm in vendors.crms] == [0, 0]
        objects = "/hubspot/crm/v3/objects"
        made = {"properties": {"email": "ann@example.com", "firstname": "Ann"}}
        ref = (await hubspot.post(f"{objects}/contacts", json=made, **BEARER)).json()["id"]
        await hubspot.post(f"{objects}/deals", json={"properties": {"dealstage": "closedwon"}}, **BEARER)
        versioned = {"headers": {**BEARER["headers"], "version": "2021-07-28"}}
        await hubspot.post("/gohighlevel/contacts/", json={"locationId": "l", "email": "bo@example.com"}, **versioned)

        assert [await poll(crm) for crm in (*vendors.crms, *vendors.crms)] == [2, 1, 0, 0]
        await hubspot.patch(f"{objects}/contacts/{ref}", json={"properties": {"city": "Tampa"}}, **BEARER)
        assert await poll("hubspot") == 1
        assert await crm_poll.poll_due(house.office, "hubspot", vendors.crms["hubspot"]) == 0  # not again so soon
        found = await house.rows("select vendor, kind from crm_event order by id")
        assert [(row["vendor"], row["kind"]) for row in found] == [
            ("hubspot", "created"), ("hubspot", "deal"), ("gohighlevel", "created"), ("hubspot", "created"),
        ]  # fmt: skip
        await vendors.aclose()


async def test_a_crm_that_asks_for_patience_is_not_polled_until_then(
    database_url: str, tmp_path: Path, hubspot: httpx.AsyncClient
) -> None:
    live = {"HUBSPOT_TOKEN": "pat", "HUBSPOT_URL": f"{hubspot.base_url}/hubspot"}
    async with a_house(database_url, tmp_path / "data", at_work=False, **live) as house:
        vendors = registry.build(house.office.settings)
        await hubspot.put("/behaviour/hubspot", json={"mode": "throttle"})
        assert await crm_poll.poll_due(house.office, "hubspot", vendors.crms["hubspot"]) == 0
        await hubspot.put("/behaviour/hubspot", json={"mode": "ok"})
        (row,) = await house.rows("select looked_at >= now() - interval '5 seconds' as waits from crm_cursor")

        assert row["waits"]
        await vendors.aclose()


async def test_what_agents_note_and_say_of_a_call_goes_there_once_each(
    house: House, hubspot: httpx.AsyncClient
) -> None:
    morgan = await hire(house.office, name="Morgan Reyes", email="morgan@example.com", phone="+18135550109")
    await hubspot.put("/behaviour/hubspot", json={"mode": "throttle"})  # HubSpot gets her only later
    receipt = (await house.post(LEAD)).json()
    lead_id, call_id = UUID(receipt["lead_id"]), uuid4()
    await team_notes.add(house.office, morgan, lead_id, "Likes <gardens>")
    await hubspot.put("/behaviour/hubspot", json={"mode": "ok"})
    await house.reaches(receipt["inquiry_id"], "crm", "sent")
    began = house.now - timedelta(minutes=20)
    await house.rows(
        "insert into call (id, direction, lead_id, agent_id, state, vendor, at, ended_at) "
        "values (%s, 'out', %s, %s, 'ended', 'twilio', %s, %s)",
        call_id, lead_id, morgan.id, began, house.now,
    )  # fmt: skip
    await crm_notes.plan_due(house.office, "hubspot")
    await until(lambda: _noted(hubspot, 4), limit_s=20)
    await phone_calls.came_of(house.office, call_id, Outcome.VOICEMAIL, morgan)
    for _ in range(2):
        await crm_notes.plan_due(house.office, "hubspot")
    await house.settled()
    found = await notes(hubspot)

    assert len(found) == 5
    assert sum(one.startswith("Note, Morgan Reyes:<br>Likes &lt;gardens&gt;") for one in found) == 1
    calls = sorted(one.partition("<br>")[0] for one in found if one.startswith("Morgan Reyes called them"))
    assert calls == ["Morgan Reyes called them", "Morgan Reyes called them: voicemail"]


async def test_a_change_beyond_the_newest_hundred_is_found_round_by_round(
    database_url: str, tmp_path: Path, hubspot: httpx.AsyncClient
) -> None:
    live = {
        "GOHIGHLEVEL_TOKEN": "pit", "GOHIGHLEVEL_LOCATION_ID": "ve9",
        "GOHIGHLEVEL_URL": f"{hubspot.base_url}/gohighlevel",
    }  # fmt: skip
    headers = {**BEARER["headers"], "version": "2021-07-28"}
    refs = []
    for one in range(230):
        order = {"locationId": "l", "email": f"p{one}@example.com"}
        made = await hubspot.post("/gohighlevel/contacts/", json=order, headers=headers)
        refs.append(made.json()["contact"]["id"])
    async with a_house(database_url, tmp_path / "data", at_work=False, **live) as house:
        vendors = registry.build(house.office.settings)
        crm = vendors.crms["gohighlevel"]

        async def look() -> int:
            """As if all that stood there had been written long ago, and a look was due."""
            await house.rows("update crm_cursor set looked_at = '-infinity'")
            return await crm_poll.poll_due(house.office, "gohighlevel", crm)

        await look()
        await house.rows("delete from crm_event")
        await house.rows("update crm_cursor set at = now() + %s, since = now() + %s", *([crm_poll.LAG - BRIEFLY] * 2))
        await hubspot.put(f"/gohighlevel/contacts/{refs[3]}", json={"city": "Tampa"}, headers=headers)

        assert await look() == 1
        assert [row["ref"] for row in await house.rows("select ref from crm_event")] == [refs[3]]
        assert await look() == 0
        await vendors.aclose()
