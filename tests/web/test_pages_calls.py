"""Calling from a lead's page: one button, one question at night, one tap afterwards."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import httpx
from page_case import admin, logged_in

from call_case import DANA, MARIA, call_is, calls, does, rings
from office_case import House, until

ALEX = "+18135550170"
HOSTILE = '"><script>alert(1)</script>'


async def lead(house: House, **more: str) -> str:
    answer = await house.post({"name": "Maria Lopez", "phone": MARIA} | more)
    return str(answer.json()["lead_id"])


async def ringing(house: House) -> str:
    """The carrier's id of the only call, once a phone rings."""

    async def rang() -> bool:
        found = await calls(house)
        return bool(found) and found[0]["ref"] is not None

    await until(rang)
    return str((await calls(house))[0]["ref"])


async def test_a_call_is_one_button_and_its_outcome_one_tap(house: House) -> None:
    await admin(house)
    lead_id = await lead(house)
    async with logged_in(house) as page:
        shown = (await page.get(f"/leads/{lead_id}")).text
        assert f'action="/leads/{lead_id}/call"' in shown
        assert f'href="tel:{MARIA}"' in shown
        assert "never recorded" in shown

        placed = await page.post(f"/leads/{lead_id}/call")
        assert (placed.status_code, placed.headers["location"]) == (303, f"/leads/{lead_id}#calls")
        ref = await ringing(house)
        assert "Pick up and press 1" in (await page.get(f"/leads/{lead_id}")).text

        await does(house, ref, ALEX, "answer key")
        assert "Maria Lopez's phone rings now." in (await page.get(f"/leads/{lead_id}")).text
        await does(house, ref, MARIA, "nobody")
        row = await call_is(house, "ended")
        shown = (await page.get(f"/leads/{lead_id}")).text
        assert "How did the call go?" in shown
        for name in ("talked", "voicemail", "no_answer", "wrong_number"):
            assert f'name="outcome" value="{name}"' in shown
        said = await page.post(f"/calls/{row['id']}/outcome", data={"outcome": "voicemail"})
        assert said.status_code == 303
        shown = (await page.get(f"/leads/{lead_id}")).text
        assert "How did the call go?" not in shown
        assert "Alex Admin called Maria Lopez: left a voicemail" in shown


async def test_at_night_the_page_asks_first(house: House) -> None:
    await admin(house)
    lead_id = await lead(house)
    house.advance(timedelta(hours=10, minutes=10))
    async with logged_in(house) as page:
        asked = await page.post(f"/leads/{lead_id}/call")
        assert asked.status_code == 200
        assert "It is 22:10 there." in asked.text
        assert await calls(house) == []

        assert (await page.post(f"/leads/{lead_id}/call", data={"anyway": "1"})).status_code == 303
    assert len(await calls(house)) == 1


async def test_somebody_without_a_number_gets_a_link_and_a_hint(house: House) -> None:
    await admin(house, phone=None)
    lead_id = await lead(house)
    async with logged_in(house) as page:
        shown = (await page.get(f"/leads/{lead_id}")).text
        assert f'action="/leads/{lead_id}/call"' not in shown
        assert "Write your own number into your profile" in shown
        assert f'href="tel:{MARIA}"' in shown
        refused = await page.post(f"/leads/{lead_id}/call")
    assert refused.status_code == 409
    assert "Write your own number" in refused.text


async def test_nobody_calls_without_a_login_or_from_elsewhere(house: House) -> None:
    await admin(house)
    lead_id = await lead(house)
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as stranger:
        for path in (f"/leads/{lead_id}/call", f"/calls/{uuid4()}/outcome"):
            assert (await stranger.post(path)).headers["location"] == "/login"
    async with logged_in(house) as page:
        foreign = await page.post(f"/leads/{lead_id}/call", headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 403
        for path in (f"/leads/{uuid4()}/call", "/leads/x/call", f"/calls/{uuid4()}/outcome", "/calls/x/outcome"):
            assert (await page.post(path, data={"outcome": "talked"})).status_code == 404
        assert (await page.post(f"/calls/{uuid4()}/outcome", data={"outcome": "agent_away"})).status_code == 404
    assert await calls(house) == []


async def test_a_hostile_name_is_only_a_name_wherever_calls_show_it(house: House) -> None:
    await admin(house)
    lead_id = await lead(house, name=HOSTILE)
    house.advance(timedelta(hours=10, minutes=10))
    async with logged_in(house) as page:
        for answer in (await page.post(f"/leads/{lead_id}/call"), await page.get(f"/leads/{lead_id}")):
            assert "<script>alert" not in answer.text


async def test_a_missed_call_stands_on_the_leads_page(house: House) -> None:
    await admin(house)
    call = await rings(house)
    await does(house, call, DANA, "nobody")
    row = await call_is(house, "missed")
    await house.settled()
    async with logged_in(house) as page:
        shown = (await page.get(f"/leads/{row['lead_id']}")).text

    assert "Missed call from" in shown
    assert "texted back" in shown


async def test_the_setup_page_says_where_calls_go(house: House) -> None:
    await admin(house)
    async with logged_in(house) as page:
        shown = (await page.get("/setup")).text

    assert f"{house.url}/hooks/twilio/voice" in shown
