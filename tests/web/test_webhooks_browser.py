"""Setup, Webhooks in a real browser: accessible on a phone and a desk, and a delivery shows by itself."""

from __future__ import annotations

import pytest
from browser_case import DESK, at_the_page, chromium, looks
from playwright.async_api import Browser, expect

from office_case import House
from webhook_case import a_receiver

__all__ = ["chromium"]

pytestmark = pytest.mark.browser


async def test_endpoints_and_deliveries_are_accessible_and_show_by_themselves(house: House, chromium: Browser) -> None:
    async with (
        a_receiver(script=[500]) as receiver,
        at_the_page(house, chromium, reduced_motion="reduce") as page,
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
                await looks(page, f"webhooks-{'one' if where == one else 'list'}-{bool(viewport)}")
