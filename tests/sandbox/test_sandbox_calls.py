"""Calls at the Twilio stand-in against what Twilio documents; people of the practice with phones."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sandbox_case import ACCOUNT, MEI, OUR_NUMBER, TOKEN, Hook, Visitor, running_sandbox, specs
from test_sandbox_twilio import conforms, signature

CALLS = f"/twilio/2010-04-01/Accounts/{ACCOUNT}/Calls"


async def place(sandbox: Visitor, **fields: str) -> Any:
    form = {"To": MEI, "From": OUR_NUMBER, "Url": "http://127.0.0.1:9/agent"} | fields
    return await sandbox.http.post(f"{CALLS}.json", data=form, auth=(ACCOUNT, TOKEN))


@pytest.mark.vendor_specs
async def test_a_call_has_the_documented_shape(sandbox: Visitor) -> None:
    document = json.loads((specs() / "twilio.openapi.json").read_text())
    one = document["components"]["schemas"]["api.v2010.account.call"]
    made = await place(sandbox)
    found = await sandbox.http.get(f"{CALLS}/{made.json()['sid']}.json", auth=(ACCOUNT, TOKEN))

    assert (made.status_code, found.status_code) == (201, 200)
    assert conforms(one, document, made.json()) == []
    assert conforms(one, document, found.json()) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": ""}, 21201),
        ({"To": "5025550192"}, 21211),
        ({"From": ""}, 21213),
        ({"From": "MG" + "a" * 32}, 21212),
        ({"Url": "nowhere"}, 21205),
        ({"Record": "true"}, 21218),
    ],
)
async def test_what_cannot_be_called_is_refused_by_code(sandbox: Visitor, fields: dict[str, str], code: int) -> None:
    answer = await place(sandbox, **fields)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_stranger_to_the_account_finds_no_call(sandbox: Visitor) -> None:
    sid = (await place(sandbox)).json()["sid"]
    other = "AC" + "f" * 32

    assert (await sandbox.http.get(f"{CALLS}/{sid}.json")).status_code == 401
    path = f"/twilio/2010-04-01/Accounts/{other}/Calls/{sid}.json"
    assert (await sandbox.http.get(path, auth=(other, TOKEN))).status_code == 404


async def test_a_call_is_hung_up_and_deleted_only_then(sandbox: Visitor) -> None:
    sid = (await place(sandbox)).json()["sid"]
    path, auth = f"{CALLS}/{sid}.json", (ACCOUNT, TOKEN)

    assert (await sandbox.http.delete(path, auth=auth)).status_code == 409
    assert (await sandbox.http.post(path, data={"Status": "sung"}, auth=auth)).status_code == 400
    assert (await sandbox.http.post(path, data={"Status": "completed"}, auth=auth)).status_code == 200
    assert (await sandbox.http.get(path, auth=auth)).json()["status"] in {"canceled", "completed"}
    assert (await sandbox.http.delete(path, auth=auth)).status_code == 204
    assert (await sandbox.http.get(path, auth=auth)).status_code == 404


async def test_nobody_answers_a_phone_that_does_not_ring(sandbox: Visitor) -> None:
    sid = (await place(sandbox)).json()["sid"]
    answer = await sandbox.http.post("/phone", data={"call": sid, "to": MEI, "do": "key"})

    assert answer.status_code == 409
    assert (await sandbox.http.post("/phone", data={"call": "CA0", "to": MEI, "do": "key"})).status_code == 404
    assert (await sandbox.http.post("/call", data={"from": ""})).status_code == 422


async def test_status_callbacks_are_signed_and_come_for_the_events_asked_for(sandbox: Visitor, hook: Hook) -> None:
    url = f"{hook.url}/hooks/twilio/voice/status?call=7"
    await place(sandbox, StatusCallback=url, StatusCallbackEvent="ringing")
    await hook.until(lambda hook: len(hook.posts) == 1)
    [(target, headers, body)] = hook.posts
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))

    assert (target, fields["CallStatus"]) == ("/hooks/twilio/voice/status?call=7", "ringing")
    assert headers["x-twilio-signature"] == signature(TOKEN, url, fields)


async def test_without_a_product_a_caller_hears_nothing_and_the_page_says_why() -> None:
    async with running_sandbox() as sandbox:
        answer = await sandbox.http.post("/call", data={"from": MEI})

        assert answer.status_code == 303
        assert "was not told where the product is" in (await sandbox.http.get("/?show=calls")).text
