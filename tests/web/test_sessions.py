"""Sessions and passwords under attack: nothing is fixed, guessed, kept or learned by knocking."""

from __future__ import annotations

import asyncio
import re
from uuid import UUID

from page_case import PASSWORD, admin, browser, logged_in

from leadwake.storage import staff
from leadwake.web.sessions import COOKIE
from office_case import House

NEW = "five loud harbour gulls"


async def test_a_session_planted_before_the_login_is_worth_nothing_after_it(house: House) -> None:
    await admin(house)
    async with browser(house) as client:
        client.cookies.set(COOKIE, "planted-by-somebody-else")
        await client.post("/login", data={"email": "alex@example.com", "password": PASSWORD})
        tokens = [cookie.value for cookie in client.cookies.jar if cookie.name == COOKIE]
    async with browser(house) as attacker:
        attacker.cookies.set(COOKIE, "planted-by-somebody-else")
        assert (await attacker.get("/me")).status_code == 303

    assert "planted-by-somebody-else" in tokens, "the browser's own copy, at another path of the jar"
    assert len(set(tokens)) == 2


async def test_logging_in_again_ends_the_session_the_browser_had(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        former = client.cookies[COOKIE]
        await client.post("/login", data={"email": "alex@example.com", "password": PASSWORD})
        assert client.cookies[COOKIE] != former
    async with browser(house) as thief:
        thief.cookies.set(COOKIE, former)
        assert (await thief.get("/me")).status_code == 303


async def test_no_token_stands_in_the_database(house: House) -> None:
    person = await admin(house)
    invite = await staff.invite(house.office.db, person.id)
    async with logged_in(house) as client:
        session = client.cookies[COOKIE]
    stored = str(await house.rows("select * from session")) + str(await house.rows("select * from invite"))

    assert session not in stored
    assert invite not in stored


async def test_a_new_password_ends_every_other_session_and_every_invitation(house: House) -> None:
    person = await admin(house)
    lost = await staff.invite(house.office.db, person.id)
    async with logged_in(house) as here, logged_in(house) as elsewhere:
        done = await here.post("/me/password", data={"old": PASSWORD, "password": NEW})
        assert done.headers["location"] == "/me?saved=password#password"
        assert (await here.get("/me")).status_code == 200
        assert (await elsewhere.get("/me")).status_code == 303
        assert (await elsewhere.get(f"/invite/{lost}")).status_code == 404
        old = await elsewhere.post("/login", data={"email": "alex@example.com", "password": PASSWORD})
        new = await elsewhere.post("/login", data={"email": "alex@example.com", "password": NEW})

    assert (old.status_code, new.status_code) == (401, 303)
    assert await house.rows("select 1 from event where kind = 'password_changed'")


async def test_a_password_is_not_changed_by_who_does_not_know_it_nor_to_a_bad_one(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        for given, said in (
            ({"old": "not the password", "password": NEW}, "not your password of today"),
            ({"old": PASSWORD, "password": "tooweak"}, "At least 10 characters"),
            ({"old": PASSWORD, "password": "aaaaaaaaaaaa"}, "Too easy to guess"),
            ({"old": PASSWORD, "password": "Alex@Example.com"}, "Too easy to guess"),
        ):
            refused = await client.post("/me/password", data=given)
            assert refused.status_code == 422
            assert said in refused.text
            assert given["password"] not in refused.text
    async with logged_in(house) as again:
        assert (await again.get("/me")).status_code == 200


async def test_whoever_holds_a_session_cannot_try_passwords_without_end(house: House) -> None:
    await admin(house)
    async with logged_in(house) as client:
        answers = [
            (await client.post("/me/password", data={"old": f"guess {n}", "password": NEW})).status_code
            for n in range(12)
        ]

    assert answers[-1] == 429
    assert answers.count(422) <= 10


async def test_a_link_for_a_lost_password_ends_what_the_former_one_opened(house: House) -> None:
    person = await admin(house)
    tokens = [await staff.invite(house.office.db, person.id) for _ in range(2)]
    async with logged_in(house) as stolen, browser(house) as mine:
        await mine.post(f"/invite/{tokens[0]}", data={"name": "Alex Admin", "password": NEW})
        assert (await mine.get("/me")).status_code == 200
        assert (await stolen.get("/me")).status_code == 303
        assert (await mine.get(f"/invite/{tokens[1]}")).status_code == 404


async def test_of_many_who_use_an_invitation_at_once_one_sets_the_password(house: House) -> None:
    person = await admin(house, password_hash=None)
    token = await staff.invite(house.office.db, person.id)

    async def use(n: int) -> int:
        async with browser(house) as client:
            given = {"name": "Alex", "password": f"{NEW} number {n}"}
            return (await client.post(f"/invite/{token}", data=given)).status_code

    found = await asyncio.gather(*(use(n) for n in range(6)))
    assert sorted(found) == [303, *[404] * 5]


async def test_nobody_learns_by_knocking_who_works_here(house: House) -> None:
    await admin(house)
    await admin(house, name="In Vited", email="invited@example.com", password_hash=None)
    gone = await admin(house, name="Gone By", email="gone@example.com")
    await house.office.db.run("user_disable", id=gone.id)
    await house.office.refresh()
    shown = set()
    async with browser(house) as client:
        for email in (
            "alex@example.com",
            "invited@example.com",
            "gone@example.com",
            "nobody@example.com",
            "no address",
        ):
            answer = await client.post("/login", data={"email": email, "password": "a wrong password"})
            assert answer.status_code == 401
            shown.add(re.sub(r'data-now="[^"]*"', "", answer.text).replace(email, ""))

    assert len(shown) == 1


async def test_invitations_that_are_used_old_of_somebody_gone_or_made_up_look_alike(house: House) -> None:
    person = await admin(house)
    gone = await admin(house, name="Gone By", email="gone@example.com")
    used, old = [await staff.invite(house.office.db, person.id) for _ in range(2)]
    of_gone = await staff.invite(house.office.db, gone.id)
    await house.rows("update invite set used_at = now() where token_hash = %s", staff.token_hash(used))
    await house.rows(
        "update invite set expires_at = now() - interval '1 hour' where token_hash = %s", staff.token_hash(old)
    )
    await house.office.db.run("user_disable", id=gone.id)
    await house.office.refresh()
    shown = set()
    async with browser(house) as client:
        for token in (used, old, of_gone, "made-up"):
            answer = await client.get(f"/invite/{token}")
            assert answer.status_code == 404
            shown.add(re.sub(r'data-now="[^"]*"', "", answer.text))

    assert len(shown) == 1


async def test_who_leaves_is_logged_out_and_their_leads_find_somebody_else(house: House) -> None:
    await admin(house)
    sam = await admin(house, name="Sam Seller", email="sam@example.com", role="agent", takes_leads=True)
    lou = await admin(house, name="Lou Late", email="lou@example.com", role="agent", takes_leads=True)
    lead_id = UUID(
        (await house.post({"name": "Maria Lopez", "phone": "813-555-0194", "message": "Hello"})).json()["lead_id"]
    )
    await house.settled()
    await house.rows("update lead set agent_id = %s, claimed_at = now() where id = %s", sam.id, lead_id)
    async with logged_in(house) as client, logged_in(house, "sam@example.com") as leaving:
        token = await staff.invite(house.office.db, sam.id)
        assert (await client.post(f"/setup/team/{sam.id}/disable")).status_code == 303
        assert (await leaving.get("/me")).status_code == 303
        assert (await leaving.get(f"/invite/{token}")).status_code == 404

    (lead,) = await house.rows("select agent_id from lead where id = %s", lead_id)
    assert lead["agent_id"] in {None, lou.id}
    (event,) = await house.rows("select data from event where kind = 'owner_lost'")
    assert event["data"]["why"] == "left"
    assert (
        await house.rows("select 1 from offer where lead_id = %s and agent_id = %s and state = 'open'", lead_id, sam.id)
        == []
    )
