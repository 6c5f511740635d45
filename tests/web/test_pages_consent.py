"""Setup, consent and forms: a form is vouched for once, and the page says who may be texted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from page_case import admin, logged_in

from leadwake.storage.consent import overview
from office_case import House

WORDING = "I agree that Example Realty may text me by automated means. Agreeing is not a condition of a purchase."
FORM = {
    "name": "Sell-Home",
    "url": "https://www.example.com/sell-home",
    "wording": WORDING,
    "wording_version": "2026-11",
    "signature": "typed_name",
    "not_pre_ticked": "on",
}
PICTURE = ("form.png", b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png")
POSTED = {"name": "Ann Lee", "phone": "813 555 0142", "email": "ann@example.com", "sms_consent": "yes"}
PAGE = {"Referer": "https://www.example.com/", "User-Agent": "Mozilla/5.0"}


async def _register(
    house: House, picture: tuple[str, bytes, str] | None = PICTURE, **changes: str | None
) -> httpx.Response:
    fields = {name: value for name, value in (FORM | changes).items() if value is not None}
    async with logged_in(house) as page:
        files: dict[str, Any] = {name: (None, value) for name, value in fields.items()}
        return await page.post("/setup/forms", files=files | ({"screenshot": picture} if picture else {}))


async def _said(house: House) -> list[tuple[str, list[str]]]:
    found = await house.rows("select level, missing from consent where channel = 'sms' order by id")
    return [(row["level"], row["missing"]) for row in found]


async def test_leads_of_a_registered_form_bring_written_consent(house: House) -> None:
    await admin(house)
    await house.http.post("/forms/sell-home", data=POSTED, headers=PAGE)
    answer = await _register(house)
    await house.http.post("/forms/sell-home", data=POSTED | {"message": "now"}, headers=PAGE)
    await house.http.post("/forms/contact", data=POSTED | {"message": "there"}, headers=PAGE)

    assert (answer.status_code, answer.headers["location"]) == (303, "/setup/forms?saved=1")
    assert await _said(house) == [
        ("inquiry", ["disclosure text", "wording version", "signature"]),
        ("written", []),
        ("inquiry", ["disclosure text", "wording version", "signature"]),
    ]
    assert (await house.rows("select consent from lead_contact where kind = 'phone'"))[0]["consent"] == "written"


async def test_what_a_program_sends_of_a_registered_form_brings_it_too(house: House) -> None:
    await admin(house)
    await _register(house)
    proof = {"sms": True, "ip": "192.0.2.7", "timestamp": house.now.isoformat(), "user_agent": "Mozilla/5.0"}
    lead = {"name": "Ann Lee", "phone": "+18135550142", "form": "sell-home", "consent": proof}
    await house.post(lead)
    await house.post({**lead, "message": "later", "consent": {**proof, "ip": None}})

    assert await _said(house) == [("written", []), ("inquiry", ["IP address"])]


async def test_a_retired_form_proves_nothing_more_and_its_name_is_free(house: House) -> None:
    await admin(house)
    await _register(house)
    form_id = (await house.rows("select id from consent_form"))[0]["id"]
    again = await _register(house)
    async with logged_in(house) as page:
        gone = await page.post(f"/setup/forms/{form_id}/retire")
        twice = await page.post(f"/setup/forms/{form_id}/retire")
        picture = await page.get(f"/setup/forms/{form_id}/screenshot")
    await house.http.post("/forms/sell-home", data=POSTED, headers=PAGE)
    anew = await _register(house, wording_version="2026-12")

    assert "There is a form of this name" in again.text
    assert (again.status_code, gone.status_code, twice.status_code, anew.status_code) == (422, 303, 404, 303)
    assert (await _said(house))[0][0] == "inquiry"
    assert (picture.headers["content-type"], picture.content) == ("image/png", PICTURE[1])
    kinds = [row["kind"] for row in await house.rows("select kind from event where kind like 'form_%%' order by id")]
    assert kinds == ["form_registered", "form_retired", "form_registered"]


@pytest.mark.parametrize(
    ("changes", "picture", "said"),
    [
        (
            {"wording": "Our partners may text you by automated means, no condition."},
            PICTURE,
            "must name your business",
        ),
        ({"not_pre_ticked": None}, PICTURE, "people tick themselves"),
        ({}, None, "Add a picture"),
        ({}, ("form.svg", b"<svg onload=alert(1)>", "image/png"), "Add a picture"),
    ],
)
async def test_a_form_that_proves_nothing_is_said_to_and_what_was_written_stays(
    house: House, changes: dict[str, str | None], picture: Any, said: str
) -> None:
    await admin(house)
    answer = await _register(house, picture, **changes)

    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="2026-11"' in answer.text
    assert not await house.rows("select 1 from consent_form")


@pytest.mark.parametrize("body", [b"", b"--x\r\nbroken", b"name=a"])
async def test_what_is_no_such_form_is_no_fault_of_ours(house: House, body: bytes) -> None:
    await admin(house)
    async with logged_in(house) as page:
        for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "text/plain"):
            answer = await page.post("/setup/forms", content=body, headers={"Content-Type": kind})

            assert answer.status_code in {400, 415, 422}


@pytest.mark.parametrize("path", ["/setup/consent", "/setup/forms"])
async def test_consent_is_the_admins_business(house: House, path: str) -> None:
    await admin(house, email="sam@example.com", role="agent")
    async with logged_in(house, "sam@example.com") as page:
        assert (await page.get(path)).status_code == 403
        assert (await page.post("/setup/consent/resume", data={"reason": "let it go on please"})).status_code == 403


# Who may be texted


async def test_the_page_says_who_may_be_texted_and_why_the_others_not(house: House) -> None:
    await admin(house)
    await house.http.post("/forms/contact", data=POSTED, headers=PAGE)
    for n, lead in enumerate(
        [
            {"email": "x@example.com"},
            {"phone": "+18135550150", "consent": {"sms": False}},
            {"phone": "+18135550151"},
            {"phone": "+18135550152", "channel": "csv"},
            {"phone": "+18135550153"},
        ]
    ):
        await house.post({"name": f"Person {n}", "source": "Zillow", **lead})
    await house.hear("+18135550153", "STOP")
    found = await overview(house.office.db, house.now, practice=True)
    zillow = next(share for share in found.sources if share.source == "Zillow")
    async with logged_in(house) as page:
        text = (await page.get("/setup/consent")).text

    assert (found.total.leads, found.total.may) == (6, 0)
    assert zillow.why_not == {"no_number": 1, "declined": 1, "asked": 1, "no_consent": 1, "opted_out": 1}
    assert [name for name, _ in found.lacking] == ["disclosure text", "wording version", "signature"]
    for words in ("0 of 6 leads", "1 asked us to stop", "1 no phone number", "Signature missing"):
        assert words in text


async def test_leads_of_long_ago_and_of_practice_do_not_count(house: House) -> None:
    await house.post({"name": "Ann", "phone": "+18135550142"})
    practice = await overview(house.office.db, house.now, practice=True)
    real = await overview(house.office.db, house.now, practice=False)
    later = await overview(house.office.db, house.now + timedelta(days=91), practice=True)

    assert [found.total.leads for found in (practice, real, later)] == [1, 0, 0]


async def test_sources_beyond_twenty_share_a_line(house: House) -> None:
    for n in range(22):
        await house.post({"name": "Ann", "phone": f"+1813555{100 + n:04}", "source": f"source {n}"})
    found = await overview(house.office.db, house.now, practice=True)

    assert len(found.sources) == 21
    assert (found.sources[-1].source, found.sources[-1].leads) == (None, 2)


async def test_marketing_that_pauses_is_seen_on_every_page_and_goes_on_with_a_reason(house: House) -> None:
    await admin(house)
    await house.rows("insert into mail_pause (at, complaints) values (%s, 3)", house.now)
    async with logged_in(house) as page:
        front = (await page.get("/")).text
        refused = await page.post("/setup/consent/resume", data={"reason": "no"})
        done = await page.post("/setup/consent/resume", data={"reason": "The old list is deleted now."})
        after = (await page.get("/")).text

    assert "Marketing e-mail is paused" in front
    assert (refused.status_code, done.status_code) == (422, 303)
    assert "Say why it is safe" in refused.text
    assert "Marketing e-mail is paused" not in after
