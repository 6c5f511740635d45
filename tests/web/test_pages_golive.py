"""Going live from the browser: every step tried where it stands, and nothing told that a vendor did not say."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from page_case import admin, logged_in

from leadwake.ops import front_door
from leadwake.vendors import Mode
from leadwake.workflows import numbers
from leadwake.workflows.office import Noted
from leadwake.workflows.saving import save
from office_case import NOON, House, a_house, hire

ACCOUNT = "AC" + "b" * 32
NUMBER = "+15005550006"
OUR_SMS = "/hooks/twilio/sms"


@pytest.fixture
async def real_house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """In real time, nobody at work; vendors with credentials are reached at the sandbox."""
    async with a_house(database_url, tmp_path / "data", at_work=False, now=None) as house:
        base = house.office.base_settings
        urls = {f"{name.upper()}_URL": f"{house.sandbox.base_url}/{name}" for name in ("twilio", "sendgrid", "hubspot")}
        house.office.base_settings = replace(base, values={**base.values, **urls})
        await house.office.refresh()
        await admin(house)
        yield house


def state(page: str, step: str) -> str:
    """The state of a step as the page shows it, without the mark of practice."""
    part = page.split(f'id="state-{step}"', 1)[1].split("</summary>", 1)[0]
    return re.findall(r'class="chip [^"]*">([^<]+)<', part)[-1]


async def press(client: httpx.AsyncClient, step: str, what: str, **given: str) -> httpx.Response:
    return await client.post(f"/setup/live/{step}/{what}", data=given)


async def hooks_of(house: House) -> dict[str, str]:
    path = f"/twilio/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json"
    answer = await house.sandbox.get(path, params={"PhoneNumber": NUMBER}, auth=(ACCOUNT, "token"))
    (found,) = answer.json()["incoming_phone_numbers"]
    return {name: found[name] for name in ("sms_url", "voice_url", "status_callback")}


async def test_texts_go_live_step_by_step_and_the_old_webhooks_can_be_put_back(real_house: House) -> None:
    house = real_house
    async with logged_in(house) as client:
        before = await hooks_of(house)
        sid = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "token"}
        assert (await client.post("/setup/live/save/twilio", data=sid)).status_code == 303
        assert state((await client.get("/setup/live")).text, "twilio") == "done"
        assert house.office.settings.mode("twilio") is Mode.PRACTICE, "no number is chosen yet"

        refused = await press(client, "number", "choose", sender="+15005550012")
        assert refused.status_code == 422
        assert "cannot text" in refused.text
        assert (await press(client, "number", "choose", sender="+19995550100")).status_code == 422
        assert (await press(client, "number", "choose", sender=NUMBER)).status_code == 303
        assert house.office.settings.get("TWILIO_FROM") == NUMBER
        assert house.office.settings.mode("twilio") is Mode.LIVE

        page = (await client.get("/setup/live")).text
        assert state(page, "hooks") == "to do"
        assert before["sms_url"] in page, "what Twilio has now stands beside ours"
        assert (await press(client, "hooks", "set")).status_code == 303
        assert await hooks_of(house) == {
            "sms_url": f"{house.url}{OUR_SMS}", "voice_url": f"{house.url}/hooks/twilio/voice",
            "status_callback": f"{house.url}/hooks/twilio/voice",
        }  # fmt: skip
        page = (await client.get("/setup/live")).text
        assert state(page, "hooks") == "done"
        assert before["sms_url"] in page, "the old ones are shown and kept"

        await press(client, "hooks", "set")  # again: ours are nothing to go back to
        assert (await press(client, "hooks", "undo")).status_code == 303
        assert await hooks_of(house) == before
        assert await numbers.before(house.office) == {}
        assert (await press(client, "hooks", "undo")).status_code == 422
    kinds = [row["kind"] for row in await house.rows("select kind from event where kind like 'webhooks%%' order by id")]
    assert kinds == ["webhooks_set", "webhooks_set", "webhooks_put_back"]
    events = await house.rows("select data::text as data from event")
    assert not any("http" in row["data"] or "token" in row["data"] for row in events), "ids and codes only"


async def test_a_wrong_token_is_told_at_once_and_never_shown(real_house: House) -> None:
    house = real_house
    await house.behave("twilio", mode="error")
    async with logged_in(house) as client:
        sid = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "s3cret"}
        await client.post("/setup/live/save/twilio", data=sid)
        page = (await client.get("/setup/live")).text

    assert state(page, "twilio") == "to do"
    assert "twilio answered 503" in page
    assert "s3cret" not in page


async def test_mistakes_stand_beside_their_fields(real_house: House) -> None:
    async with logged_in(real_house) as client:
        answer = await client.post("/setup/live/save/twilio", data={"TWILIO_ACCOUNT_SID": "nonsense"})

    assert answer.status_code == 422
    assert "An Account SID is AC" in answer.text
    assert 'value="nonsense"' in answer.text


async def test_the_whole_list_can_be_walked_in_practice(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        for step, what in (
            ("number", "look"), ("hooks", "set"), ("registration", "look"), ("domain", "begin"), ("domain", "look"),
        ):  # fmt: skip
            assert (await press(client, step, what)).status_code == 303, (step, what)
        assert (await press(client, "number", "choose", sender=NUMBER)).status_code == 303
        page = (await client.get("/setup/live")).text
        states = {step: state(page, step) for step in ("number", "hooks", "registration", "domain")}
        assert states == {"number": "done", "hooks": "done", "registration": "waiting", "domain": "waiting"}

        assert (await house.sandbox.post("/a2p", data={"campaign": "VERIFIED"})).status_code == 303
        await press(client, "registration", "look")
        await press(client, "domain", "look")
        page = (await client.get("/setup/live")).text
        assert (state(page, "registration"), state(page, "domain")) == ("done", "done")
        assert (await press(client, "hubspot", "test")).status_code == 303
    assert house.office.settings.get("TWILIO_FROM") == "", "what is chosen in practice is never used in earnest"
    assert house.office.is_practice


async def test_the_public_address_is_only_done_when_this_very_installation_answers(real_house: House) -> None:
    house = real_house
    async with logged_in(house) as client:
        await client.post("/setup/live/save/public", data={"PUBLIC_URL": str(house.sandbox.base_url)})
        page = (await client.get("/setup/live")).text
        assert state(page, "public") == "to do"
        assert "something else answers there" in page

        await client.post("/setup/live/save/public", data={"PUBLIC_URL": house.url})
        assert state((await client.get("/setup/live")).text, "public") == "done"


async def test_another_leadwake_is_told_from_ours(real_house: House) -> None:
    now = real_house.now

    assert (await front_door.look(real_house.url, real_house.office.vault.link_key, now)).reached
    found = await front_door.look(real_house.url, b"another installation's key" * 2, now)
    assert (found.reached, found.text) == (False, "another Leadwake answers there")
    assert not (await front_door.look("http://127.0.0.1:9", None, now)).reached
    assert not (await front_door.look("http://[broken", None, now)).reached
    assert (await real_house.http.get(f"/healthz/{'x' * 65}")).status_code == 404


async def test_a_redirect_is_not_followed_and_no_flood_is_read() -> None:
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        asked.append(path)
        if path.startswith("/moved"):
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: /healthz/elsewhere\r\nContent-Length: 0\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 100_000)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        moved = await front_door.look(f"{base}/moved", None, NOON)
        flood = await front_door.look(base, None, NOON)

    assert (moved.reached, moved.text) == (False, "it sends us elsewhere (302)")
    assert (flood.reached, flood.text) == (False, "something else answers there (200)")
    assert len(asked) == 2


async def test_the_tick_shows_what_came_from_the_form_and_from_where(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        page = (await client.get("/setup/live")).text
        assert state(page, "form") == "waiting"
        assert f"&lt;form action=&#34;{house.url}/forms/website&#34; method=&#34;post&#34;&gt;" in page
        origin = {"Origin": "https://www.harbor.example.com"}
        await house.http.post("/forms/website", data={"name": "A B", "email": "a@example.com"}, headers=origin)
        page = (await client.get("/setup/live")).text
    assert state(page, "form") == "done"
    assert "from www.harbor.example.com" in page


async def test_what_a_browser_says_of_its_site_is_shown_only_when_it_is_a_host(house: House) -> None:
    await admin(house)
    for origin in ("https://<script>alert(1)</script>", "null", "https://" + "a" * 300, "javascript:alert(1)"):
        house.office.noted = Noted()  # as if each came after a while
        await house.http.post("/forms/website", data={"name": "A B"}, headers={"Origin": origin})
    assert [row["detail"] for row in await house.rows("select detail from heard where source = 'form'")] == [None]
    await house.http.post("/forms/of-nobody", data={"name": "A B"})
    assert len(await house.rows("select 1 from heard where source = 'form'")) == 1, "only forms of the team's"


async def test_a_test_lead_is_a_lead_like_any_other(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        assert (await press(client, "try", "send", phone="", email="")).status_code == 422
        assert (await press(client, "try", "send", phone="813-555-0170", email="alex@example.com")).status_code == 303
        page = (await client.get("/setup/live")).text
    await house.settled()
    assert "+18135550170" in [text["To"] for text in await house.texts()]
    assert state(page, "try") == "done"
    assert re.search(r'href="/leads/[0-9a-f-]{36}">See what became of it', page)


async def test_the_end_says_what_happens_now_and_why(real_house: House) -> None:
    house = real_house
    async with logged_in(house) as client:
        page = (await client.get("/setup/live")).text
        assert "goes to the sandbox on this machine" in page
        live = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "token", "TWILIO_FROM": NUMBER}
        await save(house.office, live, "cli")
        page = (await client.get("/setup/live")).text
    assert f"from {NUMBER}, within seconds" in page
    assert "the number does not report to us" in page


async def test_only_admins_go_live(house: House) -> None:
    await admin(house)
    for role in ("agent", "manager"):
        person = await hire(house.office, name="Sam", email=f"{role}@example.com", role=role, practice=False)
        assert person
    password = (await house.rows("select password_hash from app_user where password_hash is not null"))[0]
    await house.rows("update app_user set password_hash = %s", password["password_hash"])
    for role in ("agent", "manager"):
        async with logged_in(house, f"{role}@example.com") as client:
            assert (await client.get("/setup/live")).status_code == 403
            for path in ("save/business", "twilio/look", "hooks/set", "number/choose", "try/send", "hubspot/test"):
                assert (await client.post(f"/setup/live/{path}", data={"x": "y"})).status_code == 403, path
    async with logged_in(house) as client:
        for path in ("nothing/look", "hooks/nothing", "save/nothing", "hooks/test"):
            assert (await client.post(f"/setup/live/{path}", data={"x": "y"})).status_code == 404, path
