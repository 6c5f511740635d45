"""POST /v1/leads: stored before it is acknowledged, answered in one shape, refused with reasons."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from leadwake.bootstrap import open_office
from leadwake.storage.db import migrate
from leadwake.storage.embedded import EmbeddedServer
from office_case import House, a_house, api_key, hire, practice, rows, served

LEAD = {"name": "Ann Lee", "phone": "(813) 555-0142", "email": "ann@example.com", "message": "the blue house"}


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The answer is a problem document of this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document


async def test_a_lead_is_acknowledged_with_its_lead_and_inquiry(idle_house: House) -> None:
    answer = await idle_house.post(LEAD)
    again = await idle_house.post({**LEAD, "message": "the red house"})
    receipt = answer.json()
    stored = await idle_house.rows("select outcome, lead_id from capture where id = %s", UUID(receipt["inquiry_id"]))

    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert set(receipt) == {"lead_id", "inquiry_id", "duplicate"}
    assert receipt["duplicate"] is False
    assert stored == [{"outcome": "lead", "lead_id": UUID(receipt["lead_id"])}]
    assert again.json()["duplicate"] is True
    assert again.json()["lead_id"] == receipt["lead_id"]
    assert again.json()["inquiry_id"] != receipt["inquiry_id"]


async def test_only_a_key_with_the_scope_may_send_and_read(idle_house: House) -> None:
    house = idle_house
    reader, writer = await api_key(house.office, "leads:read"), await api_key(house.office, "leads:write")
    receipt = (await house.post(LEAD)).json()
    lead = f"/v1/leads/{receipt['lead_id']}"
    for header in ("", "Bearer", "Bearer x", "Basic abc", f"Bearer {house.key}x", f"Bearer {house.key[:-1]}", "\xff"):
        answer = await house.http.post("/v1/leads", json=LEAD, headers=[(b"authorization", header.encode("latin-1"))])
        document = is_problem(answer, 401)
        assert answer.headers["www-authenticate"]
        assert house.key not in json.dumps(document)
    is_problem(await house.post(LEAD, authorization=f"Bearer {reader}"), 403)
    is_problem(await house.http.get(lead, headers={"authorization": f"Bearer {writer}"}), 403)
    assert (await house.http.get(lead, headers={"authorization": f"bearer {reader}"})).status_code == 200

    await house.rows("update api_key set revoked_at = now()")

    async def refused() -> bool:
        return (await house.post(LEAD)).status_code == 401

    for _ in range(100):
        if await refused():
            break
        await asyncio.sleep(0.1)
    is_problem(await house.post(LEAD), 401)


async def test_what_is_refused_says_why_for_each_field_and_is_stored(idle_house: House) -> None:
    house = idle_house
    cases = [
        (b"{", "application/json", 400), (b"", "application/json", 400), (b"\xff\xfe{}", "application/json", 400),
        (b"{}", "application/json", 422), (b"[]", "application/json", 422), (b'"x"', "application/json", 422),
        (b'{"name": 7, "phone": []}', "application/json", 422), (b"name=Ann", "text/plain", 415),
        (b'{"name": "Ann"}', "", 415), (b'{"name": "A", "received_at": "soon"}', "application/json;v=1", 422),
    ]  # fmt: skip
    for body, kind, status in cases:
        document = is_problem(await house.http.post("/v1/leads", content=body, headers={"content-type": kind}), status)
        if status == 422:
            assert document["errors"]
    both = (await house.http.post("/v1/leads", json={"name": 7, "phone": []})).json()
    kept = (await house.ledger()).captures

    assert both["errors"].keys() == {"name", "phone"}
    assert kept["rejected"] == len(cases) + 1
    assert kept["lead"] == 0


async def test_bodies_over_256_kib_are_refused_unread_and_the_largest_allowed_one_is_taken(idle_house: House) -> None:
    house, limit = idle_house, 256 * 1024
    base = json.dumps({**LEAD, "message": ""}).encode()

    def of(size: int) -> bytes:
        return base[:-2] + b"m" * (size - len(base)) + base[-2:]

    async def chunks(body: bytes) -> Any:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    kind = {"content-type": "application/json"}
    assert (await house.http.post("/v1/leads", content=of(limit), headers=kind)).status_code == 202
    assert (await house.http.post("/v1/leads", content=chunks(of(limit)), headers=kind)).status_code == 202
    is_problem(await house.http.post("/v1/leads", content=of(limit + 1), headers=kind), 413)
    is_problem(await house.http.post("/v1/leads", content=chunks(of(limit + 1)), headers=kind), 413)
    assert sum((await house.ledger()).captures.values()) == 2


# Idempotency-Key


async def test_the_same_key_gives_the_same_answer_and_stores_nothing_twice(idle_house: House) -> None:
    house = idle_house
    first = await house.post(LEAD, **{"Idempotency-Key": "order 66"})
    again = await house.post(LEAD, **{"Idempotency-Key": "order 66"})
    other = await house.post({**LEAD, "name": "Bob"}, **{"Idempotency-Key": "order 66"})

    assert again.json() == first.json()
    assert "Idempotency-Key" in is_problem(other, 422)["errors"]
    assert (await house.ledger()).captures["lead"] == 1

    another = await api_key(house.office)
    theirs = await house.post(LEAD, **{"Idempotency-Key": "order 66", "authorization": f"Bearer {another}"})
    assert theirs.json()["inquiry_id"] != first.json()["inquiry_id"]


async def test_twenty_posts_with_one_key_at_once_are_one_lead(idle_house: House) -> None:
    answers = await asyncio.gather(*(idle_house.post(LEAD, **{"Idempotency-Key": "one"}) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert (await idle_house.ledger()).captures == {"lead": 1, "known": 0, "spam": 0, "rejected": 0, "pending": 0}
    assert (await idle_house.rows("select count(*) as n from action where kind = 'sms'"))[0]["n"] == 1


async def test_a_key_is_free_again_after_a_day(idle_house: House) -> None:
    house = idle_house
    first = await house.post(LEAD, **{"Idempotency-Key": "daily"})
    await house.rows("update idempotency set real_at = real_at - interval '24 hours 1 second'")
    other = await house.post({**LEAD, "name": "Bob Ray", "phone": None, "email": "bob@example.com"},
                             **{"Idempotency-Key": "daily"})  # fmt: skip
    again = await house.post({**LEAD, "name": "Bob Ray", "phone": None, "email": "bob@example.com"},
                             **{"Idempotency-Key": "daily"})  # fmt: skip

    assert other.status_code == 202
    assert other.json()["lead_id"] != first.json()["lead_id"]
    assert again.json() == other.json()


async def test_a_key_used_on_what_was_refused_is_still_free(idle_house: House) -> None:
    refused = await idle_house.post({"name": 7}, **{"Idempotency-Key": "k"})
    taken = await idle_house.post(LEAD, **{"Idempotency-Key": "k"})

    is_problem(refused, 422)
    assert taken.status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "\xe9", "tab\tbed"])
async def test_a_key_that_is_none_is_refused_with_its_reason_and_the_body_is_stored(
    idle_house: House, key: str
) -> None:
    answer = await idle_house.http.post("/v1/leads", json=LEAD, headers=[(b"idempotency-key", key.encode("latin-1"))])

    assert "Idempotency-Key" in is_problem(answer, 422)["errors"]
    assert (await idle_house.ledger()).captures["rejected"] == 1


# The rest of the surface


async def test_what_is_not_there_or_not_so_asked_is_a_problem_document(idle_house: House) -> None:
    http = idle_house.http
    for path in ("/v1/leads/none", f"/v1/leads/{UUID(int=1)}", f"/v1/leads/{UUID(int=1)}/timeline", "/v1/nothing"):
        is_problem(await http.get(path), 404)
    for method, path in (
        ("PUT", "/v1/leads"),
        ("GET", "/v1/leads"),
        ("DELETE", "/forms/f"),
        ("GET", "/hooks/twilio/sms"),
    ):
        answer = await http.request(method, path)
        is_problem(answer, 405)
        assert answer.headers["allow"]


async def test_the_process_says_that_it_lives_that_it_is_ready_and_how_it_fares(idle_house: House) -> None:
    hostile = {**LEAD, "source": "eve@example.com", "channel": "8135550142"}
    await idle_house.post(hostile)
    metrics = (await idle_house.http.get("/metrics")).text

    assert (await idle_house.http.get("/healthz")).status_code == 200
    assert (await idle_house.http.get("/readyz")).status_code == 200
    assert 'leadwake_captures_total{outcome="lead",source="other"}' in metrics
    for word in ("eve@", "8135550142", "Ann", "Lee", "blue"):
        assert word not in metrics


async def test_without_its_database_leads_are_answered_503_and_taken_once_it_is_back(
    tmp_path: Path, place: Path
) -> None:
    server = EmbeddedServer(place / "away", fsync=False)
    url = await server.start()
    await migrate(url)
    office, _ = await open_office(practice(tmp_path / "data"), url, pool=4)
    await hire(office)
    key = await api_key(office)
    try:
        async with served(office) as base, httpx.AsyncClient(base_url=base, timeout=30, trust_env=False) as http:
            bearer = {"authorization": f"Bearer {key}"}
            assert (await http.post("/v1/leads", json=LEAD, headers=bearer)).status_code == 202
            await server.stop()
            lead = {**LEAD, "message": "while away"}
            answers = await asyncio.gather(
                http.post("/v1/leads", json=lead, headers=bearer),
                http.post("/forms/contact", data=lead),
                http.get("/readyz"),
            )
            for answer in answers:
                is_problem(answer, 503)
                assert int(answer.headers["retry-after"]) > 0
            assert (await http.get("/healthz")).status_code == 200

            await server.start()

            async def taken() -> bool:
                return (await http.post("/v1/leads", json=lead, headers=bearer)).status_code == 202

            for _ in range(100):
                if await taken():
                    break
                await asyncio.sleep(0.1)
            found = await rows(office.db, "select count(*) as n from capture")
            assert found[0]["n"] == 2
    finally:
        await office.db.close()
        await server.stop()


async def test_no_answer_repeats_what_was_sent_as_a_page(database_url: str, tmp_path: Path) -> None:
    """What a stranger sends comes back as text of a problem at most, never as markup a browser runs."""
    async with a_house(database_url, tmp_path / "data", at_work=False) as house:
        script = "<script>alert(1)</script>"
        for answer in (
            await house.post({"name": 7, script: script}),
            await house.http.post("/forms/contact", data={script: script}),
            await house.http.get(f"/v1/leads/{script}"),
            await house.http.post(f"/forms/{script}", data=LEAD),
        ):
            assert 400 <= answer.status_code < 500
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers.get("x-content-type-options") == "nosniff"
