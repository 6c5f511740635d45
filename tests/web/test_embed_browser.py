"""Our scripts in a real browser, on a page of another origin with a strict policy: the form, and who was there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from browser_case import PHONE, chromium, is_accessible
from page_case import admin
from playwright.async_api import Browser, Page, expect
from test_pages_consent import WORDING, _register

from leadwake.workflows import websites
from office_case import House, until

__all__ = ["chromium"]

pytestmark = pytest.mark.browser


@asynccontextmanager
async def a_website(house: House, pages: Mapping[str, str]) -> AsyncIterator[str]:
    """Somebody's own site on another origin, that allows what docs/website.md says and nothing else."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ", 2)[1].partition("?")[0]
        policy = f"default-src 'none'; script-src {house.url}; connect-src {house.url}; img-src data:; base-uri 'none'"
        language = "es" if path.startswith("/es") else "en"
        body = (
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Example Realty</title>'
            f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head>'
            f"<body><main><h1>Sell your home</h1>{pages.get(path, '')}</main></body></html>"
        ).encode()
        writer.write(
            f"HTTP/1.1 {200 if path in pages else 404} X\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
            f"Content-Security-Policy: {policy}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    async with server:
        yield f"http://localhost:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def a_visitor(chromium: Browser, site: str, says: str = "") -> AsyncIterator[Page]:
    """Somebody with a phone; what the page complains of fails the test. says: script that their browser begins with."""
    context = await chromium.new_context(viewport=PHONE, base_url=site, reduced_motion="reduce")
    await context.add_init_script(says)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    yield page
    await context.close()
    assert [text for text in complaints if "ERR_INTERNET_DISCONNECTED" not in text] == []


async def test_a_form_on_another_website_is_filled_in_by_keyboard_and_answered(house: House, chromium: Browser) -> None:
    alex = await admin(house)
    script = f'<script src="{house.url}/embed/leadwake.js" defer></script>'
    fields = "".join(f'<p><label>{label} <input name="{label.lower()}"></label></p>' for label in ("Name", "Email"))
    own = f'<form data-leadwake="sell-home">{fields}<p><button>Ask</button></p></form>'
    pages = {"/": f'{script}<div data-leadwake-form="sell-home"></div>', "/es/own": script + own}
    async with a_website(house, pages) as site, a_visitor(chromium, site) as page:
        await websites.add(house.office, site, alex)
        await _register(house, url=f"{site}/")
        await page.goto("/")
        box = page.get_by_label(WORDING)
        await expect(box).not_to_be_checked()
        await is_accessible(page, "the form")

        # what is wrong stands beside its field, and the first has the focus
        await page.get_by_role("button", name="Send").press("Enter")
        await expect(page.get_by_label("Name")).to_be_focused()
        await expect(page.get_by_label("Name")).to_have_accessible_description("Write your name.")
        await expect(page.get_by_label("Phone")).to_have_attribute("aria-invalid", "true")
        await is_accessible(page, "the form with errors")

        # by keyboard alone, without a connection at first: nothing is lost, and it goes by itself
        await page.keyboard.type("Maria Lopez")
        for typed in ("813 555 0194", "maria@example.com", "Is 12 Oak St still open?"):
            await page.keyboard.press("Tab")
            await page.keyboard.type(typed)
        await page.keyboard.press("Tab")
        await expect(box).to_be_focused()
        await page.keyboard.press("Space")
        await expect(box).to_be_checked()
        await page.context.set_offline(True)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("No connection")
        await page.context.set_offline(False)
        thanks = page.get_by_text("Thank you, Maria. You will have a text within a minute.")
        await expect(thanks).to_be_focused()

        [inquiry] = await house.rows("select id::text from inquiry")
        await house.reaches(inquiry["id"], "sms", "sent", "delivered")
        said = await house.rows("select level, missing from consent where channel = 'sms'")
        assert [(row["level"], row["missing"]) for row in said] == [("written", [])]

        # a form of the page's own gets the box, too; one that is not ticked agrees to nothing
        await page.goto("/es/own")
        await expect(page.get_by_label(WORDING)).not_to_be_checked()
        await page.get_by_label("Name").fill("Ben Ode")
        await page.get_by_label("Email").fill("ben@example.com")
        await page.get_by_role("button", name="Ask").dblclick()
        await expect(page.get_by_text("Gracias, Ben. Recibirá un correo en un minuto.")).to_be_visible()
        assert len(await house.rows("select 1 from capture")) == 2


async def test_visits_are_counted_as_the_visitor_wants_and_known_once_they_write(
    house: House, chromium: Browser
) -> None:
    alex = await admin(house)
    line = f'<script src="{house.url}/embed/leadwake.js" {{}} defer></script><div data-leadwake-form="website"></div>'
    pages = {"/": line.format(""), "/asks": line.format('data-consent="required"'), "/later": line.format("")}
    stored = "localStorage.getItem('leadwake.visitor')"

    async def runs(page: Page) -> None:
        await until(lambda: page.evaluate("!!(window.leadwake && leadwake.visits && leadwake.forms)"))

    async def views() -> list[str]:
        return [row["path"] for row in await house.rows("select path from page_view where is_new order by id")]

    async with a_website(house, pages) as site:
        await websites.add(house.office, site, alex)

        # who asks not to be tracked is not: nothing is sent, nothing is stored, not even with consent
        for wish in ("doNotTrack: { get: () => '1' }", "globalPrivacyControl: { get: () => true }"):
            says = f"Object.defineProperties(Navigator.prototype, {{ {wish} }})"
            async with a_visitor(chromium, site, says) as page:
                asked: list[str] = []
                page.on("request", lambda request, asked=asked: asked.append(request.url))  # type: ignore[misc]
                await page.goto("/")
                await runs(page)
                await page.evaluate("leadwake.consent(true)")
                await page.goto("/later")
                await runs(page)
                assert [url for url in asked if "/embed/visits" in url and not url.endswith(".js")] == []
                assert await page.evaluate(stored) is None
        assert await views() == []

        # without a word nothing is stored in the browser
        async with a_visitor(chromium, site) as page:
            async with page.expect_response(f"{house.url}/embed/visits"):
                await page.goto("/")
            assert await page.evaluate(stored) is None
            assert await page.context.cookies() == []
        assert await views() == ["/"]

        # where consent is required nothing is sent before it; then the visitor is known again on other pages
        async with a_visitor(chromium, site) as page:
            await page.goto("/asks?secret=1&utm_source=mail")
            await runs(page)
            assert await views() == ["/"]
            async with page.expect_response(f"{house.url}/embed/visits"):
                await page.evaluate("leadwake.consent(true)")
            visitor = await page.evaluate(stored)
            async with page.expect_response(f"{house.url}/embed/visits"):
                await page.goto("/later")
            assert await page.evaluate(stored) == visitor
            assert (await views())[1:] == ["/asks?utm_source=mail", "/later"]

            # once they write, it was them
            await page.get_by_label("Name").fill("Maria Lopez")
            await page.get_by_label("Phone").fill("813 555 0194")
            await page.get_by_role("button", name="Send").click()
            await expect(page.get_by_text("Thank you, Maria")).to_be_visible()

            async def gathered() -> bool:
                return bool(await house.rows("select 1 from visit where views = 2"))

            await until(gathered)
            [lead] = await house.rows("select id from lead")
            [visit] = [one for one in await house.timeline(str(lead["id"])) if one["kind"] == "visit"]
            assert visit["text"].startswith("Looked at /asks and /later")

            # and a no is a no
            async with page.expect_response(f"{house.url}/embed/visits"):
                await page.evaluate("leadwake.consent(false)")
            assert await page.evaluate(stored) is None
            assert await house.rows("select 1 from visitor") == []
