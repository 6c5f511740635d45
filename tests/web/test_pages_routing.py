"""The page of the team: rules added, changed, moved, put back; a lead tried; shares of hot leads."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from page_case import admin, logged_in

from leadwake.domain.routing_rules import EVERYONE, STANDARD, Conditions, RoutingRules, Rule, Times
from leadwake.storage import routing_rules
from leadwake.storage.staff import Person
from office_case import House, hire

HOSTILE = "<script>alert(1)</script>"
TIMES = {
    "claim_minutes.hot": "3", "claim_minutes.warm": "30", "max_agents_asked": "3", "pool_size": "5",
    "pool_minutes": "15", "touch_minutes.hot": "15", "touch_minutes.warm": "120", "touch_minutes.cold": "1440",
    "alert_minutes": "10",
}  # fmt: skip


async def post(client: httpx.AsyncClient, place: str, data: dict[str, str], status: int = 303) -> str:
    answer = await client.post(f"/team{place}", data=data)
    assert answer.status_code == status, answer.text
    return answer.text


async def manager(house: House) -> Person:
    return await admin(house, name="Max Manager", role="manager")


async def kept(house: House) -> list[dict[str, Any]]:
    return await house.rows("select version, by, reason from routing_rules order by version")


def names(house: House) -> list[str]:
    return [rule.name for rule in house.office.routing.rules]


async def test_agents_see_and_change_nothing_of_it(idle_house: House) -> None:
    await admin(idle_house, name="Sam Seller", role="agent")
    async with logged_in(idle_house) as client:
        for place in ("", "/rules/new", "/rules/0", "/history", "/try"):
            assert (await client.get(f"/team{place}")).status_code == 403, place
        for place in ("/rules/new", "/rules/0", "/rules/0/delete", "/times", "/history/0", "/try"):
            assert (await client.post(f"/team{place}", data={"version": "0"})).status_code == 403, place

    assert await kept(idle_house) == []


async def test_a_manager_adds_a_rule_above_the_default(idle_house: House) -> None:
    house = idle_house
    person, [dana] = await manager(house), house.office.agents
    given = {
        "version": "0", "name": " Spanish  in Texas", "states": "texas, FL", "languages": "Español",
        "sources": "Zillow", "postal_prefixes": "336; 337", "temperature_hot": "on", "min_score": "60",
        f"agent_{dana.id}": "on",
        f"weight_{dana.id}": "2", "reason": "As agreed on Monday",
    }  # fmt: skip
    async with logged_in(house) as client:
        assert "For everyone" not in (await client.get("/team")).text
        await post(client, "/rules/new", given)
        page = (await client.get("/team?saved=1")).text
        form = (await client.get("/team/rules/0")).text

    when = Conditions(
        sources=("Zillow",), states=("TX", "FL"), postal_prefixes=("336", "337"), languages=("es",),
        temperatures=("hot",), min_score=60,
    )  # fmt: skip
    rule = Rule("Spanish in Texas", when, (str(dana.id),), {str(dana.id): 2.0})
    assert house.office.routing == RoutingRules(1, (rule, Rule(EVERYONE)))
    assert await kept(house) == [{"version": 1, "by": f"user {person.id}", "reason": "As agreed on Monday"}]
    for words in (
        "in TX or FL",
        "speaks Spanish",
        "score 60 or more",
        "→ Dana Reyes ×2",
        "It counts from the next lead",
    ):
        assert words in page
    assert 'value="TX, FL"' in form


async def test_rules_are_moved_changed_deleted_and_the_default_stays_the_last(idle_house: House) -> None:
    house = idle_house
    await manager(house)
    async with logged_in(house) as client:
        for version, name in enumerate(("One", "Two")):
            await post(client, "/rules/new", {"version": str(version), "name": name})
        await post(client, "/rules/1/up", {"version": "2"})
        assert names(house) == ["Two", "One", EVERYONE]
        await post(client, "/rules/1/down", {"version": "3"})
        await post(client, "/rules/0/up", {"version": "3"})
        assert (names(house), house.office.routing.version) == (["Two", "One", EVERYONE], 3)
        await post(client, "/rules/0/down", {"version": "3"})
        await post(client, "/rules/0", {"version": "4", "name": "Uno", "states": "TX"})
        await post(client, "/rules/1/delete", {"version": "5"})
        assert names(house) == ["Uno", EVERYONE]
        for act in ("delete", "up", "down"):
            await post(client, f"/rules/1/{act}", {"version": "6"}, 404)
        page = (await client.get("/team/history")).text

    assert "New: “Two”, every lead → everyone" in page
    assert "Order: Two, One" in page
    assert "Gone: “Two”" in page


async def test_the_default_takes_weights_and_nothing_else(idle_house: House) -> None:
    house = idle_house
    await manager(house)
    [dana] = house.office.agents
    async with logged_in(house) as client:
        page = (await client.get("/team/rules/0")).text
        await post(client, "/rules/0", {"version": "0", "name": "Mine", "states": "TX", f"weight_{dana.id}": "0.5"})

    assert 'name="states"' not in page
    assert house.office.routing.rules == (Rule(EVERYONE, weights={str(dana.id): 0.5}),)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "Give the rule a name"),
        ({"name": "Everyone"}, "last rule&#39;s name"),
        ({"states": "Tejas"}, "Write states with their two letters"),
        ({"languages": "Klingon"}, "Write languages with their two letters"),
        ({"postal_prefixes": "3-3"}, "Write the beginnings of ZIP codes"),
        ({"min_score": "60", "max_score": "50"}, "Swap them"),
        ({"min_score": "lots"}, "A score is a whole number"),
        ({"weight_AGENT": "0"}, "A weight is a number"),
        ({"weight_AGENT": "nan"}, "A weight is a number"),
        ({"name": HOSTILE + "x" * 60}, "&lt;script&gt;"),
    ],
)
async def test_what_makes_no_sense_is_said_beside_its_field(
    idle_house: House, given: dict[str, str], said: str
) -> None:
    house = idle_house
    await manager(house)
    [dana] = house.office.agents
    given = {name.replace("AGENT", str(dana.id)): value for name, value in given.items()}
    async with logged_in(house) as client:
        page = await post(client, "/rules/new", {"version": "0", "name": "Texas"} | given, 422)

    assert said.casefold() in page.casefold()
    assert HOSTILE not in page
    assert await kept(house) == []


async def test_times_are_changed_and_wrong_ones_are_said(idle_house: House) -> None:
    house = idle_house
    await manager(house)
    async with logged_in(house) as client:
        page = await post(client, "/times", TIMES | {"version": "0", "claim_minutes.hot": "0", "pool_size": "x"}, 422)
        await post(client, "/times", TIMES | {"version": "0"})
        history = (await client.get("/team/history")).text

    assert "whole number from 1 to 1440" in page
    assert "whole number from 1 to 50" in page
    assert house.office.routing.times == Times({"hot": 3, "warm": 30})
    assert "To claim a hot lead: 5 minutes, now 3" in history


async def test_an_older_version_is_put_back_under_a_new_one(idle_house: House) -> None:
    house = idle_house
    await manager(house)
    async with logged_in(house) as client:
        await post(client, "/rules/new", {"version": "0", "name": "One"})
        await post(client, "/rules/0/delete", {"version": "1"})
        await post(client, "/history/1", {"version": "2"})
        assert names(house) == ["One", EVERYONE]
        await post(client, "/history/0", {"version": "3"})
        for version in ("9", "x", "-1"):
            await post(client, f"/history/{version}", {"version": "4"}, 404)

    assert (house.office.routing.version, names(house)) == (4, [EVERYONE])
    assert [row["reason"] for row in await kept(house)][2:] == ["Version 1 put back", "Version 0 put back"]


async def test_a_form_from_before_somebody_elses_change_saves_nothing(idle_house: House) -> None:
    house = idle_house
    await manager(house)
    theirs = RoutingRules(0, (Rule("Theirs"), Rule(EVERYONE)))
    await routing_rules.change(house.office.db, at=house.now, by="cli", reason="", before=0, value=theirs)
    async with logged_in(house) as client:
        page = await post(client, "/rules/new", {"version": "0", "name": "Mine"}, 409)

    assert "Somebody else changed the rules" in page
    assert names(house) == ["Theirs", EVERYONE]


async def test_nothing_changed_is_no_new_version(idle_house: House) -> None:
    await manager(idle_house)
    async with logged_in(idle_house) as client:
        await post(client, "/times", TIMES | {"version": "0", "claim_minutes.hot": "5"})

    assert idle_house.office.routing == STANDARD
    assert await kept(idle_house) == []


async def test_a_lead_is_tried_and_nothing_comes_of_it(idle_house: House) -> None:
    house = idle_house
    await manager(house)
    [dana] = house.office.agents
    sam = await hire(house.office, name=f"Sam {HOSTILE}", email="sam@example.com")
    for person, licence in ((dana, "TX"), (sam, "FL")):
        await house.rows("update app_user set licences = %s where id = %s", [licence], person.id)
    await house.office.refresh()
    async with logged_in(house) as client:
        page = await post(client, "/try", {"postal_code": "78701", "score": "84", "message": HOSTILE}, 200)
        pasted = '{"name": "Jo", "phone": "813-555-0194", "state": "FL", "message": "Hola, busco una casa"}'
        other = await post(client, "/try", {"pasted": pasted, "owner_id": str(sam.id), "score": ""}, 200)

    assert "Dana Reyes gets it" in page
    assert "A licence for TX is needed." in page
    assert "not licensed in TX" in page
    assert "They know this person already" in other
    assert "speaks Spanish" in other
    assert HOSTILE not in page + other
    assert not await house.rows("select 1 from capture union all select 1 from routing_decision")


async def test_interests_are_written_in_the_words_of_the_pages_and_a_trial_says_which_rule_did_not_fit(
    idle_house: House,
) -> None:
    house = idle_house
    await manager(house)
    given = {"version": "0", "name": "Zillow goes to Dana", "sources": "Zillow", "interests": "Buying a  Home, Boats"}
    async with logged_in(house) as client:
        await post(client, "/rules/new", given)
        team, form = (await client.get("/team")).text, (await client.get("/team/rules/0")).text
        fits = await post(client, "/try", {"source": "zillow", "interest": "buying a home", "score": "80"}, 200)
        other = await post(client, "/try", {"source": "website", "interest": "buy_home", "score": "80"}, 200)

    assert house.office.routing.rules[0].when.interests == ("buy_home", "Boats")
    assert "about buying a home or Boats" in team
    assert 'value="buying a home, Boats"' in form
    assert "Rule “Zillow goes to Dana”" in fits
    assert "Rules that are not for this lead" not in fits
    assert re.search(r"Zillow goes to Dana</b> <span[^>]*>asks for: from Zillow</span>", other)


async def test_a_lead_is_tried_at_another_hour(idle_house: House) -> None:
    house = idle_house
    await manager(house)
    [dana] = house.office.agents
    shifts = '[{"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "17:00"}]'
    await house.rows("update app_user set shifts = %s::jsonb where id = %s", shifts, dana.id)
    await house.office.refresh()
    async with logged_in(house) as client:
        page = await post(client, "/try", {"score": "84", "at": "2026-11-28T23:00"}, 200)

    assert re.search(r"Nobody gets it before Mon 30 Nov.* 9:00", page)
    assert "Nobody who may have it is on shift or on call" in page


@pytest.mark.parametrize(
    "given",
    [{"score": "101"}, {"score": ""}, {"score": "9", "at": "soon"}, {"score": "9", "at": "9999-12-31T23:59"},
     {"pasted": "{"}, {"pasted": "[]"}, {"pasted": '{"state": 7}'}, {"score": "9", "state": "Tejas"},
     {"score": "9", "language": "Klingon"}, {"pasted": '{"temperature": "boiling"}'}],
)  # fmt: skip
async def test_a_lead_that_cannot_be_tried_says_why(idle_house: House, given: dict[str, str]) -> None:
    await manager(idle_house)
    async with logged_in(idle_house) as client:
        assert "Not tried yet" in await post(client, "/try", given, 422)


async def test_shares_of_hot_leads_stand_beside_what_was_due(idle_house: House) -> None:
    house = idle_house
    await manager(house)
    hot = {
        "name": "Jo Hot", "phone": "813-555-0194", "email": "jo@example.com", "channel": "live_chat",
        "source": "referral", "timeline": "ASAP", "interest": "sell_home", "budget": "$500k",
        "message": "Please call me today about 12 Oak St, I need to sell my house, closing on Monday.",
    }  # fmt: skip
    await house.post(hot)
    async with logged_in(house) as client:
        page = (await client.get("/team")).text

    assert "1 given, 1 due" in page
