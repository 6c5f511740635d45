"""An alert's link: opens a lead once, for the one it was made for, and nothing else."""

from __future__ import annotations

import asyncio
import base64
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_case import PASSWORD, admin, browser, logged_in

from leadwake.domain.segments import segments
from leadwake.storage import links
from leadwake.storage.credentials import TokenExpired, TokenRefused
from leadwake.storage.ids import new_id
from leadwake.storage.keys import MasterKey
from leadwake.storage.staff import Person
from leadwake.storage.vault import Vault
from office_case import NOON, House

MARIA = {
    "name": "Maria Lopez", "phone": "813-555-0194", "email": "maria@example.com", "postal_code": "33601",
    "message": "Call me today about 12 Oak St, we are pre-approved", "interest": "buy_home", "timeline": "this week",
}  # fmt: skip

VAULT, _ = Vault.bootstrap(MasterKey.generate())


async def sam(house: House, **changes: Any) -> Person:
    """Sam, who sells; the only one who takes leads in earnest."""
    about = {"name": "Sam Seller", "email": "sam@example.com", "role": "agent", "takes_leads": True} | changes
    return await admin(house, **about)


async def alerted(house: House) -> tuple[UUID, str]:
    """A hot lead that Sam was alerted of: its id, and the link of the text."""
    lead_id = (await house.post(MARIA)).json()["lead_id"]
    await house.settled()
    (text,) = [text["Body"] for text in await house.texts() if "/a/" in text["Body"]]
    found = re.search(rf"{re.escape(house.url)}(/a/\S+)", text)
    assert found, text
    return UUID(lead_id), found[1]


def link_for(house: House, person: Person, lead_id: UUID, **earlier: float) -> str:
    expires_at = house.now + links.ALERT_FOR - timedelta(**earlier)
    return links.alert_path(house.office.vault, new_id(), person.id, lead_id, expires_at)


async def owner(house: House, lead_id: UUID) -> UUID | None:
    (row,) = await house.rows("select agent_id from lead where id = %s", lead_id)
    return row["agent_id"]  # type: ignore[no-any-return]


async def test_the_link_of_an_alert_claims_and_opens_the_lead_without_a_password(house: House) -> None:
    person = await sam(house)
    lead_id, link = await alerted(house)
    async with browser(house) as phone:
        page = await phone.get(link)
        assert page.status_code == 200
        assert "Claim and open as Sam" in page.text
        assert "Maria" in page.text
        for secret in ("Lopez", "0194", "maria@example.com", "Oak St", "sam@example.com"):
            assert secret not in page.text, "whoever finds the link learns no more than a first name"
        assert "set-cookie" not in page.headers
        assert await owner(house, lead_id) is None

        opened = await phone.post(link, data={"claim": "1"})
        assert opened.headers["location"] == f"/leads/{lead_id}"
        assert "Max-Age=43200" in opened.headers["set-cookie"]
        assert (await phone.get(f"/leads/{lead_id}")).status_code == 200

    assert await owner(house, lead_id) == person.id
    (event,) = await house.rows("select data from event where kind = 'claimed'")
    assert event["data"]["by"] == "link"
    (session,) = await house.rows("select via, expires_at < now() + interval '13 hours' as short from session")
    assert (session["via"], session["short"]) == ("link", True)


async def test_looking_again_and_again_uses_nothing_up(house: House) -> None:
    await sam(house)
    _, link = await alerted(house)
    async with browser(house) as scanner:
        for _ in range(5):
            assert (await scanner.get(link)).status_code == 200
            assert (await scanner.request("HEAD", link)).status_code == 200

    assert not await house.rows("select 1 from used_link")
    assert not await house.rows("select 1 from session")


async def test_a_link_opens_once_and_then_asks_for_a_login(house: House) -> None:
    await sam(house)
    lead_id, link = await alerted(house)
    async with browser(house) as phone, browser(house) as thief:
        assert (await phone.post(link)).headers["location"] == f"/leads/{lead_id}"

        again = await thief.post(link, data={"claim": "1"})
        assert again.headers["location"] == f"/login?next=/leads/{lead_id}"
        assert "set-cookie" not in again.headers
        assert (await thief.get(f"/leads/{lead_id}")).status_code == 303
        assert await owner(house, lead_id) is None, "nor does it claim any more"

        once_more = await phone.post(link, data={"claim": "1"})
        assert once_more.headers["location"] == f"/leads/{lead_id}", "its own browser just goes on"
        assert await owner(house, lead_id) is not None


async def test_of_many_who_open_a_link_at_once_one_is_let_in(house: House) -> None:
    await sam(house)
    _, link = await alerted(house)
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=house.url, headers=headers, trust_env=False, timeout=30) as many:
        found = await asyncio.gather(*(many.post(link, headers={"Cookie": ""}) for _ in range(12)))

    assert sum("set-cookie" in answer.headers for answer in found) == 1


async def test_an_expired_link_a_forged_one_and_one_of_somebody_gone_say_so(house: House) -> None:
    person = await sam(house)
    lead_id, link = await alerted(house)
    forged = link[:-1] + ("A" if link[-1] != "A" else "B")
    async with browser(house) as phone:
        for method in ("GET", "POST"):
            old = await phone.request(method, link_for(house, person, lead_id, hours=25))
            assert old.status_code == 410
            assert "Links in alerts work for a day" in old.text
            for place in (forged, "/a/x", f"/a/{'A' * 71}", "/a/%00", link.replace("/a/", "/u/")):
                assert (await phone.request(method, place)).status_code in {400, 404}, place
            gone = await phone.request(method, link_for(house, person, uuid4()))
            assert gone.status_code == 410
        await house.office.db.run("user_disable", id=person.id)
        await house.office.refresh()
        assert (await phone.get(link)).status_code == 410
        assert (await phone.post(link)).status_code == 410

    assert not await house.rows("select 1 from used_link")


async def test_a_link_expires_with_business_time(house: House) -> None:
    await sam(house)
    _, link = await alerted(house)
    house.advance(timedelta(hours=24, minutes=5))
    async with browser(house) as phone:
        assert (await phone.get(link)).status_code == 410


async def test_a_link_posted_from_another_site_does_nothing(house: House) -> None:
    await sam(house)
    _, link = await alerted(house)
    async with browser(house) as phone:
        answer = await phone.post(link, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert not await house.rows("select 1 from used_link")


async def test_a_browser_of_somebody_else_changes_hands_only_by_the_button(house: House) -> None:
    await admin(house)
    await sam(house)
    lead_id, link = await alerted(house)
    async with logged_in(house) as client:
        page = (await client.get(link)).text
        assert "Alex Admin is logged in here" in page
        assert "Alex Admin" in (await client.get("/me")).text, "looking changed nothing"
        former = client.cookies["leadwake_session"]

        await client.post(link)
        assert "Sam Seller" in (await client.get(f"/leads/{lead_id}")).text
        assert (await client.get("/setup")).status_code == 403
        client.cookies.set("leadwake_session", former)
        assert (await client.get("/me")).status_code == 303, "the former session is over"


async def test_whoever_is_logged_in_already_keeps_their_session_and_goes_right_on(house: House) -> None:
    person = await sam(house)
    lead_id, link = await alerted(house)
    async with logged_in(house, "sam@example.com") as client:
        before = client.cookies["leadwake_session"]
        assert "Claim and open" in (await client.get(link)).text
        opened = await client.post(link, data={"claim": "1"})
        assert opened.headers["location"] == f"/leads/{lead_id}"
        assert client.cookies["leadwake_session"] == before
        assert await owner(house, lead_id) == person.id
        assert (await client.get(link_for(house, person, lead_id))).headers["location"] == f"/leads/{lead_id}"


async def test_who_is_too_late_hears_who_has_the_lead(house: House) -> None:
    await sam(house)
    lead_id, link = await alerted(house)
    other = await sam(house, name="Lou Late", email="lou@example.com")
    await house.rows("update lead set agent_id = %s where id = %s", other.id, lead_id)
    async with browser(house) as phone:
        assert "Lou has them already" in (await phone.get(link)).text
        answer = await phone.post(link, data={"claim": "1"})

    assert answer.status_code == 409
    assert "Lou Late was faster" in answer.text
    assert f'href="/leads/{lead_id}"' in answer.text
    assert "set-cookie" in answer.headers, "the lead can be opened all the same"
    assert await owner(house, lead_id) == other.id


async def test_a_session_by_link_is_an_agents_whoever_it_is_for(house: House) -> None:
    boss = await admin(house)
    lead_id = UUID((await house.post(MARIA)).json()["lead_id"])
    async with browser(house) as phone:
        await phone.post(link_for(house, boss, lead_id))
        assert (await phone.get("/")).status_code == 200
        sent = await phone.get("/setup")
        assert sent.headers["location"] == "/login?next=/setup", "an admin logs in to do more"
        assert (await phone.get(sent.headers["location"])).status_code == 200
        for place, data in (
            ("/me", {"name": "Mallory", "phone": "+18135550199"}),
            ("/me/password", {"old": PASSWORD, "password": "another fine password"}),
            ("/me/work", {"languages": "en", "slack_id": "U0MALLORY"}),
            ("/me/sessions/end-others", {}),
        ):
            assert (await phone.post(place, data=data)).headers["location"].startswith("/login"), place
        mine = await phone.get("/me")
        assert "log in" in mine.text
        assert "alex@example.com" not in mine.text
        assert boss.phone not in mine.text

        let_in = await phone.post("/login", data={"email": boss.email, "password": PASSWORD})
        assert let_in.status_code == 303
        assert (await phone.get("/setup")).status_code == 200


async def test_colleagues_never_see_each_others_links(house: House) -> None:
    await admin(house)
    await sam(house)
    lead_id, link = await alerted(house)
    async with logged_in(house) as client:
        page = (await client.get(f"/leads/{lead_id}")).text
        record = (await client.get(f"/leads/{lead_id}/record")).text
    timeline = str(await house.timeline(str(lead_id)))

    for shown in (page, record, timeline):
        assert link.removeprefix("/a/") not in shown
    assert "/a/…" in timeline


async def test_the_alert_by_text_stays_within_two_segments_and_says_what_to_reply(house: House) -> None:
    await sam(house)
    await alerted(house)
    (text,) = [text["Body"] for text in await house.texts() if "/a/" in text["Body"]]

    assert "Reply 1 to claim." in text
    assert segments(text).count <= 2
    mails = [str(mail) for mail in await house.mails() if "/a/" in str(mail)]
    assert len(mails) == 1


@given(st.uuids(), st.uuids(), st.uuids(), st.binary(min_size=1, max_size=4))
def test_a_link_is_always_for_its_own_person_and_lead_and_never_past_its_time(
    action: UUID, user: UUID, lead: UUID, bent: bytes
) -> None:
    path = links.alert_path(VAULT, action, user, lead, NOON)
    token = path.removeprefix("/a/")
    found = links.alert_of(VAULT, token, NOON - timedelta(seconds=1))

    assert (found.lead_id, found.is_for(user)) == (lead, True)
    assert links.masked(f"See https://x.example{path} now") == "See https://x.example/a/… now"
    assert len(path) < 80, "a text pays for each character"
    with pytest.raises(TokenExpired):
        links.alert_of(VAULT, token, NOON)
    raw = bytearray(base64.urlsafe_b64decode(token + "="))
    for n, byte in enumerate(bent):
        raw[(byte + n * 7) % len(raw)] ^= byte or 1
    other = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    if other != token:
        with pytest.raises(TokenRefused):
            links.alert_of(VAULT, other, NOON - timedelta(seconds=1))
