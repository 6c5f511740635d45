"""No input makes the server fail: generated from the API's own description, and by hand where that does not reach."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from test_leads_api import is_problem

from leadwake.errors import InputError
from leadwake.intake.api import parse_lead
from office_case import House, a_house

KIND = {"content-type": "application/json"}
DEEP = 100_000


async def _post(house: House, body: bytes, kind: str = "application/json") -> Any:
    return await house.http.post("/v1/leads", content=body, headers={"content-type": kind})


# Generated


@pytest.fixture
async def roomy_house(database_url: str, tmp_path: Path) -> Any:
    """A house that lets the forms be flooded: each post says it comes from somebody else."""
    async with a_house(database_url, tmp_path / "data", at_work=False, TRUSTED_PROXIES="127.0.0.1") as house:
        yield house


async def test_requests_made_from_the_api_page_never_find_a_fault_of_ours(roomy_house: House) -> None:
    house = roomy_house
    description = (await house.http.get("/openapi.json")).json()
    lead_id = (await house.post({"name": "Ann Lee", "phone": "813 555 0142"})).json()["lead_id"]
    counts = await asyncio.to_thread(_ask_everything, description, house, lead_id)

    asked = {"POST /v1/leads", "POST /forms/{form}", "GET /v1/leads/{lead_id}", "GET /v1/leads/{lead_id}/timeline"}
    assert asked <= counts.keys()
    assert all(counts[operation] >= 20 for operation in asked), counts
    assert counts["POST /v1/leads 2xx"] >= 5, "the key is a good one, so that requests come through to the core"
    assert (await house.ledger()).problems == []


def _ask_everything(description: dict[str, Any], house: House, lead_id: str) -> dict[str, int]:
    """Every operation of the page, with good and bad requests; how often each was asked."""
    schema = schemathesis.openapi.from_dict(description)
    counts: dict[str, int] = {}
    with requests.Session() as session:
        session.trust_env = False
        for result in schema.get_all_operations():
            operation = result.ok()
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _ask(operation, mode, house, session, counts)
        answer = session.get(f"{house.url}/v1/leads/{lead_id}", headers={"authorization": f"Bearer {house.key}"})
        assert answer.status_code == 200
    return counts


def _ask(operation: Any, mode: GenerationMode, house: House, session: requests.Session, counts: dict[str, int]) -> None:
    label = operation.label

    @settings(
        max_examples=20, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        counts[label] = n = counts.get(label, 0) + 1
        case.headers["Authorization"] = f"Bearer {house.key}"
        headers = {"x-forwarded-for": f"198.51.{n // 250}.{n % 250}"}
        answer = case.call(base_url=house.url, session=session, headers=headers, timeout=20, allow_redirects=False)
        counts[f"{label} {answer.status_code // 100}xx"] = counts.get(f"{label} {answer.status_code // 100}xx", 0) + 1
        assert answer.status_code < 500, (label, case, answer.status_code)
        if answer.status_code >= 400:
            kinds = {kind.partition(";")[0] for kind in answer.headers.get("content-type", [])}
            assert kinds <= {"application/problem+json", "text/plain"}, (label, case, answer.headers)

    ask()


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_no_bytes_are_more_than_a_refusal(body: bytes) -> None:
    """Pure: what the parser makes of any bytes; the tests below send the telling ones over HTTP."""
    with contextlib.suppress(InputError):
        parse_lead(body, datetime(2026, 11, 24, tzinfo=UTC))


# By hand


async def test_wrong_encodings_are_not_parsable_and_a_mark_before_utf_8_is_passed_over(idle_house: House) -> None:
    lead = {"name": "Zoë Müller", "email": "zoe@example.com"}
    text = json.dumps(lead, ensure_ascii=False)
    for wrong in ("utf-16", "utf-16-be", "utf-32", "latin-1"):
        is_problem(await _post(idle_house, text.encode(wrong)), 400)
    is_problem(await _post(idle_house, b'{"name": "\xed\xa0\x80"}'), 400)
    is_problem(await _post(idle_house, b'{"name": "\xc0\xaf"}'), 400)
    for mark, kind in (("utf-8-sig", "application/json"), ("utf-8", "application/json; charset=latin-1")):
        answer = await _post(idle_house, text.encode(mark), kind)
        assert answer.status_code == 202
        read = (await idle_house.http.get(f"/v1/leads/{answer.json()['lead_id']}")).json()
        assert read["name"] == "Zoë Müller"


HOSTILE: list[tuple[bytes, int | None]] = [
    (b"[" * DEEP + b"]" * DEEP, 400),
    (b'{"name": "A", "x": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}", 400),
    (b'{"name": "A", "x": ' + b"[" * 200 + b"]" * 200 + b"}", 202),
    (b'{"name": NaN}', 400),
    (b'{"name": "A", "x": Infinity}', 400),
    (b'{"name": "A", "x": -Infinity}', 400),
    (b'{"name": "A", "x": ' + b"9" * 5_000 + b"}", 202),
    (b'{"name": "A", "x": 1e999999}', 202),
    (b'{"name": "A", "x": -0.0}', 202),
    (b'{"name": "A\\u0000nn", "message": "\\u0000"}', 202),
    (b'{"name": "\\ud83d", "message": "\\udc00\\ud83d"}', 422),
    (b'{"name": "A\\ud83d", "x": {"\\ud800": "\\udfff"}}', 202),
    (b'{"name": "A", "name": "B"}', 202),
    (b'{"name": "A", "name": 7}', 422),
    (b'{"name": "A", "consent": {"sms": "yes"}, "utm": {"a": 1}}', 422),
    (b'{"name": "A", "consent": [], "utm": "x"}', 422),
    (b'{"name": "A", "phone": "\\u0663\\u0664"}', 202),
    (b'{"name": "\\u202e\\u2066\\u200b"}', None),
    (b'{"name": "A", "received_at": "9999-12-31T23:59:59-23:59"}', 202),
    (b'{"name": "A", "received_at": "0001-01-01T00:00:00+23:59"}', 202),
    (b'{"name": "A", "postal_code": "' + b"9" * 100_000 + b'"}', 202),
    (b'{"' + b"k" * 100_000 + b'": 1, "name": "A"}', 202),
    (b"{" + b",".join(b'"k%d": {}' % n for n in range(15_000)) + b', "name": "A"}', 202),
    (b'{"name": "A", "email": "' + b"a" * 10_000 + b'@example.com"}', 202),
    (b'{"name": "A", "email": "a@' + b"x." * 5_000 + b'com"}', 202),
    (b'{"name": "A", "page_url": "http://[::1"}', 202),
    (b'{"name": "A"} {"name": "B"}', 400),
    (b'{"name": "A",}', 400),
    (b"{'name': 'A'}", 400),
    (b"null", 422),
]


async def test_hostile_json_is_answered_as_it_deserves(idle_house: House) -> None:
    for n, (body, status) in enumerate(HOSTILE):
        answer = await _post(idle_house, body)
        assert answer.status_code in ({status} if status else {202, 422}), (body[:60], answer.text[:300])
        if answer.status_code >= 400:
            is_problem(answer, answer.status_code)
        book = await idle_house.ledger()
        assert sum(book.captures.values()) == n + 1, body[:60]
        assert book.captures["pending"] == 0, "understood or refused, but never given up on"
    assert (await idle_house.ledger()).problems == []


async def test_hostile_leads_are_answered_all_the_same(house: House) -> None:
    """Whatever stands in its fields, a reachable lead gets its text, without what was slipped into it."""
    names = [
        "{{ business.name }}",
        "{% raw %}",
        "A\x00nn",
        "\u202eAnn",
        "=1+1",
        "😀" * 200,
        "Robert'); drop table lead;--",
    ]
    for n, name in enumerate(names):
        lead = {"name": name, "phone": f"+1813555{110 + n:04}", "email": f"ann{n}@example.com", "message": name}
        receipt = (await house.post(lead)).json()
        text = await house.reaches(receipt["inquiry_id"], "sms", "sent", "delivered", "dead")
        assert text["state"] != "dead", text["reason"]
        await house.reaches(receipt["inquiry_id"], "email", "sent", "delivered")
        await house.reaches(receipt["inquiry_id"], "crm", "sent")
    for text in await house.texts():
        assert "\x00" not in text["Body"]
        assert "\u202e" not in text["Body"]
    assert (await house.ledger()).problems == []


# Below HTTP's manners


async def _raw(house: House, sent: bytes, *, then_hang_up: bool = False, limit_s: float = 10) -> bytes:
    """Everything that comes back for these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.url.rsplit(":", 1)[1]))
    try:
        writer.write(sent)
        await writer.drain()
        if then_hang_up:
            return b""
        async with asyncio.timeout(limit_s):
            return await reader.read()
    except (ConnectionError, TimeoutError):  # it waits for the rest, as it should
        return b""
    finally:
        writer.close()


def _request(
    house: House, *headers: bytes, body: bytes = b"", path: bytes = b"/v1/leads", method: bytes = b"POST"
) -> bytes:
    lines = [b"host: x", b"connection: close", b"authorization: Bearer " + house.key.encode(), *headers]
    return method + b" " + path + b" HTTP/1.1\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + body


async def test_broken_requests_are_refused_and_the_next_one_is_served(idle_house: House) -> None:
    house, json_kind = idle_house, b"content-type: application/json"
    good = b'{"name": "Ann", "email": "ann@example.com"}'
    chunked = b"transfer-encoding: chunked"
    broken = [
        b"\x00\xff\xfe", b"GET\r\n\r\n", b"POST /v1/leads HTTP/9.9\r\n\r\n",
        _request(house, json_kind, b"x: a\x00b", body=good), _request(house, json_kind, b"x\x01y: a", body=good),
        _request(house, json_kind, b"content-length: -5", body=good),
        _request(house, json_kind, b"content-length: 99999999999999999999999", body=good),
        _request(house, json_kind, b"content-length: 5", b"content-length: 6", body=good),
        _request(house, json_kind, chunked, body=b"zz\r\n" + good),
        _request(house, json_kind, chunked, b"content-length: 5", body=b"0\r\n\r\n"),
        _request(house, json_kind, b"x: " + b"y" * 300_000, body=good),
        _request(house, json_kind, path=b"/v1/leads/%00%ff%", method=b"GET"),
        _request(house, json_kind, path=b"/v1/leads/" + b"a" * 60_000, method=b"GET"),
        _request(house, json_kind, path=b"/v1/leads?" + b"a=b&" * 12_000, method=b"GET"),
        _request(house, json_kind, path=b"/forms/%2e%2e%2f", body=b""),
        _request(house, b"content-type: \xff\xfe", b"content-length: 2", body=b"{}"),
        _request(house, b"content-type: multipart/form-data; boundary=" + b"x" * 5_000, b"content-length: 2",
                 path=b"/forms/f", body=b"{}"),
        _request(house, b"expect: 100-continue", json_kind, b"content-length: 2", body=b"{}"),
        _request(house, json_kind, b"content-length: 2", b"x-forwarded-for: \xff, ,,\x7f", body=b"{}"),
    ]  # fmt: skip
    answered = 0
    for sent in broken:
        answer = await _raw(house, sent, limit_s=2)
        status = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").split(b" ", 2)[1:2]
        assert not status or status[0][:1] in {b"3", b"4"}, (sent[:200], answer[:300])
        answered += bool(status)
        assert (await house.post({"name": "Ann"})).status_code == 202
    assert answered >= len(broken) - 3


async def test_a_chunked_lead_is_taken_and_one_that_breaks_off_is_not(idle_house: House) -> None:
    house, kind = idle_house, b"content-type: application/json"
    body = b'{"name": "Ann", "email": "ann@example.com"}'
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[n : n + 5]), body[n : n + 5]) for n in range(0, len(body), 5))
    chunked = b"transfer-encoding: chunked"
    taken = await _raw(house, _request(house, kind, chunked, body=chunks + b"0\r\n\r\n"))
    for _ in range(20):
        await _raw(house, _request(house, kind, chunked, body=chunks), then_hang_up=True)
        await _raw(house, _request(house, kind, b"content-length: 500", body=body), then_hang_up=True)
    for _ in range(50):  # those that hung up are given up without a trace
        await asyncio.sleep(0)
    assert taken.startswith(b"HTTP/1.1 202")
    assert (await house.http.get("/healthz")).status_code == 200
    assert sum((await house.ledger()).captures.values()) == 1


async def test_a_sender_that_hangs_up_after_its_last_byte_is_not_forgotten(idle_house: House) -> None:
    """Whether the answer could be delivered or not: what came whole is stored whole, or not at all."""
    house = idle_house
    for n in range(30):
        body = b'{"name": "Ann Lee", "email": "ann%d@example.com"}' % n
        length = b"content-length: %d" % len(body)
        await _raw(house, _request(house, b"content-type: application/json", length, body=body), then_hang_up=True)
    assert (await house.post({"name": "Bob Ray", "email": "bob@example.com"})).status_code == 202
    assert (await house.ledger()).problems == []
