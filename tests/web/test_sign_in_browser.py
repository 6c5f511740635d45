"""Logging in at a provider in a real browser, on another site than ours; the pages accessible on a phone and a desk."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from page_case import admin
from playwright.async_api import Browser, Page, expect
from test_pages_browser import DESK, PHONE, _is_accessible, chromium
from test_sign_in import person, set_up

from office_case import House
from oidc_case import Idp, an_idp

__all__ = ["chromium"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def provider() -> Iterator[Idp]:
    with an_idp() as running:
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_somebody_logs_in_there_and_comes_back(
    idle_house: House, provider: Idp, chromium: Browser, scheme: str
) -> None:
    house = idle_house
    person(provider, "alex")
    await admin(house)
    await set_up(house, provider, OIDC_ISSUER=provider.issuer.replace("127.0.0.1", "localhost"))
    context = await chromium.new_context(
        base_url=house.url, color_scheme=scheme, reduced_motion="reduce", viewport=PHONE
    )
    page = await context.new_page()
    await page.goto("/login?next=/me")
    await looked_at(page, f"{scheme}-login")
    await page.get_by_role("link", name="Log in with Okta").click()
    await expect(page).to_have_title("Log in here")
    await page.locator("[name=username]").fill("alex")
    await page.locator("[name=password]").fill("the provider's password")
    await page.get_by_role("button", name="Log in there").click()
    await expect(page).to_have_url(f"{house.url}/me")
    await expect(page.locator("#accounts")).to_contain_text("Okta: alex@example.com")

    await page.goto("/setup/sign-in")
    await page.locator("#oidc").get_by_role("button", name="Try it").click()
    await expect(page.locator("#oidc")).to_contain_text("It signs with RS256")
    await looked_at(page, f"{scheme}-setup")
    await page.get_by_label("People log in").select_option("providers")
    await page.locator("#ways").get_by_role("button", name="Save").click()
    await expect(page.locator("#ways")).to_contain_text("Saved.")
    await page.goto("/me")
    await looked_at(page, f"{scheme}-me")
    await page.goto("/setup/clients")
    await page.get_by_label("What will use it").fill("our data warehouse")
    await page.get_by_role("button", name="Make a client").click()
    await expect(page.get_by_text("not shown again")).to_be_visible()
    await looked_at(page, f"{scheme}-clients")
    await page.set_viewport_size(DESK)
    await page.goto("/setup/sign-in")
    await looked_at(page, f"{scheme}-desk")

    await context.clear_cookies()
    await page.goto("/sign-in/oidc/callback?code=x&state=y")
    await expect(page.get_by_role("alert")).to_contain_text("Start again")
    await looked_at(page, f"{scheme}-refused")
    await context.close()


async def looked_at(page: Page, name: str) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    await _is_accessible(page, name)
    if shots := os.environ.get("SHOTS"):
        await page.screenshot(path=f"{shots}/{name}.png", full_page=True)
