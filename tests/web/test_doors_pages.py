"""Setup, Doors: an address and a key to paste, shown once; any tool's JSON tried before it counts, and ticked."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from page_case import admin, logged_in

from office_case import House

BODY = {"contact": {"who": "Ann Lee", "mobile": "8135550142"}, "Pets": "two cats"}


@pytest.fixture
async def page(idle_house: House) -> AsyncIterator[httpx.AsyncClient]:
    """An admin at the page."""
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        yield client


def key_in(answer: httpx.Response) -> str:
    found = re.search(r'id="made"[^>]*>([^<]*)<', answer.text)
    assert found, answer.text
    return found[1].rpartition("?key=")[2]


async def made(page: httpx.AsyncClient, name: str = "zapier", **more: str) -> str:
    return key_in(await page.post("/setup/doors/json", data={"name": name, **more}))


async def test_a_key_is_made_shown_once_and_opens_the_door(idle_house: House, page: httpx.AsyncClient) -> None:
    before = await page.get("/setup/doors")
    answer = await page.post("/setup/doors/google_ads/key")
    key = key_in(answer)
    lead = {"lead_id": "1", "google_key": key, "user_column_data": [{"column_id": "FULL_NAME", "string_value": "Ann"}]}
    posted = await idle_house.http.post("/hooks/google-ads/leadform", json={**lead, "is_test": True})
    after = await page.get("/setup/doors")

    assert f"{idle_house.url}/hooks/google-ads/leadform" in before.text
    assert "needs a key" in before.text
    assert posted.status_code == 200
    assert key not in after.text
    assert "Received" in after.text


async def test_zillows_address_is_given_with_its_key(idle_house: House, page: httpx.AsyncClient) -> None:
    answer = await page.post("/setup/doors/zillow/key")
    (path,) = set(re.findall(r"/hooks/zillow/rentals\?key=[\w-]+", answer.text))
    form = {"listingId": "p1", "name": "Ann", "email": "ann@example.com"}

    assert (await idle_house.http.post("/hooks/zillow/rentals", data=form)).status_code == 401
    assert (await idle_house.http.post(path, data=form)).status_code == 200


async def test_metas_token_stands_ready_and_its_secrets_are_never_shown(
    idle_house: House, page: httpx.AsyncClient
) -> None:
    shown = await page.get("/setup/doors")
    token = re.search(r'id="verify">(\w+)<', shown.text)
    assert token
    query = {"hub.mode": "subscribe", "hub.verify_token": token[1], "hub.challenge": "7"}
    assert (await idle_house.http.get("/hooks/meta/leadgen", params=query)).text == "7"
    answer = await page.post("/setup/doors/meta/save", data={"META_WEBHOOK_SECRET": "hush-hush"})
    shown = await page.get("/setup/doors?door=meta")

    assert answer.status_code == 303
    assert "needs its page token" in shown.text
    assert "hush-hush" not in shown.text
    wrong = await page.post("/setup/doors/meta/save", data={"META_TOKEN": "EAA\u2026"})
    assert wrong.status_code == 422
    assert (await page.post("/setup/doors/nowhere/save")).status_code == 404
    assert (await page.post("/setup/doors/meta/key")).status_code == 404


async def test_any_tools_json_is_understood_by_its_names_and_ticks(idle_house: House, page: httpx.AsyncClient) -> None:
    key = await made(page)
    url = "/hooks/json/zapier"
    body = {"Full Name": "Ann Lee", "Phone": "8135550142", "id": 7}
    answers = await asyncio.gather(*(idle_house.http.post(f"{url}?key={key}", json=body) for _ in range(20)))
    by_header = await idle_house.http.post(url, json=body, headers={"X-Leadwake-Key": key})
    lead = (await idle_house.rows("select l.source, l.channel, c.door from lead l join capture c on c.lead_id = l.id"))[
        0
    ]

    assert {answer.status_code for answer in (*answers, by_header)} == {200}
    assert lead == {"source": "zapier", "channel": "web_form", "door": "json"}
    assert len(await idle_house.rows("select 1 from capture")) == 1
    shown = await page.get("/setup/doors/json/zapier")
    assert "Received" in shown.text
    assert "<code>Full Name</code>" in shown.text
    assert "8135550142" not in shown.text
    assert (await idle_house.ledger()).problems == []


async def test_a_list_of_rows_gives_nobody_consent(idle_house: House, page: httpx.AsyncClient) -> None:
    key = await made(page, channel="csv")
    rows = [{"name": f"P {n}", "phone": f"81355501{n:02}", "sms_consent": "yes"} for n in range(40, 43)]
    answer = await idle_house.http.post(f"/hooks/json/zapier?key={key}", json=rows)
    consents = await idle_house.rows("select distinct level from consent")

    assert answer.json() == {"received": 3}
    assert [row["level"] for row in consents] == ["none"]
    too_many = await idle_house.http.post(f"/hooks/json/zapier?key={key}", json=[{"name": "x"}] * 101)
    assert too_many.status_code == 422


async def test_only_the_key_of_an_open_door_lets_anything_in(idle_house: House, page: httpx.AsyncClient) -> None:
    key = await made(page)
    post = idle_house.http.post

    async def status(path: str) -> int:
        return (await post(path, json={"name": "Ann"})).status_code

    refused = [
        "/hooks/json/zapier", "/hooks/json/zapier?key=", f"/hooks/json/other?key={key}", "/hooks/json/zapier?key=x",
        f"/hooks/json/{'Z' * 99}?key={key}",
    ]  # fmt: skip
    assert [await status(path) for path in refused] == [401] * 5
    await page.post("/setup/doors/json/zapier/close")
    assert await status(f"/hooks/json/zapier?key={key}") == 401
    await page.post("/setup/doors/json/zapier/open")
    assert await status(f"/hooks/json/zapier?key={key}") == 200
    new = key_in(await page.post("/setup/doors/json/zapier/key"))
    assert await status(f"/hooks/json/zapier?key={key}") == 401
    for body, expected in ((b"x" * 300_000, 413), (b"\xff", 400), (b'{"a":' + b"[" * 99_999, 400), (b'{"a":1}', 422)):
        answer = await post(f"/hooks/json/zapier?key={new}", content=body)
        assert answer.status_code == expected
    assert [row["outcome"] for row in await idle_house.rows("select outcome from capture order by outcome")] == [
        "lead", "rejected",
    ]  # fmt: skip


async def test_a_sample_is_tried_mended_and_saved_without_anything_kept_of_it(
    idle_house: House, page: httpx.AsyncClient
) -> None:
    key = await made(page)
    place, sample = "/setup/doors/json/zapier", json.dumps(BODY)
    guessed = await page.post(place, data={"do": "try", "sample": sample})
    mapped = {"map_name": "contact.who", "map_email": "-", "channel": "web_form"}
    tried = await page.post(place, data={"do": "try", "sample": sample, **mapped})
    saved = await page.post(place, data={"do": "save", "sample": sample, **mapped})
    await idle_house.http.post(f"/hooks/json/zapier?key={key}", json=BODY)

    assert "from <code>contact.mobile</code>" in guessed.text
    assert "A lead: <b>Ann Lee</b>" in tried.text
    assert "two cats" in tried.text
    assert saved.status_code == 303
    (door,) = await idle_house.rows("select mapping, seen from json_door")
    assert door == {"mapping": {"name": "contact.who", "email": "-"}, "seen": ["contact.who", "contact.mobile", "Pets"]}
    (row,) = await idle_house.rows("select id from lead")
    read = (await idle_house.http.get(f"/v1/leads/{row['id']}")).json()
    assert (read["name"], read["phone"]) == ("Ann Lee", "+18135550142")


async def test_mistakes_stand_beside_their_fields(idle_house: House, page: httpx.AsyncClient) -> None:
    del idle_house
    await made(page)
    again = await page.post("/setup/doors/json", data={"name": "zapier"})
    strange = await page.post("/setup/doors/json", data={"name": "No Door!"})
    broken = await page.post("/setup/doors/json/zapier", data={"do": "try", "sample": "{broken <b>"})
    nobody = await page.post("/setup/doors/json/zapier", data={"do": "try", "sample": '{"a": 1}'})
    long = await page.post("/setup/doors/json/zapier", data={"map_name": "x" * 201})

    assert [answer.status_code for answer in (again, strange, broken, nobody, long)] == [422, 422, 422, 200, 422]
    assert "already" in again.text
    assert "small letters" in strange.text
    assert "no JSON" in broken.text
    assert "It would be no lead" in nobody.text
    assert (await page.get("/setup/doors/json/nowhere")).status_code == 404
