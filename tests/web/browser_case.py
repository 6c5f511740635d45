"""What the tests in a real browser share: Chromium, somebody of the team logged in, and how a page is looked at."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from page_case import PASSWORD, admin
from playwright.async_api import Browser, Page, async_playwright, expect

from office_case import House

CHROMIUM = "/usr/bin/chromium"
#: no look-ups of its own: only what the test asks for
ARGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
PHONE: Any = {"width": 390, "height": 844}
DESK: Any = {"width": 1280, "height": 900}
_AXE: Final = Axe().axe_script
_SCHEMES: Final[tuple[Literal["dark"], Literal["light"]]] = ("dark", "light")
MARIA = {
    "name": "Maria Lopez",
    "phone": "813-555-0194",
    "email": "maria@example.com",
    "message": "Is 12 Oak St still open?",
}


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    if shutil.which(CHROMIUM) is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no /usr/bin/chromium, and CI never skips")
        pytest.skip("no /usr/bin/chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGS))
        yield browser
        await browser.close()


@asynccontextmanager
async def at_the_page(house: House, chromium: Browser, **how: Any) -> AsyncIterator[Page]:
    """Alex logged in, by the form; anything the page complains of fails the test."""
    await admin(house)
    context = await chromium.new_context(**{"viewport": PHONE, "base_url": house.url} | how)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    await page.goto("/")
    await page.get_by_label("E-mail").fill("alex@example.com")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await expect(page).to_have_url(f"{house.url}/")
    yield page
    await context.close()
    assert [text for text in complaints if "status of 4" not in text] == []


async def looks(page: Page, name: str, *, whole: bool = True) -> None:
    """
    The page fits its screen and everybody can use it, by day and by night.

    SHOTS names a folder for pictures of both; whole: with what has to be scrolled to.
    """
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
    await is_accessible(page, name)
    if shots := os.environ.get("SHOTS"):
        for scheme in _SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            await page.screenshot(path=Path(shots) / f"{name}-{scheme}.png", full_page=whole)


async def is_accessible(page: Page, name: str) -> None:
    """By every rule in light colours, and in dark ones by those about colours."""
    await page.evaluate(_AXE)
    await _nothing_is_wrong(page, f"{name}, light")
    await page.emulate_media(color_scheme="dark")
    await _nothing_is_wrong(page, f"{name}, dark", "color-contrast")
    await page.emulate_media(color_scheme="light")


async def _nothing_is_wrong(page: Page, name: str, *only: str) -> None:
    rules = {"resultTypes": ["violations"], **({"runOnly": list(only)} if only else {})}
    found = await page.evaluate("rules => axe.run(rules).then(found => found.violations)", rules)
    serious = [v for v in found if v["impact"] in {"serious", "critical", "moderate"}]
    assert not serious, f"{name}: " + "; ".join(
        f"{v['id']}: {v['nodes'][0]['html'][:160]} {v['nodes'][0]['failureSummary']!r}" for v in serious
    )
