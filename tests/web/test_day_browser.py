"""A lead's way through the team in real browsers: an alert on a phone, a claim, words, an answer, a call."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from browser_case import DESK, PHONE, chromium
from page_case import PASSWORD, admin
from playwright.async_api import Browser, Page, expect

from call_case import call_is, calls, does
from leadwake.storage.staff import Person
from office_case import House, until

__all__ = ["chromium"]
pytestmark = pytest.mark.browser

MARIA = "+18135550194"
HOT: dict[str, Any] = {
    "name": "Maria Lopez", "phone": "813-555-0194", "email": "maria@example.com", "channel": "web_form",
    "message": "Need to sell fast, please call me today about 12 Oak St, I have a real deadline",
    "interest": "sell_home", "timeline": "ASAP", "budget": "450000", "source": "website", "postal_code": "33601",
    "consent": {"sms": True},
}  # fmt: skip


async def seller(house: House, name: str, number: int) -> Person:
    """An agent with a password and a phone."""
    first = name.partition(" ")[0].lower()
    return await admin(
        house, name=name, email=f"{first}@example.com", phone=f"+181355503{number:02}", role="agent", takes_leads=True
    )


@asynccontextmanager
async def anybody(house: House, chromium: Browser, size: Any = PHONE) -> AsyncIterator[Page]:
    """Somebody's browser, not logged in; what the page complains of fails the test."""
    context = await chromium.new_context(viewport=size, base_url=house.url)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    await context.close()
    assert [text for text in complaints if "status of 4" not in text] == []


async def log_in(page: Page, email: str) -> None:
    await page.goto("/login")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("heading", level=1).first).to_be_attached()


async def link_to(house: House, person: Person) -> str:
    """The link of the alert that the agent has on their phone."""
    found: list[str] = []

    async def alerted() -> bool:
        texts = [text["Body"] for text in await house.texts() if text["To"] == person.phone]
        found[:] = [match[1] for text in texts if (match := re.search(rf"{re.escape(house.url)}(/a/\S+)", text))]
        return bool(found)

    await until(alerted)
    return found[-1]


async def test_from_the_alert_on_a_phone_to_the_call(house: House, chromium: Browser) -> None:
    sam = await seller(house, "Sam Seller", 1)
    lead_id = (await house.post(HOT)).json()["lead_id"]
    async with anybody(house, chromium) as phone:
        await phone.goto(await link_to(house, sam))
        await phone.get_by_role("button", name="Claim and open").click()
        await expect(phone).to_have_url(re.compile(rf"/leads/{lead_id}"))
        await expect(phone.get_by_role("heading", name="Maria Lopez")).to_be_visible()

        await phone.get_by_label("Your words").fill("Hi Maria, Sam here. Can you talk at five?")
        await phone.get_by_role("button", name="Send", exact=True).click()
        await expect(phone.get_by_role("button", name="Undo").first).to_be_visible()

        async def gone() -> bool:
            return any("Can you talk at five?" in text["Body"] for text in await house.texts())

        house.advance(timedelta(seconds=11))
        await until(gone)
        await house.hear(MARIA, "Five is fine, call me then")
        await expect(phone.get_by_text("Five is fine, call me then")).to_be_visible()

        await phone.get_by_role("button", name="Call Maria Lopez").click()

        async def rings() -> bool:
            return bool(await calls(house)) and (await calls(house))[0]["ref"] is not None

        await until(rings)
        ref = str((await calls(house))[0]["ref"])
        await does(house, ref, str(sam.phone), "answer key")
        await does(house, ref, MARIA, "answer")
        await expect(phone.get_by_text("On the line with Maria Lopez.")).to_be_visible()
        await does(house, ref, MARIA, "hangup")
        await call_is(house, "ended")
        await phone.get_by_role("button", name="Talked").click()

    [inquiry] = await house.rows("select offered_at, human_at, human_by from inquiry where lead_id = %s", UUID(lead_id))
    assert inquiry["human_by"] == sam.id
    assert inquiry["human_at"] > inquiry["offered_at"]
    assert await house.rows("select kind from task where lead_id = %s and done_at is null", UUID(lead_id)) == []


async def test_two_agents_claim_at_once_and_the_slower_one_hears_who_has_them(house: House, chromium: Browser) -> None:
    ana, ben = await seller(house, "Ana Cruz", 1), await seller(house, "Ben Ode", 2)
    lead_id = UUID((await house.post(HOT)).json()["lead_id"])
    await house.settled()
    # whom it was offered to passes away: it is anybody's
    await house.rows("update offer set state = 'timed_out' where lead_id = %s", lead_id)
    await house.rows(
        "update escalation set phase = 'pool', next_at = %s where lead_id = %s", house.now + timedelta(hours=1), lead_id
    )
    await house.rows("update task set agent_id = null where lead_id = %s", lead_id)
    async with anybody(house, chromium) as hers, anybody(house, chromium) as his:
        await log_in(hers, ana.email)
        await log_in(his, ben.email)
        for page in (hers, his):
            await page.goto("/")
            await expect(page.locator("article.waits h2")).to_have_text(["Maria Lopez"])
        await hers.get_by_role("button", name="Claim").first.click(no_wait_after=True)
        await his.goto(f"/leads/{lead_id}")
        await expect(his.get_by_text("Ana Cruz has them").first).to_be_visible()
        await expect(hers.locator("#notice")).to_contain_text("They are yours")

        answer = await his.request.post(f"/leads/{lead_id}/claim", headers={"Sec-Fetch-Site": "same-origin"})
        assert "Ana Cruz has them already." in await answer.text()

    [row] = await house.rows("select agent_id from lead where id = %s", lead_id)
    assert row["agent_id"] == ana.id


async def test_a_manager_follows_a_hot_lead_through_its_escalation(house: House, chromium: Browser) -> None:
    for number, name in enumerate(("Ana Cruz", "Ben Ode"), start=1):
        await seller(house, name, number)
    boss = await admin(house, name="Mona Chief", email="mona@example.com", role="manager")
    lead_id = (await house.post(HOT)).json()["lead_id"]
    async with anybody(house, chromium, DESK) as desk:
        await log_in(desk, boss.email)
        await desk.goto(f"/leads/{lead_id}?show=all")

        async def stepped() -> bool:
            late = "select 1 from escalation where least(next_at, alert_at, day_alert_at) <= %s"
            return not await house.rows(late, house.now)

        for _ in range(3):
            house.advance(timedelta(minutes=6))
            await until(stepped)
        await house.settled()
        [row] = await house.rows("select phase from escalation where lead_id = %s", UUID(lead_id))
        assert row["phase"] == "pool"
        await desk.goto(f"/leads/{lead_id}?show=all")
        for told in ("did not answer in time", "Management was told"):
            await expect(desk.get_by_text(re.compile(told)).first).to_be_attached()
        await desk.goto("/")
        await expect(desk.locator("article.waits h2").first).to_have_text("Maria Lopez")

    mails = [mail for mail in await house.mails() if mail["personalizations"][0]["to"][0]["email"] == boss.email]
    assert any("waits" in mail["subject"] for mail in mails)
