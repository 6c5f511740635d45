"""The SendGrid stand-in against what SendGrid documents."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)
from sandbox_case import BEARER, Hook, Visitor, running_sandbox


def verify(key: str, headers: dict[str, str], body: bytes) -> None:
    """Raises InvalidSignature unless the key holder signed timestamp and body."""
    public = load_der_public_key(base64.b64decode(key, validate=True))
    assert isinstance(public, EllipticCurvePublicKey)
    signature = base64.b64decode(headers["x-twilio-email-event-webhook-signature"], validate=True)
    timestamp = headers["x-twilio-email-event-webhook-timestamp"]
    public.verify(signature, timestamp.encode() + body, ECDSA(SHA256()))


async def test_a_mail_is_accepted_with_a_message_id(sandbox: Visitor) -> None:
    answer = await sandbox.mail()

    assert (answer.status_code, answer.content) == (202, b"")
    assert len(answer.headers["x-message-id"]) >= 20
    (record,) = await sandbox.received(vendor="sendgrid")
    assert record["body"]["subject"] == "Your question"


async def test_events_come_signed_with_our_ids_at_the_top(sandbox: Visitor, hook: Hook) -> None:
    key = (await sandbox.http.get("/sendgrid/_public_key")).text
    assert (await sandbox.http.put("/sendgrid/_events", json={"url": f"{hook.url}/hooks/sendgrid/events"})).is_success
    message_id = (await sandbox.mail()).headers["x-message-id"]
    await hook.until(lambda hook: sum(len(json.loads(body)) for _, _, body in hook.posts) == 2)
    events = []
    for target, headers, body in hook.posts:
        verify(key, headers, body)
        assert target == "/hooks/sendgrid/events"
        events += json.loads(body)

    assert {event["event"] for event in events} == {"processed", "delivered"}
    for event in events:
        assert (event["action_id"], event["attempt_id"]) == ("7", "9")
        assert event["sg_message_id"].startswith(message_id)
        assert (event["email"], event["smtp-id"]) == ("mei@example.com", "<7@example.org>")
    assert len({event["sg_event_id"] for event in events}) == 2


async def test_events_are_signed_with_the_key_that_was_given(sandbox: Visitor, hook: Hook) -> None:
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    order = {"url": f"{hook.url}/events", "private_key": pem}
    told = (await sandbox.http.put("/sendgrid/_events", json=order)).json()
    await sandbox.behave("sendgrid", mode="ok", delivery="failed")
    await sandbox.mail()
    await hook.until(lambda hook: b'"bounce"' in b"".join(body for _, _, body in hook.posts))

    assert (await sandbox.http.get("/sendgrid/_public_key")).text == told["public_key"]
    for _, headers, body in hook.posts:
        verify(told["public_key"], headers, body)


async def test_many_events_travel_together(sandbox: Visitor, hook: Hook) -> None:
    await sandbox.http.put("/sendgrid/_events", json={"url": f"{hook.url}/events"})
    for _ in range(30):
        await sandbox.mail()
    await hook.until(lambda hook: sum(len(json.loads(body)) for _, _, body in hook.posts) == 60)

    assert len(hook.posts) < 60


BAD_ORDERS = (
    {"url": 7}, {"url": "ftp://127.0.0.1/x"}, {"url": "http://127.0.0.1/ x"}, [],
    {"url": None, "private_key": "no key"}, {"url": None, "private_key": 7},
)  # fmt: skip


@pytest.mark.parametrize("order", BAD_ORDERS)
async def test_a_webhook_that_cannot_be_is_refused(sandbox: Visitor, order: object) -> None:
    assert (await sandbox.http.put("/sendgrid/_events", json=order)).status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": []}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, "personalizations.0.to.0.email"),
        ({"personalizations": ["x"]}, "personalizations.0"),
        ({"from": {"email": ""}}, "from.email"),
        ({"from": None}, "from.email"),
        ({"subject": ""}, "subject"),
        ({"content": []}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
        ({"content": [{"type": "text/html", "value": "x"}, {"type": "text/plain", "value": "x"}]}, "content"),
        ({"custom_args": {"n": 1}}, "custom_args"),
        ({"headers": ["x"]}, "headers"),
        ({"mail_settings": 5}, "mail_settings"),
        ({"template_id": "d-1", "content": "junk"}, "content"),
    ],
)
async def test_what_sendgrid_refuses_is_refused_by_field(
    sandbox: Visitor, changes: dict[str, object], field: str
) -> None:
    answer = await sandbox.mail(**changes)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert await sandbox.received(vendor="sendgrid") == []


async def test_a_key_and_json_are_needed(sandbox: Visitor) -> None:
    path = "/sendgrid/v3/mail/send"

    assert (await sandbox.http.post(path, json={})).status_code == 401
    assert (await sandbox.http.post(path, content=b"{}", headers=BEARER)).status_code == 415
    json_header = BEARER | {"content-type": "application/json"}
    assert (await sandbox.http.post(path, content=b"[" * 100_000, headers=json_header)).status_code == 400


async def test_events_leave_this_machine_for_nobody() -> None:
    async with running_sandbox() as alone:
        answer = await alone.http.put(
            "/sendgrid/_events", json={"url": "https://leads.example.com/hooks/sendgrid/events"}
        )

    assert answer.status_code == 422
