"""The stand-in for Meta: somebody fills in a form, the product hears of it, signed, and asks what they wrote."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from sandbox_case import BEARER, Hook, Visitor


async def asked(
    sandbox: Visitor, node: str, fields: str = "id,field_data", token: str | None = "t"
) -> tuple[int, dict[str, object]]:
    answer = await sandbox.http.get(
        f"/meta/v25.0/{node}", params={"fields": fields}, headers={"authorization": f"Bearer {token}"} if token else {}
    )
    return answer.status_code, answer.json()


async def test_the_product_is_told_signed_and_can_read_what_they_wrote(sandbox: Visitor, hook: Hook) -> None:
    await sandbox.http.post("/leadgen")  # the page's button
    await hook.until(lambda hook: bool(hook.posts))
    ((path, headers, body),) = hook.posts
    expected = hmac.new(b"practice", body, hashlib.sha256).hexdigest()
    value = json.loads(body)["entry"][0]["changes"][0]["value"]
    status, lead = await asked(sandbox, value["leadgen_id"])

    assert path == "/hooks/meta/leadgen"
    assert headers["x-hub-signature-256"] == f"sha256={expected}"
    assert status == 200
    assert set(lead) == {"id", "field_data"}  # what was asked for, and no more


@pytest.mark.parametrize(
    ("node", "token", "fields", "code"),
    [("7", "t", "id", 100), ("me", "expired", "id", 190), ("me", None, "id", 104), ("8", "leads-only", "ad_name", 200)],
)
async def test_trouble_is_told_as_meta_tells_it(
    sandbox: Visitor, node: str, token: str | None, fields: str, code: int
) -> None:
    await sandbox.http.post("/meta/_leadgen", json={"id": "8", "tell": False})
    status, told = await asked(sandbox, node, fields, token)

    assert status == 400
    assert told["error"]["code"] == code  # type: ignore[index]


async def test_throttled_and_failing_it_answers_as_meta_does(sandbox: Visitor) -> None:
    for mode, expected in (("throttle", (400, 4)), ("error", (500, 2))):
        await sandbox.behave("meta", mode=mode)
        answer = await sandbox.http.get("/meta/v25.0/me", headers=BEARER)

        assert (answer.status_code, answer.json()["error"]["code"]) == expected
