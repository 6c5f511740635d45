"""Now in a real browser: cards come and go by themselves, by thumb, by keyboard, and without any script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from browser_case import DESK, MARIA, at_the_page, chromium
from page_case import waits
from playwright.async_api import Browser, Page, expect

from office_case import House

__all__ = ["chromium"]
pytestmark = pytest.mark.browser


async def somebody(house: House, name: str = "Maria Lopez", ending: str = "94", **about: object) -> UUID:
    lead = {**MARIA, "name": name, "phone": f"813-555-01{ending}", "email": f"p{ending}@example.com", **about}
    lead_id = UUID((await house.post(lead)).json()["lead_id"])
    await house.rows("update lead set agent_id = null, claimed_at = null where id = %s", lead_id)
    await house.rows("delete from task where lead_id = %s", lead_id)
    return lead_id


@pytest.fixture
async def page(idle_house: House, chromium: Browser) -> AsyncIterator[Page]:
    async with at_the_page(idle_house, chromium, has_touch=True) as page:
        yield page


async def test_whoever_begins_to_wait_turns_up_in_their_place(idle_house: House, page: Page) -> None:
    house = idle_house
    first, second = await somebody(house), await somebody(house, "James Carter", "95")
    await house.rows("update lead set temperature = 'cold' where id = %s", first)
    await house.rows("update lead set temperature = 'hot' where id = %s", second)
    await waits(house, first, "call")
    cards = page.locator("article.waits h2")
    await expect(cards).to_have_text(["Maria Lopez"])
    await page.evaluate("window.neverReloaded = true")
    await page.locator("summary").click()
    await waits(house, second, "claim")

    await expect(cards).to_have_text(["James Carter", "Maria Lopez"])
    assert await page.locator(f"#waits-{first} details").get_attribute("open") is not None, "what was unfolded stays so"
    assert await page.locator(f"#waits-{second} details").get_attribute("open") is None
    assert await page.evaluate("window.neverReloaded")


async def test_the_clock_ticks_and_turns_red_when_it_is_late(idle_house: House, page: Page) -> None:
    lead_id = await somebody(idle_house)
    await waits(idle_house, lead_id, "reply")
    clock = page.get_by_role("timer")
    first = await clock.inner_text()
    await expect(clock).not_to_have_text(first)
    await expect(page.locator("article.late")).to_have_count(0)
    await idle_house.rows("update task set due_at = %s", idle_house.now)
    await page.evaluate("heard(null)")

    await expect(page.locator("article.late")).to_have_count(1)


async def test_done_is_one_tap_and_so_is_taking_it_back(idle_house: House, page: Page) -> None:
    lead_id = await somebody(idle_house)
    await waits(idle_house, lead_id, "reply")
    await page.get_by_role("button", name="Done with this: Maria Lopez").click()
    await expect(page.get_by_role("heading", name="Nobody is waiting.")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()

    await expect(page.locator("article.waits h2")).to_have_text(["Maria Lopez"])
    await expect(page.get_by_text("It waits for you again.")).to_be_visible()


async def test_a_swipe_puts_off_and_a_scroll_does_not(idle_house: House, page: Page) -> None:
    lead_id = await somebody(idle_house)
    await waits(idle_house, lead_id, "call")
    card = page.locator("article.waits")
    await expect(card).to_be_visible()
    await _drag(page, 20, 200)
    assert not await idle_house.rows("select 1 from task where snoozed_until is not null")
    await _drag(page, -150, 4)

    await expect(page.get_by_text("Put off for an hour.")).to_be_visible()
    await expect(card).to_have_count(0)


async def test_all_of_it_goes_by_keyboard(idle_house: House, chromium: Browser) -> None:
    house = idle_house
    for name, ending in (("Maria Lopez", "94"), ("James Carter", "95")):
        await waits(house, await somebody(house, name, ending), "reply")
    async with at_the_page(house, chromium, viewport=DESK) as page:
        names = await page.locator("article.waits h2").all_inner_texts()
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await expect(page.locator(".chosen h2")).to_have_text(names[1])
        await page.keyboard.press("k")
        order = []
        for _ in range(4):
            order.append(await page.evaluate("document.activeElement.innerText || document.activeElement.value"))
            await page.keyboard.press("Tab")
        assert order == [names[0], "Call", "Text", "Done"]
        await page.keyboard.press("/")
        await page.keyboard.type("lopez")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{house.url}/leads?q=lopez")
        await page.keyboard.press("g")
        await page.keyboard.press("n")
        await expect(page).to_have_url(f"{house.url}/")
        await page.keyboard.press("g")
        await page.keyboard.press("l")
        await expect(page).to_have_url(f"{house.url}/leads")


async def test_a_lead_is_claimed_and_done_without_javascript(idle_house: House, chromium: Browser) -> None:
    house = idle_house
    lead_id = await somebody(house)
    await waits(house, lead_id, "claim")
    async with at_the_page(house, chromium, java_script_enabled=False) as page:
        await page.get_by_role("button", name="Claim Maria Lopez").click()
        await expect(page.get_by_text("They are yours. Call or write now.")).to_be_visible()
        await page.get_by_label("More for Maria Lopez").click()
        await page.get_by_role("button", name="1 hour").click()
        await expect(page.get_by_text("Put off for an hour.")).to_be_visible()
        await page.get_by_role("button", name="More", exact=True).click()
        await page.get_by_role("button", name="Log out").click()
        await expect(page).to_have_url(f"{house.url}/login")


async def test_who_was_slower_is_told_who_has_them(idle_house: House, chromium: Browser, page: Page) -> None:
    house = idle_house
    lead_id = await somebody(house)
    await waits(house, lead_id, "claim")
    dana: Any = house.office.team[0]
    button = page.get_by_role("button", name="Claim Maria Lopez")
    await expect(button).to_be_visible()
    await house.rows("update lead set agent_id = %s, claimed_at = %s where id = %s", dana.id, house.now, lead_id)
    await button.click()

    await expect(page.get_by_text("Dana Reyes has them already.")).to_be_visible()


async def _drag(page: Page, x: int, y: int) -> None:
    """A finger laid on the card, drawn so far, and lifted."""
    session = await page.context.new_cdp_session(page)
    box = await page.locator("article.waits h2").bounding_box()
    assert box is not None
    begin = {"x": box["x"] + 100, "y": box["y"] + 5}

    async def touch(kind: str, *points: dict[str, float]) -> None:
        await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    await touch("touchStart", begin)
    for part in (0.3, 0.6, 1):
        await touch("touchMove", {"x": begin["x"] + x * part, "y": begin["y"] + y * part})
    await touch("touchEnd")
    await session.detach()
