"""A list in a real browser: its columns chosen, progress that comes by itself, and all of it without script."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser_case import DESK, at_the_page, chromium, is_accessible, looks
from playwright.async_api import Browser, expect

from office_case import House, until

__all__ = ["chromium"]

pytestmark = pytest.mark.browser

LIST = (
    "Full Name,Handy,E-mail,Date Added,Owner,A column with a rather long name of its own\n"
    "Ann Lee,(813) 555-0141,ann@example.com,3/4/2024,dana@example.com,likes dogs\n"
    'Bo Díaz,"813 555 0142",not an address,soon,,\n'
    'Cy,"open\n'
)


def a_file(tmp_path: Path) -> Path:
    path = tmp_path / "our old list.csv"
    path.write_text(LIST, "utf-8")
    return path


async def test_a_list_is_taken_in_and_its_end_shows_by_itself(house: House, chromium: Browser, tmp_path: Path) -> None:
    async with at_the_page(house, chromium, reduced_motion="reduce") as page:
        await page.goto("/leads")
        await page.get_by_role("link", name="Import a list").click()
        await is_accessible(page, "/leads/import")
        await page.get_by_label("A CSV or JSONL file").set_input_files(a_file(tmp_path))
        async with page.expect_navigation():
            await page.get_by_role("button", name="Look at it").click()
        await page.get_by_label("Handy").select_option("phone")
        async with page.expect_navigation():
            await page.get_by_role("button", name="Look again").click()
        for viewport in (None, DESK):
            if viewport:
                await page.set_viewport_size(viewport)
            await looks(page, f"list-{bool(viewport)}")
        async with page.expect_navigation():
            await page.get_by_role("button", name="Take in 3 rows").click()

        await expect(page.get_by_text("3 of 3 rows: 2 new, 0 known, 0 imported before, 1 refused.")).to_be_visible()
        await is_accessible(page, page.url)
        async with page.expect_navigation():
            await page.get_by_role("button", name="Take the list back").click()
        await expect(page.get_by_text("2 leads are gone, 0 stay")).to_be_visible()


async def test_a_list_is_taken_in_without_javascript(house: House, chromium: Browser, tmp_path: Path) -> None:
    async with at_the_page(house, chromium, java_script_enabled=False) as page:
        await page.goto("/leads/import")
        await page.get_by_label("A CSV or JSONL file").set_input_files(a_file(tmp_path))
        for name in ("Look at it", "Take in 3 rows"):
            async with page.expect_navigation():
                await page.get_by_role("button", name=name).click()

        async def is_done() -> object:
            await page.reload()
            return await page.get_by_text("3 of 3 rows").count()

        await until(is_done)
