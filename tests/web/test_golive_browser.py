"""Going live in a real browser: the tick comes by itself, every step is accessible, the rest works without script."""

from __future__ import annotations

import re

import pytest
from browser_case import DESK, at_the_page, chromium, looks
from playwright.async_api import Browser, expect

from office_case import House

__all__ = ["chromium"]

pytestmark = pytest.mark.browser

LOOKS = ("number/look", "hooks/set", "registration/look", "domain/begin")


async def test_the_form_ticks_without_reloading(house: House, chromium: Browser) -> None:
    async with at_the_page(house, chromium) as page:
        await page.goto("/setup/live?step=form#form")
        await page.evaluate("window.neverReloaded = true")
        await expect(page.get_by_text("Waiting", exact=True)).to_be_visible()

        origin = {"Origin": "https://www.harbor.example.com"}
        await house.http.post("/forms/website", data={"name": "A B", "email": "a@example.com"}, headers=origin)

        await expect(page.get_by_text("from www.harbor.example.com")).to_be_visible()
        assert await page.evaluate("window.neverReloaded")


async def test_every_step_unfolded_is_accessible(house: House, chromium: Browser) -> None:
    async with at_the_page(house, chromium, reduced_motion="reduce") as page:
        for path in LOOKS:
            answer = await page.request.post(f"/setup/live/{path}", max_redirects=0)
            assert answer.status == 303, path
        await house.http.post("/forms/website", data={"name": "A B", "email": "a@example.com"})
        for viewport in (None, DESK):
            if viewport:
                await page.set_viewport_size(viewport)
            await page.goto("/setup/live")
            await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
            await looks(page, f"live-{bool(viewport)}")
        for vendor in ("twilio", "sendgrid"):
            await page.request.post(f"/setup/health/vendors/{vendor}")
        await page.request.post("/setup/audit/verify")
        for place in ("/setup/health", "/setup/audit?kind=login&since=2026-01-01", "/setup/audit?since=nonsense"):
            await page.goto(place)
            await looks(page, place.partition("?")[0].replace("/", "-"))


async def test_a_channel_is_set_up_without_javascript_and_by_keyboard(
    house: House,
    chromium: Browser,
) -> None:
    async with at_the_page(house, chromium, java_script_enabled=False) as page:
        await page.goto("/setup/live?step=number")
        await page.get_by_role("button", name="Show my numbers").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label(re.compile("Practice line"))).to_be_checked()
        await page.get_by_role("button", name="Use this one").click()
        await page.goto("/setup/live?step=hooks")
        await page.get_by_role("button", name="Set webhook URLs").click()
        await expect(page.get_by_text("Texts and calls to the number come here.")).to_be_visible()
        await page.get_by_text("What was there before").click()
        await page.get_by_role("button", name="Undo: put the old ones back").click()
        await expect(page.get_by_text("The number reports texts elsewhere")).to_be_visible()
        await page.goto("/setup/health")
        await page.get_by_role("button", name="Try it now: HubSpot").click()
        await expect(page.get_by_text(re.compile("practice: the token"))).to_be_visible()
        await page.goto("/setup/audit")
        await page.get_by_label("What").select_option("vendor_tested")
        await page.get_by_role("button", name="Search").click()
        await expect(page.get_by_role("cell", name="Tried a vendor")).to_have_count(1)
