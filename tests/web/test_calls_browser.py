"""A call from a phone: tap, pick up, talk, say how it went; live, by keyboard, without a fault for axe."""

from __future__ import annotations

import pytest
from browser_case import DESK, PHONE, at_the_page, chromium, looks
from playwright.async_api import Browser, expect

from call_case import MARIA, call_is, calls, does
from office_case import House, until

__all__ = ["chromium"]

pytestmark = pytest.mark.browser
ALEX = "+18135550170"


async def _ref(house: House) -> str:
    async def rang() -> bool:
        found = await calls(house)
        return bool(found) and found[0]["ref"] is not None

    await until(rang)
    return str((await calls(house))[0]["ref"])


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_call_from_tap_to_outcome(house: House, chromium: Browser, size: object) -> None:
    name = "phone" if size is PHONE else "desk"
    lead_id = (await house.post({"name": "Maria Lopez", "phone": MARIA})).json()["lead_id"]
    await house.settled()
    async with at_the_page(house, chromium, viewport=size, reduced_motion="reduce") as page:
        await page.goto(f"/leads/{lead_id}")
        await page.get_by_role("button", name="Call through Leadwake").press("Enter")
        await expect(page.get_by_text("Pick up and press 1")).to_be_visible()
        await looks(page, f"ringing-{name}")

        ref = await _ref(house)
        await does(house, ref, ALEX, "answer key")
        await expect(page.get_by_text("Maria Lopez's phone rings now.")).to_be_visible()
        await does(house, ref, MARIA, "answer")
        await expect(page.get_by_text("On the line with Maria Lopez.")).to_be_visible()
        await does(house, ref, ALEX, "hangup")
        await call_is(house, "ended")
        await expect(page.get_by_text("How did the call go?")).to_be_visible()
        await looks(page, f"over-{name}")
        await page.get_by_role("button", name="Left a voicemail").click()
        await expect(page.get_by_text("Alex Admin called Maria Lopez: left a voicemail")).to_be_visible()

        await page.get_by_role("button", name="Call through Leadwake").click()
        await page.get_by_role("button", name="Cancel the call").click()
        await expect(page.get_by_role("button", name="Call through Leadwake")).to_be_visible()

        await house.rows("update contact_point set opted_out_at = %s where kind = 'phone'", house.now)
        await page.goto(f"/leads/{lead_id}")
        await page.get_by_role("button", name="Call through Leadwake").click()
        await expect(page.get_by_role("heading", name="No call was placed")).to_be_visible()
        await looks(page, f"refused-{name}")


async def test_the_practices_phones_fit_a_phone_and_do_as_they_are_told(house: House, chromium: Browser) -> None:
    context = await chromium.new_context(viewport=PHONE, base_url=str(house.sandbox.base_url), reduced_motion="reduce")
    page = await context.new_page()
    await page.goto("/?show=calls")
    await page.get_by_label("Call the team from").fill(MARIA)
    await page.get_by_role("button", name="Call", exact=True).click()
    await expect(page.get_by_role("button", name="Answer, press 1")).to_be_visible()
    await looks(page, "sandbox-ringing")
    await page.get_by_role("button", name="Answer, press 1").click()
    await call_is(house, "talking")
    await expect(page.get_by_text("talking")).to_be_visible()
    await looks(page, "sandbox-talking")
    await page.get_by_role("button", name="Hang up").click()
    await call_is(house, "ended")
    await context.close()
