"""Sequences in a real browser: written, checked and published by hand, on a phone, with and without JavaScript."""

from __future__ import annotations

from uuid import UUID

import pytest
from browser_case import DESK, MARIA, at_the_page, chromium, looks
from playwright.async_api import Browser, expect

from leadwake.domain.sequence.shipped import shipped
from leadwake.workflows import enrolling, nurture, sequences
from office_case import House

__all__ = ["chromium"]

pytestmark = pytest.mark.browser

PLACES = ("", "/new_buyer", "/new_buyer/edit", "/new_buyer/history", "/new_buyer/ahead", "/renter")
THREE = """sequence: three_steps
title: Three steps
about: A first try.
starts: by_hand
steps:
  - wait: 1 day
  - text:
      en: "{{ business.name }}: hi {{ lead.first_name }}, still looking? {{ opt_out_line }}"
      es: "{{ business.name }}: ¿sigue buscando? {{ opt_out_line }}"
    else: call task
  - wait: until day 3
  - email:
      subject: {en: "Still looking?", es: "¿Sigue buscando?"}
      body: {en: "Hi {{ lead.first_name }}. {{ business.name }}", es: "Hola. {{ business.name }}"}
"""


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_three_step_sequence_is_written_checked_and_published(
    idle_house: House, chromium: Browser, scripts: bool
) -> None:
    house = idle_house
    await house.post(MARIA)
    async with at_the_page(house, chromium, java_script_enabled=scripts) as page:
        await page.goto("/sequences")
        await page.get_by_role("link", name="New sequence").click()
        await page.get_by_label("The text").fill(THREE.replace("1 day", "a while"))
        await page.get_by_role("button", name="Save it and check").click()
        await expect(page.get_by_text("a wait is 30 minutes, 20 hours")).to_be_visible()
        await page.get_by_role("link", name="line 6").click()
        if scripts:
            chosen = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
            assert await page.get_by_label("The text").evaluate(chosen) == "  - wait: a while"
        await page.get_by_label("The text").fill(THREE)
        await page.get_by_role("button", name="Check").click()
        await expect(page.get_by_role("heading", name="It is fit to be published")).to_be_visible()
        await page.get_by_label("To", exact=True).select_option("Maria Lopez")
        await page.get_by_role("button", name="Show").click()
        await expect(page.get_by_text("Example Realty: hi Maria, still looking?")).to_be_visible()
        await page.get_by_role("link", name="Rehearse it").click()
        if scripts:
            slider = page.get_by_label("Day:")
            await expect(slider).to_have_attribute("aria-valuetext", "Wed 25 Nov, in 1 day")
            await slider.press("ArrowRight")
            await expect(page.locator("#day-1")).to_be_hidden()
            await expect(page.locator("#jump")).to_be_hidden()
        else:
            await expect(page.get_by_label("Day:")).to_be_hidden()
        await expect(page.locator("#day-3").get_by_text("E-mail")).to_be_visible()
        await page.get_by_role("link", name="Back to the draft").click()
        await page.get_by_label("Why").fill("Our first")
        await page.get_by_role("button", name="Publish").click()
        await expect(page.get_by_text("Published. It counts for everybody")).to_be_visible()
        await page.goto("/sequences")
        await expect(page.get_by_role("link", name="Three steps")).to_be_visible()


async def test_every_page_of_sequences_is_accessible_and_fits(idle_house: House, chromium: Browser) -> None:
    house = idle_house
    for n in range(7):
        about = {"name": f"Person {n}", "phone": f"813-555-014{n}", "email": f"p{n}@example.com"}
        lead_id = (await house.post({**MARIA, **about, "interest": "buy_home"})).json()["lead_id"]
    sources = shipped()
    for source in sources.values():
        await sequences.publish(house.office, source, None)
    await sequences.pause(house.office, "renter", None)
    await enrolling.enroll_by_hand(house.office, UUID(lead_id), "new_buyer", None)
    await nurture.look(house.office)
    async with at_the_page(house, chromium, reduced_motion="reduce") as page:
        await page.goto("/sequences/new_buyer/edit")
        await page.get_by_label("The text").fill(
            sources["new_buyer"].replace("wait: 3 hours", "wait: 5 hours").replace("until day 2", "until day 1")
        )
        await page.get_by_role("button", name="Check").click()
        places = (*(f"/sequences{place}" for place in PLACES), f"/leads/{lead_id}", "/new-sequence")
        for viewport in (None, DESK):
            if viewport:
                await page.set_viewport_size(viewport)
            for place in places:
                await page.goto(place)
                await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
                await looks(page, f"{place.removesuffix(lead_id).replace('/', '-')}-{bool(viewport)}")
