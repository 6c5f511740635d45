"""The server itself: bounded, orderly, and not to be killed by what it is sent."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox_case import ACCOUNT, BEARER, CONTACTS, MESSAGES, TOKEN, Visitor, running_sandbox, until

from leadwake.sandbox.journal import Journal
from leadwake.sandbox.outbox import NotLocal, Outbox, locate
from leadwake.sandbox.server import serve
from leadwake.sandbox.wire import MAX_BODY_BYTES, MAX_HEAD_BYTES, Request

GET_HEALTH = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
SLOPPY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SLOPPY
@given(st.binary(max_size=300))
async def test_any_bytes_get_4xx_or_nothing_and_never_kill_it(sandbox: Visitor, sent: bytes) -> None:
    answer = await sandbox.raw(sent)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert (await sandbox.http.get("/healthz")).status_code == 200


TARGETS = (
    MESSAGES, CONTACTS, f"{CONTACTS}/batch/upsert", f"{CONTACTS}/search", "/sendgrid/v3/mail/send", "/sendgrid/_events",
    "/slack/api/chat.postMessage", "/calendly/scheduling_links", "/gohighlevel/contacts/upsert",
    "/apollo/api/v1/people/match", "/twilio/_inbound", "/reply", "/behaviour/twilio", "/clear", "/mail/x", "/received",
)  # fmt: skip
#: Names that the stand-ins look for, so that the values under them get strange.
NAMES = (
    "inputs", "properties", "id", "idProperty", "email", "personalizations", "to", "from", "content", "filterGroups",
    "filters", "propertyName", "operator", "values", "limit", "after", "mail_settings", "sandbox_mode", "headers",
    "url", "custom_args", "categories",
)  # fmt: skip
BODIES = st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
).map(lambda value: json.dumps(value).encode())


@SLOPPY
@given(
    target=st.sampled_from(TARGETS),
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", "\xff"]),
    body=BODIES,
)
async def test_no_request_makes_a_5xx(sandbox: Visitor, target: str, method: str, kind: str, body: bytes) -> None:
    headers = {"content-type": kind.encode("latin-1"), "version": b"2021-07-28", "x-api-key": b"k"}
    auth = (ACCOUNT, TOKEN) if target.startswith("/twilio/2") else None
    if auth is None:
        headers["authorization"] = BEARER["authorization"].encode()
    answer = await sandbox.http.request(method, target, content=body, headers=headers, auth=auth)

    assert answer.status_code < 500


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\nhost: x\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n", b"400"),
        (b"GET http://127.0.0.1/ HTTP/1.1\r\nhost: x\r\n\r\n", b"400"),
        (b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * MAX_HEAD_BYTES + b"\r\n\r\n", b"431"),
        (b"POST /reply HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1), b"413"),
        (b"POST /reply HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx", b"400"),
        (b"PUT / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", b"405"),
    ],
)
async def test_what_http_does_not_allow_is_refused_and_the_connection_closed(
    sandbox: Visitor, sent: bytes, status: bytes
) -> None:
    assert (await sandbox.raw(sent)).startswith(b"HTTP/1.1 " + status)


async def test_a_chunked_body_beyond_the_limit_is_refused(sandbox: Visitor) -> None:
    async def endless() -> object:
        for _ in range(MAX_BODY_BYTES // 65_536 + 2):
            yield b"x" * 65_536

    try:
        answer = await sandbox.http.post("/reply", content=endless())  # type: ignore[arg-type]
    except httpx.TransportError:
        return  # closed while the client was still sending
    assert answer.status_code == 413


async def test_requests_sent_ahead_are_answered_in_order(sandbox: Visitor) -> None:
    await sandbox.behave("apollo", mode="ok", delay_ms=50)
    slow = b"POST /apollo/api/v1/people/match HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\ncontent-length: 0\r\n\r\n"
    last = b"GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.write(slow + GET_HEALTH * 200 + last)
    async with asyncio.timeout(10):
        answers = await reader.read()
    writer.close()

    assert answers.count(b"HTTP/1.1 ") == 202
    assert answers.index(b'"person":null') < answers.index(b'"ok":true') < answers.index(b"HTTP/1.1 404")


async def test_an_answer_for_somebody_who_left_is_dropped(sandbox: Visitor) -> None:
    await sandbox.behave("twilio", mode="slow", delay_ms=100)
    with pytest.raises(httpx.ReadTimeout):
        await sandbox.http.post(
            MESSAGES,
            data={"To": "+15025550192", "From": "+15005550006", "Body": "x"},
            auth=(ACCOUNT, TOKEN),
            timeout=0.05,
        )

    async def taken() -> bool:
        return bool(await sandbox.received(vendor="twilio"))

    await until(taken)

    await sandbox.behave("twilio", mode="ok")
    assert [text["body"] for text in await sandbox.texts()] == ["x"]


async def test_the_record_is_read_on_from_where_one_was(sandbox: Visitor) -> None:
    for number in range(5):
        await sandbox.text(Body=str(number))
    await sandbox.mail()
    first = await sandbox.received(vendor="twilio", limit=2)
    rest = await sandbox.received(since=first[-1]["seq"])

    assert [record["body"]["Body"] for record in first] == ["0", "1"]
    assert [record["vendor"] for record in rest] == ["twilio"] * 3 + ["sendgrid"]
    assert (await sandbox.http.get("/received", params={"since": "x"})).status_code == 422


async def test_a_long_record_comes_whole(sandbox: Visitor) -> None:
    request = b"POST /apollo/api/v1/people/match HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\ncontent-length: 0\r\n\r\n"
    end = b"POST /apollo/api/v1/people/match HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\nconnection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.write(request * 1_999 + end)
    async with asyncio.timeout(10):
        await reader.read()
    writer.close()

    assert [record["seq"] for record in await sandbox.received()] == list(range(1, 2_001))


async def test_clearing_the_record_keeps_what_the_vendors_know(sandbox: Visitor) -> None:
    await sandbox.text()
    assert (await sandbox.http.delete("/received")).json() == {"cleared": 1}

    assert await sandbox.received() == []
    assert len(await sandbox.texts()) == 1


@given(st.lists(st.integers(0, 400), max_size=80), st.integers(1, 30), st.integers(300, 3_000))
def test_the_record_is_always_bounded_and_holds_the_newest(sizes: list[int], most: int, most_bytes: int) -> None:
    journal = Journal(most, most_bytes)
    for size in sizes:
        journal.add("twilio", Request("POST", "/x", "", {}, b"x" * size, 0.0), "/x", 201)
    kept = list(journal.select())

    assert len(kept) <= most
    assert sum(record.weight() for record in kept) <= most_bytes
    assert [record.seq for record in kept] == list(range(len(sizes) - len(kept) + 1, len(sizes) + 1))


async def test_too_many_callbacks_are_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadwake.sandbox.outbox.MAX_PENDING", 3)
    outbox = Outbox()
    kept = [outbox.later(60, lambda: None) for _ in range(5)]
    await outbox.close()

    assert kept == [True, True, True, False, False]
    assert outbox.dropped == 2


ELSEWHERE = (
    "http://192.0.2.1/x", "http://example.com/x", "http://localhost.example.com/", "http://127.0.0.1.example.com/",
    "https://127.0.0.1/", "ftp://127.0.0.1/", "http://127.0.0.1:99999/", "http://[::1", "//127.0.0.1/", "",
    "http://127.0.0.1/ x", "http://127.0.0.1/\r\nx: y", "http://10.0.0.1/", "http://169.254.169.254/",
)  # fmt: skip


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nothing_off_this_machine_is_ever_called(url: str) -> None:
    with pytest.raises(NotLocal):
        locate(url)


@given(st.text(max_size=60))
def test_any_url_leads_to_this_machine_or_nowhere(text: str) -> None:
    for url in (text, f"http://{text}", f"http://{text}/x", f"http://127.0.0.1{text}"):
        try:
            place = locate(url, "http://127.0.0.1:8000")
        except NotLocal:
            continue
        assert place.host.startswith("127.") or place.host == "::1"
        assert not set(place.target + place.authority) & set("\r\n ")


async def test_pages_of_other_sites_cannot_give_orders(sandbox: Visitor) -> None:
    foreign = {"origin": "https://evil.example.com"}
    own = {"origin": sandbox.base}

    for path in ("/behaviour/twilio", "/clear", "/reply"):
        assert (await sandbox.http.post(path, data={"mode": "error"}, headers=foreign)).status_code == 403
    assert (await sandbox.http.put("/twilio/_inbound", json={}, headers=foreign)).status_code == 403
    assert (await sandbox.http.post("/behaviour/twilio", data={"mode": "error"}, headers=own)).status_code == 303


async def test_stopping_closes_every_connection_and_frees_the_port() -> None:
    async with running_sandbox() as first:
        await first.behave("twilio", mode="slow", delay_ms=60_000)
        waiting = asyncio.create_task(first.text())
        watching, writer = await asyncio.open_connection("127.0.0.1", first.port)
        writer.write(b"GET /events HTTP/1.1\r\nhost: x\r\n\r\n")
        await watching.readuntil(b"retry: 1000\n\n")
        port = first.port
    with pytest.raises((httpx.TransportError, RuntimeError)):
        await waiting
    writer.close()
    ready = asyncio.Event()
    task = asyncio.create_task(serve("127.0.0.1", port, ready=lambda _: ready.set()))
    await ready.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_product_elsewhere_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="this machine"):
        await serve("127.0.0.1", 0, product_url="http://192.0.2.1:8000")


def test_an_idle_sandbox_is_small() -> None:
    """Nothing heavy is imported before somebody needs it."""
    code = "import sys, leadwake.sandbox.server; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    ).stdout.split()

    assert not {
        "fastapi",
        "httpx",
        "jinja2",
        "cryptography",
        "psycopg",
        "leadwake.config",
        "leadwake.settings",
        "leadwake.vendors",
        "leadwake.sandbox.page",
    } & set(loaded)
