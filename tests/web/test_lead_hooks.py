"""What ad forms and portals post: believed by signature or key, one capture however often and however many at once."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from office_case import House, a_house

SECRETS = {"GOOGLE_ADS_WEBHOOK_SECRET": "secret-key", "TYPEFORM_WEBHOOK_SECRET": "abc123"}
ANN = {"column_id": "FULL_NAME", "string_value": "Ann Lee"}, {"column_id": "EMAIL", "string_value": "ann@example.com"}
GOOGLE = {"lead_id": "G-1", "google_key": "secret-key", "user_column_data": list(ANN)}
RESPONSE = {
    "event_id": "E-1", "event_type": "form_response",
    "form_response": {
        "form_id": "f", "token": "T-1", "submitted_at": "2026-11-24T16:59:00Z",
        "answers": [{"type": "email", "email": "ann@example.com", "field": {"id": "1", "type": "email"}}],
    },
}  # fmt: skip
RENTAL = {"listingId": "p1", "name": "Rachel Lee", "email": "rachel@example.com", "phone": "813-555-0142"}


@pytest.fixture
async def doors(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A house whose ad doors have their keys; nobody works yet."""
    async with a_house(database_url, tmp_path / "data", at_work=False, **SECRETS) as house:
        yield house


def typeform_signature(body: bytes, secret: str = "abc123") -> str:
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


async def google(house: House, **changes: Any) -> httpx.Response:
    return await house.http.post("/hooks/google-ads/leadform", json=GOOGLE | changes)


async def typeform(house: House, document: object, signature: str | None = None) -> httpx.Response:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    headers = {"Typeform-Signature": typeform_signature(body) if signature is None else signature}
    return await house.http.post("/hooks/typeform", content=body, headers=headers)


async def zillow(house: House, query: str = "", **changes: str) -> httpx.Response:
    return await house.http.post(f"/hooks/zillow/rentals{query}", data=RENTAL | changes)


async def captures(house: House) -> list[tuple[str, str, str | None]]:
    rows = await house.rows("select door, outcome, reason from capture order by at, door")
    return [(row["door"], row["outcome"], row["reason"]) for row in rows]


async def test_each_door_makes_a_lead_who_is_answered(doors: House) -> None:
    answers = [await google(doors), await typeform(doors, RESPONSE), await zillow(doors)]
    planned = await doors.rows("select kind, count(*) as n from action where kind in ('sms', 'email') group by kind")
    sources = await doors.rows("select source, channel from inquiry order by source")

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].json() == {}
    assert await captures(doors) == [
        ("google_ads", "lead", None),
        ("typeform", "known", None),
        ("zillow", "lead", None),
    ]
    assert {row["kind"]: row["n"] for row in planned} == {"sms": 3, "email": 3}
    assert [(row["source"], row["channel"]) for row in sources] == [
        ("Zillow", "portal"), ("google_ads", "web_form"), ("typeform", "web_form"),
    ]  # fmt: skip
    heard = await doors.rows("select source, name from heard order by source")
    assert [(row["source"], row["name"]) for row in heard] == [
        ("google_ads", "leadform"), ("typeform", "responses"), ("zillow", "rentals"),
    ]  # fmt: skip
    assert (await doors.ledger()).problems == []


async def test_fifty_at_once_and_once_more_make_one_capture_each(doors: House) -> None:
    waves = [google(doors), typeform(doors, RESPONSE), zillow(doors)]
    await asyncio.gather(*(wave for _ in range(50) for wave in [google(doors), typeform(doors, RESPONSE)]))
    answers = await asyncio.gather(*waves, *(zillow(doors, message=str(n)) for n in range(49)))

    assert {answer.status_code for answer in answers} == {200}
    assert sorted(door for door, _, _ in await captures(doors)) == ["google_ads", "typeform", "zillow"]
    assert (await doors.ledger()).problems == []


async def test_googles_test_lead_is_kept_and_heard_and_never_answered(doors: House, shared: Path) -> None:
    body = (shared / "vendor-specs/samples/google_ads/lead_test.json").read_bytes()
    answer = await doors.http.post("/hooks/google-ads/leadform", content=body)

    assert (answer.status_code, answer.json()) == (200, {})
    assert await captures(doors) == [("google_ads", "rejected", "test lead")]
    assert await doors.rows("select 1 from heard where source = 'google_ads'")
    assert not await doors.rows("select 1 from lead union all select 1 from action")


@pytest.mark.parametrize("key", [None, "", "secret-kez", 7, ["secret-key"]])
async def test_a_wrong_google_key_is_refused_for_good(doors: House, key: object) -> None:
    assert (await google(doors, google_key=key)).status_code == 403
    assert await captures(doors) == []


async def test_nothing_is_believed_before_a_secret_is_set(idle_house: House) -> None:
    assert (await google(idle_house, google_key="")).status_code == 403
    body = json.dumps(RESPONSE).encode()
    assert (await typeform(idle_house, body, typeform_signature(body, ""))).status_code == 401
    assert (await zillow(idle_house)).status_code == 200  # unsigned by contract: as open as a form


async def test_the_published_signature_is_believed_and_none_that_differs(doors: House, shared: Path) -> None:
    vectors = json.loads((shared / "vendor-specs/samples/signature_vectors.json").read_text())["vectors"]
    (vector,) = [one for one in vectors if one["vendor"] == "typeform"]
    body, signature = vector["body"].encode(), vector["header"]["Typeform-Signature"]

    assert (await typeform(doors, body, signature)).status_code == 200
    for spoilt, header in (
        (body + b" ", signature), (body[:-1] + b"]", signature), (body, signature[:-2] + "A="), (body, ""),
        (body, signature.removeprefix("sha256=")), (body, "sha256=" + hmac.new(b"abc123", body, "sha256").hexdigest()),
        (body, "é"),
    ):  # fmt: skip
        assert (await typeform(doors, spoilt, header.encode())).status_code == 401  # type: ignore[arg-type]


async def test_a_response_without_a_person_is_kept_and_not_asked_for_again(doors: House) -> None:
    survey = {**RESPONSE, "form_response": {"form_id": "f", "token": "T-9", "submitted_at": "x", "answers": []}}
    partial = {**RESPONSE, "event_type": "form_response_partial"}

    assert [(await typeform(doors, one)).status_code for one in (survey, partial)] == [200, 200]
    assert [outcome for _, outcome, _ in await captures(doors)] == ["rejected"]


async def test_garbage_floods_and_depth_end_in_their_status_and_disturb_nothing(doors: House) -> None:
    huge, deep, broken = b"x" * 20_000_000, b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b"\xff{"
    google_path, form = "/hooks/google-ads/leadform", {"content-type": "application/x-www-form-urlencoded"}
    statuses = {
        "google": [(await doors.http.post(google_path, content=body)).status_code
                   for body in (huge, deep, broken, b"[]")],
        "typeform": [(await typeform(doors, body)).status_code for body in (huge, deep, broken, b"[]")],
        "zillow": [(await doors.http.post("/hooks/zillow/rentals", content=body, headers=form)).status_code
                   for body in (huge, b"a=1&" * 5_000, b"%ff%00=%ff", b"")],
    }  # fmt: skip

    assert statuses == {
        "google": [413, 400, 400, 422],
        "typeform": [413, 400, 400, 422],
        "zillow": [413, 400, 200, 200],
    }
    assert (await google(doors)).status_code == 200
    assert (await doors.ledger()).problems == []


async def test_zillow_may_be_given_a_key_and_is_refused_without_it(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False, ZILLOW_WEBHOOK_SECRET="k-1") as house:
        statuses = [
            (await zillow(house, query)).status_code for query in ("", "?key=", "?key=k-2", "?key=é", "?key=k-1")
        ]

        assert statuses == [401, 401, 401, 401, 200]
        assert len(await captures(house)) == 1


async def test_a_flood_of_rentals_from_one_address_is_slowed(doors: House) -> None:
    answers = await asyncio.gather(*(zillow(doors, name="") for _ in range(130)))
    slowed = [answer for answer in answers if answer.status_code == 429]

    assert 1 <= len(slowed) <= 30
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in slowed)


async def test_the_google_key_stands_nowhere_afterwards(doors: House, capfd: pytest.CaptureFixture[str]) -> None:
    await google(doors, google_key="secret-key")
    await google(doors, google_key="another-key")
    (row,) = await doors.rows(
        "select c.*, k.wrapped, k.kek_id from capture c join vault.data_key k on k.id = data_key_id"
    )
    key = doors.office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])

    assert b"secret-key" not in key.open(row["body"], b"capture.body")
    assert not {"secret-key", "another-key"} & set("".join(capfd.readouterr()).replace('"', " ").split())
