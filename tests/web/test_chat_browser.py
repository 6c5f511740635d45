"""The chat in a real browser, on a page of another origin; and whoever answers, in a second one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from browser_case import DESK, PHONE, at_the_page, chromium, is_accessible, looks
from page_case import admin
from playwright.async_api import Browser, Page, expect
from test_embed_browser import a_visitor, a_website
from test_pages_consent import WORDING, _register

from chat_case import with_chat
from leadwake.workflows import chat_looks
from leadwake.workflows.chat_looks import Look
from office_case import House, until

__all__ = ["chromium"]

pytestmark = pytest.mark.browser

ANSWER = "Yes, it is. See https://example.com/oak-12."


def pages(house: House) -> dict[str, str]:
    """A page of the website and another one."""
    script = f'<script src="{house.url}/embed/leadwake.js" defer></script>'
    return {"/": f'{script}<p><a href="/next">Next</a></p>', "/next": f"{script}<p>The next page.</p>"}


async def shot(page: Page, name: str) -> None:
    """A picture, for whoever asks for them."""
    if shots := os.environ.get("SHOTS"):
        await page.screenshot(path=Path(shots) / f"chat-{name}.png", full_page=name == "setup")


async def fill_in(page: Page) -> None:
    """By keyboard alone: each field of the small form."""
    for typed in ("Maria Lopez", "813 555 0194", "Is 12 Oak St still open?"):
        await page.keyboard.type(typed)
        await page.keyboard.press("Tab")


async def test_a_visitor_chats_by_keyboard_and_is_answered_from_the_inbox_without_a_reload(
    house: House, chromium: Browser
) -> None:
    async with a_website(house, pages(house)) as site, at_the_page(house, chromium) as team:
        [alex] = [person for person in house.office.team if person.role == "admin"]
        await with_chat(house.office, alex, site)
        await _register(house, url=f"{site}/")
        website = (await house.rows("select id from website"))[0]["id"]
        await chat_looks.save(house.office, website, Look(form="sell-home"), alex)
        await house.office.refresh()
        async with a_visitor(chromium, site) as page:
            await page.goto("/")
            await page.get_by_role("button", name="Chat with us").press("Enter")
            await expect(page.get_by_role("dialog", name="Example Realty")).to_be_visible()
            await expect(page.get_by_label("Your name")).to_be_focused()
            await is_accessible(page, "the small form")
            # Escape gives the focus back; the focus stays within while it is open
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("button", name="Chat with us")).to_be_focused()
            await page.keyboard.press("Enter")
            await page.get_by_role("button", name="Send").press("Enter")
            await expect(page.get_by_label("Your name")).to_be_focused()
            await fill_in(page)
            await expect(page.get_by_label(WORDING)).to_be_focused()
            await page.keyboard.press("Space")
            await page.keyboard.press("Enter")
            await expect(page.get_by_text(re.compile("Thank you, we have your message"))).to_be_visible()
            await expect(page.get_by_label("Write a message")).to_be_focused()
            [said] = await house.rows("select level, missing from consent where channel = 'sms'")
            assert (said["level"], said["missing"]) == ("written", [])

            # the team sees it in the inbox, and answers there
            await team.goto("/inbox")
            await expect(team.get_by_text("in the chat now")).to_be_visible()
            await shot(team, "inbox")
            await team.get_by_role("link", name="Maria Lopez").click()
            await expect(team.get_by_label("Chat", exact=True)).to_be_checked()
            await team.get_by_label("Your words").fill(ANSWER)
            await team.get_by_role("button", name="Send", exact=True).click()
            await expect(page.get_by_text("Alex is writing…")).to_be_visible()
            await expect(team.get_by_role("button", name="Send now").first).to_be_visible()
            await shot(team, "undo")
            await shot(page, "writing")
            await team.get_by_role("button", name="Send now").first.click()
            await expect(page.get_by_text("Yes, it is.")).to_have_count(1)
            await expect(page.get_by_text("Alex is writing…")).to_have_count(0)
            await expect(page.get_by_role("link", name="https://example.com/oak-12")).to_be_visible()
            await expect(team.get_by_text("seen", exact=True)).to_have_count(2)

            # on the next page the conversation goes on; nothing stands there twice
            await page.get_by_role("button", name="Close").click()
            await page.route("**/stream", lambda route: route.abort("internetdisconnected"))  # then it asks instead
            await page.goto("/next")
            await page.get_by_role("button", name="Chat with us").click()
            await expect(page.get_by_role("log").get_by_role("listitem")).to_have_count(3)
            await page.get_by_label("Write a message").fill("On Sunday?")
            await page.keyboard.press("Enter")
            await expect(team.get_by_text("On Sunday?")).to_be_visible()
            await shot(team, "lead")
            await expect(page.get_by_text("On Sunday?")).to_have_count(1)
            await team.get_by_label("Your words").fill("At two.")
            await team.get_by_role("button", name="Send", exact=True).click()
            await team.locator("#undoing").get_by_role("button", name="Send now").click()
            await expect(page.get_by_text("At two.")).to_have_count(1)
            await is_accessible(page, "the conversation")
            await team.goto("/setup/websites")
            await is_accessible(team, "setup")
            await shot(team, "setup")


@pytest.mark.parametrize("viewport", [PHONE, DESK])
async def test_the_chat_is_accessible_and_fits_the_screen(house: House, chromium: Browser, viewport: Any) -> None:
    alex = await admin(house)
    async with a_website(house, pages(house)) as site:
        await with_chat(house.office, alex, site)
        context = await chromium.new_context(viewport=viewport, base_url=site)
        page = await context.new_page()

        async def look(name: str) -> None:
            await looks(page, f"chat-{name}-{viewport['width']}", whole=False)

        await page.goto("/")
        await expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
        await look("button")
        await page.get_by_role("button", name="Chat with us").click()
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("Write your name.")).to_be_visible()
        await look("form")
        await page.get_by_label("Your name").focus()
        await fill_in(page)
        await page.keyboard.press("Enter")
        await until(lambda: house.rows("select 1 from chat_line where number = 2"))
        await expect(page.get_by_role("log").get_by_role("listitem")).to_have_count(2)
        await look("talk")
        await context.close()
