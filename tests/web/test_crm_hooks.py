"""What CRMs post to us: believed only when signed, kept once, and never lost through trouble of ours."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from leadwake.errors import AnomalousPayload
from leadwake.providers import gohighlevel_words as ghl
from leadwake.providers import hubspot_words
from office_case import House, a_house

KEY = ed25519.Ed25519PrivateKey.generate()
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
NOW = datetime(2026, 5, 1, tzinfo=UTC)
EVENT = {"type": "ContactDelete", "id": "c1"}


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Nobody at work: what is kept stays to be looked at."""
    async with a_house(database_url, tmp_path / "data", at_work=False, GOHIGHLEVEL_WEBHOOK_SECRET=PEM) as running:
        yield running


def hubspot_signature(url: str, body: bytes, at: str, *, secret: str = "practice") -> str:
    signed = b"POST" + url.encode() + body + at.encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


async def hubspot(
    house: House, events: object, *, age_s: float = 0, path: str = "/hooks/hubspot", **headers: str
) -> httpx.Response:
    body, at = json.dumps(events).encode(), str(int((time.time() - age_s) * 1000))
    signature = hubspot_signature(f"{house.url}{path}", body, at)
    signed = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": at}
    return await house.http.post(path, content=body, headers={**signed, **headers})


async def gohighlevel(house: House, event: Mapping[str, Any], *, body: bytes | None = None) -> httpx.Response:
    sent = json.dumps(event).encode()
    signature = base64.b64encode(KEY.sign(sent)).decode()
    return await house.http.post("/hooks/gohighlevel", content=body or sent, headers={"X-GHL-Signature": signature})


async def kept(house: House) -> list[tuple[str, str, str]]:
    return [
        (row["event_id"], row["kind"], row["ref"]) for row in await house.rows("select * from crm_event order by id")
    ]


async def test_a_batch_of_hubspots_is_kept_each_event_once(house: House, shared: Path) -> None:
    sample = json.loads((shared / "vendor-specs/samples/hubspot/webhook_batch.json").read_text())
    answers = await asyncio.gather(*(hubspot(house, events) for events in (sample, sample[::-1]) * 10))

    assert {answer.status_code for answer in answers} == {200}
    assert sorted(await kept(house)) == [("3816279340", "changed", "1246965"), ("3816279480", "created", "1246978")]


async def test_what_hubspot_did_not_sign_or_signed_long_ago_is_refused(house: House) -> None:
    events = [{"eventId": 1, "objectId": 2, "subscriptionType": "contact.creation"}]
    answers = [
        await house.http.post("/hooks/hubspot", json=events),
        await hubspot(house, events, age_s=301),
        await hubspot(house, events, age_s=-301),
        await hubspot(house, events, **{"X-HubSpot-Signature-v3": "AAAA"}),
    ]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert await kept(house) == []


async def test_the_query_is_signed_too(house: House) -> None:
    events = [{"eventId": 1, "objectId": 2, "subscriptionType": "contact.creation"}]
    path = "/hooks/hubspot?portal=33&x=%40"

    assert (await hubspot(house, events, path=path)).status_code == 200


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_hubspots_older_signatures_are_believed_where_no_newer_one_came(house: House, version: str) -> None:
    body = b'[{"eventId": 5, "objectId": 2, "eventType": "deal.propertyChange"}]'
    start = "practice" + (f"POST{house.url}/hooks/hubspot" if version == "v2" else "")
    signature = hashlib.sha256(start.encode() + body).hexdigest()
    headers = {"X-HubSpot-Signature": signature, "X-HubSpot-Signature-Version": version}

    assert (await house.http.post("/hooks/hubspot", content=body, headers=headers)).status_code == 200
    assert (await house.http.post("/hooks/hubspot", content=body + b" ", headers=headers)).status_code == 401
    forged = {**headers, "X-HubSpot-Signature-v3": "AAAA"}
    assert (await house.http.post("/hooks/hubspot", content=body, headers=forged)).status_code == 401
    assert await kept(house) == [("5", "deal", "2")]


@pytest.mark.parametrize("body", [b"{", b'{"a": 1}', b"7", b"\xff", b"[" * 5000])
async def test_a_signed_body_of_another_shape_is_a_bad_request(house: House, body: bytes) -> None:
    at = str(int(time.time() * 1000))
    headers = {
        "X-HubSpot-Signature-v3": hubspot_signature(f"{house.url}/hooks/hubspot", body, at),
        "X-HubSpot-Request-Timestamp": at,
    }
    signature = {"X-GHL-Signature": base64.b64encode(KEY.sign(body)).decode()}

    assert (await house.http.post("/hooks/hubspot", content=body, headers=headers)).status_code == 400
    wanted = 200 if body == b'{"a": 1}' else 400
    assert (await house.http.post("/hooks/gohighlevel", content=body, headers=signature)).status_code == wanted
    assert await kept(house) == []


async def test_strange_events_are_passed_over_and_the_others_kept(house: House) -> None:
    events: list[object] = [
        7, {}, {"eventId": 1}, {"eventId": 2, "objectId": "../x", "subscriptionType": "contact.creation"},
        {"eventId": True, "objectId": 3, "subscriptionType": "contact.creation"},
        {"eventId": 4, "objectId": 9, "objectTypeId": "0-3", "subscriptionType": "object.propertyChange"},
        {"eventId": 5, "objectId": 9, "subscriptionType": "company.creation"},
    ]  # fmt: skip

    assert (await hubspot(house, events)).status_code == 200
    assert await kept(house) == [("4", "deal", "9")]


async def test_an_event_of_gohighlevels_is_kept_sealed_and_once(house: House, shared: Path) -> None:
    folder = shared / "vendor-specs/samples/gohighlevel"
    for name in ("contact_create", "inbound_message_sms", "opportunity_create", "contact_dnd_update"):
        event = json.loads((folder / f"{name}.json").read_text())
        assert [(await gohighlevel(house, event)).status_code for _ in range(2)] == [200, 200]

    assert [kind for _, kind, _ in await kept(house)] == ["created", "message", "deal", "changed"]
    contents = b"".join(bytes(row["content"]) for row in await house.rows("select content from crm_event"))
    assert not [word for word in (b"john.deo", b"555", b"test message") if word in contents]


async def test_one_byte_changed_is_refused_and_counted(house: House) -> None:
    body = bytearray(json.dumps(EVENT).encode())
    body[-3] ^= 1

    assert (await gohighlevel(house, EVENT, body=bytes(body))).status_code == 401
    assert (await house.http.post("/hooks/gohighlevel", json=EVENT)).status_code == 401
    assert await kept(house) == []


@pytest.mark.parametrize(("seconds", "status"), [(-290, 200), (-310, 400), (310, 400)])
async def test_an_old_event_is_refused(house: House, seconds: int, status: int) -> None:
    at = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()

    assert (await gohighlevel(house, {**EVENT, "timestamp": at, "webhookId": "w1"})).status_code == status


async def test_trouble_of_ours_is_answered_so_that_gohighlevel_sends_again(house: House) -> None:
    await house.rows("alter table crm_event rename to crm_event_away")
    away = await gohighlevel(house, EVENT)
    await house.rows("alter table crm_event_away rename to crm_event")
    again = await gohighlevel(house, EVENT)

    assert (away.status_code, again.status_code) == (429, 200)
    assert away.headers["Retry-After"]
    assert len(await kept(house)) == 1


async def test_a_body_too_large_is_refused_before_anything(house: House) -> None:
    for path in ("/hooks/hubspot", "/hooks/gohighlevel"):
        assert (await house.http.post(path, content=b"x" * (1024 * 1024 + 1))).status_code == 413


def test_the_published_ed25519_key_is_one_we_can_verify_by(shared: Path) -> None:
    keys = json.loads((shared / "vendor-specs/samples/gohighlevel/webhook_public_keys.json").read_text())
    both = "".join(keys[name]["public_key_pem"] for name in ("x_ghl_signature", "x_wh_signature"))

    assert len(list(ghl._keys(both))) == 2
    assert ghl.is_key(keys["x_ghl_signature"]["public_key_pem"].replace("\n", " "))
    assert not ghl.is_key("nonsense")


def test_a_key_pasted_in_any_of_its_shapes_verifies() -> None:
    bare = "".join(PEM.strip().splitlines()[1:-1])
    signature = base64.b64encode(KEY.sign(b"x")).decode()
    for shape in (PEM, bare, PEM.replace("\n", " "), PEM.replace("\n", "\\n")):
        assert ghl.verify(shape, b"x", signature, "", NOW)
        assert not ghl.verify(shape, b"y", signature, "", NOW)
    assert not ghl.verify("", b"x", signature, "", NOW)


def test_the_older_rsa_signature_holds_until_its_last_day() -> None:
    old = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = old.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    signature = base64.b64encode(old.sign(b"x", PKCS1v15(), SHA256())).decode()

    assert ghl.verify(PEM + pem, b"x", "", signature, NOW)
    assert not ghl.verify(PEM + pem, b"y", "", signature, NOW)
    assert not ghl.verify(PEM + pem, b"x", "", signature, ghl.OLD_SIGNATURE_ENDS)
    assert not ghl.verify(PEM + pem, b"x", signature, signature, NOW)  # a newer header decides alone


def test_do_not_disturb_is_read_channel_by_channel(shared: Path) -> None:
    sample = json.loads((shared / "vendor-specs/samples/gohighlevel/contact_dnd_update.json").read_text())

    assert ghl.stopped(sample) == {"email"}
    assert ghl.stopped({"dnd": True}) == {"sms", "email", "voice"}
    assert ghl.stopped({"dnd": True, "dndSettings": {}}) == {"sms", "email", "voice"}
    assert ghl.stopped({"dnd": False, "dndSettings": {"SMS": {"status": "permanent"}}}) == {"sms"}
    assert ghl.stopped({"dnd": "true"}) == set()


@pytest.mark.parametrize("told", [b"", b"[]", b"null", b"\xff"])
def test_what_is_no_object_is_anomalous(told: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        ghl.event(told, NOW)


@pytest.mark.parametrize(
    ("has", "outcome", "cents"),
    [
        ({"dealstage": "closedwon", "hs_is_closed_won": "true", "amount": "9500.50"}, "won", 950_050),
        ({"dealstage": "7", "hs_is_closed": "true", "hs_is_closed_won": "true", "amount": ""}, "won", None),
        ({"dealstage": "7", "hs_is_closed": "true", "hs_is_closed_won": "false"}, "lost", None),
        ({"dealstage": "appointmentscheduled", "amount": "NaN"}, None, None),  # what it means, its stage says
        ({"dealstage": "qualifiedtobuy", "amount": "-1"}, None, None),
        ({}, None, None),
    ],
)
def test_a_deal_of_hubspots_says_what_came_of_it(has: dict[str, str], outcome: str | None, cents: int | None) -> None:
    deal = hubspot_words.deal("1", {"properties": has, "associations": {"contacts": {"results": [{"id": "7"}, {}]}}})

    assert (deal.outcome, deal.cents, deal.contacts) == (outcome, cents, ("7",))
