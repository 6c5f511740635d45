"""Twilio's voice: what is asked of it, what its answers mean, what its webhooks say."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from vendor_on_loopback import Answer, Vendor

from leadwake.errors import AnomalousPayload, BadCredentials, OutcomeUnknown, Rejected, Throttled, Unavailable
from leadwake.providers.ports import Call, CallStatus, OutgoingCall
from leadwake.providers.twilio_voice import NO_NUMBER, TwilioVoice, parse_voice, status, was_connected

ACCOUNT, TOKEN, OURS, DANA = "AC" + "a" * 32, "an invented token", "+18135550100", "+18135550101"
SID = "CA" + "b" * 32
CALL = OutgoingCall(DANA, "https://leads.example.com/agent?call=1", "https://leads.example.com/status?call=1", 25)


def voice(vendor: Vendor) -> TwilioVoice:
    return TwilioVoice(vendor.url, ACCOUNT, TOKEN, OURS, deadline_s=2.0)


async def test_a_call_is_placed_as_the_contract_says_and_nothing_records(twilio_api: Vendor) -> None:
    twilio_api.answers(Answer(201, {"sid": SID, "status": "queued"}))
    phone = voice(twilio_api)
    accepted = await phone.place_call(CALL, Call.for_seconds())
    await phone.aclose()
    [request] = twilio_api.received

    assert accepted.ref == SID
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    form = parse_qs(request.body.decode())
    assert (form["To"], form["From"], form["Timeout"]) == ([DANA], [OURS], ["25"])
    assert form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert not [name for name in form if "ecord" in name or "ranscri" in name]


@pytest.mark.parametrize(
    ("http", "code", "kind"),
    [
        (400, 21211, Rejected),
        (400, 21215, Rejected),
        (401, 20003, BadCredentials),
        (429, 20429, Throttled),
        (503, 20503, Unavailable),
    ],
)
async def test_refusals_are_told_apart(twilio_api: Vendor, http: int, code: int, kind: type[Exception]) -> None:
    twilio_api.answers(Answer(http, {"code": code, "message": "no", "status": http}))
    phone = voice(twilio_api)
    with pytest.raises(kind):
        await phone.place_call(CALL, Call.for_seconds())
    await phone.aclose()


async def test_an_answer_without_a_sid_leaves_the_outcome_unknown(twilio_api: Vendor) -> None:
    twilio_api.answers(Answer(201, {"status": "queued"}))
    phone = voice(twilio_api)
    with pytest.raises(OutcomeUnknown):
        await phone.place_call(CALL, Call.for_seconds())
    await phone.aclose()


async def test_how_a_call_stands_is_asked_and_a_call_is_hung_up(twilio_api: Vendor) -> None:
    twilio_api.answers(
        Answer(200, {"sid": SID, "status": "no-answer"}), Answer(200, {"sid": SID, "status": "completed"})
    )
    phone = voice(twilio_api)

    assert await phone.call_status(SID) is CallStatus.NO_ANSWER
    await phone.hang_up(SID)
    await phone.aclose()
    asked, hung_up = twilio_api.received
    assert (asked.method, hung_up.method) == ("GET", "POST")
    assert parse_qs(hung_up.body.decode()) == {"Status": ["completed"]}


async def test_a_question_that_fails_is_never_unknown(twilio_api: Vendor) -> None:
    twilio_api.answers(Answer(500, {}))
    phone = voice(twilio_api)
    with pytest.raises(Unavailable):
        await phone.call_status(SID)
    await phone.aclose()


def test_a_call_that_comes_in_is_read() -> None:
    form = {"CallSid": SID, "From": "+18135550142", "To": OURS, "CallStatus": "ringing"}
    call = parse_voice(form, b"raw")

    assert (call.ref, call.from_, call.to, call.form) == (SID, "+18135550142", OURS, b"raw")
    for number in NO_NUMBER:
        assert parse_voice(form | {"From": number}, b"").from_ == ""
    for wrong in ({"To": OURS}, {"CallSid": "SM" + "b" * 32, "To": OURS}, {"CallSid": SID}):
        with pytest.raises(AnomalousPayload):
            parse_voice(wrong, b"")


@pytest.mark.parametrize(
    ("form", "connected"),
    [
        ({"DialCallStatus": "completed"}, True),
        ({"DialCallStatus": "completed", "DialBridged": "true"}, True),
        ({"DialCallStatus": "completed", "DialBridged": "false"}, False),
        ({"DialCallStatus": "no-answer"}, False),
        ({}, False),
    ],
)
def test_a_mailbox_that_was_hung_up_on_is_no_conversation(form: dict[str, str], connected: bool) -> None:
    assert was_connected(form) is connected


def test_every_word_of_twilios_has_its_meaning_and_others_are_unknown() -> None:
    assert status("in-progress") is CallStatus.TALKING
    assert [status(word).is_over for word in ("completed", "busy", "no-answer", "failed", "canceled")] == [True] * 5
    assert [status(word).is_over for word in ("queued", "ringing", "in-progress", "teleported", None)] == [False] * 5
