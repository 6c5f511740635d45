"""The page of what was received: nothing gets in unescaped, and it keeps up."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import Page, async_playwright
from sandbox_case import BEARER, CONTACTS, MEI, Visitor

from leadwake.sandbox.markup import Markup, html, join, linked

ATTACK = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&{}</p>"
CHROMIUM = Path("/usr/bin/chromium")
HAS_CHROMIUM = CHROMIUM.is_file()
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Tags(HTMLParser):
    """The tags and the text of a document, as a browser sees them."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


async def received_attack(sandbox: Visitor) -> None:
    await sandbox.text(Body=ATTACK)
    await sandbox.mail(
        subject=ATTACK,
        **{"from": {"email": "a@example.com", "name": ATTACK}},
        content=[{"type": "text/plain", "value": ATTACK}, {"type": "text/html", "value": "<p>Hi</p>" + ATTACK}],
    )
    contact = {"firstname": ATTACK, "phone": MEI, "company": ATTACK}
    await sandbox.http.post(CONTACTS, json={"properties": contact}, headers=BEARER)
    await sandbox.http.post("/reply", data={"to": MEI, "body": ATTACK})
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": ATTACK}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "> *quoted*"}]},
        {"type": "actions", "elements": [
            {"type": "button", "action_id": ATTACK, "value": ATTACK, "text": {"type": "plain_text", "text": "Claim"}},
            {"type": "button", "action_id": "call", "url": "https://example.com",
             "text": {"type": "plain_text", "text": ATTACK}},
        ]},
    ]  # fmt: skip
    for channel in ("U0DANA1234", "C0LEADS123"):
        message = {"channel": channel, "text": ATTACK, "blocks": blocks}
        assert (await sandbox.http.post("/slack/api/chat.postMessage", json=message, headers=BEARER)).json()["ok"]


async def test_what_was_received_is_shown_as_text(sandbox: Visitor) -> None:
    await received_attack(sandbox)
    answer = await sandbox.http.get("/")
    page = Tags(answer.text)

    assert [attributes.get("src") for tag, attributes in page.tags if tag == "script"] == ["/page.js"]
    assert "img" not in [tag for tag, _ in page.tags]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert page.text.count(ATTACK) >= 6
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_the_conversation_of_an_agent_says_that_it_is_one(sandbox: Visitor) -> None:
    link = "http://127.0.0.1:8000/a/AbC_-9"
    await sandbox.text(Body=f"Hot lead. Reply 1 to claim. {link}", To="+18135550201")
    page = await sandbox.http.get("/")

    assert "One of the team" in page.text
    assert f'<a href="{link}" rel="noreferrer">{link}</a>' in page.text


async def test_a_mail_as_designed_can_do_nothing(sandbox: Visitor) -> None:
    mail_id = (await sandbox.mail()).headers["x-message-id"]
    shown = await sandbox.http.get(f"/mail/{mail_id}")
    frames = [attributes for tag, attributes in Tags((await sandbox.http.get("/")).text).tags if tag == "iframe"]

    assert shown.text == "<p>Hi <b>Mei</b></p>"
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert [(frame["src"], frame["sandbox"]) for frame in frames] == [(f"/mail/{mail_id}", None)]
    assert (await sandbox.http.get("/mail/nobody")).status_code == 404


async def test_a_mail_of_any_allowed_shape_is_shown(sandbox: Visitor) -> None:
    await sandbox.mail(template_id="d-1", subject=None, content=[{"type": "x/y", "value": "z"}])
    await sandbox.mail(subject=["odd"], categories=5, personalizations=[{"to": [{"email": "a@example.com"}]}])

    assert (await sandbox.http.get("/?show=mail")).status_code == 200


async def test_buttons_work_without_a_script(sandbox: Visitor) -> None:
    pressed = await sandbox.http.post("/behaviour/twilio", data={"mode": "slow", "for_s": "60"})
    nonsense = await sandbox.http.post("/behaviour/twilio", data={"mode": "slow", "for_s": "soon"})
    shown = (await sandbox.http.get("/behaviour")).json()["twilio"]

    assert (pressed.status_code, nonsense.status_code) == (303, 422)
    assert (shown["mode"], shown["delay_ms"], shown["for_s"]) == ("slow", 5_000, 60)


async def test_clearing_the_page_leaves_the_record(sandbox: Visitor) -> None:
    await sandbox.text(Body="an old text")
    await sandbox.http.post("/clear", data={"show": "texts"})

    assert "an old text" not in (await sandbox.http.get("/")).text
    assert len(await sandbox.received()) == 1


async def test_the_booking_link_leads_to_a_practice_page(sandbox: Visitor) -> None:
    order = {"max_event_count": 1, "owner": "https://api.calendly.com/event_types/X", "owner_type": "EventType"}
    made = await sandbox.http.post("/calendly/scheduling_links", json=order, headers=BEARER)
    page = await sandbox.http.get(made.json()["resource"]["booking_url"])

    assert (made.status_code, page.status_code) == (201, 200)
    assert "Practice booking" in page.text


@given(st.text(), st.sampled_from(("http://127.0.0.1:8000/a/AbC_-9", "https://example.com/?a=1&b=2")))
def test_addresses_are_to_tap_and_nothing_else_changes(around: str, address: str) -> None:
    text = f"{around} {address}."
    seen = Tags(linked(text))

    assert {tag for tag, _ in seen.tags} == {"a"}
    assert seen.tags[-1][1]["href"] == address
    assert all((attributes["href"] or "").startswith(("http://", "https://")) for _, attributes in seen.tags)
    assert seen.text.replace("\r\n", "\n").replace("\r", "\n") == text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.lists(st.text()))
def test_whatever_is_put_in_comes_out_as_text(values: list[str]) -> None:
    made = join([html("<p title='{}'>{}</p>", value, value) for value in values])
    seen = Tags(made)

    assert [tag for tag, _ in seen.tags] == ["p"] * len(values)
    assert html("{}", made) == made
    assert isinstance(made, Markup)
    assert "".join(values).replace("\r\n", "\n").replace("\r", "\n") == seen.text.replace("\r\n", "\n").replace(
        "\r", "\n"
    )


@pytest.fixture
async def phone() -> AsyncIterator[Page]:
    """A phone-sized browser page that fails the test on any script error or refused resource."""
    if not HAS_CHROMIUM:
        line = "Debian's Chromium is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(line)
        pytest.skip(line)
    problems: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(f"dialog {dialog.message}"))
        yield page
        await browser.close()
    assert problems == []


@pytest.mark.browser
async def test_a_text_appears_by_itself_while_somebody_types_a_reply(sandbox: Visitor, phone: Page) -> None:
    await sandbox.text(Body="the first text")
    await phone.goto(sandbox.base)
    field = phone.locator("input[name=body]")
    await field.fill("I am typ")
    await sandbox.text(Body="the second text")
    await phone.get_by_text("the second text").wait_for()

    assert await field.input_value() == "I am typ"
    await field.press("Enter")
    await phone.get_by_text("I am typ").wait_for()
    assert await phone.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.browser
async def test_hostile_words_run_nowhere(sandbox: Visitor, phone: Page) -> None:
    await received_attack(sandbox)
    await phone.goto(f"{sandbox.base}/?show=mail")
    await phone.get_by_text("As designed").click()
    await phone.frame_locator("iframe").get_by_text("Hi").wait_for()

    assert await phone.locator("main img").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("show", ["texts", "mail", "slack", "crm", "vendors"])
async def test_everybody_can_use_it_on_a_phone(sandbox: Visitor, phone: Page, show: str) -> None:
    await sandbox.behave("sendgrid", mode="ok", delay_ms=1, for_s=300, share=0.5)
    await received_attack(sandbox)
    await phone.goto(f"{sandbox.base}/?show={show}")
    found = await Axe().run(phone)

    assert [problem["id"] for problem in found.response["violations"]] == []
    assert await phone.evaluate("document.documentElement.scrollWidth") == 390
