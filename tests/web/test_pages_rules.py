"""The rules page: tighter with one form, looser only with name and reason, undone in one tap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from page_case import admin, logged_in

from leadwake.compliance.hours import Hours
from leadwake.compliance.policy import STANDARD, SWITCHES, Loosened, Policy
from leadwake.storage import policies
from leadwake.web.pages.rules_form import switch_name
from office_case import House

DEFAULTS = {"version": "0", "cap": "3", "fresh_replies": "on"} | {switch_name(*pair): "on" for pair in SWITCHES}
RISK = {"version": "0", "reason": "Our counsel looked at it in November.", "name": "alex  ADMIN", "limit": "5"}


async def post(client: httpx.AsyncClient, place: str, data: dict[str, str], status: int = 303) -> str:
    answer = await client.post(f"/setup/rules/{place}", data=data)
    assert answer.status_code == status, answer.text
    return answer.text


async def kept(house: House) -> list[dict[str, Any]]:
    return await house.rows("select * from policy order by version")


async def test_only_admins_see_and_change_the_rules(idle_house: House) -> None:
    await admin(idle_house, name="Sam Seller", email="sam@example.com", role="agent")
    async with logged_in(idle_house, "sam@example.com") as client:
        for place in ("", "/loosen/product_cap"):
            assert (await client.get(f"/setup/rules{place}")).status_code == 403
        for place in ("tighten", "hold", "hold/LA/end", "loosen/product_cap", "loosen/product_cap/undo"):
            assert (await client.post(f"/setup/rules/{place}", data=RISK)).status_code == 403, place

    assert await kept(idle_house) == []


async def test_the_page_says_what_is_in_force(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        page = (await client.get("/setup/rules")).text

    assert "as shipped, read against the law on 2026-11-22" in page
    assert idle_house.office.tables.version in page
    assert "known until 2028-12-31" in page
    assert "the defaults" in page


async def test_stricter_rules_are_saved_with_one_form_and_taken_back_with_the_same(idle_house: House) -> None:
    house = idle_house
    person = await admin(house)
    stricter = DEFAULTS | {
        "opens": "09:00", "closes": "18:00", "closed_Sun": "on", "cap": "2", "state_0": "FL", "opens_0": "10:00",
        "closes_0": "16:00",
    }  # fmt: skip
    del stricter["fresh_replies"], stricter["on_sms_marketing"]
    async with logged_in(house) as client:
        await post(client, "tighten", stricter)
        policy = house.office.policy
        page = (await client.get("/setup/rules")).text
        await post(client, "tighten", DEFAULTS | {"version": "1"})

    assert (policy.hours, policy.state_hours) == (Hours(540, 1080), {"FL": Hours(600, 960)})
    assert (policy.closed_days, policy.cap, policy.fresh_replies) == (frozenset({6}), 2, False)
    assert [f"{channel}/{purpose}" for channel, purpose in policy.off] == ["sms/marketing"]
    assert 'value="09:00"' in page
    assert "Off: marketing texts" in page
    assert house.office.policy == Policy(version=2)
    assert {row["by"] for row in await kept(house)} == {f"user {person.id}"}
    events = await house.rows("select actor, data from event where kind = 'policy_changed' order by id")
    assert [event["data"]["version"] for event in events] == [1, 2]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"opens": "09:00"}, "From and to"),
        ({"opens": "18:00", "closes": "09:00"}, "From and to"),
        ({"opens": "22:00", "closes": "23:00"}, "From and to"),
        ({"opens_0": "09:00", "closes_0": "10:00"}, "Choose the state"),
        ({"opens_0": "09:00", "closes_0": "10:00", "state_0": "ON"}, "Choose the state"),
        ({f"closed_{day}": "on" for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}, "Leave one day open"),
        ({"cap": "9"}, "Nothing was saved"),
    ],
)
async def test_what_makes_no_sense_is_said_and_nothing_is_saved(
    idle_house: House, given: dict[str, str], said: str
) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        page = await post(client, "tighten", DEFAULTS | given, 422)

    assert said in page
    assert await kept(idle_house) == []


async def test_marketing_in_a_state_is_held_and_released(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    async with logged_in(house) as client:
        await post(client, "hold", {"version": "0", "state": "LA", "date": "2026-11-30", "time": "08:00"})
        held = house.office.policy.holds
        page = (await client.get("/setup/rules")).text
        await post(client, "hold/LA/end", {"version": "1"})

    assert held == {"LA": datetime(2026, 11, 30, 13, tzinfo=UTC)}  # 8:00 by the team's clock, New York
    assert "Marketing in Louisiana held until Mon 30 Nov 2026, 8:00" in page
    assert house.office.policy.holds == {}


@pytest.mark.parametrize(
    "given",
    [
        {"state": "", "date": "2026-11-30"},
        {"state": "LA", "date": ""},
        {"state": "LA", "date": "soon"},
        {"state": "LA", "date": "2026-11-01"},
        {"state": "LA", "date": "2036-11-01"},
        {"state": "LA", "date": "9999-12-31", "time": "23:59"},
    ],
)
async def test_a_hold_without_state_or_end_is_refused(idle_house: House, given: dict[str, str]) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        await post(client, "hold", {"version": "0"} | given, 422)

    assert await kept(idle_house) == []


@pytest.mark.parametrize("name", list(Loosened))
async def test_a_default_is_given_up_on_a_page_that_names_the_risk_and_holds_again_in_one_tap(
    idle_house: House, name: Loosened
) -> None:
    house = idle_house
    person = await admin(house)
    async with logged_in(house) as client:
        assert "The risk" in (await client.get(f"/setup/rules/loosen/{name}")).text
        await post(client, f"loosen/{name}", RISK)
        (loosening,) = house.office.policy.loosenings
        page = (await client.get("/setup/rules")).text
        await post(client, f"loosen/{name}/undo", {"version": "1"})

    assert (loosening.name, loosening.by, loosening.reason) == (name, f"user {person.id}", RISK["reason"])
    assert loosening.at == pytest.approx(house.now, abs=timedelta(minutes=5))
    assert "Alex Admin" in page
    assert RISK["reason"] in page
    assert house.office.policy == Policy(version=2)
    first, second = await kept(house)
    assert (first["reason"], second["reason"]) == (RISK["reason"], "")
    event, _ = await house.rows("select actor, data::text as data from event where kind = 'policy_changed' order by id")
    assert event["actor"] == f"user {person.id}"
    assert name.value in event["data"]
    assert "counsel" not in event["data"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "Type your name as it stands here: Alex Admin"),
        ({"name": "Somebody Else"}, "Type your name"),
        ({"reason": "  "}, "Say why"),
        ({"reason": "because"}, "Say why"),
        ({"limit": "99"}, "A number from 4 to 10"),
        ({"limit": ""}, "A number from 4 to 10"),
    ],
)
async def test_without_name_and_reason_nothing_is_given_up(idle_house: House, given: dict[str, str], said: str) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        page = await post(client, "loosen/product_cap", RISK | given, 422)

    assert said in page
    assert await kept(idle_house) == []


@pytest.mark.parametrize("name", ["stop_lists", "no_consent", "federal_hours", "x" * 300])
async def test_what_cannot_be_given_up_has_no_page(idle_house: House, name: str) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        assert (await client.get(f"/setup/rules/loosen/{name}")).status_code == 404
        await post(client, f"loosen/{name}", RISK, 404)


async def test_a_form_from_before_somebody_elses_change_saves_nothing(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await policies.change(house.office.db, at=house.now, by="cli", reason="", before=0, value=Policy(cap=1))
    async with logged_in(house) as client:
        page = await post(client, "tighten", DEFAULTS, 409)

    assert "Somebody else changed the rules" in page
    assert house.office.policy == Policy(version=1, cap=1)


async def test_nothing_changed_is_no_new_version(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        await post(client, "tighten", DEFAULTS)

    assert idle_house.office.policy == STANDARD
    assert await kept(idle_house) == []
