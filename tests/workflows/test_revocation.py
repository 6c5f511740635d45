"""What people write back is obeyed: stops, half stops, wrong numbers, HELP, and the agent who was told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leadwake.actions.planning import Planned, plan
from leadwake.domain.values import Purpose
from leadwake.storage.ids import new_id
from leadwake.workflows import suppression
from office_case import House, a_house

NUMBER = "+18135550142"
LEAD = {"name": "Ann Lee", "phone": NUMBER, "email": "ann@example.com", "message": "the blue house"}
#: 19:05 on a Saturday in Pennsylvania
SATURDAY_EVENING = datetime(2026, 11, 29, 0, 5, tzinfo=UTC)
PENNSYLVANIAN = {"name": "Nora Lee", "phone": "+12155550142", "email": "nora@example.com", "state": "PA"}


async def texts_to(house: House, number: str = NUMBER) -> list[str]:
    return [text["Body"] for text in await house.texts() if text["To"] == number]


async def answered(house: House, lead: dict[str, str] = LEAD) -> str:
    """The lead's id, once everything that follows from asking is done."""
    receipt = (await house.post(lead)).json()
    await house.settled()
    return str(receipt["lead_id"])


async def status(house: House, lead_id: str) -> str:
    return str((await house.http.get(f"/v1/leads/{lead_id}")).json()["status"])


async def test_a_stop_in_ones_own_words_ends_everything_and_is_confirmed_once(house: House) -> None:
    lead_id = await answered(house)
    for _ in range(2):
        await house.hear(NUMBER, "please stop texting me")
    await house.post({**LEAD, "message": "something else"})
    await house.settled()

    assert await status(house, lead_id) == "opted_out"
    first, confirmation = await texts_to(house)
    assert "STOP" in first
    assert "no more automated messages" in confirmation


async def test_a_vendor_that_has_answered_a_stop_is_not_echoed(house: House) -> None:
    await answered(house)
    await house.hear(NUMBER, "STOP", OptOutType="STOP")
    await house.settled()

    assert len(await texts_to(house)) == 1


async def test_a_stop_from_a_household_is_confirmed_once_and_counts_for_all(house: House) -> None:
    await answered(house)
    other = await answered(house, {"name": "Robert Gomez", "phone": NUMBER})
    before = len(await texts_to(house))
    await house.hear(NUMBER, "STOP")

    assert len(await texts_to(house)) == before + 1
    assert await status(house, other) == "opted_out"


async def test_a_confirmation_that_cannot_go_at_once_never_goes(house: House) -> None:
    await answered(house)
    await house.behave("twilio", mode="error")
    await house.hear(NUMBER, "STOP")
    await house.behave("twilio", mode="ok")
    await house.settled()

    found = await house.rows("select state, reason from action where kind = 'confirmation_sms'")
    assert [(row["state"], row["reason"]) for row in found] == [("cancelled", "too_late_to_confirm")]
    assert len(await texts_to(house)) == 1


async def test_help_is_answered_with_who_we_are_and_how_to_stop(house: House) -> None:
    await answered(house)
    await house.hear(NUMBER, "HELP")
    await house.settled()
    _, told = await texts_to(house)

    assert "Example Realty" in told
    assert "STOP" in told


async def test_nobody_who_opted_out_gets_an_answer_to_help(house: House) -> None:
    await answered(house)
    await house.hear(NUMBER, "STOP")
    before = await texts_to(house)
    await house.hear(NUMBER, "HELP")
    await house.settled()

    assert await texts_to(house) == before


async def test_a_reply_that_may_mean_stop_pauses_automation_and_asks_the_agent(house: House) -> None:
    lead_id = await answered(house)
    await house.hear(NUMBER, "no thanks")
    await house.settled()
    alert = [text["Body"] for text in await house.texts() if "no thanks" in text["Body"]]

    assert len(alert) == 1
    assert "automation is paused" in alert[0]
    row = (await house.rows("select paused_at, paused_why from lead"))[0]
    assert (row["paused_at"] is not None, row["paused_why"]) == (True, "unsure_reply")
    timeline = await house.timeline(lead_id)
    assert "Automation paused: a person is asked" in [entry["text"] for entry in timeline]


async def test_nothing_automated_goes_to_somebody_paused_until_they_ask_again(house: House) -> None:
    lead_id = await answered(house)
    await house.hear(NUMBER, "no thanks")
    contact = (await house.rows("select lead_id, contact_point_id as point from action where kind = 'sms'"))[0]
    reminder = Planned("sms", "phone", Purpose.TRANSACTIONAL, practice=True, contact_point_id=contact["point"])
    cause = new_id()
    async with house.office.db.transaction() as connection:
        await plan(connection, reminder, cause_id=cause, now=house.now, lead_id=contact["lead_id"])
    await house.wakes()
    held = await house.reaches(str(cause), "sms", "blocked")
    house.advance(timedelta(minutes=11))
    again = (await house.post({**LEAD, "message": "now I do want to see it"})).json()

    assert held["reason"] == "paused"
    assert again["lead_id"] == lead_id
    await house.reaches(again["inquiry_id"], "sms", "sent", "delivered")


async def test_a_no_to_calls_alone_leaves_texts_to_the_agent(house: House) -> None:
    lead_id = await answered(house)
    await house.hear(NUMBER, "don't call, text is fine")
    await house.settled()
    row = (await house.rows("select opted_out_at, voice_stopped_at from contact_point where kind = 'phone'"))[0]

    assert row["opted_out_at"] is None
    assert row["voice_stopped_at"] is not None
    assert await status(house, lead_id) == "replied"


async def test_a_wrong_number_is_never_written_to_again_and_the_address_still_is(house: House) -> None:
    lead_id = await answered(house)
    await house.hear(NUMBER, "wrong number")
    house.advance(timedelta(minutes=11))
    again = (await house.post({**LEAD, "message": "still interested"})).json()
    text = await house.reaches(again["inquiry_id"], "sms", "blocked")

    assert text["reason"] == "opted_out"
    await house.reaches(again["inquiry_id"], "email", "sent", "delivered")
    assert again["lead_id"] == lead_id


async def test_the_alert_about_somebody_who_stopped_asks_no_agent_to_call(house: House) -> None:
    await answered(house)
    await house.hear(NUMBER, "STOP")
    again = (await house.post({**LEAD, "message": "again"})).json()
    await house.reaches(again["inquiry_id"], "sms", "blocked")
    await house.settled()
    alert = [text["Body"] for text in await house.texts() if text["To"] == "+18135550101"][-1]

    assert "Text is not sent: they asked us to stop. They are not called, either" in alert


async def test_what_a_person_told_an_agent_stops_every_number_and_address(house: House) -> None:
    lead_id = await answered(house)
    row = (await house.rows("select lead_id from inquiry"))[0]
    await suppression.stopped_by(house.office, row["lead_id"], "user test")
    again = (await house.post({**LEAD, "message": "again"})).json()

    assert (await house.reaches(again["inquiry_id"], "sms", "blocked"))["reason"] == "opted_out"
    assert (await house.reaches(again["inquiry_id"], "email", "blocked"))["reason"] == "opted_out"
    assert await status(house, lead_id) == "opted_out"


async def test_a_form_that_says_stop_is_obeyed_and_not_answered(house: House) -> None:
    receipt = (await house.post({**LEAD, "message": "please stop texting me"})).json()
    await house.settled()

    assert await status(house, receipt["lead_id"]) == "opted_out"
    assert await texts_to(house) == []
    assert (await house.action(receipt["inquiry_id"], "email"))["reason"] == "opted_out"
    assert (await house.ledger()).problems == []


@pytest.fixture
async def evening(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(database_url, tmp_path / "data", now=SATURDAY_EVENING) as house:
        yield house


async def test_a_late_text_is_an_experience_and_no_silence(evening: House) -> None:
    """R-CASE-13: 19:05 on a Saturday in Pennsylvania: e-mail now, agent told, text Monday 9:00."""
    receipt = (await evening.post(PENNSYLVANIAN)).json()
    text = await evening.reaches(receipt["inquiry_id"], "sms", "deferred")
    await evening.reaches(receipt["inquiry_id"], "email", "sent", "delivered")
    await evening.settled()
    alerts = [text["Body"] for text in await evening.texts() if text["To"] == "+18135550101"]

    assert text["due_at"] == datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
    assert "Text waits until Mon 30 Nov, 9:00 (Pennsylvania hours). Please call" in alerts[0]
    mails = (await evening.sandbox.get("/received", params={"vendor": "sendgrid"})).text
    assert "tel:+12155550142" in mails


async def test_a_late_text_is_dropped_when_a_colleague_has_been_in_touch(evening: House) -> None:
    receipt = (await evening.post(PENNSYLVANIAN)).json()
    await evening.reaches(receipt["inquiry_id"], "sms", "deferred")
    lead = (await evening.rows("select lead_id from inquiry"))[0]["lead_id"]
    await suppression.contacted_by(evening.office, lead, evening.office.team[0].id)
    evening.advance(timedelta(days=2))
    text = await evening.reaches(receipt["inquiry_id"], "sms", "cancelled")

    assert text["reason"] == "in_touch"
    assert await texts_to(evening, "+12155550142") == []


async def test_a_late_text_is_dropped_when_its_person_has_written_meanwhile(evening: House) -> None:
    receipt = (await evening.post(PENNSYLVANIAN)).json()
    await evening.reaches(receipt["inquiry_id"], "sms", "deferred")
    await evening.hear("+12155550142", "got your mail, thanks!")
    evening.advance(timedelta(days=2))

    assert (await evening.reaches(receipt["inquiry_id"], "sms", "cancelled"))["reason"] == "in_touch"


async def test_a_held_text_is_worded_for_the_morning(evening: House) -> None:
    receipt = (await evening.post(PENNSYLVANIAN)).json()
    await evening.reaches(receipt["inquiry_id"], "sms", "deferred")
    evening.advance(timedelta(days=1, hours=14))
    await evening.reaches(receipt["inquiry_id"], "sms", "sent", "delivered")
    (text,) = await texts_to(evening, "+12155550142")

    assert "replying to" in text


async def test_the_pause_and_the_carry_on_stand_in_the_audit_log(house: House) -> None:
    await answered(house)
    lead = (await house.rows("select lead_id from inquiry"))[0]["lead_id"]
    await suppression.paused_by(house.office, lead, "user test")
    resumed = [await suppression.resume(house.office, lead, "user test") for _ in range(2)]
    kinds = [row["kind"] for row in await house.rows("select kind from event where lead_id = %s order by id", lead)]

    assert resumed == [True, False]
    assert kinds[-2:] == ["paused", "resumed"]
