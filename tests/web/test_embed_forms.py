"""A form that our script shows on another website: its words are given out signed, and consent is what that proves."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_case import admin, logged_in
from test_pages_consent import WORDING, _register

from leadwake.ops.export import collect
from leadwake.workflows import websites
from office_case import House

SITE = "https://www.example.com"
ANN = {"name": "Ann Lee", "phone": "813 555 0142", "email": "ann@example.com", "message": "the blue house"}
AGENT = {"User-Agent": "Mozilla/5.0"}


@pytest.fixture
async def house_with_form(idle_house: House) -> House:
    """A website, and the form sell-home registered for it."""
    alex = await admin(idle_house)
    await websites.add(idle_house.office, "example.com", alex)
    await websites.add(idle_house.office, "example.org", alex)
    assert (await _register(idle_house)).status_code == 303
    return idle_house


async def shown(house: House, name: str = "sell-home", origin: str = SITE) -> dict[str, Any]:
    answer = await house.http.get(f"/embed/forms/{name}", headers={"Origin": origin})
    assert answer.status_code == 200, answer.text
    house.wheel.offset_s += 2  # nobody fills a form in faster
    return answer.json()  # type: ignore[no-any-return]


def body(token: str, *, fields: dict[str, Any] | None = None, id_: str = "", **how: Any) -> dict[str, Any]:
    seen = {
        "token": token, "ticked_s": 1.0, "pre_ticked": False, "url": f"{SITE}/sell?x=1", "screen": "390x844@3",
        "viewport": "390x664", "language": "en-US", "text": f"Name\nPhone\n{WORDING.upper()}\nSend",
    } | how  # fmt: skip
    return {"id": id_, "fields": {**ANN, "sms_consent": "yes", **(fields or {})}, "shown": seen}


async def send(house: House, content: Any, name: str = "sell-home", origin: str = SITE) -> httpx.Response:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {"Origin": origin, "Content-Type": "application/json", **AGENT}
    return await house.http.post(f"/embed/forms/{name}", content=raw, headers=headers)


async def said(house: House) -> list[tuple[str, list[str]]]:
    found = await house.rows("select level, missing from consent where channel = 'sms' order by id")
    return [(row["level"], row["missing"]) for row in found]


async def proof(house: House) -> dict[str, Any]:
    """What is kept of how the last form was seen, as an export has it."""
    [lead] = await house.rows("select id from lead order by created_at desc limit 1")
    whole = await collect(house.office, UUID(str(lead["id"])))
    consent: dict[str, Any] = whole["inquiries"][-1]["details"]["consent"]
    return consent


async def test_what_was_agreed_to_is_proven_as_it_was_seen(house_with_form: House) -> None:
    told = await shown(house_with_form)
    answer = await send(house_with_form, body(told["token"]))
    kept = await proof(house_with_form)
    async with logged_in(house_with_form) as page:
        [lead] = await house_with_form.rows("select id from lead")
        record = (await page.get(f"/leads/{lead['id']}/record")).text

    assert (told["wording"], told["version"], told["signature"]) == (WORDING, "2026-11", False)
    assert (answer.status_code, answer.json()) == (202, {"answered_by": "text"})
    assert answer.headers["access-control-allow-origin"] == SITE
    assert await said(house_with_form) == [("written", [])]
    assert (kept["text"], kept["wording_version"], kept["checkbox"]) == (WORDING, "2026-11", "ticked")
    assert (kept["url"], kept["ip"], kept["user_agent"]) == (f"{SITE}/sell?x=1", "127.0.0.1", "Mozilla/5.0")
    assert kept["shown"]["verdict"] == "proven"
    assert kept["shown"]["issued_at"] < kept["shown"]["ticked_at"] < kept["timestamp"]
    assert (kept["shown"]["screen"], kept["shown"]["language"]) == ("390x844@3", "en-US")
    assert WORDING.upper() in kept["shown"]["text"]
    assert len(kept["shown"]["text_hash"]) == 64
    for words in ("The words were ours", kept["shown"]["text_hash"], "390x844@3", f"{SITE}/sell?x=1"):
        assert words in record


async def test_a_lead_without_proof_is_taken_and_its_consent_is_an_inquiry(house_with_form: House) -> None:
    told = await shown(house_with_form)
    # what the page itself says of words and box proves nothing
    claims = {"consent_text": WORDING, "wording_version": "2026-11", "consent_checkbox": "ticked", "signature": "Ann"}
    hows: list[tuple[str, dict[str, Any]]] = [
        ("no_token", {"token": ""}),
        ("not_ours", {"token": "AQAA"}),
        ("pre_ticked", {"pre_ticked": True}),
        ("not_ticked", {"ticked_s": None}),
        ("words_not_seen", {"text": "Name Phone Send"}),
        ("words_not_seen", {"text": ""}),
    ]
    for verdict, how in hows:
        person = {
            "name": f"Ann {verdict}",
            "email": f"{len(await said(house_with_form))}@example.com",
            "message": verdict,
        }
        answer = await send(house_with_form, body(**{"token": told["token"]} | how, fields=claims | person))
        level, missing = (await said(house_with_form))[-1]

        assert (answer.status_code, level) == (202, "inquiry"), verdict
        assert {"disclosure text", "wording version", "checkbox"} <= set(missing)
        assert (await proof(house_with_form))["shown"]["verdict"] == verdict


async def _old(house: House) -> str:
    token = (await shown(house))["token"]
    house.advance(timedelta(hours=13))
    return str(token)


async def _elsewhere(house: House) -> str:
    return str((await shown(house, origin="https://example.org"))["token"])


async def _of_another_form(house: House) -> str:
    return str((await shown(house, "website"))["token"])


async def _of_other_words(house: House) -> str:
    token = (await shown(house))["token"]
    async with logged_in(house) as page:
        [form] = await house.rows("select id from consent_form")
        await page.post(f"/setup/forms/{form['id']}/retire")
    await _register(house, wording=f"{WORDING} Really.")
    return str(token)


async def test_a_form_for_our_script_needs_no_picture_and_lends_nothing_to_a_plain_one(house_with_form: House) -> None:
    house = house_with_form
    registered = await _register(house, picture=None, name="price", shown="script", not_pre_ticked=None)
    async with logged_in(house) as page:
        shows = (await page.get("/setup/forms")).text
    told = await shown(house, "price")
    await send(house, body(told["token"]), "price")
    fields = {**ANN, "name": "Ben Ode", "email": "ben@example.com", "sms_consent": "yes"}
    await house.http.post("/forms/price", data=fields, headers={"Referer": f"{SITE}/", **AGENT})

    assert registered.status_code == 303
    assert "as our script shows it" in shows
    assert [level for level, _ in await said(house)] == ["written", "inquiry"]


async def test_words_given_out_for_something_else_prove_nothing(house_with_form: House) -> None:
    made = {
        "other_website": _elsewhere,
        "other_form": _of_another_form,
        "other_wording": _of_other_words,
        "expired": _old,
    }
    for verdict, make in made.items():
        person = {"name": f"Ann {verdict}", "email": f"{verdict}@example.com"}
        content = body(await make(house_with_form), fields=person, text=f"{WORDING} Really.")

        assert (await send(house_with_form, content)).status_code == 202
        assert (await said(house_with_form))[-1][0] == "inquiry"
        assert (await proof(house_with_form))["shown"]["verdict"] == verdict


async def test_a_form_sent_twice_or_fifty_times_at_once_is_one_lead(house_with_form: House) -> None:
    content = body((await shown(house_with_form))["token"], id_="a" * 32)
    answers = [
        await send(house_with_form, content),
        *await asyncio.gather(*(send(house_with_form, content) for _ in range(25))),
    ]

    assert {answer.status_code for answer in answers} == {202}
    assert len(await house_with_form.rows("select 1 from capture")) == 1
    assert len(await house_with_form.rows("select 1 from action where kind = 'sms'")) == 1


async def test_robots_are_thanked_and_make_no_lead(house_with_form: House) -> None:
    told = await shown(house_with_form)
    baited = await send(house_with_form, body(told["token"], fields={"website_url": "http://spam.example"}))
    quick = (await house_with_form.http.get("/embed/forms/sell-home", headers={"Origin": SITE})).json()["token"]
    hasty = await send(house_with_form, body(quick))

    assert {(answer.status_code, answer.json()["answered_by"]) for answer in (baited, hasty)} == {(202, "person")}
    assert (await house_with_form.ledger()).captures["spam"] == 2
    assert await house_with_form.rows("select 1 from lead") == []


async def test_a_form_nobody_registered_is_answered_and_asks_for_no_consent(house_with_form: House) -> None:
    told = await shown(house_with_form, "contact")
    answer = await send(house_with_form, body(told["token"]), "contact")

    assert "wording" not in told
    assert answer.json() == {"answered_by": "text"}
    assert (await said(house_with_form))[0][0] == "inquiry"


async def test_the_answer_promises_what_will_happen(house: House) -> None:
    await websites.add(house.office, "example.com", await admin(house))
    by_day = await send(house, body("", fields={"email": ""}), "contact")
    house.advance(timedelta(hours=10))  # 22:00 in Pennsylvania, where a text waits for the morning
    night = {"name": "Ben Ode", "phone": "215 555 0142", "message": "now"}
    with_mail = await send(house, body("", fields={**night, "email": "ben@example.com"}), "contact")
    by_night = await send(
        house, body("", fields={**night, "name": "Cy Roe", "phone": "215 555 0143", "email": ""}), "contact"
    )

    assert [answer.json()["answered_by"] for answer in (by_day, with_mail, by_night)] == ["text", "email", "later"]


async def test_what_is_lacking_stands_beside_its_field(house_with_form: House) -> None:
    nobody = await send(house_with_form, {"fields": {"message": "hello"}})

    assert nobody.status_code == 422
    assert set(nobody.json()["errors"]) == {"name", "phone", "email"}
    assert nobody.headers["access-control-allow-origin"] == SITE


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["fields", "shown", "id", "token", "ticked_s", "text", "url", "name"]), inner
            )
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode())
)
async def test_no_body_breaks_it(house_with_form: House, content: bytes) -> None:
    house_with_form.wheel.offset_s += 60  # another minute, for the limit of an address

    assert (await send(house_with_form, content)).status_code < 500


async def test_hostile_bodies_are_refused_or_taken(house_with_form: House) -> None:
    for content in (
        b"[" * 50_000,
        b'{"fields":{"name":"\\ud800 a\\u0000b"},"id":"\\ud800aaaaaaaaaaaaaaaaaaaa"}',
        b'{"fields":{"name":"A"},"shown":{"text":"\\ud800","url":"http://[","ticked_s":1e999}}',
        b'{"fields":{"name":"A"},"shown":{"ticked_s":-1e308,"token":"\\u00e9"}}',
        b"x" * 300_000,
    ):
        assert (await send(house_with_form, content)).status_code in {202, 400, 413}, content[:60]
