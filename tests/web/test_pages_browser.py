"""The pages in a real browser: live without reloading, whole without JavaScript, usable by everybody."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from browser_case import DESK, MARIA, PHONE, at_the_page, chromium, is_accessible, looks
from page_case import waits
from playwright.async_api import Browser, Page, expect

from leadwake.storage import links, snippets
from office_case import House, working

__all__ = ["chromium"]

pytestmark = pytest.mark.browser

PLACES = (
    "/",
    "/?for=mine",
    "/leads",
    "/leads?see=1",
    "/dead-letters",
    "/proof",
    "/recovery",
    "/reports",
    "/setup",
    "/setup/live",
    "/setup/health",
    "/setup/backups",
    "/setup/audit",
    "/setup/messages",
    "/setup/snippets",
    "/me/snippets",
    "/inbox",
    "/inbox?show=unanswered",
    "/setup/rules",
    "/setup/rules/loosen/product_cap",
    "/setup/team",
    "/setup/team/import",
    "/me",
    "/team",
    "/team/rules/new",
    "/team/rules/0",
    "/team/history",
    "/team/try",
    "/sequences",
    "/new-sequence",
    "/setup/keys",
    "/setup/privacy/looks",
    "/setup/consent",
    "/setup/forms",
    "/setup/websites",
    "/no/such/page",
)


async def test_a_lead_arrives_and_is_answered_without_reloading(house: House, chromium: Browser) -> None:
    async with at_the_page(house, chromium) as page:
        await page.goto("/leads")
        await page.evaluate("window.neverReloaded = true")
        await page.get_by_role("button", name="Send me a lead").first.click()

        card = page.locator("article.card")
        await expect(card).to_have_count(1)
        await expect(card.get_by_text(re.compile("answered in"))).to_be_visible()
        await expect(card.get_by_text(re.compile(r"CRM\s+saved"))).to_be_visible()
        await expect(page.locator("#strip")).to_contain_text("1\nanswered", use_inner_text=True)
        assert await page.evaluate("window.neverReloaded")


async def test_the_seconds_tick_until_somebody_is_answered(idle_house: House, chromium: Browser) -> None:
    async with at_the_page(idle_house, chromium) as page:
        await page.goto("/leads")
        await idle_house.post(MARIA)
        clock = page.get_by_role("timer")
        await expect(clock).to_be_visible()
        first = await clock.inner_text()
        await expect(clock).not_to_have_text(first)

        async with working(idle_house.office):
            await expect(page.get_by_text(re.compile("answered in"))).to_be_visible()
        await expect(clock).to_have_count(0)


async def test_a_leads_page_grows_while_one_looks_at_it(house: House, chromium: Browser) -> None:
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.settled()
    async with at_the_page(house, chromium) as page:
        await page.goto(f"/leads/{lead_id}")
        await page.get_by_label("Your words").fill("Yes, it is")
        await house.hear("+18135550194", "Could we come on Sunday?")

        await expect(page.get_by_text("Could we come on Sunday?")).to_be_visible()
        await expect(page.get_by_text("Replied by text")).to_be_visible()
        await expect(page.get_by_label("Your words")).to_have_value("Yes, it is")


async def test_a_text_is_written_counted_down_and_taken_back_on_a_phone(house: House, chromium: Browser) -> None:
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.settled()
    async with at_the_page(house, chromium) as page:
        await page.goto(f"/leads/{lead_id}")
        await page.get_by_label("Your words").fill("Yes, it is open.")
        await expect(page.get_by_text("1 segment, about 1.2 ¢")).to_be_visible()
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(page.get_by_text(re.compile(r"Text goes in \d+ s"))).to_be_visible()
        await page.locator("#undoing").get_by_role("button", name="Undo").click()

        await expect(page.get_by_label("Your words")).to_have_value("Yes, it is open.")
        await expect(page.locator("#undoing form")).to_have_count(0)
        assert [text for text in await house.texts() if "it is open" in text["Body"]] == []


async def test_a_snippet_comes_into_the_words_without_a_reload(house: House, chromium: Browser) -> None:
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.settled()
    await snippets.save(house.office.db, name="Hello", source="Hi {{ lead.first_name }}!", channel=None, user_id=None)
    async with at_the_page(house, chromium) as page:
        await page.goto(f"/leads/{lead_id}")
        await page.evaluate("window.neverReloaded = true")
        await page.get_by_label("Your words").fill("Good day.")
        await page.get_by_text("Later, snippets").click()
        await page.get_by_role("button", name="Insert").click()

        await expect(page.get_by_label("Your words")).to_have_value("Good day. Hi Maria!")
        assert await page.evaluate("window.neverReloaded")


async def test_the_inbox_and_the_answer_work_by_keyboard(house: House, chromium: Browser) -> None:
    await house.post(MARIA)
    await house.post({"name": "Paul Ode", "phone": "+18135550195"})
    await house.settled()
    await house.hear("+18135550195", "Call me")
    await house.hear("+18135550194", "Could we come on Sunday?")
    async with at_the_page(house, chromium, viewport=DESK) as page:
        await page.goto("/inbox")
        for key, name in (("j", "Maria Lopez"), ("j", "Paul Ode"), ("k", "Maria Lopez"), ("j", "Paul Ode")):
            await page.keyboard.press(key)
            await expect(page.locator(":focus")).to_have_text(name)
        await page.keyboard.press("e")
        await expect(page.get_by_text("waiting")).to_have_count(1)
        await page.keyboard.press("j")
        await page.keyboard.press("r")
        await expect(page.get_by_label("Your words")).to_be_focused()
        await page.keyboard.type("Sunday is fine")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text(re.compile(r"Text goes in \d+ s"))).to_be_visible()


async def test_the_conversation_works_without_javascript(house: House, chromium: Browser) -> None:
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.settled()
    await snippets.save(house.office.db, name="Hello", source="Hi {{ lead.first_name }}!", channel=None, user_id=None)
    async with at_the_page(house, chromium, java_script_enabled=False) as page:
        await page.goto(f"/leads/{lead_id}")
        await page.get_by_label("Your words").fill("Good day.")
        await page.get_by_text("Later, snippets").click()
        await page.get_by_role("button", name="Insert").click()
        await expect(page.get_by_label("Your words")).to_have_value("Good day. Hi Maria!")
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(page.get_by_text("Text goes in a few seconds")).to_be_visible()
        await page.locator("#undoing").get_by_role("button", name="Undo").click()
        await expect(page.get_by_label("Your words")).to_have_value("Good day. Hi Maria!")
        await page.get_by_label("Your words").fill("Wants a garage")
        await page.get_by_role("radio", name="Note").check()
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(page.get_by_text("Note by Alex Admin")).to_be_visible()


async def test_everything_but_the_liveness_works_without_javascript(house: House, chromium: Browser) -> None:
    async with at_the_page(house, chromium, java_script_enabled=False) as page:
        await page.get_by_role("button", name="Send me a lead").first.click()
        await house.settled()
        await page.goto("/leads")
        await expect(page.locator("article.card")).to_have_count(1)
        await page.locator("article.card h2 a").click()
        await expect(page.get_by_label("Your words")).to_be_visible()
        await page.goto("/setup/messages")
        text = page.get_by_label("The text a new lead gets")
        await text.fill("Ahoy {{ lead.first_name }}, {{ business.name }} here. {{ opt_out_line }}")
        await page.get_by_role("button", name="Preview").click()
        await expect(page.get_by_text("Ahoy Maria, Example Realty here. Reply STOP to opt out")).to_be_visible()


async def test_a_template_shows_as_it_is_written(house: House, chromium: Browser) -> None:
    async with at_the_page(house, chromium) as page:
        await page.goto("/setup/messages")
        await page.get_by_label("The text a new lead gets").fill("Ahoy {{ lead.first_name }}")
        await expect(page.get_by_text("does not always say how to opt out")).to_be_visible()
        await expect(page.locator(".bubble").first).to_have_text("Ahoy Maria")


async def test_a_test_text_shows_that_it_arrived(house: House, chromium: Browser) -> None:
    async with at_the_page(house, chromium) as page:
        await page.goto("/setup/messages")
        await page.get_by_role("button", name="Text me").click()
        await expect(page.get_by_text(re.compile(r"Test text\s+(sent|delivered)"))).to_be_visible()


async def test_every_page_is_accessible_and_fits_a_phone(house: House, chromium: Browser) -> None:
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.post({"name": "Jo Nobody", "phone": "call me"})
    await house.settled()
    await house.hear("+18135550194", "STOP")
    await house.office.db.run("vendor_state_write", vendor="twilio", state="open", reason="does not answer", open_s=30)
    await house.rows("update action set state = 'dead', reason = 'hubspot 400: refused' where kind = 'crm'")
    await waits(house, UUID(lead_id), "reply")
    async with at_the_page(house, chromium, reduced_motion="reduce") as page:
        places = (*PLACES, f"/leads/{lead_id}", f"/leads/{lead_id}?show=all", f"/?said=done&task={lead_id}")
        for place in places:
            await page.goto(place)
            await looks(page, place.replace("/", "-"))
        await page.context.clear_cookies()
        await page.goto("/login")
        await is_accessible(page, "/login")


async def test_the_list_on_a_desk_is_accessible(house: House, chromium: Browser) -> None:
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.settled()
    async with at_the_page(house, chromium, viewport=DESK) as page:
        await waits(house, UUID(lead_id), "claim")
        for place in ("/", "/leads", f"/leads/{lead_id}", "/setup"):
            await page.goto(place)
            await is_accessible(page, place)


async def test_no_page_is_heavy_the_first_time(house: House, chromium: Browser) -> None:
    lead_id = await _a_busy_office(house)
    async with at_the_page(house, chromium) as page:
        for place in (*PLACES, f"/leads/{lead_id}"):
            heavy = await _first_load(page, place)
            assert heavy < 60_000, f"{place}: {heavy} bytes"


async def _a_busy_office(house: House) -> str:
    """Thirty people, and something waits about each; one's id."""
    for n in range(30):
        lead = {**MARIA, "name": f"Person Number{n}", "phone": f"813-555-01{n:02}", "email": f"p{n}@example.com"}
        lead_id: str = (await house.post(lead)).json()["lead_id"]
        await waits(house, UUID(lead_id), "reply")
    await house.settled()
    return lead_id


async def _first_load(page: Page, place: str) -> int:
    """Bytes on the wire, as packed: the page, its styles and its scripts, by a browser that holds none of them."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.clearBrowserCache")
    got: list[float] = []
    session.on("Network.loadingFinished", lambda event: got.append(event["encodedDataLength"]))
    await page.goto(place)
    await page.wait_for_load_state("load")
    await session.detach()
    return int(sum(got))


@pytest.mark.parametrize("has_script", [True, False])
async def test_people_we_write_to_stop_sign_and_come_back_on_a_phone(
    house: House, chromium: Browser, has_script: bool
) -> None:
    await house.post(MARIA)
    await house.settled()
    point = (await house.rows("select id from contact_point where kind = 'email'"))[0]["id"]
    paths = {page: links.path(house.office.vault, page, point) for page in links.Page}
    context = await chromium.new_context(viewport=PHONE, base_url=house.url, java_script_enabled=has_script)
    page = await context.new_page()
    for path in (*paths.values(), "/u/forged"):
        await page.goto(path)
        if has_script:
            await looks(page, path.split("/")[1])

    await page.goto(paths[links.Page.UNSUBSCRIBE])
    await page.get_by_role("button", name="Stop the e-mails").click()
    await expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    await page.get_by_role("link", name="coming back").click()
    await page.get_by_role("button", name="Stop texts").click()
    await expect(page.get_by_text("no more automated texts")).to_be_visible()
    await page.get_by_role("link", name="Get texts again").click()
    box = page.get_by_label("Yes, I agree to texts")
    await expect(box).not_to_be_checked()
    await page.get_by_role("button", name="Sign").click()
    await expect(page.get_by_text("without it you have not agreed")).to_be_visible()
    await expect(box).not_to_be_checked()
    await box.check()
    await page.get_by_label("Yes, I agree to e-mails").check()
    await page.get_by_label("Your full name").fill("Maria Lopez")
    await page.get_by_role("button", name="Sign").click()
    await expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert await context.cookies() == []
    assert not await house.rows("select 1 from contact_point where opted_out_at is not null")
    await context.close()
