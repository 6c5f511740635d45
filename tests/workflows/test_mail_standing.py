"""Addresses that do not exist, and complaints: who gets no more mail, and when marketing stands still for all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from leadwake.actions.claims import waiting
from leadwake.errors import RuleError
from leadwake.providers.ports import Delivery, DeliveryStatus
from leadwake.storage.staff import Person
from leadwake.workflows import mail_standing, sending
from leadwake.workflows.composing import Errand
from leadwake.workflows.reports import reported
from office_case import House, hire

EMAIL = "ann@example.com"
LEAD = {"name": "Ann Lee", "phone": "+18135550142", "email": EMAIL, "message": "the blue house"}
REASON = "We wrote to an old list; it is deleted now."


async def _mailed(house: House, **changes: str) -> dict[str, Any]:
    cause = (await house.post(LEAD | changes)).json()["inquiry_id"]
    return await house.reaches(cause, "email", "sent", "delivered")


async def _report(house: House, mail: dict[str, Any], status: DeliveryStatus) -> None:
    report = Delivery("sendgrid", uuid4().hex, status, action_id=str(mail["id"]), attempt_id=str(mail["attempt_id"]))
    await reported(house.office, [report], lambda _: False)


async def _fill(house: House, mails: int) -> None:
    """So many mails more were accepted lately."""
    await house.rows(
        "insert into action (id, cause_id, kind, recipient, contact_point_id, channel, purpose, state, created_at, "
        "claimed_at, settled_at) select gen_random_uuid(), gen_random_uuid(), 'email', 'email', p.id, 'email', "
        "'instant_reply', 'delivered', %s, %s, %s from generate_series(1, %s), (select min(id) as id from "
        "contact_point) p",
        house.now, house.now, house.now, mails,
    )  # fmt: skip


async def _marketing(house: House, mail: dict[str, Any]) -> tuple[str, str | None]:
    """What would become of a marketing mail to the same person now."""
    async with house.office.db.connection() as connection:
        again = uuid4()
        await connection.execute(
            "insert into action (id, cause_id, kind, recipient, lead_id, contact_point_id, channel, purpose, state, "
            "created_at, due_at) values (%s, %s, 'email', 'email', %s, %s, 'email', 'marketing', 'planned', %s, %s)",
            [again, uuid4(), mail["lead_id"], mail["contact_point_id"], house.now, house.now],
        )  # fmt: skip
        try:
            row = (await waiting(connection, [again], [mail["contact_point_id"]], house.now))[0]
        finally:
            await connection.execute("delete from action where id = %s", [again])
    verdict = sending.judge(Errand(house.office, row, uuid4(), "sendgrid", house.now))
    return verdict.state.value, verdict.reason


@pytest.fixture
async def alex(house: House) -> Person:
    return await hire(house.office, name="Alex", email="alex@example.com", role="admin", takes_leads=False)


async def test_an_address_that_does_not_exist_gets_no_more_mail_and_has_not_opted_out(house: House) -> None:
    mail = await _mailed(house)
    assert await _marketing(house, mail) == ("sending", None)
    await _report(house, mail, DeliveryStatus.BOUNCED)
    await _report(house, mail, DeliveryStatus.BOUNCED)
    point = (await house.rows("select * from contact_point where kind = 'email'"))[0]

    assert point["bounced_at"] is not None
    assert point["opted_out_at"] is None
    assert await _marketing(house, mail) == ("blocked", "address_bounced")
    assert len(await house.rows("select 1 from event where kind = 'address_bounced'")) == 1
    assert any("does not exist" in entry["text"] for entry in await house.timeline(str(mail["lead_id"])))


async def test_asking_again_from_an_address_that_bounced_counts(house: House) -> None:
    mail = await _mailed(house)
    await _report(house, mail, DeliveryStatus.BOUNCED)
    house.advance(timedelta(days=1))
    again = await _mailed(house, message="here I am again")

    assert again["state"] in {"sent", "delivered"}


async def test_a_bounce_of_a_text_is_no_bounced_address(house: House) -> None:
    cause = str((await _mailed(house))["cause_id"])
    await _report(house, await house.reaches(cause, "sms", "sent", "delivered"), DeliveryStatus.BOUNCED)

    assert not await house.rows("select 1 from contact_point where bounced_at is not null")


async def test_a_complaint_ends_the_mail_and_cancels_what_is_open(house: House) -> None:
    mail = await _mailed(house)
    await _report(house, mail, DeliveryStatus.COMPLAINED)

    assert await _marketing(house, mail) == ("blocked", "opted_out")
    assert (await house.rows("select status from lead"))[0]["status"] == "opted_out"


async def test_marketing_pauses_for_everybody_at_three_complaints_in_a_thousand_mails(house: House) -> None:
    mail = await _mailed(house)
    other = await _mailed(house, name="Bob Roe", phone="+18135550143", email="bob@example.com")
    await _fill(house, 332)  # with two already sent: 334, and one complaint is less than 0.3 %
    await _report(house, mail, DeliveryStatus.COMPLAINED)
    before = await _marketing(house, other)
    third = await _mailed(house, name="Eve Poe", phone="+18135550144", email="eve@example.com")
    await _report(house, third, DeliveryStatus.COMPLAINED)
    found = await mail_standing.standing(house.office.db, house.now)

    assert before == ("sending", None)
    assert await _marketing(house, other) == ("blocked", "mail_paused")
    assert found.complaints == 2
    assert found.paused_at is not None
    assert len(await house.rows("select 1 from event where kind = 'mail_paused'")) == 1
    answered = await _mailed(house, name="Kim Doe", phone="+18135550145", email="kim@example.com")
    assert answered["state"] in {"sent", "delivered"}, "answers go on"


async def test_one_complaint_counts_once_however_often_it_is_reported(house: House) -> None:
    mail = await _mailed(house)
    await _fill(house, 500)
    for _ in range(3):
        await _report(house, mail, DeliveryStatus.COMPLAINED)

    assert (await mail_standing.standing(house.office.db, house.now)).complaints == 1
    assert not await house.rows("select 1 from mail_pause")


async def test_complaints_older_than_four_weeks_are_forgotten(house: House) -> None:
    mail = await _mailed(house)
    await _fill(house, 500)
    await _report(house, mail, DeliveryStatus.COMPLAINED)
    house.advance(timedelta(days=29))
    await _fill(house, 500)
    other = await _mailed(house, name="Bob Roe", phone="+18135550143", email="bob@example.com")
    await _report(house, other, DeliveryStatus.COMPLAINED)

    assert not await house.rows("select 1 from mail_pause")


async def test_an_admin_lets_marketing_go_on_with_a_reason_on_record(house: House, alex: Person) -> None:
    mail = await _mailed(house)
    other = await _mailed(house, name="Bob Roe", phone="+18135550143", email="bob@example.com")
    await _report(house, mail, DeliveryStatus.COMPLAINED)
    for reason in ("", "because", "x" * 501):
        with pytest.raises(RuleError):
            await mail_standing.resume(house.office, alex, reason)
    await mail_standing.resume(house.office, alex, REASON)
    row = (await house.rows("select * from mail_pause"))[0]
    event = (await house.rows("select * from event where kind = 'mail_resumed'"))[0]

    assert await _marketing(house, other) == ("sending", None)
    assert row["resumed_by"] == alex.id
    assert house.office.vault.open_setting(f"mail_pause {row['id']}", row["sealed_reason"]) == REASON
    assert event["actor"] == f"user {alex.id}"
    assert REASON not in str(event)
    with pytest.raises(RuleError):
        await mail_standing.resume(house.office, alex, REASON)


async def test_complaints_from_before_somebody_let_it_go_on_count_no_more(house: House, alex: Person) -> None:
    mail = await _mailed(house)
    await _report(house, mail, DeliveryStatus.COMPLAINED)
    house.advance(timedelta(hours=1))
    await mail_standing.resume(house.office, alex, REASON)
    await _fill(house, 400)
    house.advance(timedelta(hours=1))
    other = await _mailed(house, name="Bob Roe", phone="+18135550143", email="bob@example.com")
    await _report(house, other, DeliveryStatus.COMPLAINED)

    assert not await house.rows("select 1 from mail_pause where resumed_at is null")


async def test_there_is_one_pause_at_a_time(house: House) -> None:
    await house.rows("insert into mail_pause (at, complaints) values (now(), 1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        await house.rows("insert into mail_pause (at, complaints) values (now(), 1)")
