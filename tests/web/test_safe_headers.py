"""Every answer of every route tells browsers what it may never be used for."""

from __future__ import annotations

import httpx
from page_case import admin
from test_roles import ADMIN, KEY, NOBODY, answer, every_route, visit

from leadwake.web.app import create_app
from office_case import House

#: pages that people's browsers keep for good: nothing of anybody is in them
KEPT = ("/static/", "/embed/")
#: read by pages of the team's own websites
FOR_WEBSITES = ("/forms/", "/embed/")
NAMES = ("referrer-policy", "permissions-policy", "cross-origin-opener-policy", "cross-origin-resource-policy")


def wrong_of(path: str, response: httpx.Response) -> list[str]:
    """What is missing, in words."""
    said, found = response.headers, []
    if said.get("x-content-type-options") != "nosniff":
        found.append("no nosniff")
    found += [f"no {name}" for name in NAMES if name not in said]
    policy = said.get("content-security-policy", "")
    if "default-src 'none'" not in policy or "base-uri 'none'" not in policy:
        found.append(f"policy {policy!r}")
    if "unsafe" in policy and path != "/docs":
        found.append("an unsafe policy")
    if not path.startswith(FOR_WEBSITES):
        if "frame-ancestors 'none'" not in policy or said.get("x-frame-options") != "DENY":
            found.append("may be framed")
        if said.get("cross-origin-resource-policy") != "same-origin":
            found.append("may be loaded from elsewhere")
    if not path.startswith(KEPT) and said.get("cache-control") != "no-store":
        found.append(f"kept by caches: {said.get('cache-control')}")
    return found


async def test_every_answer_carries_them_whoever_asks(idle_house: House) -> None:
    cast = {ADMIN: await admin(idle_house)}
    wrong = []
    for method, path in every_route(create_app(idle_house.office)):
        for who in (NOBODY, ADMIN, KEY):
            async with visit(idle_house, cast, who) as client:
                response = await answer(client, method, path)
            wrong += [f"{method} {path} for {who} ({response.status_code}): {one}" for one in wrong_of(path, response)]
    async with visit(idle_house, cast, NOBODY) as client:
        for path in ("/nothing-here", "/v1/nothing", "/static/x/nothing"):
            wrong += [f"{path}: {one}" for one in wrong_of("/", await client.get(path))]

    assert not wrong, "\n".join(wrong)


async def test_a_page_of_a_person_is_kept_by_no_cache_and_sent_to_no_other_site(idle_house: House) -> None:
    cast = {ADMIN: await admin(idle_house)}
    receipt = (await idle_house.post({"name": "Maria Lopez", "phone": "+18135550142"})).json()
    async with visit(idle_house, cast, ADMIN) as client:
        page = await client.get(f"/leads/{receipt['lead_id']}")

    assert "Maria" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in page.headers["content-security-policy"]
