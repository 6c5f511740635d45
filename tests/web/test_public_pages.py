"""Pages for the people we write to: looking changes nothing, one click ends our mail, a signature brings back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from leadwake.storage import links
from leadwake.storage.credentials import sign_token
from leadwake.storage.intake import opened_capture
from leadwake.storage.links import Page
from office_case import LIMIT_S, House, a_house, working

NUMBER, EMAIL = "+18135550142", "ann@example.com"
LEAD = {"name": "Ann Lee", "phone": NUMBER, "email": EMAIL, "message": "the blue house"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@asynccontextmanager
async def a_stranger(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a link and nothing else: no cookies, no key."""
    headers = {"Accept": "text/html", "User-Agent": "Mozilla/5.0 (a phone)"}
    async with httpx.AsyncClient(
        base_url=house.url, headers=headers, timeout=LIMIT_S, trust_env=False, verify=False
    ) as client:
        yield client


@pytest.fixture
async def stranger(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with a_stranger(house) as client:
        yield client


async def _mailed(house: House, lead: Mapping[str, Any] = LEAD) -> tuple[str, dict[str, Any]]:
    """The lead's id, and the first mail they got."""
    lead_id = (await house.post(lead)).json()["lead_id"]
    await house.settled()
    return lead_id, await _mail_to(house, EMAIL)


async def _mail_to(house: House, address: str) -> dict[str, Any]:
    return next(mail for mail in await house.mails() if mail["personalizations"][0]["to"][0]["email"] == address)


def _headers(mail: Mapping[str, Any]) -> Mapping[str, str]:
    found: Mapping[str, str] = mail["personalizations"][0]["headers"]
    return found


def _link(mail: Mapping[str, Any], page: str) -> str:
    """The path of the link in the plain text."""
    found = re.search(rf"https?://\S+(/{page}/\S+)", mail["content"][0]["value"])
    assert found is not None, mail["content"][0]["value"]
    return found[1]


async def _point(house: House, kind: str = "email") -> dict[str, Any]:
    return (await house.rows("select * from contact_point where kind = %s order by id", kind))[0]


async def _path(house: House, page: Page) -> str:
    return links.path(house.office.vault, page, (await _point(house))["id"])


# What the mail carries


async def test_a_leads_mail_can_be_ended_from_its_headers_and_its_foot(house: House) -> None:
    _, mail = await _mailed(house)
    header, text, html = _headers(mail), mail["content"][0]["value"], mail["content"][1]["value"]

    assert header["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert header["List-Unsubscribe"] == f"<{house.url}{_link(mail, 'u')}>"
    for page, words in (("u", "Stop these e-mails"), ("p", "Choose what we may send you")):
        assert f"{words}: {house.url}{_link(mail, page)}" in text
        assert f'href="{house.url}{_link(mail, page)}"' in html
        assert words in html


async def test_links_say_nothing_about_anybody(house: House) -> None:
    _, mail = await _mailed(house)
    for page in ("u", "p", "c"):
        token = _link(mail, page).rpartition("/")[2]

        assert re.fullmatch(r"[A-Za-z0-9_-]{44}", token)
        assert "ann" not in token.lower()


async def test_the_teams_own_mail_holds_no_such_links(house: House) -> None:
    await _mailed(house)
    alerts = [m for m in await house.mails() if m["personalizations"][0]["to"][0]["email"] != EMAIL]

    assert alerts
    for alert in alerts:
        assert "List-Unsubscribe" not in _headers(alert)
        assert "/u/" not in alert["content"][0]["value"]


async def test_the_page_for_texts_is_offered_until_it_is_signed_or_refused(house: House) -> None:
    _, mail = await _mailed(house)
    await house.post({**LEAD, "email": "bob@example.com", "phone": "+18135550143", "name": "Bob Roe",
                      "consent": {"sms": False}})  # fmt: skip
    await house.settled()
    refused = await _mail_to(house, "bob@example.com")

    assert "/c/" in mail["content"][0]["value"]
    assert "Get texts from us" in mail["content"][1]["value"]
    assert "/c/" not in refused["content"][0]["value"]


async def test_the_first_mail_abroad_links_the_privacy_notice_whatever_the_template_says(
    database_url: str, tmp_path: Path
) -> None:
    notice = "https://www.example.com/privacy"
    async with a_house(database_url, tmp_path / "data", PRIVACY_URL=notice) as house:
        own = "Hello {{ lead.first_name }}, {{ business.name }} here."
        await house.office.db.run("template_save", name="instant_reply.email", source=own)
        await house.office.refresh()
        _, mail = await _mailed(house, {**LEAD, "phone": "", "country": "DE"})

        assert f"How we handle your details: {notice}" in mail["content"][0]["value"]
        assert f'href="{notice}"' in mail["content"][1]["value"]


async def test_without_an_address_of_ours_mail_holds_no_links_to_nowhere(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False) as house:
        settings = replace(house.office.base_settings, local_url="")
        house.office.base_settings = house.office.settings = settings
        await house.post(LEAD)
        async with working(house.office):
            await house.settled()
        mail = await _mail_to(house, EMAIL)

    assert "List-Unsubscribe" not in _headers(mail)
    assert not re.search(r"/[upc]/", mail["content"][0]["value"])


# Ending our mail


async def test_looking_at_a_link_changes_nothing(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    before = await house.rows("select * from contact_point order by id")
    for page in ("u", "p", "c"):
        for method in ("GET", "HEAD"):
            answer = await stranger.request(method, _link(mail, page))

            assert answer.status_code == 200
            assert "set-cookie" not in answer.headers
    shown = (await stranger.get(_link(mail, "u"))).text

    assert await house.rows("select * from contact_point order by id") == before
    assert "Stop the e-mails" in shown
    assert "a•••@example.com" in shown
    assert EMAIL not in shown


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
async def test_one_click_ends_the_mail_at_once(house: House, stranger: httpx.AsyncClient, encoding: str) -> None:
    lead_id, mail = await _mailed(house)
    place = urlsplit(_headers(mail)["List-Unsubscribe"].strip("<>")).path
    # as a mailbox posts it: from its own site, without anything of ours
    away = {"Origin": "https://mail.example.net", "Sec-Fetch-Site": "cross-site"}
    if encoding == "urlencoded":
        answer = await stranger.post(place, data=ONE_CLICK, headers=away)
    else:
        parts = {name: (None, value) for name, value in ONE_CLICK.items()}
        answer = await stranger.post(place, files=parts, headers=away)
    again = await stranger.post(place, data=ONE_CLICK)
    later = (await house.post({**LEAD, "message": "one more thing"})).json()["inquiry_id"]
    await house.settled()

    assert (answer.status_code, again.status_code) == (200, 200)
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert "You are unsubscribed" in answer.text
    assert (await _point(house))["opted_out_by"] == "unsubscribed"
    assert (await house.action(later, "email"))["reason"] == "opted_out"
    assert len(await house.rows("select 1 from event where kind = 'opted_out' and lead_id = %s::uuid", lead_id)) == 1
    assert "Opted out: unsubscribed from our e-mail" in [entry["text"] for entry in await house.timeline(lead_id)]


async def test_what_waits_for_the_person_is_cancelled_with_it(idle_house: House) -> None:
    house = idle_house
    cause = (await house.post(LEAD)).json()["inquiry_id"]
    async with a_stranger(house) as stranger:
        await stranger.post(await _path(house, Page.UNSUBSCRIBE), data=ONE_CLICK)

    assert [(await house.action(cause, kind))["state"] for kind in ("sms", "email")] == ["cancelled", "cancelled"]


async def test_a_post_that_is_no_one_click_changes_nothing(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    for body in ({}, {"List-Unsubscribe": "yes"}, {"x": "One-Click"}):
        assert (await stranger.post(_link(mail, "u"), data=body)).status_code == 400

    assert (await _point(house))["opted_out_at"] is None


async def test_a_link_from_a_mail_of_400_days_ago_still_works(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    house.advance(timedelta(days=400))

    assert (await stranger.post(_link(mail, "u"), data=ONE_CLICK)).status_code == 200
    assert (await _point(house))["opted_out_at"] is not None


async def test_forged_and_foreign_links_are_not_there(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    token = _link(mail, "u").rpartition("/")[2]
    point = (await _point(house))["id"].to_bytes(8, "big")
    flipped = token[:-1] + ("A" if token[-1] != "A" else "B")
    foreign = sign_token(bytes(32), "page unsubscribe", point, None)
    other = sign_token(house.office.vault.link_key, "page preferences", point, None)
    odd = sign_token(house.office.vault.link_key, "page unsubscribe", b"short", None)
    for wrong in (flipped, foreign, other, odd, token[:-4], "x", "%00", "é"):
        answers = [await stranger.request(method, f"/u/{wrong}") for method in ("GET", "POST")]

        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.text for answer in answers}) == 1

    assert (await _point(house))["opted_out_at"] is None


# Choosing


async def test_ending_texts_leaves_the_mail_as_it_is(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    answer = await stranger.post(_link(mail, "p"), data={"stop": "texts"})
    house.advance(timedelta(hours=1))
    later = (await house.post({**LEAD, "message": "one more thing"})).json()["inquiry_id"]
    await house.settled()

    assert "no more automated texts" in answer.text
    assert (await house.action(later, "sms"))["reason"] == "opted_out"
    assert (await house.action(later, "email"))["state"] in {"sent", "delivered"}


async def test_ending_calls_ends_neither_texts_nor_mail(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    await stranger.post(_link(mail, "p"), data={"stop": "calls"})
    phone = await _point(house, "phone")

    assert phone["voice_stopped_at"] is not None
    assert phone["opted_out_at"] is None


async def test_stop_everything_stops_every_way_to_reach_the_person(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    answer = await stranger.post(_link(mail, "p"), data={"stop": "everything"})

    assert "Everything automated has stopped" in answer.text
    assert {row["opted_out_by"] for row in await house.rows("select opted_out_by from contact_point")} == {"everything"}


async def test_a_click_brings_nobody_back(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    await stranger.post(_link(mail, "p"), data={"stop": "everything"})
    for body in ({"start": "texts"}, {"stop": "nothing"}, {"stop": ""}):
        assert (await stranger.post(_link(mail, "p"), data=body)).status_code == 400

    assert not await house.rows("select 1 from contact_point where opted_out_at is null")
    assert "/c/" in (await stranger.get(_link(mail, "p"))).text


# Agreeing


def _fields(page: str) -> dict[str, str]:
    """The hidden fields of the page, as a browser posts them."""
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}


async def _sign(stranger: httpx.AsyncClient, place: str, **given: str) -> httpx.Response:
    page = (await stranger.get(place)).text
    return await stranger.post(
        place, data=_fields(page) | {"name": "Ann Lee", "agree_sms": "yes", "number": ""} | given
    )


async def _statements(house: House) -> list[tuple[str, str, list[str]]]:
    found = await house.rows(
        "select s.channel, s.level, s.missing from consent s join capture c on c.id = s.capture_id "
        "where c.door = 'consent' order by s.id"
    )
    return [(row["channel"], row["level"], row["missing"]) for row in found]


async def test_the_page_shows_the_wording_and_an_empty_box(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    page = (await stranger.get(_link(mail, "c"))).text

    for words in ("Example Realty", "not a condition of buying", "STOP", "HELP", "by automated means", "texts-2026-11"):
        assert words in page
    assert " checked" not in page
    assert "ending in 0142" in page
    assert NUMBER not in page


async def test_a_signature_is_written_consent_with_all_its_proof(house: House, stranger: httpx.AsyncClient) -> None:
    lead_id, mail = await _mailed(house)
    answer = await _sign(stranger, _link(mail, "c"))
    capture = (await house.rows("select c.*, k.kek_id, k.wrapped from capture c join vault.data_key k on k.id = "
                                "c.data_key_id where c.door = 'consent'"))[0]  # fmt: skip
    key = house.office.vault.open_data_key(capture["data_key_id"], capture["kek_id"], capture["wrapped"])
    kept = opened_capture(key, capture["body"], capture_id=capture["id"], door="consent", source="")
    proof = msgspec.json.decode(kept.body)["agreements"][0]

    assert answer.status_code == 200
    assert "You agreed to texts" in answer.text
    assert await _statements(house) == [("sms", "written", [])]
    assert (await house.rows("select consent from lead_contact where kind = 'phone'"))[0]["consent"] == "written"
    assert "Example Realty may send me text messages" in proof["text"]
    assert proof["wording_version"] == "texts-2026-11"
    assert (proof["checkbox"], proof["signature"], proof["ip"]) == ("ticked", "Ann Lee", "127.0.0.1")
    assert proof["user_agent"] == "Mozilla/5.0 (a phone)"
    assert proof["url"] == house.url + _link(mail, "c")
    assert proof["timestamp"]
    assert "Texts: agreed in writing" in [entry["text"] for entry in await house.timeline(lead_id)]
    assert (await house.ledger()).balanced


@pytest.mark.parametrize(
    ("given", "missing", "said"),
    [
        ({"agree_sms": ""}, [], ""),
        ({"name": "  "}, ["signature"], "Type your full name"),
        ({"shown_sms": "0" * 16}, ["disclosure text", "wording version"], "The wording has changed"),
        ({"shown_sms": ""}, ["disclosure text", "wording version"], "The wording has changed"),
    ],
)
async def test_what_lacks_a_field_is_an_inquiry_and_the_page_says_what(
    house: House, stranger: httpx.AsyncClient, given: dict[str, str], missing: list[str], said: str
) -> None:
    _, mail = await _mailed(house)
    if "agree_sms" in given:
        page = (await stranger.get(_link(mail, "c"))).text
        answer = await stranger.post(_link(mail, "c"), data=_fields(page) | {"name": "Ann Lee"})
        missing, said = ["checkbox"], "Tick the box"
    else:
        answer = await _sign(stranger, _link(mail, "c"), **given)

    assert answer.status_code == 422
    assert said in answer.text
    assert await _statements(house) == [("sms", "inquiry", missing)]
    assert (await house.ledger()).balanced


async def test_a_browser_that_does_not_say_what_it_is_proves_less(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    stranger.headers["User-Agent"] = ""
    await _sign(stranger, _link(mail, "c"))

    assert await _statements(house) == [("sms", "inquiry", ["user agent"])]


async def test_a_number_that_is_none_is_asked_for_again(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    answer = await _sign(stranger, _link(mail, "c"), number="call me")

    assert answer.status_code == 422
    assert "Write a US mobile number" in answer.text
    assert await _statements(house) == []
    assert (await house.ledger()).balanced


async def test_somebody_who_stopped_comes_back_by_signing(house: House, stranger: httpx.AsyncClient) -> None:
    lead_id, mail = await _mailed(house)
    await house.hear(NUMBER, "STOP")
    answer = await _sign(stranger, _link(mail, "c"))

    assert "text START from your phone" in answer.text
    assert (await _point(house, "phone"))["opted_out_at"] is None
    events = await house.rows("select data from event where kind = 'opted_in' and lead_id = %s::uuid", lead_id)
    assert [row["data"]["by"] for row in events] == ["signed"]


async def test_an_incomplete_signature_brings_nobody_back(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    await house.hear(NUMBER, "STOP")
    await _sign(stranger, _link(mail, "c"), name="")

    assert (await _point(house, "phone"))["opted_out_at"] is not None


async def test_nobody_signs_for_a_strangers_number_that_stopped(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    await house.hear("+18135550199", "STOP")
    answer = await _sign(stranger, _link(mail, "c"), number="813-555-0199")

    assert "text START from it" in answer.text
    assert (await house.rows("select count(*) as n from contact_point where opted_out_at is not null"))[0]["n"] == 1


async def test_a_lead_without_a_number_gives_one_with_the_signature(house: House, stranger: httpx.AsyncClient) -> None:
    lead_id, mail = await _mailed(house, {"name": "Ann Lee", "email": EMAIL})
    answer = await _sign(stranger, _link(mail, "c"), number="(813) 555-0142")
    lead = (await house.http.get(f"/v1/leads/{lead_id}")).json()

    assert "ending in 0142" in answer.text
    assert lead["phone"] == NUMBER
    assert await _statements(house) == [("sms", "written", [])]


async def test_mail_that_was_ended_comes_back_by_signing_for_it(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    await stranger.post(_link(mail, "u"), data=ONE_CLICK)
    page = (await stranger.get(_link(mail, "c"))).text
    await stranger.post(_link(mail, "c"), data=_fields(page) | {"name": "Ann Lee", "agree_email": "yes"})

    assert (await _point(house))["opted_out_at"] is None
    assert await _statements(house) == [("email", "written", [])]


async def test_a_household_member_cannot_be_reached_by_anothers_link(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    await house.post({**LEAD, "name": "Robert Lee", "email": "rob@example.com"})
    await house.settled()
    page = (await stranger.get(_link(mail, "p"))).text

    assert "r•••@example.com" not in page


async def test_links_of_people_who_are_gone_say_so_and_are_no_fault(house: House, stranger: httpx.AsyncClient) -> None:
    _, mail = await _mailed(house)
    places = {page: _link(mail, page) for page in ("u", "p", "c")}
    await house.rows("delete from lead_contact")
    for page, place in places.items():
        assert (await stranger.get(place)).status_code == 200, page
    assert (await stranger.post(places["u"], data=ONE_CLICK)).status_code == 200
    assert (await stranger.post(places["p"], data={"stop": "everything"})).status_code == 200
    assert "cannot be signed" in (await stranger.post(places["c"], data={"name": "Ann"})).text
    assert (await _point(house))["opted_out_at"] is not None


async def test_the_leads_choices_are_obeyed_by_what_was_planned_before(idle_house: House) -> None:
    house = idle_house
    cause = (await house.post(LEAD)).json()["inquiry_id"]
    async with a_stranger(house) as stranger:
        await stranger.post(await _path(house, Page.PREFERENCES), data={"stop": "emails"})
    async with working(house.office):
        await house.settled()

    assert (await house.action(cause, "email"))["state"] == "cancelled"
    assert (await house.action(cause, "sms"))["state"] in {"sent", "delivered"}
