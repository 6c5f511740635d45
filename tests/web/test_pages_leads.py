"""The list, a lead's page, dead letters, and what makes them live."""

from __future__ import annotations

import asyncio
import gzip
import re
from datetime import timedelta
from typing import Any

import pytest
from page_case import admin, browser, logged_in

from leadwake.web.pages.assets import assets
from office_case import House, working

EVENTS = {"Accept": "text/event-stream"}
MARIA = {
    "name": "Maria Lopez", "phone": "813-555-0194", "email": "maria@example.com", "message": "Is 12 Oak St still open?",
    "source": "Zillow", "channel": "web_form",
}  # fmt: skip


async def test_a_lead_stands_on_the_page_with_what_was_sent(house: House) -> None:
    await admin(house)
    await house.post(MARIA)
    await house.settled()
    async with logged_in(house) as client:
        page = (await client.get("/leads")).text

    for words in ("Maria Lopez", "Is 12 Oak St still open?", "answered in", "Call Maria Lopez", "12:00 there"):
        assert words in page
    assert re.search(r"Text <b>(sent|delivered)</b>", page)
    assert "CRM <b>saved</b>" in page


async def test_a_lead_ticks_until_something_reaches_them(idle_house: House) -> None:
    await admin(idle_house)
    await idle_house.post(MARIA)
    async with logged_in(idle_house) as client:
        page = (await client.get("/leads")).text

    assert re.search(r'waiting</span> <b role="timer" data-since="2026-11-24T17:00:', page)
    assert "Text <b>on its way</b>" in page


async def test_what_strangers_write_is_shown_and_never_run(house: House) -> None:
    await admin(house)
    lead = {
        "name": "<script>alert(1)</script>\"'>",
        "email": "x@example.com",
        "message": "<img src=x onerror=alert(1)>",
    }
    lead_id = (await house.post(lead)).json()["lead_id"]
    async with logged_in(house) as client:
        pages = [(await client.get(place)).text for place in ("/leads", f"/leads/{lead_id}", f"/leads/{lead_id}/card")]

    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


async def test_no_page_needs_anything_but_our_own_files(house: House) -> None:
    await admin(house)
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    places = (
        "/",
        "/leads",
        f"/leads/{lead_id}",
        "/dead-letters",
        "/setup",
        "/setup/messages",
        "/setup/team",
        "/setup/keys",
        "/nope",
    )
    async with logged_in(house) as client:
        for place in places:
            answer = await client.get(place)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)", answer.text), place
            assert answer.headers["cache-control"] == "no-store"


async def test_the_first_load_weighs_less_than_60_kb(house: House) -> None:
    await admin(house)
    for n in range(30):
        await house.post(
            MARIA | {"name": f"Person Number{n}", "phone": f"813-555-01{n:02}", "email": f"p{n}@example.com"}
        )
    async with logged_in(house) as client:
        page = gzip.compress((await client.get("/leads")).content)

    assert len(page) + sum(len(asset.packed) for asset in assets().values()) < 60_000


async def test_assets_are_kept_for_good_under_the_name_of_their_content(house: House) -> None:
    async with browser(house) as client:
        page = (await client.get("/login")).text
        style = re.search(r'href="(/static/[0-9a-f]{12}/app.css)"', page)
        assert style
        answer = await client.get(style[1])
        assert "immutable" in answer.headers["cache-control"]
        assert "color-scheme" in answer.text
        assert (await client.get("/static/000000000000/app.css")).headers["cache-control"] == "no-cache"
        assert (await client.get("/static/000000000000/../../route.py")).status_code == 404


@pytest.mark.parametrize("typed", ["maria@EXAMPLE.com", "(813) 555-0194", "lop", "maria lopez", "LOPEZ, Maria"])
async def test_a_lead_is_found_by(house: House, typed: str) -> None:
    await admin(house)
    await house.post(MARIA)
    await house.post({"name": "Someone Else", "email": "else@example.com"})
    async with logged_in(house) as client:
        page = (await client.get("/leads", params={"q": typed})).text

    assert "Maria Lopez" in page
    assert "Someone Else" not in page


async def test_a_search_that_finds_nobody_says_how_to_search(house: House) -> None:
    await admin(house)
    await house.post(MARIA)
    async with logged_in(house) as client:
        page = (await client.get("/leads", params={"q": "zz"})).text

    assert "Nobody by that name" in page


async def test_an_empty_list_helps_a_new_user(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        page = (await client.get("/leads")).text

    assert "No leads yet" in page
    assert "Send me a lead" in page
    assert f"curl {house.url}/v1/leads" in page
    assert "nothing leaves this machine" in page


async def test_send_me_a_lead_is_answered_like_any_other(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        assert (await client.post("/practice/lead")).status_code == 303
        await house.settled()

    (lead,) = await house.rows("select practice from lead")
    assert lead["practice"]
    assert (await house.ledger()).balanced


async def test_the_invented_lead_lives_where_the_team_is_licensed(idle_house: House) -> None:
    await admin(idle_house, takes_leads=True)
    await idle_house.rows("update app_user set licences = '{WY}' where not practice")
    await idle_house.office.refresh()
    async with logged_in(idle_house) as client:
        for _ in range(4):
            await client.post("/practice/lead")

    rows = await idle_house.rows("select o.licence from lead l left join offer o on o.lead_id = l.id")
    assert {row["licence"] for row in rows} == {"WY"}, "whoever is invented, somebody may serve them"


async def test_the_story_of_a_lead_says_what_was_done_and_why(house: House) -> None:
    await admin(house)
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.settled()
    await house.hear("+18135550194", "STOP")
    async with logged_in(house) as client:
        page, listed = (await client.get(f"/leads/{lead_id}?show=all")).text, (await client.get("/leads")).text

    for words in (
        "Asked through a form", "Routed to Dana Reyes", "s after the lead asked", "Saved in HubSpot",
        "Allowed: they asked us; 12:00 there", "Asked us to stop", "Opted out by replying STOP",
        "Text to Dana Reyes sent",
    ):  # fmt: skip
        assert words in page, words
    assert "Write to Maria Lopez" in listed
    for label in ("Text Maria Lopez", "Call Maria Lopez"):
        assert label not in listed, "who opted out is neither texted nor called"


async def test_a_card_of_the_list_calls_and_writes_as_the_lead_s_page_does(house: House) -> None:
    await admin(house)
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    async with logged_in(house) as client:
        listed, card = (await client.get("/leads")).text, (await client.get(f"/leads/{lead_id}/card")).text

    for text in (listed, card):
        assert f'action="/leads/{lead_id}/call"' in text
        assert f'href="/leads/{lead_id}#composer" aria-label="Text Maria Lopez"' in text


async def test_a_lead_that_does_not_exist_is_a_page(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        for place in (
            "/leads/nonsense",
            "/leads/01890000-0000-7000-8000-000000000000",
            "/leads/x/card",
            "/no/such/page",
        ):
            answer = await client.get(place)
            assert answer.status_code == 404, place
            assert "There is nothing here" in answer.text


async def test_a_dead_letter_waits_on_its_page_and_goes_out_when_tried_again(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    inquiry = (await house.post(MARIA)).json()["inquiry_id"]
    await house.rows(
        "update action set state = 'dead', due_at = null, settled_at = now(), vendor = 'twilio', attempts = 1, "
        "reason = 'twilio 21614: not a mobile number' where cause_id = %s::uuid and kind = 'sms'",
        inquiry,
    )
    async with logged_in(house) as client:
        page = (await client.get("/dead-letters")).text
        for words in ("Text to", "Maria Lopez", "twilio 21614", "1 attempt"):
            assert words.lower() in page.lower()
        assert "1 dead letter</strong> waits" in (await client.get("/leads")).text

        async with working(house.office):
            answer = await client.post("/dead-letters/replay", data={"id": "all"})
            assert answer.headers["location"] == "/dead-letters?replayed=1"
            await house.reaches(inquiry, "sms", "sent", "delivered")
        assert "<h2>None</h2>" in (await client.get("/dead-letters?replayed=1")).text
        assert (await client.post("/dead-letters/replay", data={"id": "nonsense"})).status_code == 404


async def test_a_failing_vendor_is_said_on_every_page(house: House) -> None:
    await admin(house)
    await house.office.db.run("vendor_state_write", vendor="twilio", state="open", reason="does not answer", open_s=30)
    async with logged_in(house) as client:
        for place in ("/", "/leads", "/dead-letters", "/setup"):
            assert "Twilio does not answer" in (await client.get(place)).text


async def test_leads_to_see_are_those_who_wrote_back_or_waited(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await house.post(MARIA)
    async with logged_in(house) as client:
        assert "Nobody is waiting for you" in (await client.get("/leads?see=1")).text
        house.advance(timedelta(seconds=61))
        assert "Maria Lopez" in (await client.get("/leads?see=1")).text


async def test_the_list_shows_one_agents_or_the_hot_ones(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    dana = house.office.team[0]
    ids = [
        (await house.post({"name": f"Person {n}", "email": f"p{n}@example.com"})).json()["lead_id"] for n in range(3)
    ]
    await house.rows("update lead set agent_id = null, temperature = 'cold'")
    await house.rows("update lead set agent_id = %s where id = %s", dana.id, ids[1])
    await house.rows("update lead set temperature = 'hot' where id = %s", ids[2])

    async def names(place: str) -> list[str]:
        async with logged_in(house) as client:
            return re.findall(r">(Person \d)</a>", (await client.get(place)).text)

    assert await names(f"/leads?owner={dana.id}") == ["Person 1"]
    assert await names("/leads?temperature=hot") == ["Person 2"]
    assert await names(f"/leads?owner={dana.id}&temperature=hot") == []
    assert await names("/leads?owner=nonsense&temperature=boiling") == ["Person 2", "Person 1", "Person 0"]


async def test_earlier_leads_follow_page_by_page(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    for n in range(35):
        await house.post({"name": f"Person Number{n}", "email": f"p{n}@example.com"})
        house.advance(timedelta(seconds=1))
    async with logged_in(house) as client:
        first = (await client.get("/leads")).text
        more = re.search(r'href="(/leads\?before=[^"]+)"', first)
        assert more
        second = (await client.get(more[1])).text

    names = [re.findall(r">(Person Number\d+)</a>", page) for page in (first, second)]
    assert [*names[0], *names[1]] == [f"Person Number{n}" for n in reversed(range(35))]
    assert "Earlier leads" not in second


# Live.


async def test_an_open_page_hears_of_a_lead_at_once(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client, client.stream("GET", "/events", headers=EVENTS) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.aiter_lines()
        await _heard(lines, "retry")
        lead_id = (await house.post(MARIA)).json()["lead_id"]
        await _heard(lines, lead_id)


async def test_nobody_hears_anything_without_a_login(house: House) -> None:
    async with browser(house) as client:
        assert (await client.get("/events", headers=EVENTS)).status_code == 401


async def test_the_pages_say_so_while_the_database_is_away(idle_house: House) -> None:
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        await idle_house.office.db.pool.close()
        answer = await client.get("/leads")

    assert answer.status_code == 503
    assert "database is away" in answer.text
    assert 'http-equiv="refresh"' in answer.text


async def _heard(lines: Any, words: str) -> None:
    async with asyncio.timeout(20):
        async for line in lines:
            if words in line:
                return
    raise AssertionError(f"the stream ended without {words!r}")
