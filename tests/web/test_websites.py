"""Setup, Websites, and who may use our scripts: websites that were added, and nobody else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from page_case import admin, logged_in

from leadwake.web.embed_scripts import scripts
from office_case import House

SITE = "https://www.example.com"


@pytest.fixture
async def page(idle_house: House) -> AsyncIterator[httpx.AsyncClient]:
    """An admin at the page, with one website added."""
    await admin(idle_house)
    async with logged_in(idle_house) as client:
        assert (await client.post("/setup/websites", data={"address": "example.com"})).status_code == 303
        yield client


def action(answer: httpx.Response, what: str) -> str:
    found = re.search(rf'action="(/setup/websites/[0-9a-f-]+/{what})"', answer.text)
    assert found, answer.text
    return found[1]


async def site(house: House, origin: str | None = SITE, method: str = "GET") -> httpx.Response:
    return await house.http.request(method, "/embed/site", headers={"Origin": origin} if origin else {})


async def test_a_website_ticks_when_it_is_seen_and_is_refused_once_removed(
    idle_house: House, page: httpx.AsyncClient
) -> None:
    before = await page.get("/setup/websites")
    seen = [await site(idle_house, origin) for origin in (SITE, "https://example.com")]
    after = await page.get("/setup/websites")
    gone = await page.post(action(after, "remove"), follow_redirects=True)
    refused = await site(idle_house)
    await page.post(action(gone, "restore"))
    back = await site(idle_house)

    assert "Waiting" in before.text
    assert f"src=&#34;{idle_house.url}/embed/leadwake.js&#34; defer" in before.text
    assert [answer.json()["parts"] for answer in seen] == [["form", "visits"]] * 2
    assert "Seen" in after.text
    assert refused.status_code == 403
    assert back.status_code == 200


async def test_its_pages_load_what_is_ticked(idle_house: House, page: httpx.AsyncClient) -> None:
    await page.post(action(await page.get("/setup/websites"), "parts"), data={})

    assert (await site(idle_house)).json() == {"parts": []}


async def test_a_website_is_added_once_and_only_as_an_address(idle_house: House, page: httpx.AsyncClient) -> None:
    again = await page.post("/setup/websites", data={"address": SITE})
    wrong = await page.post("/setup/websites", data={"address": "http://example.org"})

    assert again.status_code == wrong.status_code == 422
    assert "is there already" in again.text
    assert "needs https" in wrong.text
    assert len(await idle_house.rows("select 1 from website")) == 1


@pytest.mark.parametrize(
    "origin",
    [None, "null", "https://example.org", "https://www.www.example.com", "http://example.com", "*", "x" * 9000],
)
async def test_no_other_origin_is_answered(idle_house: House, page: httpx.AsyncClient, origin: str | None) -> None:
    for method in ("GET", "OPTIONS"):
        answer = await site(idle_house, origin, method)

        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["vary"] == "Origin"


async def test_a_known_website_is_answered_across_origins_without_credentials(
    idle_house: House, page: httpx.AsyncClient
) -> None:
    preflight, answer = await site(idle_house, method="OPTIONS"), await site(idle_house)

    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-headers"] == "Content-Type"
    for each in (preflight, answer):
        assert each.headers["access-control-allow-origin"] == SITE
        assert each.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in each.headers
        assert "set-cookie" not in each.headers


async def test_scripts_are_served_to_any_page_small_and_revalidated(idle_house: House) -> None:
    for name in scripts():
        answer = await idle_house.http.get(f"/embed/{name}")
        again = await idle_house.http.get(f"/embed/{name}", headers={"If-None-Match": answer.headers["etag"]})

        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert len(scripts()[name].packed) < 9 * 1024, name
        assert (again.status_code, again.content) == (304, b"")
    assert (await idle_house.http.get("/embed/nothing.js")).status_code == 404


async def test_the_chat_of_a_website_says_what_the_team_wrote(idle_house: House, page: httpx.AsyncClient) -> None:
    await page.post(action(await page.get("/setup/websites"), "parts"), data={"chat": "on"})
    place = action(await page.get("/setup/websites"), "chat")
    website = place.split("/")[3]
    wrong = await page.post(place, data={f"colour-{website}": "red", f"greeting-{website}": "x" * 201})
    saved = await page.post(place, data={f"colour-{website}": "#7A1F3D", f"greeting-{website}": " Ask  us <b> "})
    look = await idle_house.http.get("/embed/chat/look?lang=es", headers={"Origin": SITE})

    assert (wrong.status_code, saved.status_code) == (422, 303)
    assert "six digits" in wrong.text
    assert f"{'x' * 201}" in wrong.text
    assert (look.json()["colour"], look.json()["greeting"]) == ("#7a1f3d", "Ask us <b>")
    assert look.json()["answering"] == "Respondemos aquí."
    assert look.json()["box"] is None
