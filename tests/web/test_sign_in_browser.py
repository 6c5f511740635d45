"""Logging in at a provider in a real browser, on another site than ours; the pages accessible on a phone and a desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser_case import DESK, PHONE, chromium, looks
from page_case import admin
from playwright.async_api import Browser, expect
from test_sign_in import person, set_up

from office_case import House
from oidc_case import Idp, an_idp

__all__ = ["chromium"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def provider() -> Iterator[Idp]:
    with an_idp() as running:
        yield running


async def test_somebody_logs_in_there_and_comes_back(idle_house: House, provider: Idp, chromium: Browser) -> None:
    house = idle_house
    person(provider, "alex")
    await admin(house)
    await set_up(house, provider, OIDC_ISSUER=provider.issuer.replace("127.0.0.1", "localhost"))
    context = await chromium.new_context(base_url=house.url, reduced_motion="reduce", viewport=PHONE)
    page = await context.new_page()
    await page.goto("/login?next=/me")
    await looks(page, "sign-in-login")
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
    await looks(page, "sign-in-setup")
    await page.get_by_label("People log in").select_option("providers")
    await page.locator("#ways").get_by_role("button", name="Save").click()
    await expect(page.locator("#ways")).to_contain_text("Saved.")
    await page.goto("/me")
    await looks(page, "sign-in-me")
    await page.goto("/setup/clients")
    await page.get_by_label("What will use it").fill("our data warehouse")
    await page.get_by_role("button", name="Make a client").click()
    await expect(page.get_by_text("not shown again")).to_be_visible()
    await looks(page, "sign-in-clients")
    await page.set_viewport_size(DESK)
    await page.goto("/setup/sign-in")
    await looks(page, "sign-in-desk")

    await context.clear_cookies()
    await page.goto("/sign-in/oidc/callback?code=x&state=y")
    await expect(page.get_by_role("alert")).to_contain_text("Start again")
    await looks(page, "sign-in-refused")
    await context.close()
