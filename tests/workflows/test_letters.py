"""What people write: sent once, taken back in time, held by the rules, and signed."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from leadwake.domain.values import Channel
from leadwake.errors import InputError, RuleError
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows import letters, next_actions
from leadwake.workflows.letters import Held, Written
from office_case import House, hire, until

NUMBER = "+18135550194"
MARIA = {"name": "Maria Lopez", "phone": NUMBER, "email": "maria@example.com", "message": "Is 12 Oak St still open?"}
WORDS = "Yes, it is open. Would Saturday at 10 suit you?"


async def maria(house: House) -> UUID:
    """Maria, who has been answered."""
    receipt = (await house.post(MARIA)).json()
    await house.settled()
    return UUID(receipt["lead_id"])


async def ana(house: House, **changes: Any) -> Person:
    """Ana, a real agent with a number."""
    about = {"name": "Ana Cruz", "email": "ana@example.com", "phone": "+18135550133", "practice": False} | changes
    return await hire(house.office, **about)


async def write(house: House, who: Person, lead: UUID, body: str = WORDS, **more: Any) -> Written:
    """A text that nothing stands against."""
    written = await letters.write(house.office, who, lead, Channel.SMS, body, **more)
    assert isinstance(written, Written), written
    return written


async def goes(house: House, letter: UUID) -> None:
    """Its ten seconds are over, and a worker looks."""
    house.advance(timedelta(seconds=letters.UNDO_S))
    [row] = await house.rows("select id, channel from action where cause_id = %s", letter)
    assert house.workers is not None
    house.workers.dispatcher.offer(row["channel"], [row["id"]])


async def state(house: House, letter: UUID) -> dict[str, Any]:
    [row] = await house.rows("select * from action where cause_id = %s", letter)
    return row


async def bodies(house: House, words: str = WORDS) -> list[str]:
    return [text["Body"] for text in await house.texts() if words in text["Body"]]


async def test_a_letter_goes_after_ten_seconds_and_is_a_human_touch(house: House) -> None:
    lead, who = await maria(house), await ana(house)
    written = await write(house, who, lead)
    before = await bodies(house)
    await goes(house, written.letter_id)

    async def sent() -> bool:
        return bool(await bodies(house))

    await until(sent)
    assert before == []
    action = await house.reaches(str(written.letter_id), "human_sms", "sent", "delivered")
    assert (action["purpose"], action["agent_id"]) == ("human", who.id)
    [row] = await house.rows("select human_at is not null as touched, replied_at from lead where id = %s", lead)
    assert row["touched"]


async def test_an_undone_letter_never_leaves_whatever_the_moment(house: House) -> None:
    """Undo races the worker that claims; either it wins and nothing leaves, or it says that it was too late."""
    lead, who = await maria(house), await ana(house)
    chance, undone, sent = random.Random(4), set(), set()
    for n in range(16):
        words = f"Letter number {n} of the race"
        written = await write(house, who, lead, words)
        await goes(house, written.letter_id)
        for _ in range(chance.randrange(40)):  # somewhere between the claim's first step and its last
            await asyncio.sleep(0)
        given_back = await letters.undo(house.office, lead, written.letter_id, who)
        (undone if given_back else sent).add(words)
        if given_back:
            assert given_back.body == words
        await house.settled()
    texts = [text["Body"] for text in await house.texts()]

    assert len(undone) + len(sent) == 16
    assert undone, "an undo that always loses is none"
    assert not undone.intersection(texts)
    assert all(texts.count(words) == 1 for words in sent)


async def test_a_double_tap_writes_and_sends_one_letter(house: House) -> None:
    lead, who, tapped = await maria(house), await ana(house), new_id()
    taps = [write(house, who, lead, letter_id=tapped) for _ in range(6)]
    written = await asyncio.gather(*taps)
    await goes(house, tapped)
    await house.reaches(str(tapped), "human_sms", "sent", "delivered")

    assert sorted(each.is_new for each in written) == [False] * 5 + [True]
    assert len(await bodies(house)) == 1


async def test_the_late_half_of_a_double_tap_does_not_send_what_was_taken_back(house: House) -> None:
    lead, who, tapped = await maria(house), await ana(house), new_id()
    await write(house, who, lead, letter_id=tapped)
    await letters.undo(house.office, lead, tapped, who)
    again = await write(house, who, lead, letter_id=tapped)
    await goes(house, tapped)
    await house.settled()

    assert not again.is_new
    assert await bodies(house) == []
    words = await letters.words_of(house.office, lead, tapped, who)
    assert words is not None
    assert words.body == WORDS


async def test_a_stop_between_writing_and_sending_keeps_the_letter(house: House) -> None:
    lead, who = await maria(house), await ana(house)
    written = await write(house, who, lead)
    await house.hear(NUMBER, "STOP")
    await goes(house, written.letter_id)
    await house.settled()

    action = await state(house, written.letter_id)
    assert (action["state"], action["reason"]) == ("cancelled", "opted_out")
    assert await bodies(house) == []
    held = await letters.write(house.office, who, lead, Channel.SMS, WORDS)
    assert isinstance(held, Held)
    assert "they asked us to stop" in held.why
    assert held.asks == ()


async def test_outside_the_hours_a_letter_needs_a_word_and_the_word_is_on_record(house: House) -> None:
    lead, who = await maria(house), await ana(house)
    house.advance(timedelta(hours=10))  # 22:00 in Florida
    held = await letters.write(house.office, who, lead, Channel.SMS, WORDS)
    assert isinstance(held, Held)
    written = await write(house, who, lead, accepted=held.asks)
    await goes(house, written.letter_id)
    action = await house.reaches(str(written.letter_id), "human_sms", "sent", "delivered")

    assert list(held.asks) == ["quiet_hours"]
    assert "Florida" in held.why
    assert held.opens_at == datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
    assert action["decision"]["warnings"] == ["quiet_hours"]
    assert action["decision"]["accepted"] == ["quiet_hours"]
    [event] = await house.rows("select actor, data from event where kind = 'sent_anyway'")
    assert event["actor"] == f"user {who.id}"
    assert event["data"]["warnings"] == ["quiet_hours"]


async def test_a_letter_that_comes_into_the_quiet_hours_unasked_waits_for_the_morning(house: House) -> None:
    """Written at 20:59:55, or before an outage of the vendor: nobody accepted that it would go at night."""
    lead, who = await maria(house), await ana(house)
    house.advance(timedelta(hours=7, minutes=59, seconds=30))
    written = await write(house, who, lead)
    house.advance(timedelta(minutes=1))
    await goes(house, written.letter_id)
    action = await house.reaches(str(written.letter_id), "human_sms", "deferred")

    assert action["due_at"] == datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
    refusal = await next_actions.send_now(house.office, lead, action["id"], who)
    assert refusal is not None
    assert refusal.asks == ["quiet_hours"]
    assert await bodies(house) == []
    hurried = await next_actions.send_now(house.office, lead, action["id"], who, accepted=refusal.asks)
    assert hurried is None
    await house.reaches(str(written.letter_id), "human_sms", "sent", "delivered")


async def test_a_scheduled_letter_goes_at_its_time_and_not_before(house: House) -> None:
    lead, who = await maria(house), await ana(house)
    at = house.now + timedelta(days=6)
    written = await write(house, who, lead, send_at=at)
    [row] = await house.rows("select due_at from action where cause_id = %s", written.letter_id)
    await goes(house, written.letter_id)
    await asyncio.sleep(0)
    early = await state(house, written.letter_id)
    house.advance(timedelta(days=6))
    await house.wakes()
    await house.reaches(str(written.letter_id), "human_sms", "sent", "delivered")

    assert row["due_at"] == at
    assert early["state"] == "planned"


async def test_send_now_sends_a_scheduled_letter_and_skip_keeps_it(house: House) -> None:
    lead, who = await maria(house), await ana(house)
    first = await write(house, who, lead, "First", send_at=house.now + timedelta(hours=2))
    second = await write(house, who, lead, "Second", send_at=house.now + timedelta(hours=2))
    sent, kept = await state(house, first.letter_id), await state(house, second.letter_id)

    assert await next_actions.send_now(house.office, lead, sent["id"], who) is None
    assert await next_actions.skip(house.office, lead, kept["id"], who)
    await house.reaches(str(first.letter_id), "human_sms", "sent", "delivered")
    assert (await state(house, second.letter_id))["reason"] == "skipped_by_hand"
    assert not await next_actions.skip(house.office, lead, kept["id"], who)


async def test_somebody_elses_words_are_taken_back_by_a_manager_only(house: House) -> None:
    lead, who = await maria(house), await ana(house)
    other = await hire(house.office, name="Ben Ode", email="ben@example.com", practice=False)
    boss = await hire(house.office, name="Cleo Ray", email="cleo@example.com", role="manager", practice=False)
    written = await write(house, who, lead)
    action = await state(house, written.letter_id)
    with pytest.raises(RuleError):
        await letters.undo(house.office, lead, written.letter_id, other)
    with pytest.raises(RuleError):
        await next_actions.skip(house.office, lead, action["id"], other)

    assert await letters.undo(house.office, lead, written.letter_id, boss) is not None
    assert await letters.words_of(house.office, lead, written.letter_id, boss) is None, "the words are their writer's"


async def test_a_mail_is_signed_carries_the_business_and_stands_below_the_last_one(house: House) -> None:
    lead, who = await maria(house), await ana(house)
    written = await letters.write(house.office, who, lead, Channel.EMAIL, "Here is the plan.", "Your visit")
    assert isinstance(written, Written)
    await goes(house, written.letter_id)
    await house.reaches(str(written.letter_id), "human_email", "sent", "delivered")
    mail = (await house.mails())[-1]
    [before] = await house.rows("select id from action where kind = 'email' and lead_id = %s", lead)

    text = next(part["value"] for part in mail["content"] if part["type"] == "text/plain")
    assert text.startswith("Here is the plan.\n\nAna Cruz\n(813) 555-0133\n\nExample Realty")
    assert mail["personalizations"][0]["subject" if "subject" in mail["personalizations"][0] else "to"]
    assert mail["reply_to"]["email"] == "ana@example.com"
    headers = mail.get("headers") or mail["personalizations"][0].get("headers") or {}
    assert str(before["id"]) in headers["In-Reply-To"]


async def test_a_first_text_says_who_writes_and_how_to_stop_or_needs_a_word(house: House) -> None:
    who = await ana(house)
    receipt = (await house.post({"name": "Paul Ode", "phone": "+18135550195", "consent": {"sms": False}})).json()
    await house.settled()
    lead = UUID(receipt["lead_id"])
    held = await letters.write(house.office, who, lead, Channel.SMS, "Hello Paul")
    whole = await letters.write(
        house.office, who, lead, Channel.SMS, "Hello Paul, Ana of Example Realty here. Reply STOP to opt out"
    )

    assert isinstance(held, Held)
    assert list(held.asks) == [letters.UNNAMED]
    assert "Example Realty" in held.why
    assert isinstance(whole, Written)


@pytest.mark.parametrize(("body", "field"), [("", "body"), ("  \n ", "body"), ("x" * 1601, "body"), ("ok", "subject")])
async def test_words_that_cannot_be_sent_are_refused_with_a_reason(house: House, body: str, field: str) -> None:
    lead, who = await maria(house), await ana(house)
    channel = Channel.EMAIL if field == "subject" else Channel.SMS
    with pytest.raises(InputError) as refused:
        await letters.write(house.office, who, lead, channel, body)

    assert field in refused.value.reasons


async def test_a_letter_of_somebody_who_left_is_not_sent(house: House) -> None:
    lead, who = await maria(house), await ana(house)
    written = await write(house, who, lead)
    await house.rows("update app_user set disabled_at = now() where id = %s", who.id)
    await house.office.refresh()
    await goes(house, written.letter_id)

    assert (await house.reaches(str(written.letter_id), "human_sms", "cancelled"))["reason"] == "agent_left"


async def undelivered(house: House, action: dict[str, Any]) -> None:
    """The carrier says that it is a landline."""
    form = {"MessageSid": action["vendor_ref"], "MessageStatus": "undelivered", "ErrorCode": "30006"}
    answer = await house.twilio(f"/hooks/twilio/status?action={action['id']}&attempt={action['attempt_id']}", form)
    assert answer.status_code < 300, answer.text


async def test_what_comes_back_undelivered_waits_for_whose_the_lead_is(house: House) -> None:
    lead, who = await maria(house), await ana(house)
    written = await write(house, who, lead)
    await goes(house, written.letter_id)
    await undelivered(house, await house.reaches(str(written.letter_id), "human_sms", "sent", "delivered"))

    [task] = await house.rows("select agent_id, reason from task where done_at is null and kind = 'failed'")
    [row] = await house.rows("select agent_id from lead where id = %s", lead)
    assert task["reason"] == "undelivered"
    assert task["agent_id"] == (row["agent_id"] or who.id)


async def test_a_text_that_failed_while_the_mail_reached_them_asks_nobody(house: House) -> None:
    both = (await house.post(MARIA)).json()
    alone = (await house.post({"name": "Paul Ode", "phone": "+18135550195"})).json()
    await house.reaches(both["inquiry_id"], "email", "sent", "delivered")
    for receipt in (both, alone):
        await undelivered(house, await house.reaches(receipt["inquiry_id"], "sms", "sent", "delivered"))

    [task] = await house.rows("select lead_id, reason from task where kind = 'failed'")
    assert (str(task["lead_id"]), task["reason"]) == (alone["lead_id"], "undelivered")
