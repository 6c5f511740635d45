"""Booking in a real browser: a tap in a mail leads straight on, and so does the button; each page is for everybody."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from browser_case import PHONE, at_the_page, chromium, looks
from playwright.async_api import Browser, expect
from test_calendly_hook import at_the_stand_in

from calendly_case import MARIA, said, word
from leadwake.storage import links
from office_case import House, until

__all__ = ["chromium"]

pytestmark = pytest.mark.browser


async def test_a_lead_books_moves_and_misses_a_meeting_and_the_team_sees_it(house: House, chromium: Browser) -> None:
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    path = links.booking_path(house.office.vault, UUID(lead_id))
    visitor = await chromium.new_context(viewport=PHONE, base_url=house.url)
    page = await visitor.new_page()
    # the button, for a browser that does not say that a person clicked
    await visitor.set_extra_http_headers({"Sec-Purpose": "prefetch"})
    await page.goto(path)
    await page.get_by_role("button", name="See the times").click()
    await expect(page.get_by_role("heading", name="Pick a time")).to_be_visible()
    assert "/calendly/book" in page.url
    # a person's own click leads straight there
    await visitor.set_extra_http_headers({})
    await page.goto(path)
    assert "/calendly/book" in page.url

    await page.locator("button[name=time]").nth(4).click()
    await expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    await until(lambda: house.rows("select 1 from meeting where state = 'booked'"))
    await page.goto(path)
    await page.get_by_role("link", name="Move it to another time").click()
    await page.locator("button[name=time]").nth(5).click()
    await until(lambda: house.rows("select 1 from meeting where state = 'rescheduled'"))
    await page.get_by_role("button", name="They did not come").click()
    await until(lambda: house.rows("select 1 from meeting where state = 'no_show'"))
    await visitor.close()

    async with at_the_page(house, chromium) as team:
        await team.goto("/?for=team")
        await expect(team.get_by_text("They did not come to the meeting.")).to_be_visible()
        await team.goto(f"/leads/{lead_id}")
        await expect(team.get_by_text(re.compile("Did not come to a meeting: "))).to_be_visible()
        await expect(team.get_by_text(re.compile("Booked a meeting, moved since: "))).to_be_visible()


async def test_every_page_of_a_booking_is_accessible(idle_house: House, chromium: Browser) -> None:
    house = idle_house
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    path = links.booking_path(house.office.vault, UUID(lead_id))
    async with at_the_page(house, chromium, reduced_motion="reduce") as page:

        async def look(place: str, name: str) -> None:
            await page.goto(place)
            await looks(page, name)

        await page.set_extra_http_headers({"Sec-Purpose": "prefetch"})
        await look(path, "pick")
        await said(house, word("invitee.created"))
        await look(path, "booked")
        await look(f"/leads/{lead_id}", "lead")
        await look(f"/leads/{lead_id}/record", "record")
        await at_the_stand_in(house)
        await page.request.post("/setup/live/save/calendly", form={"CALENDLY_TOKEN": "token"}, max_redirects=0)
        await page.request.post("/setup/live/calendly/look", max_redirects=0)
        await look("/setup/live?step=calendly#calendly", "live")
