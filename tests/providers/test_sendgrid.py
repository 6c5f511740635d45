"""SendGrid: the mail that is posted, and the events that come back."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from openapi_lane import specs
from vendor_on_loopback import Answer, Vendor

from leadwake.errors import AnomalousPayload, BadCredentials, OutcomeUnknown, ProviderError, Rejected, Unavailable
from leadwake.providers.ports import Call, DeliveryStatus, OutgoingEmail
from leadwake.providers.sendgrid import Events, SendGrid, parse_events, verify_event_signature

MAIL = OutgoingEmail(
    to="maria@example.com",
    to_name="María López",
    subject="Your question about 12 Oak St",
    text="Hi María",
    html="<p>Hi María</p>",
    message_id="<a1@leads.example.com>",
    from_email="sam@realty.example.com",
    from_name="Sam of Example Realty",
    reply_to="team@realty.example.com",
    headers={"List-Unsubscribe": "<https://leads.example.com/u/1>", "From": "evil@example.com", "X-SG-ID": "x"},
    ids={"action_id": "a1", "attempt_id": "t1"},
)


async def sent(api: Vendor, mail: OutgoingEmail) -> dict[str, Any]:
    api.answers(Answer(202, headers={"X-Message-Id": "LRzXl_NHStOGhQ4kofSm_A"}))
    sender = SendGrid(api.url, "SG.practice")
    accepted = await sender.send_email(mail, Call.for_seconds())
    await sender.aclose()

    assert accepted.ref == "LRzXl_NHStOGhQ4kofSm_A"
    found: dict[str, Any] = api.received[0].json()
    return found


async def test_a_mail_is_posted_as_sendgrid_documents_it(sendgrid_api: Vendor) -> None:
    body = await sent(sendgrid_api, MAIL)

    assert sendgrid_api.received[0].target == "/v3/mail/send"
    assert body["from"] == {"email": "sam@realty.example.com", "name": "Sam of Example Realty"}
    assert body["reply_to"] == {"email": "team@realty.example.com"}
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["personalizations"] == [
        {
            "to": [{"email": "maria@example.com", "name": "María López"}],
            "headers": {
                "List-Unsubscribe": "<https://leads.example.com/u/1>",
                "Message-ID": "<a1@leads.example.com>",
            },
            "custom_args": {"action_id": "a1", "attempt_id": "t1"},
        }
    ]
    assert body["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
    }


async def test_what_is_blank_is_left_out(sendgrid_api: Vendor) -> None:
    mail = OutgoingEmail("maria@example.com", "Hi", "Hi", "", "<a@b.example>", "sam@realty.example.com", "Sam")
    body = await sent(sendgrid_api, mail)

    assert [part["type"] for part in body["content"]] == ["text/plain"]
    assert set(body["personalizations"][0]) == {"to", "headers"}
    assert "reply_to" not in body


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, BadCredentials),
        (403, BadCredentials),
        (406, Rejected),
        (413, Rejected),
        (500, Unavailable),
        (503, Unavailable),
        (502, OutcomeUnknown),
    ],
)
async def test_sendgrids_error_document_is_read(sendgrid_api: Vendor, status: int, kind: type[ProviderError]) -> None:
    told = {
        "errors": [{"message": "Does not contain a valid address.", "field": "personalizations.0.to", "help": None}]
    }
    sendgrid_api.answers(Answer(status, told))
    sender = SendGrid(sendgrid_api.url, "SG.practice")
    with pytest.raises(ProviderError) as caught:
        await sender.send_email(MAIL, Call.for_seconds())

    assert type(caught.value) is kind
    assert "personalizations.0.to: Does not contain a valid address." in str(caught.value)
    await sender.aclose()


@pytest.mark.parametrize(
    "told", [{"errors": None}, {"errors": []}, {"errors": ["x"]}, {"errors": [{"message": 7}]}, []]
)
async def test_an_odd_error_document_is_still_an_error(sendgrid_api: Vendor, told: object) -> None:
    sendgrid_api.answers(Answer(400, told))
    sender = SendGrid(sendgrid_api.url, "SG.practice")
    with pytest.raises(Rejected):
        await sender.send_email(MAIL, Call.for_seconds())
    await sender.aclose()


# events


def sample(name: str) -> Events:
    return parse_events((specs() / "samples/sendgrid" / name).read_bytes())


def event(**fields: object) -> bytes:
    return json.dumps([{"event": "delivered", "sg_event_id": "e1", "sg_message_id": "m1", **fields}]).encode()


def test_the_documented_batch_is_understood() -> None:
    events = sample("events_delivery_mixed.json")

    assert [delivery.status for delivery in events.deliveries] == [
        DeliveryStatus.ACCEPTED,
        DeliveryStatus.DEFERRED,
        DeliveryStatus.DELIVERED,
        DeliveryStatus.OPENED,
        DeliveryStatus.CLICKED,
        DeliveryStatus.BOUNCED,
        DeliveryStatus.UNDELIVERED,
    ]
    assert events.skipped == 0
    assert len({delivery.event_id for delivery in events.deliveries}) == 7
    assert events.deliveries[1].reason == "400 try again later"
    assert events.deliveries[6].reason == "Bounced Address"


def test_the_documented_hard_bounce_is_understood() -> None:
    (bounce,) = sample("event_bounce_hard.json").deliveries

    assert (bounce.status, bounce.code, bounce.reason) == (DeliveryStatus.BOUNCED, "5.0.0", "500 unknown recipient")
    assert (bounce.ref, bounce.recipient) == ("14c5d75ce93.dfd.64b469", "example@test.com")
    assert bounce.at == datetime(2017, 12, 15, 0, 59, 29, tzinfo=UTC)


def test_a_block_is_no_bounce() -> None:
    (delivery,) = parse_events(event(event="bounce", type="blocked", reason="421 try later")).deliveries

    assert (delivery.status, delivery.reason) == (DeliveryStatus.UNDELIVERED, "421 try later")


def test_our_ids_come_back_at_the_top_level() -> None:
    (delivery,) = parse_events(event(action_id="a1", attempt_id="t1", category=["x"])).deliveries

    assert (delivery.action_id, delivery.attempt_id) == ("a1", "t1")


@pytest.mark.parametrize(
    ("message_id", "ref"),
    [
        ("LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0", "LRzXl_NHStOGhQ4kofSm_A"),
        ("LRzXl_NHStOGhQ4kofSm_A.recvd-canary-1", "LRzXl_NHStOGhQ4kofSm_A"),
        ("LRzXl_NHStOGhQ4kofSm_A", "LRzXl_NHStOGhQ4kofSm_A"),
        ("", None),
    ],
)
def test_the_reference_is_the_one_the_send_answered(message_id: str, ref: str | None) -> None:
    assert parse_events(event(sg_message_id=message_id)).deliveries[0].ref == ref


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        (1513299569, datetime(2017, 12, 15, 0, 59, 29, tzinfo=UTC)),
        (1513299569000, datetime(2017, 12, 15, 0, 59, 29, tzinfo=UTC)),
        (1513299569.0, datetime(2017, 12, 15, 0, 59, 29, tzinfo=UTC)),
        ("1513299569", None),
        (True, None),
        (None, None),
        (-1, None),
        (0, None),
        (10**30, None),
    ],
)
def test_an_instant_is_seconds_or_milliseconds(timestamp: object, at: datetime | None) -> None:
    assert parse_events(event(timestamp=timestamp)).deliveries[0].at == at


def test_the_same_event_twice_has_one_id() -> None:
    twice = parse_events(event() + b"").deliveries + parse_events(event()).deliveries

    assert len({delivery.event_id for delivery in twice}) == 1


def test_entries_that_are_no_events_are_counted() -> None:
    body = json.dumps([None, 7, "x", [], {}, {"event": 7}, {"event": "open"}, {"event": "open", "sg_event_id": "e"}])
    events = parse_events(body.encode())

    assert (len(events.deliveries), events.skipped) == (1, 7)


def test_an_event_of_a_new_kind_is_kept_as_unknown() -> None:
    assert parse_events(event(event="teleported")).deliveries[0].status is DeliveryStatus.UNKNOWN


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[", b"\xff", b"[" * 200_000])
def test_what_is_no_array_is_anomalous(body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        parse_events(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "event", "sg_event_id", "sg_message_id", "smtp-id", "timestamp", "type", "status", "reason", "email", "action_id",
]  # fmt: skip


@given(st.lists(JSON | st.dictionaries(st.sampled_from(FIELDS), JSON), max_size=5))
def test_every_entry_is_an_event_or_counted(entries: list[object]) -> None:
    events = parse_events(json.dumps(entries).encode())

    assert len(events.deliveries) + events.skipped == len(entries)


# signatures

PRIVATE = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()  # fmt: skip


def signed(timestamp: str, body: bytes) -> str:
    return base64.b64encode(PRIVATE.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))).decode()


def test_the_published_vectors_hold() -> None:
    vectors = json.loads((specs() / "samples/signature_vectors.json").read_text())["vectors"]
    for vector in (one for one in vectors if one["vendor"] == "sendgrid"):
        key, header, body = vector["public_key"], vector["header"], vector["body"].encode()
        signature = header["X-Twilio-Email-Event-Webhook-Signature"]
        timestamp = header["X-Twilio-Email-Event-Webhook-Timestamp"]

        assert verify_event_signature(key, signature, timestamp, body) is vector["valid"]
        if vector["valid"]:
            for at in range(0, len(body), 17):
                spoilt = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
                assert not verify_event_signature(key, signature, timestamp, spoilt)
            assert not verify_event_signature(key, signature, "1600112503", body)


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(1, 255))
def test_one_byte_changed_anywhere_is_refused(body: bytes, position: int, difference: int) -> None:
    signature = signed("1600112502", body)

    assert verify_event_signature(PUBLIC, signature, "1600112502", body)
    spoilt = bytearray(b"1600112502" + body)
    spoilt[position % len(spoilt)] ^= difference
    timestamp = spoilt[:10].decode("latin-1")
    assert not verify_event_signature(PUBLIC, signature, timestamp, bytes(spoilt[10:]))


def test_a_pem_key_is_the_same_key() -> None:
    pem = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    assert verify_event_signature(pem, signed("1", b"[]"), "1", b"[]")


def test_an_old_post_is_refused_where_a_window_is_kept() -> None:
    now = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
    window = timedelta(minutes=10)
    for age_s, holds in ((0, True), (599, True), (601, False), (-599, True), (-601, False)):
        timestamp = str(int(now.timestamp()) - age_s)
        signature = signed(timestamp, b"[]")

        assert verify_event_signature(PUBLIC, signature, timestamp, b"[]", tolerance=window, now=now) is holds
        assert verify_event_signature(PUBLIC, signature, timestamp, b"[]")


def test_a_key_of_another_kind_verifies_nothing() -> None:
    other = ec.generate_private_key(ec.SECP384R1())
    public = base64.b64encode(other.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    signature = base64.b64encode(other.sign(b"1[]", ec.ECDSA(SHA256()))).decode()

    assert not verify_event_signature(public, signature, "1", b"[]")


@given(st.text(), st.text(), st.text(), st.binary())
def test_no_input_breaks_the_check(key: str, signature: str, timestamp: str, body: bytes) -> None:
    assert not verify_event_signature(key, signature, timestamp, body, tolerance=timedelta(minutes=5))
    assert not verify_event_signature(PUBLIC, signature, timestamp, body)
    assert not verify_event_signature(PUBLIC, base64.b64encode(signature.encode()).decode(), timestamp, body)
