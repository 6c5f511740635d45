"""Each way to misbehave, over real HTTP, and what it leaves behind."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_case import BEARER, CONTACTS, MEI, Visitor, until

from leadwake.sandbox.behaviour import MAX_DELAY_MS, OK, BadBehaviour, Behaviour, Conduct, read


async def mode_is_ok(sandbox: Visitor) -> bool:
    return (await sandbox.http.get("/behaviour")).json()["twilio"]["mode"] == "ok"  # type: ignore[no-any-return]


async def test_a_text_is_taken_and_on_record(sandbox: Visitor) -> None:
    assert (await sandbox.text(Body="Hi Mei, 1 + 1 = 2 & so on")).status_code == 201

    (record,) = await sandbox.received(vendor="twilio")
    assert record["method"] == "POST"
    assert record["path"].endswith("/Messages.json")
    assert record["body"]["Body"] == "Hi Mei, 1 + 1 = 2 & so on"
    assert record["at"].endswith("Z")


async def test_ok_with_a_delay_works_at_once_and_answers_later(sandbox: Visitor) -> None:
    await sandbox.behave("twilio", mode="ok", delay_ms=300)
    started = time.monotonic()
    sending = asyncio.create_task(sandbox.text())
    seen_before_answer = []
    while not sending.done():
        seen_before_answer.append(len(await sandbox.received(vendor="twilio")))
    assert (await sending).status_code == 201

    assert time.monotonic() - started >= 0.3
    assert 1 in seen_before_answer


async def test_slow_works_only_after_its_delay(sandbox: Visitor) -> None:
    await sandbox.behave("twilio", mode="slow", delay_ms=200)
    started = time.time()
    assert (await sandbox.text()).status_code == 201

    (record,) = await sandbox.received(vendor="twilio")
    assert datetime.fromisoformat(record["at"]).timestamp() - started >= 0.2


async def test_slow_does_not_hold_up_another_vendor(sandbox: Visitor) -> None:
    await sandbox.behave("twilio", mode="slow", delay_ms=60_000)
    sending = asyncio.create_task(sandbox.text())
    assert (await sandbox.mail()).status_code == 202

    assert not sending.done()
    sending.cancel()


async def test_thousand_slow_answers_are_waited_for_together(sandbox: Visitor) -> None:
    await sandbox.behave("apollo", mode="slow", delay_ms=200)
    request = b"POST /apollo/api/v1/people/match HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\nconnection: close\r\n\r\n"
    answers = await asyncio.gather(*(sandbox.raw(request) for _ in range(1_000)))  # in turn they would miss the limit

    assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers)


@pytest.mark.parametrize(
    ("vendor", "status"), [("twilio", 503), ("sendgrid", 500), ("hubspot", 500), ("slack", 500), ("apollo", 503)]
)
async def test_error_answers_as_the_vendor_does_and_does_nothing(sandbox: Visitor, vendor: str, status: int) -> None:
    await sandbox.behave(vendor, mode="error")
    answer = await sandbox.http.post(f"/{vendor}/anything", content=b"x")

    assert answer.status_code == status
    assert await sandbox.received(vendor=vendor) == []
    assert [record["status"] for record in await sandbox.received(vendor=vendor, refused=1)] == [status]


async def test_throttle_speaks_each_vendors_words(sandbox: Visitor) -> None:
    for vendor in ("twilio", "sendgrid", "hubspot", "slack", "meta"):
        await sandbox.behave(vendor, mode="throttle")
    text, mail = await sandbox.text(), await sandbox.mail()
    contact = await sandbox.http.post(CONTACTS, json={"properties": {}}, headers=BEARER)
    slack = await sandbox.http.post("/slack/api/chat.postMessage", json={}, headers=BEARER)
    meta = await sandbox.http.get("/meta/v25.0/1")

    assert [answer.status_code for answer in (text, mail, contact, slack)] == [429] * 4
    assert [answer.headers["retry-after"] for answer in (text, mail, contact, slack)] == ["1"] * 4
    assert text.json()["code"] == 20429
    assert int(mail.headers["x-ratelimit-reset"]) > 0
    assert contact.json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert slack.json() == {"ok": False, "error": "ratelimited"}
    assert (meta.status_code, meta.json()["error"]["code"]) == (400, 4)
    assert await sandbox.received() == []


async def test_cut_takes_the_text_and_never_answers(sandbox: Visitor) -> None:
    await sandbox.behave("twilio", mode="cut")
    with pytest.raises(httpx.TransportError):
        await sandbox.text(Body="Was I sent?")

    assert [record["body"]["Body"] for record in await sandbox.received(vendor="twilio")] == ["Was I sent?"]


async def test_a_text_under_a_cut_answer_is_listed_at_once(sandbox: Visitor) -> None:
    await sandbox.behave("twilio", mode="cut", share=0.5)
    assert (await sandbox.text(Body="answered")).status_code == 201
    with pytest.raises(httpx.TransportError):
        await sandbox.text(Body="cut")
    await sandbox.behave("twilio", mode="ok")

    assert [text["body"] for text in await sandbox.texts(To=MEI)] == ["cut", "answered"]


async def test_refuse_closes_unread_and_does_nothing(sandbox: Visitor) -> None:
    await sandbox.behave("twilio", mode="refuse")
    with pytest.raises(httpx.TransportError):
        await sandbox.text()
    assert (await sandbox.mail()).status_code == 202

    await sandbox.behave("twilio", mode="ok")
    assert await sandbox.texts() == []
    assert [record["method"] for record in await sandbox.received(vendor="twilio", refused=1)] == ["GET"]


async def test_refuse_does_not_wait_for_the_body(sandbox: Visitor) -> None:
    await sandbox.behave("twilio", mode="refuse")
    assert await sandbox.raw(b"POST /twilio/x HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n") == b""


async def test_refuse_takes_its_share_only(sandbox: Visitor) -> None:
    await sandbox.behave("hubspot", mode="refuse", share=0.25)
    outcomes = []
    for _ in range(12):
        try:
            outcomes.append((await sandbox.http.get("/hubspot/crm/v3/owners", headers=BEARER)).status_code)
        except httpx.TransportError:
            outcomes.append(0)

    assert outcomes == [200, 200, 200, 0] * 3


async def test_an_order_runs_out_by_itself(sandbox: Visitor) -> None:
    ordered = await sandbox.behave("twilio", mode="error", for_s=0.2)
    assert ordered["left_s"] > 0
    assert (await sandbox.text()).status_code == 503
    await until(lambda: mode_is_ok(sandbox))

    assert (await sandbox.text()).status_code == 201


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({}, "mode"),
        ({"mode": "asleep"}, "mode"),
        ({"mode": ["ok"]}, "mode"),
        ({"mode": "slow", "delay_ms": -1}, "delay_ms"),
        ({"mode": "slow", "delay_ms": "100"}, "delay_ms"),
        ({"mode": "slow", "delay_ms": MAX_DELAY_MS + 1}, "delay_ms"),
        ({"mode": "error", "for_s": 0}, "for_s"),
        ({"mode": "error", "share": 1.5}, "share"),
        ({"mode": "ok", "callbacks": "no"}, "callbacks"),
        ({"mode": "ok", "delay": 5}, "delay"),
        ([], "body"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused_by_field(sandbox: Visitor, order: object, field: str) -> None:
    answer = await sandbox.http.put("/behaviour/twilio", json=order)

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert (await sandbox.text()).status_code == 201


async def test_an_unknown_vendor_has_no_behaviour(sandbox: Visitor) -> None:
    assert (await sandbox.http.put("/behaviour/nobody", json={"mode": "ok"})).status_code == 404
    assert (await sandbox.http.put("/behaviour/twilio", content=b"{")).status_code == 422
    assert (await sandbox.http.get("/received", params={"vendor": "nobody"})).status_code == 422
    assert (await sandbox.http.get("/nobody/v1")).status_code == 404


@given(share=st.floats(0, 1), count=st.integers(1, 300))
def test_a_share_is_always_spread_evenly(share: float, count: int) -> None:
    conduct = Conduct()
    conduct.order(Behaviour(mode="error", share=share))
    hits = sum(conduct.draw().mode == "error" for _ in range(count))

    assert abs(hits - share * count) <= 1


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["mode", "share"]), inner),
)


@given(JSON_VALUES)
def test_any_json_is_an_order_or_refused_with_reasons(value: object) -> None:
    refused: dict[str, str] = {}
    try:
        read(value)
    except BadBehaviour as problem:
        refused = problem.reasons

    assert refused or (isinstance(value, dict) and "mode" in value)


def test_an_order_that_has_run_out_leaves_nothing_behind() -> None:
    now = [100.0]
    conduct = Conduct(lambda: now[0])
    conduct.order(Behaviour(mode="cut", for_s=60, callbacks=False, share=0.3))
    now[0] += 60

    assert conduct.current == OK
    assert conduct.as_json()["left_s"] is None
