"""Meetings by Calendly: one row a booking, whatever order its words come in; and what follows for the lead."""

from __future__ import annotations

import asyncio
import itertools
import random
from datetime import timedelta
from typing import Any

from calendly_case import FRIDAY, MARIA, booking, books, kinds, moved, said, say, states, unheard, word
from office_case import House, until, working

REMINDERS = ("meeting_reminder_sms", "meeting_reminder_email")
ALERTS = ("meeting_alert_sms", "meeting_alert_email", "meeting_alert_slack")
NO_SHOW = ("no_show_sms", "no_show_email")
CREATED, CANCELED = word("invitee.created"), word("invitee.canceled", status="canceled")


async def lead(house: House) -> dict[str, Any]:
    return await read(house, (await house.post(MARIA)).json()["lead_id"])


async def read(house: House, lead_id: str) -> dict[str, Any]:
    return (await house.http.get(f"/v1/leads/{lead_id}")).json()  # type: ignore[no-any-return]


# Who booked, and what follows.


async def test_a_booking_is_the_leads_and_stops_what_asks_for_one(idle_house: House) -> None:
    house = idle_house
    before = await lead(house)
    await said(house, word("invitee.created", tracking={"utm_content": before["id"]}, email="other@example.net"))
    after = await read(house, before["id"])

    assert await states(house) == {"INVITEE1": "booked"}
    assert await kinds(house, "sms", "email", "crm") == [
        ("crm", 0, "planned", None), ("email", 0, "cancelled", "booked"), ("sms", 0, "cancelled", "booked"),
    ]  # fmt: skip
    assert (after["status"], len(await house.rows("select 1 from lead"))) == ("booked", 1)
    assert after["score"] == min(100, before["score"] + 25) == sum(one["points"] for one in after["reasons"])
    assert "Booked a meeting" in {one["text"] for one in after["reasons"]}
    assert await kinds(house, *ALERTS) == [(kind, 0, "planned", None) for kind in sorted(ALERTS)]
    assert (await house.ledger()).problems == []


async def test_a_known_address_is_a_known_lead(idle_house: House) -> None:
    house = idle_house
    known = await lead(house)
    await said(house, word("invitee.created", email="MARIA@example.com", tracking={"utm_content": "not an id"}))

    assert [str(row["lead_id"]) for row in await house.rows("select lead_id from meeting")] == [known["id"]]
    assert len(await house.rows("select 1 from capture")) == 1


async def test_a_stranger_who_books_is_a_lead_and_not_asked_to_book(idle_house: House) -> None:
    house = idle_house
    answers = [{"question": "Phone Number", "answer": "(813) 555-0143"}, {"question": "Topic", "answer": "A condo"}]
    await said(house, word("invitee.created", email="sam@example.org", name="Sam Poe", questions_and_answers=answers))
    [row] = await house.rows("select lead_id from meeting")
    found = await read(house, str(row["lead_id"]))
    told = await house.timeline(found["id"])

    assert (found["name"], found["phone"], found["email"]) == ("Sam Poe", "+18135550143", "sam@example.org")
    assert [(one["door"], one["outcome"]) for one in await house.rows("select door, outcome from capture")] == [
        ("booking", "lead")
    ]
    assert await kinds(house, "sms", "email") == [("email", 0, "skipped", "booked"), ("sms", 0, "skipped", "booked")]
    assert "A condo" in next(entry["body"] for entry in told if entry["kind"] == "inquiry")
    assert (await house.ledger()).problems == []


async def test_fifty_words_at_once_are_one_meeting_of_one_lead(idle_house: House) -> None:
    house = idle_house
    words = [CREATED] * 25 + [CANCELED] * 25
    random.Random(7).shuffle(words)
    answers = await asyncio.gather(*(say(house, told) for told in words))

    assert {answer.status_code for answer in answers} == {204}
    assert await states(house) == {"INVITEE1": "cancelled"}
    assert [len(await house.rows(query)) for query in ("select 1 from lead", "select 1 from capture")] == [1, 1]
    assert (await house.ledger()).problems == []


async def test_a_stranger_who_cancels_is_nobody_until_their_booking_is_told(idle_house: House) -> None:
    house = idle_house
    await said(house, CANCELED)
    assert await house.rows("select 1 from lead") == []

    await said(house, CREATED, CREATED)
    [row] = await house.rows("select state, lead_id from meeting")
    assert (row["state"], row["lead_id"] is not None) == ("cancelled", True)
    assert await kinds(house, *REMINDERS) == []


# Moving.


async def test_a_meeting_that_is_moved_is_expected_once_in_any_order(idle_house: House) -> None:
    house = idle_house
    found = await lead(house)
    for place, order in enumerate(itertools.permutations(range(3))):
        old, new = 2 * place + 1, 2 * place + 2
        words = [word("invitee.created", old), *moved(old, new)]
        await said(house, *(words[which] for which in order))
        standing = await states(house)
        assert (standing[f"INVITEE{old}"], standing[f"INVITEE{new}"]) == ("rescheduled", "booked"), order

    planned = await house.rows(
        "select m.ref from action a join meeting m on m.id = a.cause_id where a.kind = any(%s) and a.state = 'planned'",
        [*REMINDERS],
    )
    assert sorted({row["ref"] for row in planned}) == sorted(booking(2 * place + 2) for place in range(6))
    reasons = [one["text"] for one in (await read(house, found["id"]))["reasons"]]
    assert [text for text in reasons if text.startswith("Booked")] == ["Booked a meeting (6 times)"]


async def test_a_cancelled_meeting_leaves_nothing_to_come_and_its_points_are_gone(idle_house: House) -> None:
    house = idle_house
    before = await lead(house)
    await said(house, CREATED, CANCELED, CREATED)
    after = await read(house, before["id"])

    assert await states(house) == {"INVITEE1": "cancelled"}
    assert {(state, why) for _, _, state, why in await kinds(house, *REMINDERS)} == {("cancelled", "meeting_cancelled")}
    assert (after["score"], after["status"]) == (before["score"] - 5, "replied")
    assert [one for one in after["reasons"] if one not in before["reasons"]] == [
        {"text": "Cancelled a meeting", "points": -5}
    ]
    assert [ordinal for _, ordinal, _, _ in await kinds(house, "meeting_alert_sms")] == [0, 2]


# What goes out.


async def test_reminders_go_a_day_and_an_hour_before_by_the_leads_own_clock(house: House) -> None:
    await lead(house)
    await house.settled()
    await said(house, CREATED)
    await house.hear(MARIA["phone"], "See you on Friday!")  # automation steps aside; what was arranged does not
    jobs = await house.rows("select 1 from procrastinate_jobs where scheduled_at > now()")
    due = await house.rows("select kind, due_at from action where kind = any(%s) order by due_at, kind", [*REMINDERS])
    assert [(row["kind"][17:], FRIDAY - row["due_at"]) for row in due] == [
        ("email", timedelta(hours=24)), ("sms", timedelta(hours=24)), ("sms", timedelta(hours=1)),
    ]  # fmt: skip
    assert jobs == []

    for by in (FRIDAY - timedelta(hours=24) - house.now, timedelta(hours=23)):
        house.advance(by)
        await house.wakes()
        await house.settled()
    texts = [text["Body"] for text in await house.texts() if text["To"] == MARIA["phone"] and "see you" in text["Body"]]
    mail = next(mail for mail in await house.mails() if "see you" in mail["subject"])
    assert len(texts) == 2
    assert all("see you Fri 27 Nov, 10:00 am EST, 15 minute call." in text for text in texts)
    assert "Reply STOP" in texts[0]
    assert "100 Example Street" in mail["content"][0]["value"]


async def test_a_reminder_that_waits_past_the_beginning_is_not_sent(idle_house: House) -> None:
    """A meeting at 8:00 would be reminded of at 7:00, which no text may be; at 8:00 it has begun."""
    house = idle_house
    starts_at = FRIDAY - timedelta(hours=2)
    await lead(house)
    await said(house, word("invitee.created", starts_at=starts_at))
    house.advance(starts_at - timedelta(hours=1) - house.now)
    await house.wakes()
    async with working(house.office):
        await until(lambda: _is(house, "meeting_reminder_sms", 1, "deferred"))
        house.advance(timedelta(hours=1))
        await house.wakes()
        await until(lambda: _is(house, "meeting_reminder_sms", 1, "expired"))


async def _is(house: House, kind: str, ordinal: int, state: str) -> bool:
    return any(row[:3] == (kind, ordinal, state) for row in await kinds(house, kind))


async def test_after_a_no_show_a_person_is_to_call_and_one_message_offers_another_time(house: House) -> None:
    found = await lead(house)
    await said(house, CREATED, word("invitee_no_show.created"))
    tasks = await house.rows("select kind, reason from task where done_at is null and kind = 'call'")
    assert [(row["kind"], row["reason"]) for row in tasks] == [("call", "no_show")]
    assert {state for _, _, state, _ in await kinds(house, *REMINDERS)} == {"cancelled"}

    house.advance(timedelta(minutes=10))
    await house.wakes()
    await until(lambda: _is_out(house))
    house.advance(timedelta(minutes=10))
    await house.wakes()
    await house.settled()
    [text] = [text["Body"] for text in await house.texts() if "missed each other" in text["Body"]]
    assert "/b/" in text
    assert await kinds(house, "no_show_email") == [("no_show_email", 0, "cancelled", "texted")]
    assert (await read(house, found["id"]))["status"] == "replied"


async def _is_out(house: House) -> bool:
    return any(state in {"sent", "delivered"} for _, _, state, _ in await kinds(house, "no_show_sms"))


async def test_a_no_show_taken_back_sends_nothing_and_asks_nobody(idle_house: House) -> None:
    house = idle_house
    await lead(house)
    first = word("invitee_no_show.created", said_at=FRIDAY)
    await said(house, CREATED, first, word("invitee_no_show.deleted", said_at=FRIDAY + timedelta(minutes=2)), first)

    assert await states(house) == {"INVITEE1": "booked"}
    assert {state for _, _, state, _ in await kinds(house, *NO_SHOW)} == {"cancelled"}
    assert await house.rows("select 1 from task where kind = 'call' and done_at is null") == []


async def test_after_a_stop_no_reminder_goes(idle_house: House) -> None:
    house = idle_house
    await lead(house)
    await said(house, CREATED)
    await house.hear(MARIA["phone"], "STOP")

    assert {(state, why) for _, _, state, why in await kinds(house, *REMINDERS)} == {("cancelled", "opted_out")}


# What nobody told us.


async def test_what_no_webhook_told_is_asked_for(house: House) -> None:
    """The time, where the older shape holds only the event's URI; and that they did not come, which nobody tells."""
    found = await lead(house)
    await unheard(house)
    booked = await books(house)
    older = word("invitee.created", uri=booked["uri"], event=booked["event"])
    del older["payload"]["scheduled_event"]
    await said(house, older)
    await until(lambda: house.rows("select 1 from meeting where starts_at = %s", FRIDAY))
    assert len(await kinds(house, *REMINDERS)) == 3

    house.advance(FRIDAY + timedelta(minutes=16) - house.now)
    await until(lambda: house.rows("select 1 from meeting where state = 'held'"))
    assert (await read(house, found["id"]))["status"] == "replied"

    await house.sandbox.post("/calendly/_booking", data={"id": booked["uri"].rpartition("/")[2], "do": "no_show"})
    house.advance(timedelta(minutes=30))
    await until(lambda: house.rows("select 1 from meeting where state = 'no_show'"))
