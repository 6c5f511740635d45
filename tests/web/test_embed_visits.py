"""Who looks at a website: nobody's until they send something, then theirs; gone with them, or in 30 days."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_case import admin, logged_in
from test_embed_forms import SITE, body, send, shown

from leadwake.ops import erasure, export, retention, rights
from leadwake.workflows import visits, websites
from office_case import House

MARIA, BEN = "a" * 32, "b" * 32


@pytest.fixture
async def site(idle_house: House) -> House:
    """A website whose visits are counted."""
    await websites.add(idle_house.office, "example.com", await admin(idle_house))
    return idle_house


async def told(house: House, content: Any, origin: str = SITE) -> httpx.Response:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return await house.http.post("/embed/visits", content=raw, headers={"Origin": origin, "Content-Type": "text/plain"})


async def looks(house: House, path: str, seconds: float, visitor: str = MARIA) -> None:
    """Opens a page and looks at it for so long."""
    assert (await told(house, {"v": visitor, "beats": [{"p": path, "n": True}]})).status_code == 204
    house.advance(timedelta(seconds=seconds))
    assert (await told(house, {"v": visitor, "beats": [{"p": path, "s": seconds}]})).status_code == 204


async def writes(house: House, visitor: str = MARIA) -> UUID:
    """Sends the form from that browser; the lead's id."""
    content = body((await shown(house, "website"))["token"]) | {"visitor": visitor}
    assert (await send(house, content, "website")).status_code == 202
    [lead] = await house.rows("select id from lead order by created_at desc limit 1")
    return UUID(str(lead["id"]))


async def test_visits_before_and_after_a_form_are_the_leads_and_nobody_elses(site: House) -> None:
    await looks(site, "/pricing?utm_source=google&secret=1", 90)
    await looks(site, "/elsewhere", 5, visitor=BEN)
    site.advance(timedelta(days=2))
    await looks(site, "/homes", 30)
    lead_id = await writes(site)
    await visits.gather(site.office)
    site.advance(timedelta(hours=3))
    await looks(site, "/pricing", 120)
    await visits.gather(site.office)
    timeline = await site.timeline(str(lead_id))
    async with logged_in(site) as page:
        lead = (await page.get(f"/leads/{lead_id}")).text

    assert [(one["text"], one.get("why")) for one in timeline if one["kind"] == "visit"] == [
        ("Looked at /pricing for 2 min, first visit", "through source google"),
        ("Looked at /homes for 30 s, second visit", None),
        ("Looked at /pricing for 2 min, third visit", None),
    ]
    assert "Visited 3 times" in lead
    assert "Looked at /pricing for 2 min, third visit" in lead
    events = await site.rows("select lead_id, data from event where kind = 'visited' order by id")
    assert [(row["lead_id"], row["data"]["nth"]) for row in events] == [(lead_id, 1), (lead_id, 2), (lead_id, 3)]
    assert [row["path"] for row in await site.rows("select distinct path from page_view")] == ["/elsewhere"]
    known = await site.rows("select codes from signal where not 'asked' = any(codes) order by id")
    assert [row["codes"] for row in known] == [["looked_pricing"], ["returned_listing"], ["returned_pricing"]]


async def test_what_was_looked_at_more_than_30_days_before_is_nobodys(site: House) -> None:
    await looks(site, "/old", 10)
    site.advance(timedelta(days=31))
    await writes(site)

    assert await visits.gather(site.office) == 0
    assert (await retention.run(site.office))["page_views"] == 2
    assert await site.rows("select 1 from page_view") == []


async def test_a_copy_tells_of_visits_and_an_erasure_takes_them(site: House) -> None:
    await looks(site, "/marzipan", 40)
    lead_id = await writes(site)
    await visits.gather(site.office)
    [visit] = (await export.collect(site.office, lead_id))["visits"]
    assert (visit["website"], visit["views"], visit["seconds"]) == ("https://example.com", 1, 40)
    assert [(page["path"], page["seconds"]) for page in visit["pages"]] == [("/marzipan", 40)]
    kept = await site.rows("select * from visit") + await site.rows("select * from page_view")
    assert "marzipan" not in repr(kept + await site.rows("select data from event"))

    await looks(site, "/later", 5)
    preview = await erasure.preview(site.office, lead_id)
    await erasure.erase(site.office, lead_id, "test")
    assert preview["visits"] == 1
    for table in ("visit", "visitor", "page_view"):
        assert await site.rows(f"select 1 from {table}") == []
    # from now on it is a stranger's browser
    await looks(site, "/again", 5)
    assert await visits.gather(site.office) == 0


async def test_who_takes_consent_back_is_forgotten_and_the_restricted_are_not_watched(site: House) -> None:
    lead_id = await writes(site)
    await rights.restrict(site.office, lead_id, "test", on=True)
    await looks(site, "/homes", 5)
    await visits.gather(site.office)
    assert await site.rows("select 1 from visit union all select 1 from page_view") == []

    await looks(site, "/homes", 5)
    assert (await told(site, {"v": MARIA, "forget": True})).status_code == 204
    assert await site.rows("select 1 from page_view union all select 1 from visitor") == []


async def test_neither_the_browsers_own_id_nor_its_address_is_kept(site: House) -> None:
    await looks(site, "/homes", 5)
    kept = repr(await site.rows("select * from page_view"))

    assert "/homes" in kept
    assert MARIA not in kept
    assert "127.0.0.1" not in kept


async def test_who_may_not_tell_is_refused_and_too_much_too(site: House) -> None:
    fine = {"v": MARIA, "beats": [{"p": "/", "n": True}]}
    alex = site.office.admins[0]
    assert (await told(site, fine, "https://evil.example")).status_code == 403
    assert (await told(site, b" " * 9_000)).status_code == 413
    assert (await told(site, {**fine, "beats": fine["beats"] * 6})).status_code == 400
    assert {(await told(site, fine)).status_code for _ in range(125)} == {204, 429}
    [website] = site.office.websites.values()
    await websites.choose(site.office, website.id, {"form"}, alex)
    assert (await told(site, fine)).status_code == 403
    assert len(await site.rows("select 1 from page_view")) <= 122


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.fixed_dictionaries({
        "v": st.text(min_size=14, max_size=66) | st.none(),
        "beats": st.lists(st.fixed_dictionaries({
            "p": st.text(max_size=30).map(lambda text: f"/{text}") | st.text(max_size=9) | st.integers(),
            "s": st.floats() | st.integers(), "n": st.booleans(),
        }), max_size=7),
    }).map(lambda value: json.dumps(value).encode())
)  # fmt: skip
async def test_no_body_breaks_it(site: House, content: bytes) -> None:
    assert (await told(site, content)).status_code < 500
