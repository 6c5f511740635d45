"""The page of recovery: who is next and why, how many a day, and what came of it."""

from __future__ import annotations

from datetime import timedelta

from page_case import admin, logged_in

from office_case import House


async def test_the_page_says_who_is_next_and_why_and_saves_the_amounts(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    await house.post({"name": "Maria Lopez", "phone": "813-555-0142", "message": "Is 12 Oak St still open?"})
    await house.rows("update action set state = 'sent', due_at = null, wake_at = null, settled_at = %s", house.now)
    await house.rows("update lead set status = 'answered'")
    await house.rows("delete from enrollment")
    house.advance(timedelta(days=63))
    async with logged_in(house) as page:
        shown = (await page.get("/recovery")).text
        wrong = await page.post("/recovery", data={"is_on": "on", "mails_a_day": "many"})
        amounts = {"mails_a_day": "5", "calls_a_day": "2", "quiet_days": "30", "untouched_days": "0"}
        saved = await page.post("/recovery", data={"is_on": "on", **amounts})
        on = (await page.get(saved.headers["location"])).text
        stopped = await page.post("/recovery/stop")

    assert "1 went quiet" in shown
    assert "Maria Lopez" in shown
    assert "Quiet for less than four months" in shown
    assert (wrong.status_code, "Write a number from 0 to 1,000." in wrong.text) == (422, True)
    assert "Saved. It goes on each morning" in on
    assert "Stop, and undo today" in on
    assert stopped.status_code == 303
    assert await house.rows("select is_on, mails_a_day from recovery_rule order by version") == [
        {"is_on": True, "mails_a_day": 5}, {"is_on": False, "mails_a_day": 5},
    ]  # fmt: skip
