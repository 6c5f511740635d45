"""The door: who gets in, how, and what nobody learns by knocking."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_case import PASSWORD, admin, browser, logged_in

from leadwake.storage import staff
from leadwake.web.pages.route import safe_next
from office_case import House


async def test_a_stranger_is_sent_to_the_login_and_then_back(house: House) -> None:
    await admin(house)
    async with browser(house) as stranger:
        sent = await stranger.get("/dead-letters?replayed=2")
        assert sent.status_code == 303
        assert sent.headers["location"] == "/login?next=/dead-letters%3Freplayed%3D2"

        form = await stranger.get(sent.headers["location"])
        assert 'value="/dead-letters?replayed=2"' in form.text

        given_ = {"email": "Alex@Example.com", "password": PASSWORD, "next": "/dead-letters?replayed=2"}
        let_in = await stranger.post("/login", data=given_)
        assert let_in.headers["location"] == "/dead-letters?replayed=2"
        assert (await stranger.get("/dead-letters")).status_code == 200


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    await admin(house)
    async with browser(house) as client:
        answer = await client.post("/login", data={"email": "alex@example.com", "password": PASSWORD})

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("leadwake_session=")
    for flag in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert flag in cookie


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(house: House) -> None:
    await admin(house)
    async with browser(house) as client:
        known = await client.post("/login", data={"email": "alex@example.com", "password": "a wrong password"})
        unknown = await client.post("/login", data={"email": "nobody@example.com", "password": "a wrong password"})

    assert known.status_code == unknown.status_code == 401
    shown = [re.sub(r'data-(now|news)="[^"]*"', "", answer.text) for answer in (known, unknown)]
    assert shown[0].replace("alex@example.com", "") == shown[1].replace("nobody@example.com", "")


async def test_a_failed_login_stands_in_the_log_without_its_address(house: House) -> None:
    await admin(house)
    async with browser(house) as client:
        await client.post("/login", data={"email": "alex@example.com", "password": "a wrong password"})

    (event,) = await house.rows("select data::text as data from event where kind = 'login_failed'")
    assert "alex" not in event["data"]


async def test_the_eleventh_try_is_refused_even_with_the_right_password(house: House) -> None:
    await admin(house)
    async with browser(house) as client:
        for _ in range(10):
            wrong = await client.post("/login", data={"email": "alex@example.com", "password": "a wrong password"})
            assert wrong.status_code == 401
        refused = await client.post("/login", data={"email": "alex@example.com", "password": PASSWORD})

    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "Too many tries" in refused.text


async def test_logging_out_ends_the_session_for_whoever_kept_the_cookie(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        kept = client.cookies["leadwake_session"]
        await client.post("/logout")
    async with browser(house) as thief:
        thief.cookies.set("leadwake_session", kept)
        assert (await thief.get("/")).status_code == 303


async def test_a_disabled_member_is_out_at_once(house: House) -> None:
    person = await admin(house)
    async with logged_in(house) as client:
        assert (await client.get("/")).status_code == 200
        await house.office.db.run("user_disable", id=person.id)
        assert (await client.get("/")).status_code == 303


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
async def test_posts_from_other_sites_are_refused(house: House, headers: dict[str, str]) -> None:
    await admin(house)
    async with logged_in(house) as client:
        if "Origin" in headers:
            del client.headers["Sec-Fetch-Site"]
        refused = await client.post("/practice/lead", data={}, headers=headers)

    assert refused.status_code == 403
    assert not await house.rows("select 1 from lead")


async def test_a_browser_that_only_sends_its_origin_may_post_from_our_own_page(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        del client.headers["Sec-Fetch-Site"]
        taken = await client.post("/practice/lead", headers={"Origin": house.url})

    assert taken.status_code == 303


@given(st.text(max_size=60) | st.from_regex(r"[/\\]{0,3}[a-z.@:/\\?%0-9\t\n]{0,30}", fullmatch=True))
def test_a_login_always_leads_to_our_own_site(text: str) -> None:
    place = safe_next(text)

    assert place.startswith("/")
    assert urlsplit(urljoin("https://leads.example.com/login", place)).netloc == "leads.example.com"
    assert "\\" not in place


# Invitations.


async def test_looking_at_an_invitation_changes_nothing_and_using_it_uses_it_up(house: House) -> None:
    person = await admin(house, name="Sam", email="sam@example.com", role="agent", password_hash=None)
    token = await staff.invite(house.office.db, person.id)
    async with browser(house) as client:
        for _ in range(3):  # mail scanners follow every link
            assert (await client.get(f"/invite/{token}")).status_code == 200

        begun = await client.post(f"/invite/{token}", data={"name": "Sam Seller", "password": PASSWORD})
        assert begun.status_code == 303
        assert (await client.get("/")).status_code == 200
        assert "Sam Seller" in (await client.get("/leads")).text

        again = await client.post(f"/invite/{token}", data={"name": "Mallory", "password": "another password"})
        assert again.status_code == 404
    async with logged_in(house, "sam@example.com") as client:
        assert (await client.get("/")).status_code == 200


async def test_a_short_password_is_refused_with_the_reason_and_the_invitation_stays_good(house: House) -> None:
    person = await admin(house, password_hash=None)
    token = await staff.invite(house.office.db, person.id)
    async with browser(house) as client:
        refused = await client.post(f"/invite/{token}", data={"name": "Alex", "password": "short"})
        assert refused.status_code == 422
        assert "At least 10 characters" in refused.text
        assert 'value="short"' not in refused.text

        begun = await client.post(f"/invite/{token}", data={"name": "Alex", "password": PASSWORD})
        assert begun.status_code == 303


async def test_whoever_opens_the_first_invitation_becomes_the_admin(house: House) -> None:
    token = await staff.invite(house.office.db, None)
    async with browser(house) as client:
        wrong = await client.post(
            f"/invite/{token}", data={"name": "Robin", "password": PASSWORD, "email": "no address"}
        )
        assert wrong.status_code == 422
        assert "Not an e-mail address" in wrong.text

        given_ = {"name": "Robin", "password": PASSWORD, "email": "robin@example.com", "takes_leads": "on"}
        assert (await client.post(f"/invite/{token}", data=given_)).status_code == 303
        assert (await client.get("/setup")).status_code == 200
        assert (await client.post(f"/invite/{token}", data=given_)).status_code == 404

    (robin,) = [person for person in house.office.team if person.name == "Robin"]
    assert robin.role == "admin"
    assert robin.takes_leads


async def test_an_unknown_invitation_is_a_page_that_says_what_to_do(house: House) -> None:
    async with browser(house) as client:
        answer = await client.get("/invite/never-was")

    assert answer.status_code == 404
    assert "log in" in answer.text
