"""Every route, tried by everybody: only what is meant gets through. A new route needs a line in MEANT."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from page_case import admin

from leadwake.storage import staff
from leadwake.storage.credentials import SCOPES, new_access_token
from leadwake.storage.staff import Person
from leadwake.web.app import create_app
from leadwake.web.sessions import COOKIE
from leadwake.workflows import api_clients
from leadwake.workflows.office import Office
from office_case import LIMIT_S, House, api_key

NOBODY, AGENT, MANAGER, ADMIN, LINK, KEY = "nobody", "agent", "manager", "admin", "link", "key"
TOKEN = "token"
VISITORS = (NOBODY, AGENT, MANAGER, ADMIN, LINK, KEY, TOKEN)

#: for everybody, logged in or not
OPEN = frozenset(VISITORS)
#: for everybody who is logged in, also by an alert's link
TEAM = frozenset({AGENT, MANAGER, ADMIN, LINK})
#: for everybody's own account; a link is not enough
OWN = frozenset({AGENT, MANAGER, ADMIN})
MANAGERS = frozenset({MANAGER, ADMIN})
ADMINS = frozenset({ADMIN})
#: for programs with an API key, or an access token
PROGRAMS = frozenset({KEY, TOKEN})
#: for vendors, who sign what they post; nobody here does
VENDORS: frozenset[str] = frozenset()
#: for pages of the team's own websites, which their browsers name; nobody here comes from one
WEBSITES = VENDORS
#: for programs that say their id and secret; nobody here does, not even with a key
CLIENTS = VENDORS

#: "METHOD /path" → for whom, the first that fits; "*" at the end stands for whatever follows, and for any method before
MEANT: Mapping[str, frozenset[str]] = {
    # the doors
    "* /login": OPEN, "GET /sign-in/*": OPEN, "POST /logout": OPEN, "* /invite/*": OPEN, "* /a/{token}": OPEN,
    # people we write to, and what anybody may read
    "* /u/{token}": OPEN, "* /p/{token}": OPEN, "* /c/{token}": OPEN, "* /b/{token}": OPEN,
    "POST /forms/{form}": OPEN,
    "GET /static/*": OPEN, "GET /docs": OPEN, "GET /openapi.json": OPEN,
    "GET /healthz*": OPEN, "GET /readyz": OPEN, "GET /metrics": OPEN,
    # the team's own websites
    "GET /embed/{name}.js": OPEN, "* /embed/*": WEBSITES,
    # programs and vendors
    # unsigned by their senders: open in practice, and by a key in their address once one is set or a vendor is live
    "POST /hooks/zillow/rentals": OPEN, "POST /hooks/sendgrid/inbound": OPEN,
    "GET /.well-known/oauth-authorization-server": OPEN, "POST /oauth/*": CLIENTS,
    "* /v1/*": PROGRAMS, "* /hooks/*": VENDORS,
    # leads
    "* /leads/import*": MANAGERS,
    "GET /leads/{lead_id}/export": ADMINS, "* /leads/{lead_id}/erase": ADMINS,
    "POST /leads/{lead_id}/restrict": ADMINS, "POST /leads/{lead_id}/unrestrict": ADMINS,
    "POST /leads/{lead_id}/object": ADMINS,
    "GET /": TEAM, "GET /strip": TEAM, "GET /events": TEAM, "GET /inbox*": TEAM, "GET /leads": TEAM,
    "* /leads/*": TEAM, "POST /tasks/*": TEAM, "POST /calls/*": TEAM, "POST /practice/lead": TEAM,
    "POST /meetings/*": TEAM, "* /recovery*": MANAGERS,
    "GET /proof*": TEAM,
    # sequences
    "* /new-sequence": MANAGERS, "* /sequences/{name}/edit*": MANAGERS,
    "GET /sequences*": TEAM, "POST /sequences/*": MANAGERS,
    # oneself
    "POST /me": OWN, "POST /me/password": OWN, "POST /me/sessions/*": OWN, "POST /me/work": OWN,
    "POST /me/accounts/*": OWN,
    "GET /me": TEAM, "POST /me/pause": TEAM, "POST /me/resume": TEAM, "POST /me/hours": TEAM, "POST /me/days-off": TEAM,
    "* /me/snippets*": TEAM,
    # the team, and the house
    "* /team*": MANAGERS, "* /setup/snippets*": MANAGERS, "GET /setup/health": MANAGERS,
    "* /reports*": MANAGERS, "* /dead-letters*": MANAGERS, "* /set-aside*": MANAGERS, "* /setup*": ADMINS,
}  # fmt: skip


def meant_for(method: str, path: str) -> frozenset[str] | None:
    """For whom a route is meant; None when nobody said."""
    for line, audience in MEANT.items():
        how, _, where = line.partition(" ")
        is_there = path.startswith(where[:-1]) if where.endswith("*") else path == where
        if how in {"*", method} and is_there:
            return audience
    return None


def every_route(app: FastAPI) -> list[tuple[str, str]]:
    """("POST", "/leads/{lead_id}/stop") of every route there is; HEAD goes as GET does."""
    return sorted({(method, route.path) for route in app.routes for method in route.methods if method != "HEAD"})  # type: ignore[attr-defined]


@pytest.fixture
async def cast(idle_house: House) -> dict[str, Person]:
    """One of each role."""
    return {
        role: await admin(idle_house, name=f"{role} of ours", email=f"{role}@example.com", role=role)
        for role in (AGENT, MANAGER, ADMIN)
    }


@asynccontextmanager
async def visit(house: House, cast: Mapping[str, Person], who: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, or a program, that came in as `who`; for one request."""
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    if who == KEY:
        headers = {"Authorization": f"Bearer {await api_key(house.office, *SCOPES)}"}
    elif who == TOKEN:
        headers = {"Authorization": f"Bearer {await access_token(house.office)}"}
    async with httpx.AsyncClient(
        base_url=house.url, headers=headers, timeout=LIMIT_S, trust_env=False, verify=False
    ) as client:
        if who in {AGENT, MANAGER, ADMIN, LINK}:
            person = cast[ADMIN if who == LINK else who]  # an admin's own link is still no more than an agent's
            via = "link" if who == LINK else "password"
            client.cookies.set(COOKIE, await staff.start_session(house.office.db, person.id, via=via))
        yield client


async def access_token(office: Office) -> str:
    """As a client gets it at /oauth/token."""
    made = new_access_token()
    client_id, _ = await api_clients.add(office, "test", SCOPES, actor="cli")
    await office.db.run(
        "access_token_add", id=made.id, client_id=client_id, secret_hash=made.hash, scopes=list(SCOPES), lasts_s=3600
    )
    return made.text


async def answer(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """The answer without its body: a stream has no end."""
    place = re.sub(r"\{\w+\}", "00000000-0000-0000-0000-000000000000", path)
    async with client.stream(method, place) as response:
        return response


def was_refused(response: httpx.Response, audience: frozenset[str]) -> bool:
    """True when whoever asked was not let through; not found, or not understood, is behind the door."""
    to_login = response.headers.get("location", "").startswith("/login")
    if audience == OPEN:
        return response.status_code == 403 or "next=" in response.headers.get("location", "")
    return response.status_code in {401, 403} or (response.status_code == 303 and to_login)


async def test_everybody_gets_through_where_it_is_meant_and_nowhere_else(
    idle_house: House, cast: dict[str, Person]
) -> None:
    wrong = []
    for method, path in every_route(create_app(idle_house.office)):
        audience = meant_for(method, path)
        if audience is None:
            wrong.append(f"{method} {path}: say in MEANT for whom it is")
            continue
        for who in VISITORS:
            async with visit(idle_house, cast, who) as client:
                response = await answer(client, method, path)
            if response.status_code >= 500 and response.status_code != 503:
                wrong.append(f"{method} {path} broke for {who}: {response.status_code}")
            if audience == VENDORS:
                if response.status_code < 400:
                    wrong.append(f"{method} {path} took what {who} did not sign: {response.status_code}")
            elif was_refused(response, audience) is (who in audience):
                wrong.append(
                    f"{method} {path} {'refuses' if who in audience else 'lets in'} {who}: {response.status_code}"
                )

    assert not wrong, "\n".join(wrong)


async def test_no_page_takes_a_post_from_another_site(idle_house: House, cast: dict[str, Person]) -> None:
    taken = []
    anywhere = ("/v1/", "/hooks/", "/forms/", "/u/", "/p/", "/c/", "/b/", "/oauth/")  # no cookie counts there
    for method, path in every_route(create_app(idle_house.office)):
        if method == "GET" or path.startswith(anywhere):
            continue
        for strange in (
            {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
            {"Origin": "null"},
        ):  # fmt: skip
            async with visit(idle_house, cast, ADMIN) as client:
                if "Origin" in strange:
                    del client.headers["Sec-Fetch-Site"]
                client.headers.update(strange)
                if (await answer(client, method, path)).status_code != 403:
                    taken.append(f"{method} {path} from {strange}")

    assert not taken, "\n".join(taken)


async def test_no_cookie_of_ours_counts_where_anybody_may_post(idle_house: House, cast: dict[str, Person]) -> None:
    for method, path in (("POST", "/v1/leads"), ("GET", "/v1/leads/{lead_id}"), ("POST", "/hooks/twilio/sms")):
        async with visit(idle_house, cast, ADMIN) as client:
            assert (await answer(client, method, path)).status_code in {401, 403}, path


async def test_every_line_of_the_table_says_something() -> None:
    for line in MEANT:
        how, _, where = line.partition(" ")
        assert how in {"*", "GET", "POST"}, line
        assert where.startswith("/"), line
