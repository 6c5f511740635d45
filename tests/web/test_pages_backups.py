"""Setup, Backups: what there is, a button for one more, and after a restore a look before automation goes on."""

from __future__ import annotations

from page_case import admin, logged_in

from leadwake.ops import backups as ops
from office_case import House, working


async def test_the_button_asks_for_one_and_the_page_shows_it_with_its_rehearsal(idle_house: House) -> None:
    house = idle_house
    alex = await admin(house)
    async with logged_in(house) as page:
        nothing = (await page.get("/setup/backups")).text
        asked = await page.post("/setup/backups")
        waits = (await page.get(asked.headers["location"])).text
        await ops.make_if_due(house.office)  # as the chores do
        await ops.rehearse(house.office)
        shown = (await page.get("/setup/backups")).text

    assert "none yet" in nothing
    assert "begins within half a minute" in waits
    assert "begins within half a minute" not in shown
    assert "everything adds up" in shown
    assert "by hand" in shown
    assert "In a disaster" in shown
    (made,) = await house.rows("select actor from event where kind = 'backup_made'")
    assert made["actor"] == f"user {alex.id}", "the log says whose wish it was"


async def test_after_a_restore_somebody_looks_and_automation_goes_on(idle_house: House) -> None:
    house = idle_house
    person = await admin(house)
    lead = (await house.post({"name": "Maria Lopez", "phone": "8135550142", "message": "Is it open?"})).json()
    await house.rows("insert into restore (at, backup_at, erased) values (%s, now(), 0)", house.now)
    await house.office.refresh()
    async with working(house.office), logged_in(house) as page:
        held = await house.reaches(lead["inquiry_id"], "sms", "deferred")
        shown = (await page.get("/setup/backups")).text
        health = (await page.get("/setup/health")).text
        timeline = await house.timeline(lead["lead_id"])
        await page.post("/setup/backups/release", data={"waited": "send"})
        await house.reaches(lead["inquiry_id"], "sms", "sent", "delivered")
        over = (await page.get("/setup/backups")).text

    assert held["reason"] == "restored"
    assert "to 1 person" in shown
    assert "wait until somebody has looked" in health
    assert any("planned before a restore" in str(entry) for entry in timeline)
    assert "Restored: please look" not in over
    assert len(await house.texts()) == 1
    [row] = await house.rows("select released_by, sends from restore")
    assert row == {"released_by": f"user {person.id}", "sends": True}
