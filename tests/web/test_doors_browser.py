"""Setup, Doors in a real browser: it ticks by itself, is accessible, and works without script."""

from __future__ import annotations

import pytest
from browser_case import DESK, at_the_page, chromium, looks
from playwright.async_api import Browser, expect

from office_case import House

__all__ = ["chromium"]

pytestmark = pytest.mark.browser


async def test_a_door_ticks_when_a_test_lead_comes_that_makes_nobody_a_lead(house: House, chromium: Browser) -> None:
    async with at_the_page(house, chromium) as page:
        await page.goto("/setup/doors?door=google_ads")
        await page.get_by_role("button", name="Make a key").first.click()
        key = await page.locator("#made").inner_text()
        await page.goto("/setup/doors?door=google_ads#google_ads")
        await page.evaluate("window.neverReloaded = true")
        await expect(page.locator("#tick-google_ads").get_by_text("Waiting")).to_be_visible()

        await house.http.post("/hooks/google-ads/leadform", json={"lead_id": "1", "google_key": key, "is_test": True})

        await expect(page.locator("#tick-google_ads").get_by_text("Received")).to_be_visible()
        await expect(page.locator("#chips-google_ads").get_by_text("heard")).to_be_visible()
        assert await page.evaluate("window.neverReloaded")


async def test_every_door_unfolded_is_accessible(house: House, chromium: Browser) -> None:
    async with at_the_page(house, chromium, reduced_motion="reduce") as page:
        await page.request.post("/setup/doors/json", form={"name": "zapier"})
        for viewport in (None, DESK):
            if viewport:
                await page.set_viewport_size(viewport)
            for place in ("/setup/doors", "/setup/doors/json/zapier"):
                await page.goto(place)
                await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
                await looks(page, f"{place.replace('/', '-')}-{bool(viewport)}")


async def test_a_tools_fields_are_mapped_without_javascript(house: House, chromium: Browser) -> None:
    async with at_the_page(house, chromium, java_script_enabled=False) as page:
        await page.goto("/setup/doors?door=json")
        await page.get_by_label("Name", exact=True).fill("zapier")
        await page.get_by_role("button", name="Make the door").click()
        await expect(page.get_by_text("not shown again")).to_be_visible()
        await page.get_by_label("A sample of what it sends").fill('{"who": "Ann Lee", "tel": "8135550142"}')
        await page.get_by_role("button", name="See what becomes of it").click()
        await expect(page.get_by_text("(813) 555-0142")).to_be_visible()
        await page.get_by_label("Name", exact=True).fill("who")
        await page.get_by_role("button", name="See what becomes of it").click()
        await expect(page.get_by_text("A lead: Ann Lee")).to_be_visible()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Saved. It counts")).to_be_visible()
        await expect(page.get_by_label("Name", exact=True)).to_have_value("who")
