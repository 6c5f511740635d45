"""Twilio: what is sent, what its answers mean, what its webhooks say."""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_lane import specs
from vendor_on_loopback import Answer, Vendor

from leadwake.errors import (
    AnomalousPayload,
    BadCredentials,
    NotYet,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
    Unavailable,
)
from leadwake.providers.ports import Call, DeliveryStatus, ForgetTexts, InboundText, OutgoingText
from leadwake.providers.twilio import (
    DELIVERY_CODES,
    STATUSES,
    Twilio,
    is_temporary,
    parse_inbound,
    parse_status,
    verify_signature,
)

ACCOUNT = "AC" + "0" * 32
TOKEN = "practice-token"
MARIA, US = "+18135550194", "+15005550006"
TEXT = OutgoingText(MARIA, "Hi María 👋 & thanks", "https://leads.example.com/hooks/twilio/status?action=a1&attempt=t1")
SID = "SM" + "a" * 32
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def twilio(api: Vendor, sender: str = US) -> Twilio:
    return Twilio(api.url, ACCOUNT, TOKEN, sender)


def listed(number: int, *, made: str = "Sun, 22 Nov 2026 12:00:01 +0000", **changes: object) -> dict[str, object]:
    return {
        "sid": f"SM{number:032x}", "to": MARIA, "from": US, "body": f"Hi {number}", "status": "queued",
        "date_created": made, "date_sent": None, **changes,
    }  # fmt: skip


async def failed_send(api: Vendor, answer: Answer) -> ProviderError:
    api.answers(answer)
    sender = twilio(api)
    with pytest.raises(ProviderError) as caught:
        await sender.send_text(TEXT, Call.for_seconds())
    await sender.aclose()
    return caught.value


async def test_a_text_is_posted_as_twilio_documents_it(twilio_api: Vendor) -> None:
    twilio_api.answers(Answer(201, {"sid": SID, "status": "queued", "body": "Hi", "to": MARIA, "num_segments": "1"}))
    sender = twilio(twilio_api)
    accepted = await sender.send_text(TEXT, Call.for_seconds())
    seen = twilio_api.received[0]

    assert (seen.method, seen.target) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert dict(parse_qsl(seen.body.decode())) == {
        "To": MARIA, "From": US, "Body": TEXT.body, "StatusCallback": TEXT.status_callback,
    }  # fmt: skip
    assert accepted.ref == SID
    assert accepted.raw == {"sid": SID, "status": "queued", "num_segments": "1", "error_code": None}
    await sender.aclose()


async def test_a_messaging_service_sends_in_place_of_a_number(twilio_api: Vendor) -> None:
    service = "MG" + "b" * 32
    twilio_api.answers(Answer(201, {"sid": SID}), Answer(200, {"messages": []}))
    sender = twilio(twilio_api, service)
    await sender.send_text(TEXT, Call.for_seconds())
    await sender.find_texts(MARIA, NOW)

    assert b"MessagingServiceSid=MG" in twilio_api.received[0].body
    assert b"From" not in twilio_api.received[0].body
    assert "From" not in twilio_api.received[1].target
    await sender.aclose()


async def test_a_url_prefix_stands_before_the_documented_path(vendor: Vendor) -> None:
    vendor.answers(Answer(201, {"sid": SID}))
    sender = Twilio(f"{vendor.url}/twilio/", ACCOUNT, TOKEN, US)
    await sender.send_text(TEXT, Call.for_seconds())

    assert vendor.received[0].path == f"/twilio/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    await sender.aclose()


async def test_the_documented_answer_is_understood(twilio_api: Vendor) -> None:
    sample = json.loads((specs() / "samples/twilio/message_create_201.json").read_text())
    twilio_api.answers(Answer(201, sample))
    sender = twilio(twilio_api)

    assert (await sender.send_text(TEXT, Call.for_seconds())).ref == sample["sid"]
    await sender.aclose()


async def test_a_text_that_is_too_long_is_refused_here(twilio_api: Vendor) -> None:
    call = Call.for_seconds()
    with pytest.raises(Rejected):
        await twilio(twilio_api).send_text(OutgoingText(MARIA, "x" * 1601), call)

    assert (twilio_api.received, call.written) == ([], False)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 21211, Rejected),
        (400, 21612, Rejected),
        (400, 21614, Rejected),
        (400, 21635, Rejected),
        (400, 21608, Rejected),
        (400, 21999, Rejected),
        (403, 21408, Rejected),
        (403, 21999, Rejected),
        (404, 20404, Rejected),
        (400, 21606, BadCredentials),
        (400, 21660, BadCredentials),
        (401, 20003, BadCredentials),
        (403, 20008, BadCredentials),
        (400, 30002, BadCredentials),
        (400, 30034, BadCredentials),
        (429, 20429, Throttled),
        (400, 20429, Throttled),
        (429, 21999, Throttled),
        (400, 30001, Throttled),
        (400, 21611, Throttled),
        (500, 20500, Unavailable),
        (502, 20500, Unavailable),
        (503, 20503, Unavailable),
    ],
)
async def test_an_error_code_means_what_it_says(
    twilio_api: Vendor, status: int, code: int, kind: type[ProviderError]
) -> None:
    document = {
        "code": code,
        "message": f"The 'To' number {MARIA} is wrong",
        "more_info": "https://…",
        "status": status,
    }
    error = await failed_send(twilio_api, Answer(status, document))

    assert (type(error), error.code) == (kind, str(code))
    assert MARIA not in str(error)
    assert not getattr(error, "opted_out", False)


async def test_an_opted_out_recipient_is_reported_as_such(twilio_api: Vendor) -> None:
    error = await failed_send(twilio_api, Answer(400, {"code": 21610, "message": "unsubscribed", "status": 400}))

    assert isinstance(error, Rejected)
    assert error.opted_out


@pytest.mark.parametrize("code", [True, "20500", None, 1.5])
async def test_a_server_error_without_twilios_own_document_is_unknown(twilio_api: Vendor, code: object) -> None:
    """Something in front of Twilio made the page: Twilio may have accepted."""
    assert type(await failed_send(twilio_api, Answer(500, {"code": code, "message": "x"}))) is OutcomeUnknown


@pytest.mark.parametrize("body", [{}, {"sid": None}, {"sid": 7}, {"sid": "SM"}, {"sid": "../x"}, [], b"", b"<html>"])
async def test_a_success_without_a_sid_is_unknown(twilio_api: Vendor, body: object) -> None:
    assert type(await failed_send(twilio_api, Answer(201, body))) is OutcomeUnknown


# looking for what was sent


async def test_what_was_sent_is_found(twilio_api: Vendor) -> None:
    old = "Sun, 22 Nov 2026 10:00:00 +0000"
    page = [listed(2), listed(1, status="delivered"), listed(3, to="+12125550100"), listed(0, made=old)]
    twilio_api.answers(Answer(200, {"messages": page, "next_page_uri": None}))
    sender = twilio(twilio_api)
    found = await sender.find_texts(MARIA, NOW)

    assert [(text.body, text.status) for text in found] == [
        ("Hi 2", DeliveryStatus.ACCEPTED),
        ("Hi 1", DeliveryStatus.DELIVERED),
    ]
    assert found[0].created_at == NOW + timedelta(seconds=1)
    assert parse_qs(urlsplit(twilio_api.received[0].target).query) == {"To": [MARIA], "From": [US], "PageSize": ["100"]}
    await sender.aclose()


async def test_a_text_made_while_the_clocks_differ_is_found(twilio_api: Vendor) -> None:
    twilio_api.answers(Answer(200, {"messages": [listed(1, made="Sun, 22 Nov 2026 11:58:30 +0000")]}))
    sender = twilio(twilio_api)

    assert len(await sender.find_texts(MARIA, NOW)) == 1
    await sender.aclose()


async def test_pages_are_followed_but_never_to_another_host(twilio_api: Vendor) -> None:
    """The vendor names the next page; our credentials go nowhere but to our own address of it."""
    following = "https://evil.example.com/2010-04-01/elsewhere?PageToken=PASM1&Page=1&PageSize=100"
    twilio_api.answers(
        Answer(200, {"messages": [listed(2)], "next_page_uri": following}),
        Answer(200, {"messages": [listed(1)], "next_page_uri": ""}),
    )
    sender = twilio(twilio_api)
    found = await sender.find_texts(MARIA, NOW)

    assert [text.body for text in found] == ["Hi 2", "Hi 1"]
    assert [seen.path for seen in twilio_api.received] == [f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"] * 2
    assert "PageToken=PASM1" in twilio_api.received[1].target
    await sender.aclose()


async def test_paging_ends_where_the_texts_are_older(twilio_api: Vendor) -> None:
    old = listed(1, made="Sat, 21 Nov 2026 12:00:00 +0000")
    twilio_api.answers(Answer(200, {"messages": [old], "next_page_uri": "/x?Page=1"}))
    sender = twilio(twilio_api)

    assert await sender.find_texts(MARIA, NOW) == []
    assert len(twilio_api.received) == 1
    await sender.aclose()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(200, {"messages": [listed(1)], "next_page_uri": "/x?Page=1"}), Unavailable),  # for ever
        (Answer(200, b"<html>"), Unavailable),
        (Answer(200, {"messages": "none"}), Unavailable),
        (Answer(500, b""), Unavailable),
        (Answer(502, b"", cut="after reading"), Unavailable),
        (Answer(429, b"", {"Retry-After": "3"}), Throttled),
        (Answer(401, {"code": 20003, "message": "no", "status": 401}), BadCredentials),
    ],
)
async def test_a_list_that_cannot_be_had_is_never_an_empty_one(
    twilio_api: Vendor, answer: Answer, kind: type[ProviderError]
) -> None:
    twilio_api.answers(answer)
    sender = twilio(twilio_api)
    with pytest.raises(ProviderError) as caught:
        await sender.find_texts(MARIA, NOW)

    assert type(caught.value) is kind
    await sender.aclose()


async def test_a_list_cut_once_is_asked_for_again(twilio_api: Vendor) -> None:
    twilio_api.answers(Answer(200, b"{}", cut="mid answer"), Answer(200, {"messages": []}))
    sender = twilio(twilio_api)

    assert await sender.find_texts(MARIA, NOW) == []
    await sender.aclose()


async def test_odd_entries_of_a_list_are_passed_over(twilio_api: Vendor) -> None:
    odd = [None, 7, {}, listed(1, date_created="yesterday"), listed(2, body=None, status="new-word")]
    twilio_api.answers(Answer(200, {"messages": odd}))
    sender = twilio(twilio_api)
    found = await sender.find_texts(MARIA, NOW)

    assert [(text.body, text.status, text.created_at is None) for text in found] == [
        ("Hi 1", DeliveryStatus.ACCEPTED, True),
        ("", DeliveryStatus.UNKNOWN, False),
    ]
    await sender.aclose()


# what it tells us


def sample(name: str) -> dict[str, str]:
    return dict(parse_qsl((specs() / "samples/twilio" / name).read_text().strip(), keep_blank_values=True))


def test_the_documented_status_callback_is_understood() -> None:
    delivery = parse_status(sample("status_delivered.form.txt"), {"action": "a1", "attempt": "t1"})

    assert (delivery.status, delivery.ref) == (DeliveryStatus.DELIVERED, "SM" + "d" * 32)
    assert (delivery.action_id, delivery.attempt_id) == ("a1", "t1")
    assert delivery.event_id == f"SM{'d' * 32}:delivered"
    assert (delivery.recipient, delivery.code) == ("+15555550111", None)


def test_the_documented_inbound_text_is_understood() -> None:
    text = parse_inbound(sample("inbound_sms.form.txt"))

    assert text == InboundText("SM" + "a" * 32, "+15017122661", "+15558675310", "Ahoy")


@pytest.mark.parametrize("word", [*STATUSES, "brand_new"])
def test_every_status_word_has_a_meaning(word: str) -> None:
    delivery = parse_status({"MessageSid": SID, "MessageStatus": word}, {})

    assert delivery.status is STATUSES.get(word, DeliveryStatus.UNKNOWN)
    assert (delivery.action_id, delivery.attempt_id, delivery.recipient) == (None, None, None)


@pytest.mark.parametrize(("code", "temporary"), [(code, known[0]) for code, known in DELIVERY_CODES.items()])
def test_a_delivery_code_has_a_reason_a_person_can_read(code: str, temporary: bool) -> None:
    delivery = parse_status({"MessageSid": SID, "MessageStatus": "undelivered", "ErrorCode": code}, {})

    assert (delivery.code, delivery.reason) == (code, DELIVERY_CODES[code][1])
    assert is_temporary(delivery.code) is temporary


@pytest.mark.parametrize("code", [None, "", "99999", "30006"])
def test_other_codes_are_final(code: str | None) -> None:
    assert not is_temporary(code)


def test_what_twilio_has_already_acted_on_is_kept() -> None:
    form = {"MessageSid": SID, "From": MARIA, "To": US, "Body": "stop", "OptOutType": "STOP", "MediaUrl0": "https://a"}
    text = parse_inbound(form)

    assert (text.opt_out_type, text.media_urls) == ("STOP", ("https://a",))
    assert parse_inbound({**form, "OptOutType": "MAYBE"}).opt_out_type is None


@given(
    st.dictionaries(
        st.sampled_from(["MessageSid", "SmsSid", "MessageStatus", "From", "To", "Body", "ErrorCode"]), st.text()
    ),
    st.dictionaries(st.sampled_from(["action", "attempt"]), st.text()),
)
def test_any_form_is_an_event_or_anomalous(form: dict[str, str], query: dict[str, str]) -> None:
    for parse in (lambda: parse_status(form, query), lambda: parse_inbound(form)):
        with contextlib.suppress(AnomalousPayload):
            parse()


# signatures

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PARAMS = [
    ("CallSid", "CA1234567890ABCDE"), ("Digits", "1234"), ("From", "+14158675309"), ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]  # fmt: skip
SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="  # twilio-python's own vector


def test_the_published_vectors_hold() -> None:
    vectors = json.loads((specs() / "samples/signature_vectors.json").read_text())["vectors"]
    for vector in (one for one in vectors if one["vendor"] == "twilio"):
        signature = vector["header"]["X-Twilio-Signature"]
        found = verify_signature(vector["auth_token"], vector["url"], list(vector["params"].items()), signature)

        assert found is vector["valid"]


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_one_byte_changed_anywhere_is_refused(position: int, difference: int) -> None:
    def changed(text: str) -> str:
        at = position % len(text)
        return text[:at] + chr(ord(text[at]) ^ difference) + text[at + 1 :]

    assert verify_signature("12345", URL, PARAMS, SIGNATURE)
    assert not verify_signature(changed("12345"), URL, PARAMS, SIGNATURE)
    assert not verify_signature("12345", URL, PARAMS, changed(SIGNATURE))
    at = position % len(PARAMS)
    name, value = PARAMS[at]
    for other in ((changed(name), value), (name, changed(value))):
        assert not verify_signature("12345", URL, [*PARAMS[:at], other, *PARAMS[at + 1 :]], SIGNATURE)
    assert not verify_signature("12345", changed(URL), PARAMS, SIGNATURE)


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        (URL, True),
        (URL.replace(".com", ".com:443"), True),
        (URL.replace(".com", ".com:8443"), True),
        (URL.replace("https", "http"), False),
        (URL + "&x=1", False),
        ("https://[::1", False),
        ("https://mycompany.com:99999999/", False),
        ("", False),
    ],
)
def test_the_port_is_tried_with_and_without(url: str, holds: bool) -> None:
    assert verify_signature("12345", url, PARAMS, SIGNATURE) is holds


def test_a_url_signed_with_its_port_holds_without_it() -> None:
    signature = signed("12345", "https://mycompany.com:443/x", "")

    assert verify_signature("12345", "https://mycompany.com/x", [], signature)


def test_a_repeated_name_counts_each_value_once_in_order() -> None:
    signature = signed("t", "https://a.example/x", "MediaUrlaMediaUrlb")

    assert verify_signature(
        "t", "https://a.example/x", [("MediaUrl", "b"), ("MediaUrl", "a"), ("MediaUrl", "b")], signature
    )


def test_a_json_body_is_held_by_its_hash() -> None:
    body = b'{"a": 1}'
    url = f"https://a.example/x?bodySHA256={sha256(body).hexdigest()}"
    signature = signed("t", url, "")

    assert verify_signature("t", url, [], signature, body=body)
    assert not verify_signature("t", url, [], signature, body=b'{"a": 2}')
    assert not verify_signature("t", "https://a.example/x", [], signed("t", "https://a.example/x", ""), body=body)


def test_a_blank_token_verifies_nothing() -> None:
    assert not verify_signature("", URL, [], signed("", URL, ""))


@given(st.text(), st.text(), st.lists(st.tuples(st.text(), st.text()), max_size=3), st.text())
def test_no_input_breaks_the_check(token: str, url: str, params: list[tuple[str, str]], signature: str) -> None:
    assert verify_signature(token, url, params, signature, body=b"") is False


def signed(token: str, url: str, params: str) -> str:
    return base64.b64encode(hmac.digest(token.encode(), (url + params).encode(), "sha1")).decode()


async def test_texts_are_deleted_by_their_sids_and_what_is_gone_already_is_no_error(twilio_api: Vendor) -> None:
    twilio_api.answers(Answer(204), Answer(404, {"code": 20404, "message": "not found", "status": 404}))
    refs = ["SM" + "1" * 32, "SM" + "2" * 32]
    await forgotten(twilio_api, refs)

    assert [seen.method for seen in twilio_api.received] == ["DELETE", "DELETE"]
    assert {seen.path.rpartition("/")[2] for seen in twilio_api.received} == {f"{ref}.json" for ref in refs}


async def test_a_text_that_is_still_on_its_way_cannot_be_deleted_yet(twilio_api: Vendor) -> None:
    twilio_api.answers(Answer(409, {"code": 20009, "message": "not complete", "status": 409}))
    with pytest.raises(NotYet):
        await forgotten(twilio_api, ["SM" + "1" * 32])


async def test_what_is_no_sid_is_never_put_into_a_path(twilio_api: Vendor) -> None:
    await forgotten(twilio_api, ["../Calls/CA1", ""])

    assert list(twilio_api.received) == []


async def forgotten(api: Vendor, refs: list[str]) -> None:
    twilio = Twilio(api.url, ACCOUNT, "practice", "+15005550006", deadline_s=2)
    try:
        await twilio.forget_texts(ForgetTexts(refs), Call.for_seconds())
    finally:
        await twilio.aclose()
