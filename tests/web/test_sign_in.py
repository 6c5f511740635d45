"""Signing in at a real OpenID provider (django-oauth-toolkit): who gets in, and who does not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from page_case import PASSWORD, admin, browser, logged_in

from leadwake.storage import staff
from leadwake.web.oidc import BURST
from leadwake.workflows import people
from leadwake.workflows.saving import save
from leadwake.workflows.sign_in import passwords_count, unbind
from office_case import House
from oidc_case import CLIENT_ID, CLIENT_SECRET, Idp, an_idp

COOKIE = "leadwake_sign_in"


@pytest.fixture(scope="module")
def provider() -> Iterator[Idp]:
    with an_idp() as running:
        yield running


@pytest.fixture
async def house(idle_house: House, provider: Idp) -> House:
    """A team whose people log in at the provider; Alex is the admin, and has an account there."""
    person(provider, "alex")
    await admin(idle_house)
    await set_up(idle_house, provider)
    return idle_house


async def set_up(house: House, provider: Idp, **more: str | None) -> None:
    back = f"{house.url}/sign-in/oidc/callback"
    provider.tell("client", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uris=back)
    values = {"OIDC_ISSUER": provider.issuer, "OIDC_CLIENT_ID": CLIENT_ID, "OIDC_CLIENT_SECRET": CLIENT_SECRET,
              "OIDC_NAME": "Okta"}  # fmt: skip
    await save(house.office, {**values, **more}, "cli")


def person(provider: Idp, username: str, email: str = "", verified: str = "yes", **more: str) -> None:
    """Somebody with an account at the provider."""
    email = email or f"{username}@example.com"
    provider.tell("user", username=username, email=email, verified=verified, name=f"{username.title()} There", **more)


async def to_callback(client: httpx.AsyncClient, username: str, place: str = "") -> str:
    """Whoever it is logs in there; where the provider sends the browser, not yet gone to."""
    begun = await client.get("/sign-in/oidc", params={"next": place} if place else None)
    assert begun.status_code == 303, begun.text
    answer = await client.get(begun.headers["location"])
    if "/login" in answer.headers.get("location", ""):
        login = httpx.URL(begun.headers["location"]).join(answer.headers["location"])
        given = {"username": username, "password": "the provider's password"}
        answer = await client.post(login, data=given)
        answer = await client.get(login.join(answer.headers["location"]))
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def sign_in(client: httpx.AsyncClient, username: str, place: str = "") -> httpx.Response:
    return await client.get(await to_callback(client, username, place))


@asynccontextmanager
async def signed_in(house: House, username: str) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(house) as client:
        answer = await sign_in(client, username)
        assert answer.status_code == 303, said(answer)
        yield client


def said(answer: httpx.Response) -> str:
    """What the page says went wrong."""
    return " ".join(re.findall(r'<p class="problem" role="alert">(.*?)</p>', answer.text))


# In.


async def test_somebody_of_the_team_gets_in_and_on_to_where_they_wanted(house: House) -> None:
    async with browser(house) as client:
        login = await client.get("/login?next=/leads%3Fstatus%3Dnew")
        assert "Log in with Okta" in login.text
        assert "/sign-in/oidc?next=/leads%3Fstatus%3Dnew" in login.text

        answer = await sign_in(client, "alex", "/leads?status=new")
        assert answer.headers["location"] == "/leads?status=new"
        assert COOKIE not in client.cookies
        me = await client.get("/me")
        assert "Okta: alex@example.com" in me.text
        assert "by Okta" in me.text
        assert (await client.get("/setup")).status_code == 200

    (bound,) = await house.rows("select provider, subject_hash, sealed_email from identity")
    assert b"alex" not in bytes(bound["sealed_email"])
    kinds = [
        row["kind"] for row in await house.rows("select kind from event where starts_with(actor, 'user ') order by id")
    ]
    assert kinds == ["identity_bound", "login"]


async def test_from_then_on_the_subject_counts_and_not_the_address(house: House, provider: Idp) -> None:
    async with signed_in(house, "alex"):
        pass
    person(provider, "alex", email="alexandra@elsewhere.example", verified="no")
    person(provider, "mallory", email="alex@example.com")
    async with signed_in(house, "alex") as client:
        assert "Alex Admin" in (await client.get("/me")).text
    async with browser(house) as client:
        answer = await sign_in(client, "mallory")
        assert answer.status_code == 403
        assert "belongs to another Okta account" in said(answer)
        assert (await client.get("/")).headers["location"] == "/login"


async def test_who_came_in_by_a_provider_is_known_to_be_bound_until_they_are_not(house: House, provider: Idp) -> None:
    person(provider, "sam")
    sam = await admin(house, name="Sam", email="sam@example.com", password_hash=None)

    async def is_bound() -> bool:
        await house.office.refresh()
        found = house.office.person(sam.id)
        return found is not None and found.is_bound

    assert not await is_bound()
    async with signed_in(house, "sam"):
        pass
    assert await is_bound()
    await unbind(house.office, sam.id, "oidc", actor="test")
    assert not await is_bound()


async def test_an_address_that_stands_only_in_the_user_info_is_enough(house: House, provider: Idp) -> None:
    person(provider, "sam", last_name="only in userinfo")
    await admin(house, name="Sam", email="sam@example.com", role="agent", password_hash=None)
    async with signed_in(house, "sam") as client:
        assert (await client.get("/setup")).status_code == 403


async def test_new_keys_of_the_provider_are_fetched_when_they_are_needed(house: House, provider: Idp) -> None:
    async with signed_in(house, "alex"):
        pass
    provider.tell("rotate")
    async with signed_in(house, "alex") as client:
        assert (await client.get("/")).status_code == 200


async def test_logging_in_anew_ends_the_session_there_was(house: House) -> None:
    async with logged_in(house) as client:
        before = client.cookies["leadwake_session"]
        await sign_in(client, "alex")
        assert client.cookies["leadwake_session"] != before
    async with browser(house) as client:
        client.cookies.set("leadwake_session", before)
        assert (await client.get("/")).status_code == 303


# Not in.


async def test_strangers_and_whoever_left_stay_out_and_nobody_is_made(house: House, provider: Idp) -> None:
    person(provider, "stranger")
    person(provider, "unsure", verified="no")
    person(provider, "gone")
    gone = await admin(house, name="Gone", email="gone@example.com", role="agent")
    await admin(house, name="Unsure", email="unsure@example.com", role="agent")
    await people.leave(house.office, gone, actor="cli")
    for username, words in (
        ("stranger", "Ask an admin to invite"), ("unsure", "does not say that this e-mail address is yours"),
        ("gone", "was closed"),
    ):  # fmt: skip
        async with browser(house) as client:
            answer = await sign_in(client, username)
            assert answer.status_code == 403
            assert words in said(answer), username
            assert "leadwake_session" not in client.cookies

    assert not await house.rows("select 1 from identity")
    assert len(house.office.team) == len(await house.rows("select 1 from app_user")) == 4
    failed = await house.rows("select data::text as data from event where kind = 'login_failed' order by id")
    assert [row["data"] for row in failed if "@" in row["data"]] == []
    assert len(failed) == 3


async def test_whoever_leaves_later_is_out_at_once_and_cannot_come_back(house: House, provider: Idp) -> None:
    person(provider, "sam")
    sam = await admin(house, name="Sam", email="sam@example.com", role="agent")
    async with signed_in(house, "sam") as client:
        await people.leave(house.office, sam, actor="cli")
        assert (await client.get("/")).status_code == 303
        assert "was closed" in said(await sign_in(client, "sam"))


async def test_people_of_our_domain_come_in_as_agents_without_leads_once_the_team_says_so(
    house: House, provider: Idp
) -> None:
    person(provider, "nina", email="nina@team.example")
    person(provider, "evan", email="evan@team.example.evil.example")
    await save(house.office, {"SIGN_IN_DOMAIN": "team.example"}, "cli")
    async with browser(house) as client:
        assert (await sign_in(client, "evan")).status_code == 403
    async with signed_in(house, "nina") as client:
        assert (await client.get("/setup")).status_code == 403
    (nina,) = [one for one in house.office.team if one.email == "nina@team.example"]
    assert (nina.name, nina.role, nina.takes_leads) == ("Nina There", "agent", False)


# Stolen, mixed up, too late.


async def test_a_code_is_of_no_use_in_another_browser_nor_twice_nor_with_another_verifier(house: House) -> None:
    async with browser(house) as alex, browser(house) as thief:
        stolen = await to_callback(alex, "alex")
        refused = await thief.get(stolen)
        assert refused.status_code == 400
        assert "another browser" in said(refused)

        # the thief has a sign-in of their own under way, and puts the stolen code into it
        own = parse_qs(urlsplit((await thief.get("/sign-in/oidc")).headers["location"]).query)["state"][0]
        code = parse_qs(urlsplit(stolen).query)["code"][0]
        injected = await thief.get("/sign-in/oidc/callback", params={"code": code, "state": own})
        assert injected.status_code == 401
        assert "did not confirm this sign-in (invalid_grant)" in said(injected)
        assert "leadwake_session" not in thief.cookies

    async with browser(house) as alex:
        back = await to_callback(alex, "alex")
        kept = alex.cookies[COOKIE]
        assert (await alex.get(back)).status_code == 303
        assert (await alex.get(back)).status_code == 400
        alex.cookies.set(COOKIE, kept)
        assert (await alex.get(back)).status_code == 401


async def test_a_state_that_is_not_this_browser_s_is_refused_before_the_provider_is_asked(house: House) -> None:
    async with browser(house) as client:
        for state in ("", "x", "é", "0" * 40):
            await client.get("/sign-in/oidc")
            answer = await client.get("/sign-in/oidc/callback", params={"code": "any", "state": state})
            assert answer.status_code == 400
            assert COOKIE not in client.cookies


async def test_a_cookie_that_we_did_not_sign_begins_nothing(house: House) -> None:
    async with browser(house) as client:
        back = await to_callback(client, "alex")
        token = client.cookies[COOKIE]
        for forged in (token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), "x", "", token + "A"):
            client.cookies.clear()
            client.cookies.set(COOKIE, forged)
            assert (await client.get(back)).status_code == 400


async def test_a_sign_in_never_leads_away_from_our_own_site(house: House) -> None:
    async with browser(house) as client:
        for place in ("https://evil.example/", "//evil.example", "/\\evil.example"):
            assert (await sign_in(client, "alex", place)).headers["location"] == "/"


async def test_whoever_says_no_there_is_told_that_nothing_happened(house: House) -> None:
    async with browser(house) as client:
        state = parse_qs(urlsplit((await client.get("/sign-in/oidc")).headers["location"]).query)["state"][0]
        answer = await client.get("/sign-in/oidc/callback", params={"error": "access_denied", "state": state})

    assert answer.status_code == 401
    assert "Nothing happened" in said(answer)


async def test_too_many_tries_from_one_address_have_to_wait(house: House) -> None:
    async with browser(house) as client:
        answers = [await client.get("/sign-in/oidc/callback") for _ in range(BURST + 1)]

    assert {answer.status_code for answer in answers[:-1]} == {400}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_provider_that_is_down_or_refuses_us_is_said_and_the_password_still_counts(
    house: House, provider: Idp
) -> None:
    async with browser(house) as client:
        back = await to_callback(client, "alex")
        await save(house.office, {"OIDC_CLIENT_SECRET": "another"}, "cli")
        assert "An admin has to look at Setup, Sign-in" in said(await client.get(back))

        await save(house.office, {"OIDC_ISSUER": "http://127.0.0.1:9"}, "cli")
        answer = await client.get("/sign-in/oidc")
        assert answer.status_code == 503
        assert "Okta cannot be reached just now" in said(answer)
        given = {"email": "alex@example.com", "password": PASSWORD}
        assert (await client.post("/login", data=given)).status_code == 303
    async with browser(house) as client:
        assert (await client.get("/sign-in/google")).status_code == 404


# Accounts, and passwords switched off.


async def test_an_account_is_unbound_by_its_owner_and_by_an_admin(house: House, provider: Idp) -> None:
    person(provider, "sam")
    sam = await admin(house, name="Sam", email="sam@example.com", role="agent")
    async with signed_in(house, "sam") as there, logged_in(house, "sam@example.com") as client:
        assert (await client.post("/me/accounts/oidc/unbind")).status_code == 303
        assert (await there.get("/")).status_code == 303
        assert (await client.get("/")).status_code == 200
    person(provider, "sam2", email="sam@example.com")
    async with signed_in(house, "sam2") as there, logged_in(house) as client:
        assert "Unbind sign-in accounts" in (await client.get("/setup/team")).text
        await client.post(f"/setup/team/{sam.id}/unbind")
        assert (await there.get("/")).status_code == 303
    assert not await house.rows("select 1 from identity")


async def test_passwords_go_off_only_for_an_admin_who_came_in_by_a_provider_and_never_lock_out_the_last(
    house: House, provider: Idp
) -> None:
    off, given = {"SIGN_IN": "providers"}, {"email": "alex@example.com", "password": PASSWORD}
    sam = await admin(house, name="Sam", email="sam@example.com", role="agent", password_hash=None)
    token = await staff.invite(house.office.db, sam.id)
    async with logged_in(house) as client:
        refused = await client.post("/setup/sign-in/ways", data=off)
        assert refused.status_code == 422
        assert "Log in with one of these accounts yourself first" in refused.text
    async with signed_in(house, "alex") as client:
        assert (await client.post("/setup/sign-in/ways", data=off)).status_code == 303

    async with browser(house) as client:
        login = await client.get("/login")
        assert 'name="password"' not in login.text
        assert "leadwake sign-in open" in login.text
        assert (await client.post("/login", data=given)).status_code == 403
        invitation = await client.get(f"/invite/{token}")
        assert "the address sam@example.com" in said(invitation)
        chosen = {"name": "Sam", "password": PASSWORD}
        assert (await client.post(f"/invite/{token}", data=chosen)).status_code == 403

    # what bound the last admin is gone, one way or the other: passwords count again
    await save(house.office, {"OIDC_ISSUER": "https://login.example.com"}, "cli")
    assert await passwords_count(house.office)
    await set_up(house, provider)
    assert not await passwords_count(house.office)
    async with signed_in(house, "alex") as client:
        await client.post("/me/accounts/oidc/unbind")
    async with browser(house) as client:
        assert (await client.post("/login", data=given)).status_code == 303


# Setting it up.


async def test_the_page_tries_a_provider_and_says_what_is_wrong(house: House, provider: Idp) -> None:
    async with logged_in(house) as client:
        page = (await client.get("/setup/sign-in")).text
        assert f"{house.url}/sign-in/google/callback" in page
        assert CLIENT_SECRET not in page

        good = (await client.post("/setup/sign-in/oidc/try")).text
        assert "It signs with RS256; 1 of its keys can be read." in good
        assert "Save its client id first" in (await client.post("/setup/sign-in/google/try")).text

        wrong = await client.post("/setup/sign-in/oidc", data={"OIDC_ISSUER": "http://login.example.com"})
        assert wrong.status_code == 422
        assert "issuer, as https://login.example.com" in wrong.text
        wrong = await client.post("/setup/sign-in/ways", data={"SIGN_IN_DOMAIN": "gmail.com"})
        assert "anybody can have an address at gmail.com" in wrong.text.lower()

        await client.post("/setup/sign-in/oidc", data={"OIDC_ISSUER": f"{provider.url}/nothing"})
        assert "has no OpenID configuration" in (await client.post("/setup/sign-in/oidc/try")).text
        assert (await client.post("/setup/sign-in/nobody/try")).status_code == 404
