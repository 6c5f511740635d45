"""The stand-in for Apollo: invented people, always the same; what comes later is posted, and can be asked for."""

from __future__ import annotations

from typing import Any

import httpx
from sandbox_case import Hook, Visitor, until

KEY = {"x-api-key": "an-invented-key"}
MATCH, BULK = "/apollo/api/v1/people/match", "/apollo/api/v1/people/bulk_match"
ADDRESSES = [f"person{n}@example.com" for n in range(40)]


async def match(sandbox: Visitor, **query: str) -> httpx.Response:
    return await sandbox.http.post(MATCH, params=query, headers=KEY)


async def person(sandbox: Visitor, **query: str) -> Any:
    answer = await match(sandbox, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["person"]


async def test_the_same_address_is_the_same_person_and_some_are_not_known(sandbox: Visitor) -> None:
    first = [await person(sandbox, email=address, name="Ann Lee") for address in ADDRESSES]
    again = [await person(sandbox, email=address, name="Ann Lee") for address in ADDRESSES]

    assert first == again
    assert 5 <= sum(one is None for one in first) <= 20
    assert await person(sandbox, name="Ann Lee") is None, "a name alone finds nobody"


async def test_without_a_key_nothing_is_told(sandbox: Visitor) -> None:
    answer = await sandbox.http.post(MATCH, params={"email": "a@example.com"})

    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/plain; charset=utf-8")


async def test_at_most_ten_at_once(sandbox: Visitor) -> None:
    details = [{"email": address} for address in ADDRESSES]
    ten = await sandbox.http.post(BULK, json={"details": details[:10]}, headers=KEY)
    eleven = await sandbox.http.post(BULK, json={"details": details[:11]}, headers=KEY)
    none = await sandbox.http.post(BULK, json={}, headers=KEY)

    told = ten.json()
    assert told["credits_consumed"] == sum(one is not None for one in told["matches"])
    assert (eleven.status_code, eleven.json()["error_code"]) == (400, "RECORD_LIMIT_EXCEEDED")
    assert (none.status_code, none.json()["error_code"]) == (400, "INVALID_REQUEST")


async def test_what_is_found_later_is_posted_and_pending_until_then(sandbox: Visitor, hook: Hook) -> None:
    further = {"run_waterfall_phone": "true", "webhook_url": f"{hook.url}/hooks/apollo/AQ"}
    answer = (await match(sandbox, email="maria@example.com", **further)).json()
    path = f"/apollo/api/v1/webhook_result/{answer['request_id']}"
    pending = await sandbox.http.get(path, headers=KEY)

    async def came() -> bool:
        return bool(hook.posts)

    await until(came)
    ready = await sandbox.http.get(path, headers=KEY)
    unknown = await sandbox.http.get("/apollo/api/v1/webhook_result/7", headers=KEY)
    assert answer["waterfall"]["status"] == "accepted"
    assert (pending.status_code, pending.json()["error_code"]) == (404, "result_pending")
    assert ready.json()["webhook_result"]["people"]
    assert (unknown.status_code, unknown.json()["error_code"]) == (404, "request_id_unknown")
    assert (await match(sandbox, email=ADDRESSES[1], run_waterfall_email="true")).status_code == 422
