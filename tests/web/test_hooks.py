"""What vendors post to us: believed only when signed, counted once, and a stop ends everything at once."""

from __future__ import annotations

import asyncio
import base64
import random
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from leadwake.vendors import PRACTICE_VALUES
from office_case import House, a_house, twilio_signature, working

NUMBER, EMAIL = "+18135550142", "ann@example.com"
LEAD = {"name": "Ann Lee", "phone": NUMBER, "email": EMAIL, "message": "the blue house"}
OURS = PRACTICE_VALUES["TWILIO_FROM"]
INBOUND = {"MessageSid": "SM" + "a" * 32, "From": NUMBER, "To": OURS, "Body": "Hello"}


# Signatures


async def test_a_text_signed_with_our_token_is_taken_and_any_other_is_refused(house: House) -> None:
    good = await house.twilio("/hooks/twilio/sms", INBOUND)
    forged = await house.twilio("/hooks/twilio/sms", INBOUND, token="another")
    unsigned = await house.http.post("/hooks/twilio/sms", data=INBOUND)
    signature = twilio_signature("practice", f"{house.url}/hooks/twilio/sms", INBOUND)
    changed = await house.http.post(
        "/hooks/twilio/sms", data=INBOUND | {"Body": "STOP"}, headers={"X-Twilio-Signature": signature}
    )
    elsewhere = await house.http.post("/hooks/twilio/status", data=INBOUND, headers={"X-Twilio-Signature": signature})

    assert (good.status_code, good.headers["content-type"].partition(";")[0]) == (200, "text/xml")
    for answer in (forged, unsigned, changed, elsewhere):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await house.rows("select count(*) as n from message"))[0]["n"] == 1


async def test_a_signature_over_the_public_url_is_believed_behind_a_proxy(database_url: str, tmp_path: Path) -> None:
    public = "https://leads.example.com"
    async with a_house(database_url, tmp_path / "data", at_work=False, PUBLIC_URL=public) as house:
        path = "/hooks/twilio/status?action=x&attempt=y%20z"
        form = {"MessageSid": "SM" + "b" * 32, "MessageStatus": "delivered", "To": NUMBER}
        outside = twilio_signature("practice", public + path, form)
        foreign = twilio_signature("practice", "https://evil.example.com" + path, form)

        assert (await _status(house, path, form, outside)).status_code == 204
        assert (await _status(house, path, form, foreign)).status_code == 401


async def test_nobody_is_believed_while_a_vendor_is_off(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", at_work=False) as house:
        house.office.base_settings = house.office.base_settings.in_practice_at(None)
        await house.office.refresh()
        for token in ("", "practice"):
            answer = await house.twilio("/hooks/twilio/sms", INBOUND, token=token)
            assert answer.status_code == 401
        assert (await house.http.post("/hooks/sendgrid/events", content=b"[]")).status_code == 401


async def _status(house: House, path: str, form: dict[str, str], signature: str) -> httpx.Response:
    return await house.http.post(path, data=form, headers={"X-Twilio-Signature": signature})


# What people say


async def test_a_reply_stands_on_the_timeline_once_however_often_it_is_posted(house: House) -> None:
    receipt = (await house.post(LEAD)).json()
    await house.settled()
    answers = await asyncio.gather(
        *(house.hear(NUMBER, "Is it still free on Sunday?", MessageSid="SM" + "c" * 32) for _ in range(5))
    )
    told = await house.timeline(receipt["lead_id"])
    entries = [entry for entry in told if entry["kind"] == "reply" and "Sunday" in entry["body"]]
    read = (await house.http.get(f"/v1/leads/{receipt['lead_id']}")).json()

    assert [answer.status_code for answer in answers] == [200] * 5
    assert len(entries) == 1
    assert read["status"] == "replied"


async def test_a_stop_suppresses_for_all_leads_of_the_number_and_cancels_what_is_open(idle_house: House) -> None:
    house = idle_house
    causes = [
        (await house.post({**LEAD, "name": name, "email": f"{name[:3]}@example.com".lower()})).json()
        for name in ("Ann Lee", "Robert Lee")
    ]
    answer = await house.hear(NUMBER, "  Stop! ")
    later = (await house.post({**LEAD, "email": "ann@example.org", "message": "again"})).json()
    states = {
        row["kind"]: row["state"]
        for cause in causes
        for row in await house.rows("select kind, state from action where cause_id = %s::uuid", cause["inquiry_id"])
    }

    assert answer.status_code == 200
    assert states == {
        "sms": "cancelled", "email": "cancelled", "crm": "planned", "alert_sms": "planned", "alert_email": "planned",
        "alert_slack": "planned", "enrich": "cancelled",
    }  # fmt: skip
    async with working(house.office):
        await house.settled()
    assert not [text for text in await house.texts() if text["To"] == NUMBER]
    assert (await house.action(later["inquiry_id"], "sms"))["reason"] == "opted_out"
    leads = await house.rows("select status from lead")
    assert {row["status"] for row in leads} == {"opted_out"}
    assert (await house.ledger()).problems == []


async def test_nothing_leaves_after_the_acknowledgement_of_a_stop(house: House) -> None:
    """A text under way is waited for: what the person still gets, they got before our answer."""
    await house.behave("twilio", mode="ok", delay_ms=700)
    receipt = (await house.post(LEAD)).json()
    await house.reaches(receipt["inquiry_id"], "sms", "sending")
    began = asyncio.get_running_loop().time()
    await house.hear(NUMBER, "STOP")
    waited = asyncio.get_running_loop().time() - began
    before = await house.action(receipt["inquiry_id"], "sms")

    assert before["state"] != "sending" or waited >= 12
    texts = [text["Body"] for text in await house.texts() if text["To"] == NUMBER]
    await house.post({**LEAD, "message": "again"})
    await house.settled()
    assert [text["Body"] for text in await house.texts() if text["To"] == NUMBER] == texts
    assert len(texts) == 2
    assert "no more automated messages" in texts[-1]  # R-REV-6: the one confirmation, before the acknowledgement


async def test_start_brings_the_number_back(house: House) -> None:
    await house.post(LEAD)
    await house.settled()
    await house.hear(NUMBER, "STOP")
    house.advance(timedelta(minutes=11))
    while_out = (await house.post({**LEAD, "message": "two"})).json()
    await house.reaches(while_out["inquiry_id"], "sms", "blocked")
    await house.hear(NUMBER, "start")
    back = (await house.post({**LEAD, "message": "three"})).json()

    await house.reaches(back["inquiry_id"], "sms", "sent", "delivered")
    assert (await house.ledger()).problems == []


async def test_a_stop_from_somebody_unknown_counts_when_they_become_a_lead(house: House) -> None:
    assert (await house.hear(NUMBER, "unsubscribe")).status_code == 200
    receipt = (await house.post(LEAD)).json()
    text = await house.reaches(receipt["inquiry_id"], "sms", "blocked")

    assert text["reason"] == "opted_out"


async def test_a_mail_held_up_while_its_person_says_stop_does_not_leave_afterwards(house: House) -> None:
    """A stop by text ends the person's automated mail, too, also what was just being sent and came back (R-REV-7)."""
    await house.behave("sendgrid", mode="throttle", delay_ms=600)
    receipt = (await house.post(LEAD)).json()
    await house.reaches(receipt["inquiry_id"], "email", "sending")
    await house.hear(NUMBER, "STOP")
    await house.behave("sendgrid", mode="ok")
    mail = await house.reaches(receipt["inquiry_id"], "email", "blocked", "cancelled", "sent", "delivered")

    assert (mail["state"], mail["reason"]) == ("blocked", "opted_out")
    assert EMAIL not in [mail["personalizations"][0]["to"][0]["email"] for mail in await house.mails()]

    asked = (await house.post({**LEAD, "message": "I do want the brochure by mail"})).json()
    await house.reaches(asked["inquiry_id"], "email", "sent", "delivered")


async def test_a_stop_to_a_number_that_hundreds_of_leads_share_is_obeyed(idle_house: House) -> None:
    """A sender may make leads without end of one number; their stop must not fail for it."""
    house = idle_house
    await house.post(LEAD)
    await house.rows(
        "insert into lead (id, data_key_id, sealed_profile, source, channel, created_at, last_at) "
        "select gen_random_uuid(), data_key_id, sealed_profile, source, channel, created_at, last_at "
        "from lead, generate_series(1, 400)"
    )
    await house.rows(
        "insert into lead_contact (lead_id, contact_point_id, kind, sealed_value, consent, consent_at, inquiry_at) "
        "select l.id, c.contact_point_id, c.kind, c.sealed_value, c.consent, c.consent_at, c.inquiry_at "
        "from lead l, lead_contact c where c.kind = 'phone' on conflict do nothing"
    )
    answer = await house.hear(NUMBER, "STOP")

    assert answer.status_code == 200
    assert (await house.rows("select count(*) as n from contact_point where opted_out_at is not null"))[0]["n"] == 1


async def test_a_text_that_meets_a_locked_number_is_asked_for_again_and_never_lost_as_our_fault(
    idle_house: House,
) -> None:
    """A lock that lasts too long is a 503, which vendors repeat; a 500 would look like a broken product."""
    house = idle_house
    await house.post(LEAD)
    async with house.office.db.transaction() as connection:
        await connection.execute("set local idle_in_transaction_session_timeout = 0")
        await connection.execute("select 1 from contact_point for update")
        answer = await house.hear(NUMBER, "STOP")

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert (await house.hear(NUMBER, "STOP")).status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {}, {"MessageSid": "SM1", "From": NUMBER, "To": OURS}, {"MessageSid": "SM" + "a" * 32, "To": OURS},
        {**INBOUND, "Body": "\x00\ud83d"}, {**INBOUND, "From": "\x00"}, {**INBOUND, "From": "x" * 5000},
        {**INBOUND, "Body": "é" * 60_000}, {**INBOUND, "OptOutType": "\x00"},
    ],
    ids=["nothing", "bad sid", "nobody", "NUL", "NUL sender", "long sender", "long body", "bad type"],
)  # fmt: skip
async def test_a_signed_text_of_any_shape_is_no_fault_of_ours(idle_house: House, form: dict[str, str]) -> None:
    plain = {name: value.encode("utf-8", "replace").decode() for name, value in form.items()}
    answer = await idle_house.twilio("/hooks/twilio/sms", plain)

    assert answer.status_code in {200, 400, 413}, answer.text


# What vendors report


async def _sent(house: House) -> dict[str, Any]:
    receipt = (await house.post(LEAD)).json()
    return await house.reaches(receipt["inquiry_id"], "sms", "sent")


async def _report(
    house: House, action: dict[str, Any], status: str, *, code: str = "", sid: str = "", attempt: object = None
) -> httpx.Response:
    form = {"MessageSid": sid or action["vendor_ref"], "MessageStatus": status, "To": NUMBER}
    if code:
        form["ErrorCode"] = code
    return await house.twilio(
        f"/hooks/twilio/status?action={action['id']}&attempt={attempt or action['attempt_id']}", form
    )


async def test_reports_in_any_order_and_number_end_in_the_same_state(house: House) -> None:
    await house.behave("twilio", mode="ok", callbacks=False)
    reports = [("queued", ""), ("sent", ""), ("undelivered", "30005"), ("delivered", "")]
    for seed in range(6):
        chance, number = random.Random(seed), f"+1813555{150 + seed:04}"
        receipt = (await house.post({"name": "Ann Lee", "phone": number, "message": str(seed)})).json()
        action = await house.reaches(receipt["inquiry_id"], "sms", "sent")
        for final, given in (("delivered", [reports[0], reports[1], reports[3]]), ("undelivered", reports)):
            order = given * 2
            chance.shuffle(order)
            for status, code in order:
                assert (await _report(house, action, status, code=code)).status_code == 204
            assert (await house.action(receipt["inquiry_id"], "sms"))["state"] == final
    assert (await house.ledger()).problems == []


async def test_a_carriers_passing_trouble_is_tried_twice_more_and_no_more(house: House) -> None:
    await house.behave("twilio", mode="ok", callbacks=False)
    action = await _sent(house)
    for tries in (2, 3):
        for status in ("undelivered", "undelivered", "sent", "queued"):  # doubled and late, as callbacks come
            await _report(house, action, status, code="30003")
        planned = await house.action(str(action["cause_id"]), "sms")
        assert planned["state"] == "planned"
        assert planned["due_at"] > house.now + timedelta(minutes=9)
        house.advance(timedelta(minutes=11))
        action = await house.reaches(str(action["cause_id"]), "sms", "sent")
        assert len([text for text in await house.texts() if text["To"] == NUMBER]) == tries
    await _report(house, action, "undelivered", code="30003")

    last = await house.action(str(action["cause_id"]), "sms")
    assert (last["state"], last["taken"]) == ("undelivered", 3), "each was billed"
    assert (await house.ledger()).problems == []


async def test_a_late_report_on_an_earlier_try_does_not_send_the_text_again(house: House) -> None:
    await house.behave("twilio", mode="ok", callbacks=False)
    first = await _sent(house)
    await _report(house, first, "undelivered", code="30003")
    house.advance(timedelta(minutes=11))
    second = await house.reaches(str(first["cause_id"]), "sms", "sent")
    await _report(house, first, "undelivered", code="30003")

    assert (await house.action(str(first["cause_id"]), "sms"))["state"] == "sent"
    await _report(house, second, "delivered")
    await _report(house, first, "undelivered", code="30003")
    assert (await house.action(str(first["cause_id"]), "sms"))["state"] == "delivered"


async def test_a_callback_settles_a_text_whose_answer_was_never_heard(house: House) -> None:
    await house.behave("twilio", mode="cut")
    receipt = (await house.post(LEAD)).json()
    text = await house.reaches(receipt["inquiry_id"], "sms", "sent", "delivered")
    read = (await house.http.get(f"/v1/leads/{receipt['lead_id']}")).json()

    assert text["vendor_ref"].startswith("SM")
    assert not text["possible_duplicate"]
    assert read["first_touch_s"] is not None


async def test_reports_about_nothing_of_ours_change_nothing(house: House) -> None:
    action = await _sent(house)
    stranger = {**action, "id": uuid4()}
    for about, code in ((stranger, ""), ({**action, "id": "no-id"}, "21610"), ({**action, "id": "%00"}, "\x00")):
        assert (await _report(house, about, "undelivered", code=code)).status_code in {204, 400}
    assert (await house.rows("select count(*) as n from contact_point where opted_out_at is not null"))[0]["n"] == 0


# Mail events


class Mailer:
    """SendGrid's side: a key of its own, made known to the product."""

    def __init__(self, house: House) -> None:
        self.house, self.key = house, ec.generate_private_key(ec.SECP256R1())

    async def begin(self) -> None:
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        answer = await self.house.sandbox.put("/sendgrid/_events", json={"url": None, "private_key": pem})
        public = answer.json()["public_key"]
        known = self.house.office.base_settings.practice_values
        assert isinstance(known, dict)
        known["SENDGRID_WEBHOOK_SECRET"] = public

    async def post(self, *events: dict[str, Any], spoil: bytes = b"") -> httpx.Response:
        body, stamp = msgspec.json.encode(list(events)), "1764000000"
        signature = base64.b64encode(self.key.sign(stamp.encode() + body, ec.ECDSA(SHA256()))).decode()
        return await self.house.http.post(
            "/hooks/sendgrid/events",
            content=body + spoil,
            headers={
                "X-Twilio-Email-Event-Webhook-Signature": signature,
                "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
            },
        )


def _event(action: dict[str, Any], event: str, **more: Any) -> dict[str, Any]:
    return {
        "event": event, "email": EMAIL, "sg_event_id": uuid4().hex, "sg_message_id": f"{action['vendor_ref']}.x",
        "timestamp": 1764000000, "action_id": str(action["id"]), "attempt_id": str(action["attempt_id"]), **more,
    }  # fmt: skip


@pytest.fixture
async def mailed(house: House) -> tuple[House, Mailer, dict[str, Any]]:
    """A lead whose mail was taken, and the mailer that may report on it."""
    mailer = Mailer(house)
    await mailer.begin()
    receipt = (await house.post(LEAD)).json()
    return house, mailer, await house.reaches(receipt["inquiry_id"], "email", "sent")


async def test_signed_mail_events_move_the_mail_on_and_spoilt_ones_do_not(
    mailed: tuple[House, Mailer, dict[str, Any]],
) -> None:
    house, mailer, mail = mailed
    spoilt = await mailer.post(_event(mail, "bounce"), spoil=b" ")
    event = _event(mail, "delivered")
    answers = [await mailer.post(event, event), await mailer.post(event), await mailer.post(_event(mail, "processed"))]

    assert spoilt.status_code == 401
    assert [answer.status_code for answer in answers] == [204] * 3
    assert (await house.action(str(mail["cause_id"]), "email"))["state"] == "delivered"


@pytest.mark.parametrize("event", ["spamreport", "unsubscribe", "group_unsubscribe"])
async def test_whoever_complains_gets_no_more_mail(mailed: tuple[House, Mailer, dict[str, Any]], event: str) -> None:
    house, mailer, mail = mailed
    assert (await mailer.post(_event(mail, event))).status_code == 204
    again = (await house.post({**LEAD, "message": "again"})).json()
    mail = await house.reaches(again["inquiry_id"], "email", "blocked")

    assert mail["reason"] == "opted_out"
    assert (await house.ledger()).problems == []


async def test_a_bounce_keeps_no_address_and_hostile_words_are_no_fault_of_ours(
    mailed: tuple[House, Mailer, dict[str, Any]],
) -> None:
    house, mailer, mail = mailed
    said = f"550 5.1.1 <{EMAIL}>: user unknown, call +1 813 555 0142 \x00 \x1b"
    answers = [
        await mailer.post(_event(mail, "bounce", reason=said, status="5.1.1\x00", sg_event_id="\x00" * 9)),
        await mailer.post({**_event(mail, "unsubscribe"), "action_id": "no-id"}),
        await mailer.post({"event": "\x00"}, {"event": 7}),
        await mailer.post({**_event(mail, "dropped"), "sg_message_id": "\x00"}),
    ]
    kept = await house.rows("select a.reason, t.detail::text from action a join attempt t on t.action_id = a.id")

    assert [answer.status_code for answer in answers] == [204] * 4
    assert (await house.action(str(mail["cause_id"]), "email"))["state"] == "bounced"
    for row in kept:
        assert EMAIL not in str(row)
        assert "555" not in str(row)
