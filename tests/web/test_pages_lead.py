"""What an agent does on a lead's page: in touch, pause, carry on, "they asked me to stop", the whole record."""

from __future__ import annotations

from datetime import timedelta

from page_case import admin, browser, logged_in

from leadwake.compliance.policy import Loosened, Loosening, Policy
from leadwake.storage import policies
from office_case import House

NUMBER = "+18135550194"
MARIA = {"name": "Maria Lopez", "phone": NUMBER, "email": "maria@example.com", "message": "Is 12 Oak St still open?"}


async def maria(house: House) -> str:
    """The path of Maria's page, once she has been answered."""
    await admin(house)
    receipt = (await house.post(MARIA)).json()
    await house.settled()
    return f"/leads/{receipt['lead_id']}"


async def test_they_asked_me_to_stop_says_what_it_does_before_it_does_it(house: House) -> None:
    place = await maria(house)
    async with logged_in(house) as client:
        asked = (await client.get(f"{place}/stop")).text
        before = await house.rows("select 1 from contact_point where opted_out_at is not null")
        answer = await client.post(f"{place}/stop")
        page = (await client.get(place)).text

    assert "You cannot take this back" in asked
    assert before == []
    assert (answer.status_code, answer.headers["location"]) == (303, place)
    assert "They asked us to stop" in page
    rows = await house.rows("select opted_out_by from contact_point")
    assert {row["opted_out_by"] for row in rows} == {"agent"}
    house.advance(timedelta(minutes=11))
    again = (await house.post({**MARIA, "message": "again"})).json()
    assert (await house.reaches(again["inquiry_id"], "sms", "blocked"))["reason"] == "opted_out"


async def test_a_pause_is_shown_and_taken_back_with_one_tap(house: House) -> None:
    place = await maria(house)
    async with logged_in(house) as client:
        await client.post(f"{place}/pause")
        paused, to_see = (await client.get(place)).text, (await client.get("/leads?see=1")).text
        await client.post(f"{place}/resume")
        resumed = (await client.get(place)).text

    assert "Automation is paused since" in paused
    assert "Maria Lopez" in to_see
    assert "Automation is paused since" not in resumed


async def test_being_in_touch_is_written_down(house: House) -> None:
    place = await maria(house)
    async with logged_in(house) as client:
        await client.post(f"{place}/contacted")
        page = (await client.get(place)).text

    assert "A colleague was in touch" in page


async def test_the_record_holds_every_decision_message_and_consent_and_who_looked(house: House) -> None:
    place = await maria(house)
    await house.hear(NUMBER, "please stop texting me")
    async with logged_in(house) as client:
        page = (await client.get(f"{place}/record")).text
        again = (await client.get(f"{place}/record")).text

    for words in ("Is 12 Oak St still open?", "please stop texting me", "R-CASE", "opted out", "tables ", "capture "):
        assert words in page
    assert "Their whole record was opened" in again
    assert "&lt;" not in page


async def test_nobody_outside_sees_a_record_or_stops_anybody(house: House) -> None:
    place = await maria(house)
    async with browser(house) as client:
        answers = [await client.get(f"{place}/record"), await client.post(f"{place}/stop")]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert await house.rows("select 1 from contact_point where opted_out_at is not null") == []


async def test_what_is_no_lead_is_not_found(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        for place in ("/leads/nonsense", "/leads/01a204e7-ee56-7800-bc50-16d1407a4418"):
            for end in ("/record", "/stop"):
                assert (await client.get(place + end)).status_code == 404
            assert (await client.post(f"{place}/pause")).status_code == 404


async def test_an_address_that_was_confirmed_drops_the_area_codes_state_once_the_policy_says_so(house: House) -> None:
    """R-CASE-13: a New Yorker with a Pennsylvania number, on a Sunday, when Pennsylvania allows no texts at all."""
    await admin(house)
    house.advance(timedelta(days=5))  # Sunday noon
    receipt = (await house.post({"name": "Nora Lee", "phone": "+12155550142", "state": "NY"})).json()
    await house.settled()
    place = f"/leads/{receipt['lead_id']}"
    before = await house.action(receipt["inquiry_id"], "sms")
    async with logged_in(house) as client:
        shown = (await client.post(f"{place}/lives-there", follow_redirects=True)).text
    still = await house.action(receipt["inquiry_id"], "sms")
    given_up = Loosening(Loosened.CONFIRMED_ADDRESS, "Alex Admin", "we ask each of them on the telephone", house.now)
    value = Policy(loosenings=(given_up,))
    await policies.change(house.office.db, at=house.now, by="Alex Admin", reason="as it says", before=0, value=value)

    assert (before["state"], still["state"]) == ("deferred", "deferred")
    assert "They said they live there." in shown
    await house.reaches(receipt["inquiry_id"], "sms", "sent", "delivered")


async def test_that_somebody_lives_there_is_taken_back_with_one_tap(house: House) -> None:
    await admin(house)
    receipt = (await house.post({"name": "Nora Lee", "phone": "+12155550142", "state": "NY"})).json()
    await house.settled()
    place = f"/leads/{receipt['lead_id']}"
    async with logged_in(house) as client:
        await client.post(f"{place}/lives-there")
        page = (await client.post(f"{place}/lives-there", data={"undo": "1"}, follow_redirects=True)).text

    assert "They said they live there." not in page
    assert (await house.rows("select lives_at from lead"))[0]["lives_at"] is None


async def test_what_they_want_and_where_they_came_from_are_words_and_no_codes(house: House) -> None:
    await admin(house)
    receipt = (await house.post({**MARIA, "interest": "rent_home", "source": "google_ads"})).json()
    await house.settled()
    async with logged_in(house) as client:
        page = (await client.get(f"/leads/{receipt['lead_id']}")).text
    alerts = [part["value"] for mail in await house.mails() for part in mail["content"] if "Score:" in part["value"]]

    assert "<dd>renting a home</dd>" in page
    assert any("- Interest: renting a home" in alert and "- Source: google ads" in alert for alert in alerts)
