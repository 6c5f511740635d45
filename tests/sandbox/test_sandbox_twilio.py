"""The Twilio stand-in against what Twilio documents."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from sandbox_case import ACCOUNT, MEI, MESSAGES, OUR_NUMBER, TOKEN, Hook, Visitor, specs

from leadwake.sandbox.behaviour import OK
from leadwake.sandbox.outbox import Outbox
from leadwake.sandbox.vendors.twilio import Twilio, segments, signed_headers
from leadwake.sandbox.wire import Request


def signature(token: str, url: str, fields: dict[str, str]) -> str:
    """As the vendor's security page says, written anew: HMAC-SHA1 of the URL and the sorted parameters."""
    signed = url.encode()
    for name in sorted(fields):
        signed += name.encode() + fields[name].encode()
    return base64.b64encode(hmac.digest(token.encode(), signed, hashlib.sha1)).decode()


def read_form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))


def conforms(schema: dict[str, Any], document: dict[str, Any], value: object) -> list[str]:
    registry = Registry().with_resource("urn:c", Resource.from_contents(document, default_specification=DRAFT202012))
    absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:c#/'))
    return [error.message for error in OAS30Validator(absolute, registry=registry).iter_errors(value)]


@pytest.mark.vendor_specs
async def test_answers_have_the_documented_shape(sandbox: Visitor) -> None:
    document = json.loads((specs() / "twilio.openapi.json").read_text())
    operations = document["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]
    one = document["components"]["schemas"]["api.v2010.account.message"]
    listed = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    sample = json.loads((specs() / "samples" / "twilio" / "message_create_201.json").read_text())
    created = (await sandbox.text()).json()
    found = await sandbox.http.get(MESSAGES, params={"PageSize": "1"}, auth=(ACCOUNT, TOKEN))

    assert conforms(one, document, created) == []
    assert conforms(listed, document, found.json()) == []
    assert created.keys() == sample.keys()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": "+15005550001"}, 21211),
        ({"To": "+15005550002"}, 21612),
        ({"To": "+15005550003"}, 21408),
        ({"To": "+15005550004"}, 21610),
        ({"To": "+15005550009"}, 21614),
        ({"To": "5025550192"}, 21211),
        ({"To": ""}, 21604),
        ({"From": "+15005550001"}, 21212),
        ({"From": "+15005550007"}, 21606),
        ({"From": "+15005550008"}, 21611),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"StatusCallback": "nowhere"}, 21609),
    ],
)
async def test_what_twilio_refuses_is_refused_by_code(sandbox: Visitor, fields: dict[str, str], code: int) -> None:
    answer = await sandbox.text(**fields)

    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "message", "more_info", "status"}
    assert answer.json()["code"] == code
    assert await sandbox.texts() == []


@pytest.mark.parametrize(
    "credentials",
    ["", "Bearer x", "Basic", "Basic %%%", "Basic " + base64.b64encode(b"AC0:secret").decode(), "Basic \xff"],
)
async def test_without_the_accounts_credentials_nothing_is_taken(sandbox: Visitor, credentials: str) -> None:
    headers = {"authorization": credentials.encode("latin-1")}
    answer = await sandbox.http.post(MESSAGES, data={"To": MEI, "From": OUR_NUMBER, "Body": "x"}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert await sandbox.texts() == []


async def test_status_callbacks_come_signed(sandbox: Visitor, hook: Hook) -> None:
    url = f"{hook.url}/hooks/twilio/status?attempt=7"
    sid = (await sandbox.text(StatusCallback=url + "#rc=2")).json()["sid"]
    await hook.until(lambda hook: len(hook.posts) == 2)

    for target, headers, body in hook.posts:
        fields = read_form(body)
        assert target == "/hooks/twilio/status?attempt=7"
        assert headers["x-twilio-signature"] == signature(TOKEN, url, fields)
        assert (fields["MessageSid"], fields["AccountSid"], fields["To"]) == (sid, ACCOUNT, MEI)
    assert {read_form(body)["MessageStatus"] for _, _, body in hook.posts} == {"sent", "delivered"}
    assert (await sandbox.texts())[0]["status"] == "delivered"


async def test_a_callback_to_the_products_public_name_is_taken_to_it_and_signed_for_that_name(
    sandbox: Visitor, hook: Hook
) -> None:
    url = "https://leads.example.com/hooks/twilio/status?attempt=7"
    await sandbox.text(StatusCallback=url)
    await hook.until(lambda hook: bool(hook.posts))
    target, headers, body = hook.posts[0]

    assert target == "/hooks/twilio/status?attempt=7"
    assert headers["x-twilio-signature"] == signature(TOKEN, url, read_form(body))


async def test_a_callback_that_the_product_fails_is_tried_three_times(sandbox: Visitor, hook: Hook) -> None:
    hook.answers = [500, 503, 204]
    await sandbox.behave("twilio", mode="ok", delivery="failed")
    await sandbox.text(StatusCallback=f"{hook.url}/status")
    await hook.until(lambda hook: len(hook.posts) == 4)
    statuses = [read_form(body)["MessageStatus"] for _, _, body in hook.posts]

    assert sorted(statuses) == ["sent", "sent", "undelivered", "undelivered"]
    assert len({headers["i-twilio-idempotency-token"] for _, headers, _ in hook.posts}) == 2
    assert {read_form(body).get("ErrorCode") for _, _, body in hook.posts} == {None, "30003"}


async def test_callbacks_can_be_switched_off(sandbox: Visitor, hook: Hook) -> None:
    await sandbox.behave("twilio", mode="ok", callbacks=False)
    await sandbox.text(StatusCallback=f"{hook.url}/silent")
    await sandbox.behave("twilio", mode="ok")
    await sandbox.text(StatusCallback=f"{hook.url}/spoken")
    await hook.until(lambda hook: len(hook.posts) == 2)

    assert {target for target, _, _ in hook.posts} == {"/spoken"}


def test_the_published_signature_vector_holds() -> None:
    """twilio-python tests/unit/test_request_validator.py."""
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    headers = signed_headers("https://mycompany.com/myapp.php?foo=1&bar=2", fields, "12345")

    assert headers["x-twilio-signature"] == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


async def test_lists_page_newest_first_and_stay_in_step_while_texts_arrive(sandbox: Visitor) -> None:
    for number in range(5):
        await sandbox.text(Body=f"text {number}")
    seen: list[str] = []
    uri: str | None = "/2010-04-01/Accounts/" + ACCOUNT + "/Messages.json?PageSize=2&To=%2B15025550192"
    while uri is not None:
        page = (await sandbox.http.get("/twilio" + uri, auth=(ACCOUNT, TOKEN))).json()
        seen += [text["body"] for text in page["messages"]]
        uri = page["next_page_uri"]
        await sandbox.text(Body="a newer one")

    assert seen == [f"text {number}" for number in (4, 3, 2, 1, 0)]


async def test_lists_are_filtered_by_recipient_sender_and_day(sandbox: Visitor) -> None:
    await sandbox.text(Body="to Mei")
    await sandbox.text(Body="to another", To="+15025550193", From="+15025550100")

    assert [text["body"] for text in await sandbox.texts(To=MEI)] == ["to Mei"]
    assert [text["body"] for text in await sandbox.texts(From="+15025550100")] == ["to another"]
    assert len(await sandbox.texts(**{"DateSent>": "2020-01-01"})) == 2
    assert await sandbox.texts(**{"DateSent<": "2020-01-01"}) == []
    refused = await sandbox.http.get(MESSAGES, params={"DateSent": "today"}, auth=(ACCOUNT, TOKEN))
    assert refused.status_code == 400


async def test_one_text_is_fetched_by_its_sid_and_only_by_its_account(sandbox: Visitor) -> None:
    created = (await sandbox.text()).json()
    fetched = await sandbox.http.get("/twilio" + created["uri"], auth=(ACCOUNT, TOKEN))
    other = "AC" + "b" * 32
    stranger = await sandbox.http.get("/twilio" + created["uri"].replace(ACCOUNT, other), auth=(other, "theirs"))

    assert fetched.json()["sid"] == created["sid"]
    assert stranger.status_code == 404


async def test_a_person_of_the_practice_replies_and_the_product_gets_it_signed(sandbox: Visitor, hook: Hook) -> None:
    await sandbox.text()
    answer = await sandbox.http.post("/reply", data={"to": MEI, "body": "Yes please ☀"})
    ((target, headers, body),) = hook.posts
    fields = read_form(body)

    assert (answer.status_code, answer.headers["location"]) == (303, "/?show=texts")
    assert target == "/hooks/twilio/sms"
    assert (fields["From"], fields["To"], fields["Body"]) == (MEI, OUR_NUMBER, "Yes please ☀")
    assert headers["x-twilio-signature"] == signature(TOKEN, f"{hook.url}/hooks/twilio/sms", fields)
    page = (await sandbox.http.get("/")).text
    assert "Yes please ☀" in page
    assert "taken in " in page


async def test_nobody_replies_who_was_never_texted(sandbox: Visitor, hook: Hook) -> None:
    answer = await sandbox.http.post("/reply", data={"to": MEI, "body": "hello?"})

    assert answer.status_code == 422
    assert hook.posts == []


async def test_replies_go_where_they_are_told_but_never_off_this_machine(sandbox: Visitor, hook: Hook) -> None:
    away = await sandbox.http.put("/twilio/_inbound", json={"url": "http://192.0.2.7/hooks/twilio/sms"})
    here = await sandbox.http.put("/twilio/_inbound", json={"url": f"{hook.url}/elsewhere"})
    await sandbox.text()
    await sandbox.http.post("/reply", data={"to": MEI, "quick": "STOP"})

    assert (away.status_code, here.status_code) == (422, 200)
    assert [target for target, _, _ in hook.posts] == ["/elsewhere"]


@given(st.lists(st.tuples(st.integers(0, 4), st.text(max_size=3)), max_size=60), st.integers(1, 20))
def test_only_the_newest_are_kept_and_each_number_lists_its_own(sent: list[tuple[int, str]], most: int) -> None:
    async def send_all() -> None:
        twilio = Twilio(Outbox(), max_texts=most)
        credentials = b"Basic " + base64.b64encode(f"{ACCOUNT}:t".encode())
        form = {b"authorization": credentials, b"content-type": b"application/x-www-form-urlencoded"}
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        for at, (number, _) in enumerate(sent):
            body = f"To=%2B1502555010{number}&From=%2B15005550006&Body={at}".encode()
            assert twilio.work(Request("POST", path, "", form, body, float(at)), path, OK).status == 201
        kept = [(number, str(at)) for at, (number, _) in enumerate(sent)][-most:]
        for number in range(5):
            query = f"To=%2B1502555010{number}&PageSize=1000"
            answer = twilio.work(Request("GET", path, query, form, b"", 0.0), path, OK)
            bodies = [text["body"] for text in json.loads(answer.body)["messages"]]
            assert bodies == [body for to, body in reversed(kept) if to == number]

    asyncio.run(send_all())


SEGMENTS = (
    ("x" * 160, 1), ("x" * 161, 2), ("x" * 306, 2), ("x" * 307, 3), ("ñ" * 160, 1), ("€" * 80, 1), ("€" * 81, 2),
    ("’" * 70, 1), ("’" * 71, 2), ("😀" * 35, 1), ("😀" * 36, 2),
)  # fmt: skip


@pytest.mark.parametrize(("body", "count"), SEGMENTS)
def test_segments_are_counted_as_carriers_do(body: str, count: int) -> None:
    assert segments(body) == count
