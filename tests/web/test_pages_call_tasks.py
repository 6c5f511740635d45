"""A call to make on the pages, on both clocks and ended with one tap; and whether they came to a meeting."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from page_case import admin, logged_in, waits

from calendly_case import FRIDAY, MARIA, kinds, said, states, word
from leadwake.workflows import call_reminders
from office_case import House


async def a_lead(house: House) -> UUID:
    return UUID((await house.post(MARIA)).json()["lead_id"])


async def test_a_call_to_make_is_shown_on_both_clocks_and_ended_with_one_tap(idle_house: House) -> None:
    house = idle_house
    alex = await admin(house)
    await house.rows("update app_user set time_zone = 'America/Los_Angeles' where id = %s", alex.id)
    await house.office.refresh()
    lead_id = await a_lead(house)
    await waits(house, lead_id, "call")
    await call_reminders.tick(house.office)
    async with logged_in(house) as page:
        asleep = (await page.get("/")).text
        house.advance(timedelta(days=1))
        due = (await page.get("/")).text
        of_lead = (await page.get(f"/leads/{lead_id}")).text
        tapped = await page.post(f"/leads/{lead_id}/called", data={"outcome": "no_answer", "next": "/"})
        said_there = (await page.get(f"/leads/{lead_id}")).text
        after = (await page.get(tapped.headers["location"])).text
        undo = re.search(r'action="(/calls/[^"]+/undone)"', after)
        assert undo is not None
        taken_back = await page.post(undo[1], data={"next": "/"})
        twice = [await page.post(f"/leads/{lead_id}/called", data={"outcome": "voicemail"}) for _ in range(2)]
        task = (await house.rows("select id from task where kind = 'call'"))[0]["id"]
        later = await page.post(f"/tasks/{task}/snooze", data={"until": "at", "at": "2026-12-01T09:30"})
        never = await page.post(f"/tasks/{task}/snooze", data={"until": "at", "at": "2026-11-01T09:30"})
        refused = await page.post(f"/leads/{lead_id}/called", data={"outcome": "busy"})

    best = "9:00 yours, 12:00 theirs, their afternoon, when they asked last time."
    assert "Calls to come" in asleep
    assert f"Best: Wed 25 {best}" in asleep
    assert f"Now: {best}" in due
    assert f"Now: {best}" in of_lead
    assert "They are to be called again, at an hour that suits them better." in after
    assert "Tried once." in after
    assert f'action="{undo[1]}"' in said_there
    assert "call_undone" in taken_back.headers["location"]
    assert refused.status_code == 404
    assert {answer.status_code for answer in twice} == {303}
    assert await house.rows("select outcome from call") == [{"outcome": "voicemail"}]
    assert (later.status_code, never.status_code) == (303, 400)
    [row] = await house.rows("select best_at, snoozed_until from task where kind = 'call'")
    assert row["best_at"] == row["snoozed_until"] == datetime(2026, 12, 1, 17, 30, tzinfo=UTC)


async def test_an_agent_says_that_they_did_not_come_and_calendly_does_not_change_it(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    lead_id = await a_lead(house)
    await said(house, word("invitee.created"))
    [meeting] = await house.rows("select id from meeting")
    came = f"/meetings/{meeting['id']}/came"
    async with logged_in(house) as page:
        too_early = await page.post(came, data={"came": "no_show"})
        house.advance(FRIDAY + timedelta(minutes=5) - house.now)
        asked = (await page.get(f"/leads/{lead_id}")).text
        told = await page.post(came, data={"came": "no_show"})
        shown = (await page.get(told.headers["location"])).text
        await said(house, word("invitee_no_show.created"), word("invitee_no_show.deleted"))
        after_calendly = await states(house)
        tasks = await house.rows("select reason from task where kind = 'call' and done_at is null")
        undo = re.search(r'action="(/meetings/[^"]+/undone)"', shown)
        assert undo is not None
        await page.post(undo[1], data={})
        too_late = await page.post(undo[1], data={})

    assert too_early.status_code == 404
    assert "Did they come?" in asked
    assert after_calendly == {"INVITEE1": "no_show"}
    assert tasks == [{"reason": "no_show"}]
    assert await states(house) == {"INVITEE1": "booked"}
    assert await house.rows("select 1 from task where kind = 'call' and done_at is null") == []
    assert await kinds(house, "no_show_sms") == [("no_show_sms", 0, "cancelled", "booked")]
    assert "too_late" in too_late.headers["location"]
    [event] = await house.rows("select actor from event where kind = 'meeting_no_show'")
    assert event["actor"].startswith("user ")
