"""Setup, Webhooks in a real browser: accessible on a phone and a desk, and a delivery shows by itself."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import Browser, expect
from test_pages_browser import DESK, _is_accessible, at_the_page, chromium

from office_case import House
from webhook_case import a_receiver

__all__ = ["chromium"]

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_endpoints_and_deliveries_are_accessible_and_show_by_themselves(
    house: House, chromium: Browser, scheme: str
) -> None:
    async with (
        a_receiver(script=[500]) as receiver,
        at_the_page(house, chromium, color_scheme=scheme, reduced_motion="reduce") as page,
    ):
        await page.goto("/setup/webhooks")
        await page.get_by_label("Address", exact=True).fill(receiver.url)
        await page.get_by_role("button", name="Add it").click()
        await expect(page.get_by_text("not shown again")).to_be_visible()
        await page.get_by_role("link", name="All webhooks").click()
        await page.get_by_role("link", name="127.0.0.1").click()
        await page.get_by_role("button", name="Send a test event").click()
        await expect(page.locator("#delivered").get_by_text("webhook.test")).to_be_visible()
        await expect(page.locator("#delivered").get_by_text("waits", exact=True)).to_be_visible()
        one = page.url
        for viewport in (None, DESK):
            if viewport:
                await page.set_viewport_size(viewport)
            for where in (one, "/setup/webhooks"):
                await page.goto(where)
                await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
                assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
                await _is_accessible(page, where)
                if shots := os.environ.get("SHOTS"):
                    name = "one" if where == one else "list"
                    await page.screenshot(path=f"{shots}/{scheme}-{name}-{bool(viewport)}.png", full_page=True)
