"""Plain HTML forms come from anybody: robots are told apart, floods stopped, nobody is sent elsewhere in our name."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from test_leads_api import is_problem

from leadwake.storage import intake as stored
from office_case import House, a_house

FIELDS = {"name": "Ann Lee", "phone": "813 555 0142", "email": "ann@example.com", "message": "the blue house"}
PAGE = "https://www.example.com/contact"


async def _lead_id(house: House) -> str:
    return str((await house.rows("select id from lead order by created_at desc limit 1"))[0]["id"])


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
async def test_a_form_is_taken_in_either_encoding_and_thanks(house: House, kind: str) -> None:
    if kind == "urlencoded":
        answer = await house.http.post("/forms/contact", data=FIELDS)
    else:
        parts = {name: (None, value) for name, value in FIELDS.items()}
        answer = await house.http.post("/forms/contact", files={**parts, "photo": ("x.png", b"\x89PNG", "image/png")})
    read = (await house.http.get(f"/v1/leads/{await _lead_id(house)}")).json()
    inquiry = (await house.rows("select id::text, channel from inquiry"))[0]
    await house.reaches(inquiry["id"], "sms", "sent", "delivered")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert (read["name"], read["phone"], read["email"]) == ("Ann Lee", "+18135550142", "ann@example.com")
    assert read["inquiries"][0]["message"] == "the blue house"
    assert inquiry["channel"] == "web_form"


async def test_a_robot_gets_the_same_page_and_becomes_no_lead(house: House) -> None:
    person = await house.http.post("/forms/contact", data=FIELDS)
    robot = await house.http.post("/forms/contact", data={**FIELDS, "website_url": "http://spam.example"})
    book = await house.ledger()

    assert (robot.status_code, robot.text) == (person.status_code, person.text)
    assert book.captures == {"lead": 1, "known": 0, "spam": 1, "rejected": 0, "pending": 0}


async def test_a_flood_from_one_address_is_stopped_and_others_are_not(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, TRUSTED_PROXIES="127.0.0.1") as house:

        async def send(ip: str) -> int:
            answer = await house.http.post(
                "/forms/contact", data={**FIELDS, "website_url": "x"}, headers={"x-forwarded-for": ip}
            )
            if answer.status_code == 429:
                is_problem(answer, 429)
                assert int(answer.headers["retry-after"]) > 0
            return answer.status_code

        async def flood(ip: str) -> list[int]:
            return list(await asyncio.gather(*(send(ip) for _ in range(60))))

        codes = await flood("203.0.113.7")
        assert codes.count(200) >= 30
        assert 429 in codes
        assert await send("203.0.113.8") == 200
        # what the sender itself writes in front of the proxy's word is not believed
        again = await flood("198.51.100.1, 203.0.113.7")
        assert again.count(200) < 30
        assert (await house.ledger()).captures["spam"] == codes.count(200) + 1 + again.count(200)


async def test_nobodys_forwarded_address_is_believed_without_a_proxy(idle_house: House) -> None:
    codes = []
    for n in range(40):
        says = {"x-forwarded-for": f"203.0.113.{n}"}
        codes.append((await idle_house.http.post("/forms/f", data={"website_url": "x"}, headers=says)).status_code)

    assert 429 in codes


@pytest.mark.parametrize(
    ("target", "origin", "is_followed"),
    [
        ("https://www.example.com/thanks?a=1", PAGE, True),
        ("https://evil.example.net/", PAGE, False),
        ("https://www.example.com.evil.net/", PAGE, False),
        ("https://www.example.com@evil.net/", PAGE, False),
        ("//evil.example.net/", PAGE, False),
        ("javascript:alert(1)", PAGE, False),
        ("https://www.example.com/\r\nset-cookie: a=b", PAGE, False),
        ("https://www.example.com/thanks", None, False),
        ("https://[::1", PAGE, False),
        ("http://www.example.com/thanks", PAGE, False),
    ],
)
async def test_a_form_leads_back_to_its_own_site_only(
    idle_house: House, target: str, origin: str | None, is_followed: bool
) -> None:
    headers = {"referer": origin} if origin else {}
    answer = await idle_house.http.post("/forms/contact", data={**FIELDS, "redirect_to": target}, headers=headers)

    assert answer.status_code == (303 if is_followed else 200)
    assert answer.headers.get("location") == (target if is_followed else None)


async def test_a_form_without_anybody_in_it_is_refused_and_stored(idle_house: House) -> None:
    document = is_problem(await idle_house.http.post("/forms/contact", data={"message": "hello"}), 422)

    assert document["errors"].keys() == {"name", "phone", "email"}
    assert (await idle_house.ledger()).captures["rejected"] == 1


async def test_a_form_that_cannot_be_read_is_refused_and_stored(idle_house: House) -> None:
    broken = [
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 422), (b"x", "multipart/form-data", 400),
        (b"{}", "application/json", 415), (b"a=1&" * 500, "application/x-www-form-urlencoded", 400),
    ]  # fmt: skip
    for body, kind, status in broken:
        answer = await idle_house.http.post("/forms/contact", content=body, headers={"content-type": kind})
        is_problem(answer, status)

    assert (await idle_house.ledger()).captures["rejected"] == len(broken)


async def test_hostile_fields_are_kept_as_text_and_answered_as_a_form(house: House) -> None:
    hostile = [
        {**FIELDS, "name": "<img src=x onerror=alert(1)>", "message": "{{ 7*7 }} {% for x in y %} =cmd|' /C calc'!A0"},
        {**FIELDS, "name": "A\x00nn\u202e Lee", "message": "\x00" * 50, "email": "a@b@c"},
        {**FIELDS, "name": "x" * 100_000, "phone": "9" * 10_000},
        {**{f"field{n}": "v" for n in range(150)}, **FIELDS},
        {"name": "Ann", "phone": "813-555-0142 ext. 5 or 813-555-0143", "sms_consent": "maybe"},
    ]
    for fields in hostile:
        assert (await house.http.post("/forms/contact", data=fields)).status_code == 200
    raw = await house.http.post(
        "/forms/contact",
        content=b"name=%ff%fe&phone=%ED%A0%80&message=%00&email=ann%40example.com",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    await house.settled()
    to_leads = [text["Body"] for text in await house.texts() if text["To"] != "+18135550101"]

    assert raw.status_code == 200
    assert to_leads
    assert not [body for body in to_leads if "<" in body or "{" in body or "=" in body]
    assert (await house.ledger()).problems == []


async def test_what_the_request_shows_completes_the_proof_of_consent(idle_house: House) -> None:
    house = idle_house
    proof = {
        **FIELDS, "sms_consent": "yes", "wording_version": "v3", "signature": "Ann Lee",
        "consent_text": "I agree that Example Realty may text me at the number provided, also by automated means.",
    }  # fmt: skip
    headers = {"referer": PAGE, "user-agent": "Browser/1"}
    await house.http.post("/forms/contact", data=proof, headers=headers)
    await house.http.post("/forms/contact", data={**proof, "signature": "", "phone": "813 555 0143"}, headers=headers)
    pre_ticked = {**proof, "consent_checkbox": "pre-ticked", "phone": "813 555 0144"}
    await house.http.post("/forms/contact", data=pre_ticked, headers=headers)
    said = await house.rows("select level, missing from consent where channel = 'sms' order by id")

    assert [row["level"] for row in said] == ["written", "inquiry", "inquiry"]
    assert [row["missing"] for row in said] == [[], ["signature"], ["checkbox"]]


async def test_a_no_to_texts_on_the_form_is_kept_to(house: House) -> None:
    await house.http.post("/forms/contact", data={**FIELDS, "sms_consent": "no"})
    inquiry = (await house.rows("select id::text from inquiry"))[0]["id"]
    text = await house.reaches(inquiry, "sms", "blocked")
    await house.reaches(inquiry, "email", "sent", "delivered")

    assert text["reason"] == "declined"


async def test_the_raw_form_is_kept_as_it_came(idle_house: House) -> None:
    await idle_house.http.post("/forms/contact-2", data=FIELDS, headers={"referer": PAGE, "user-agent": "Browser/1"})
    row = (
        await idle_house.rows(
            "select c.id, c.door, c.source, c.body, d.id as key_id, d.kek_id, d.wrapped "
            "from capture c join vault.data_key d on d.id = c.data_key_id"
        )
    )[0]
    key = idle_house.office.vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
    raw = stored.opened_capture(key, row["body"], capture_id=UUID(str(row["id"])), door="form", source="")

    assert raw.meta == {"form": "contact-2", "ip": "127.0.0.1", "user_agent": "Browser/1", "url": PAGE}
    assert b"the blue house" in raw.body


async def test_twenty_submits_of_one_form_at_once_make_one_lead(idle_house: House) -> None:
    answers = await asyncio.gather(*(idle_house.http.post("/forms/contact", data=FIELDS) for _ in range(20)))
    book = await idle_house.ledger()

    assert {answer.status_code for answer in answers} == {200}
    assert (book.captures["lead"], book.captures["known"], book.problems) == (1, 19, [])
