"""The Calendly stand-in against Calendly's contract, and its booking page against the product's hook."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from sandbox_case import BEARER, Hook, Visitor, specs
from test_sandbox_twilio import conforms

API = "https://api.calendly.com"
TYPE = f"{API}/event_types/PRACTICE15MIN"
LINK = {"max_event_count": 1, "owner": TYPE, "owner_type": "EventType"}
HOOK = {
    "url": "https://ours.example.com/hook", "events": ["invitee.created"], "organization": f"{API}/organizations/O",
    "scope": "organization", "signing_key": "k",
}  # fmt: skip


async def ask(sandbox: Visitor, path: str, **query: str) -> Any:
    answer = await sandbox.http.get(f"/calendly{path}", params=query, headers=BEARER)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def book(sandbox: Visitor, **fields: str) -> str:
    """The id of a booking by the page."""
    given = {"name": "Mei", "email": "mei@example.com", "time": "2026-12-01T15:00:00+00:00"} | fields
    answer = await sandbox.http.post("/calendly/_book", data=given)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("=")[2]  # type: ignore[no-any-return]


@pytest.mark.vendor_specs
async def test_answers_have_the_documented_shape(sandbox: Visitor) -> None:
    document = json.loads((specs() / "calendly.openapi.json").read_text())

    def misfits(path: str, method: str, status: str, answer: object) -> list[str]:
        answers = document["paths"][path][method]["responses"][status]
        return conforms(answers["content"]["application/json"]["schema"], document, answer)

    link = (await sandbox.http.post("/calendly/scheduling_links", json=LINK, headers=BEARER)).json()
    hook = (await sandbox.http.post("/calendly/webhook_subscriptions", json=HOOK, headers=BEARER)).json()
    hooks = await ask(sandbox, "/webhook_subscriptions", organization=HOOK["organization"], scope="organization")
    await book(sandbox)
    events = await ask(sandbox, "/scheduled_events")
    event = events["collection"][0]["uri"].removeprefix(API)
    invitees = await ask(sandbox, f"{event}/invitees")
    invitee = await ask(sandbox, invitees["collection"][0]["uri"].removeprefix(API))

    assert misfits("/scheduling_links", "post", "201", link) == []
    assert misfits("/webhook_subscriptions", "post", "201", hook) == []
    assert misfits("/webhook_subscriptions", "get", "200", hooks) == []
    assert misfits("/users/me", "get", "200", await ask(sandbox, "/users/me")) == []
    assert misfits("/event_types", "get", "200", await ask(sandbox, "/event_types", user=f"{API}/users/U")) == []
    assert misfits("/scheduled_events/{uuid}", "get", "200", await ask(sandbox, event)) == []
    assert misfits("/scheduled_events/{event_uuid}/invitees/{invitee_uuid}", "get", "200", invitee) == []


async def test_what_calendly_would_refuse_is_refused(sandbox: Visitor) -> None:
    async def status(method: str, path: str, body: object = None, headers: dict[str, str] = BEARER) -> int:
        return (await sandbox.http.request(method, f"/calendly{path}", json=body, headers=headers)).status_code

    assert await status("GET", "/users/me", headers={}) == 401
    assert await status("POST", "/scheduling_links", LINK | {"max_event_count": 2}) == 400
    assert await status("GET", "/event_types") == 400
    assert await status("GET", "/scheduled_events/nothing") == 404
    no_shows = HOOK | {"events": ["invitee_no_show.created"]}
    assert await status("POST", "/webhook_subscriptions", no_shows) == 400
    assert await status("POST", "/webhook_subscriptions", HOOK | {"scope": "user"}) == 400
    assert [await status("POST", "/webhook_subscriptions", HOOK) for _ in range(2)] == [201, 409]


async def test_a_link_books_once_and_each_press_is_told_signed(sandbox: Visitor, hook: Hook) -> None:
    made = (await sandbox.http.post("/calendly/scheduling_links", json=LINK, headers=BEARER)).json()
    url = made["resource"]["booking_url"]
    assert "Pick a time" in (await sandbox.http.get(f"{url}&name=Mei&utm_content=7")).text
    token = url.rpartition("=")[2]
    first = await book(sandbox, link=token, utm_content="7")
    assert (await sandbox.http.get(url)).status_code == 410
    again = await sandbox.http.post("/calendly/_book", data={"link": token, "time": "2026-12-01T15:00:00+00:00"})
    assert again.status_code == 409

    moved = await sandbox.http.post("/calendly/_booking", data={"id": first, "time": "2026-12-02T15:00:00+00:00"})
    second = moved.headers["location"].rpartition("=")[2]
    for what in ("no_show", "came", "cancel"):
        await sandbox.http.post("/calendly/_booking", data={"id": second, "do": what})
    await hook.until(lambda hook: len(hook.posts) == 6)
    told = sorted((json.loads(body) for _, _, body in hook.posts), key=lambda one: str(one["created_at"]))
    assert [one["event"] for one in told] == [
        "invitee.created", "invitee.canceled", "invitee.created", "invitee_no_show.created", "invitee_no_show.deleted",
        "invitee.canceled",
    ]  # fmt: skip
    assert (told[1]["payload"]["rescheduled"], told[1]["payload"]["new_invitee"]) == (True, told[2]["payload"]["uri"])
    assert told[2]["payload"]["old_invitee"] == told[0]["payload"]["uri"]
    assert {one["payload"]["tracking"]["utm_content"] for one in told} == {"7"}
    for _, headers, body in hook.posts:
        at, _, mark = headers["calendly-webhook-signature"].removeprefix("t=").partition(",v1=")
        assert mark == hmac.new(b"practice", at.encode() + b"." + body, hashlib.sha256).hexdigest()
