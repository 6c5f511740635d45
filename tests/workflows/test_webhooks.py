"""Outgoing webhooks end to end: what happens is told, signed, and told again where it failed."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime, timedelta
from uuid import UUID

from calendly_case import FRIDAY, said, word
from leadwake.ops import erasure, export, processing, retention, rights
from leadwake.ops.doctor import work
from leadwake.workflows import dead_letters, importing, webhook_endpoints
from office_case import House, hire, until
from webhook_case import a_receiver, is_signed, subscribe

LEAD = {
    "name": "Maria Lopez", "email": "maria@example.com", "phone": "+18135550142", "message": "Is 12 Oak St still open?",
}  # fmt: skip


async def _later(house: House, by: timedelta) -> None:
    """Business time goes on, and whoever delivers looks at once."""
    house.advance(by)
    assert house.workers is not None
    house.workers.webhooks.heard()


async def _delivery(house: House, type_: str) -> dict[str, object]:
    """The newest delivery of a type."""
    return (
        await house.rows(
            "select a.* from action a join webhook_event w on w.id = a.cause_id where w.type = %s "
            "order by a.created_at desc, a.ordinal desc limit 1",
            type_,
        )
    )[0]


async def test_a_new_lead_is_told_signed_and_with_enough_to_act_on(house: House) -> None:
    async with a_receiver() as receiver:
        _, secret = await subscribe(house, receiver.url, "lead.created", "lead.assigned")
        lead_id = (await house.post(LEAD)).json()["lead_id"]
        (created,) = await receiver.hears(1, "lead.created")
        (assigned,) = await receiver.hears(1, "lead.assigned")
        await house.settled()

    said = created.json
    assert is_signed(created, secret)
    assert said["data"]["lead"]["id"] == lead_id
    assert said["data"]["lead"]["name"] == "Maria Lopez"
    assert said["data"]["lead"]["phone"] == "+18135550142"
    assert said["data"]["inquiry"]["message"] == "Is 12 Oak St still open?"
    assert assigned.json["sequence"] > said["sequence"]
    (agent,) = assigned.json["data"]["people"].values()
    assert agent["email"] == "dana@example.com"
    assert {one.type for one in receiver.got} == {"lead.created", "lead.assigned"}
    assert (await house.ledger()).problems == []


async def test_an_endpoint_of_all_types_hears_the_life_of_a_lead(house: House) -> None:
    async with a_receiver() as receiver:
        await subscribe(house, receiver.url)
        lead_id = UUID((await house.post(LEAD)).json()["lead_id"])
        await receiver.hears(1, "message.delivered")
        await house.hear("+18135550142", "Yes, Friday works")
        (replied,) = await receiver.hears(1, "lead.replied")
        await house.hear("+18135550142", "STOP")
        (opted_out,) = await receiver.hears(1, "lead.opted_out")
        await house.post(LEAD | {"message": "Another question"})
        (returned,) = await receiver.hears(1, "lead.returned")
        await house.settled()
        whole = await export.collect(house.office, lead_id)
        told = [one["what"] for one in whole["recipients"] if one["recipient"] == "127.0.0.1"]
        processors = [one.label for one in await processing.processors(house.office)]

    heard = {one.type for one in receiver.got}
    assert {"lead.created", "lead.scored", "lead.assigned", "lead.answered", "message.sent"} <= heard
    assert replied.json["data"]["message"]["text"] == "Yes, Friday works"
    assert opted_out.json["data"]["lead"]["status"] == "opted_out"
    assert returned.json["data"]["inquiry"]["message"] == "Another question"
    assert {one.json["data"]["lead"]["id"] for one in receiver.got} == {str(lead_id)}
    assert sorted(told) == sorted(f"Webhook: {one.type}" for one in receiver.got)
    assert "127.0.0.1" in processors
    timeline = await house.timeline(str(lead_id))
    assert not any(entry["kind"] == "webhook" for entry in timeline)


async def test_where_nobody_listens_nothing_is_written(house: House) -> None:
    await house.post(LEAD)
    await house.settled()

    assert await house.rows("select 1 from webhook_event") == []
    assert await house.rows("select 1 from action where channel = 'webhook'") == []


async def test_what_failed_is_told_again_under_the_same_id(house: House) -> None:
    async with a_receiver(script=[500, 302]) as receiver:
        _, secret = await subscribe(house, receiver.url, "lead.created")
        await house.post(LEAD)
        await receiver.hears(1)
        await house.settled()
        await _later(house, timedelta(seconds=7))
        await receiver.hears(2)
        await house.settled()
        await _later(house, timedelta(minutes=7))
        first, second, third = await receiver.hears(3)
        await house.settled()

    assert first.id == second.id == third.id
    assert all(is_signed(one, secret) for one in receiver.got)
    sent = await _delivery(house, "lead.created")
    assert (sent["state"], sent["attempts"], sent["failures"]) == ("sent", 3, 2)
    reasons = [
        row["reason"]
        for row in await house.rows(
            "select detail ->> 'reason' as reason from attempt where action_id = %s and event = 'failed' order by id",
            sent["id"],
        )
    ]
    assert reasons[0].startswith("endpoint 500: Internal Server Error, in ")
    assert reasons[1].startswith("endpoint 302: Found, in ")
    assert reasons[1].endswith("redirects are not followed")


async def test_after_eight_failures_a_person_decides_and_everything_says_so(house: House) -> None:
    async with a_receiver(status=500) as receiver:
        endpoint, _ = await subscribe(house, receiver.url, "lead.created")
        await house.post(LEAD)
        for count in range(1, 9):
            await receiver.hears(count)
            await house.settled()
            await _later(house, timedelta(hours=13))
        dead = await _delivery(house, "lead.created")
        lights = [light async for light in work.at_a_glance(house.office, house.office.settings)]
        receiver.status = 204
        await dead_letters.replay(house.office, UUID(str(dead["id"])), "cli")
        await receiver.hears(9)
        await house.settled()

    assert (dead["state"], dead["attempts"]) == ("dead", 8)
    assert any(light.about == "webhooks to 127.0.0.1" and light.level.value == "failed" for light in lights)
    assert (await _delivery(house, "lead.created"))["state"] == "sent"
    (after,) = await webhook_endpoints.everything(house.office)
    assert (after.id, after.failing_since) == (endpoint, None)
    assert len({one.id for one in receiver.got}) == 1


async def test_an_endpoint_that_failed_for_days_is_paused_and_the_admins_hear_of_it(house: House) -> None:
    await hire(house.office, name="Alex", email="alex@example.com", role="admin", takes_leads=False, practice=False)
    async with a_receiver(status=500) as receiver:
        await subscribe(house, receiver.url, "lead.created")
        await house.post(LEAD)
        await receiver.hears(1)
        await house.settled()
        await _later(house, timedelta(days=5, hours=1))
        await receiver.hears(2)
        await house.settled()
        await house.post(LEAD | {"email": "ann@example.com", "phone": "+18135550143", "name": "Ann Lee"})
        await house.settled()

    (paused,) = await webhook_endpoints.everything(house.office)
    assert paused.paused_why == "failing"
    assert (await _delivery(house, "lead.created"))["state"] == "skipped"
    assert len(receiver.got) == 2
    assert [mail["subject"] for mail in await house.mails() if "webhook" in mail["subject"].lower()] == [
        "A webhook endpoint is paused: it has failed for days"
    ]


async def test_gone_pauses_at_once_and_a_wish_to_slow_down_is_no_failure(house: House) -> None:
    async with a_receiver(status=429, headers="Retry-After: 60\r\n") as busy, a_receiver(status=410) as gone:
        slow, _ = await subscribe(house, busy.url, "lead.created")
        over, _ = await subscribe(house, gone.url, "lead.created")
        await house.post(LEAD)
        await busy.hears(1)
        await gone.hears(1)
        await house.settled()

    found = {row["recipient"]: row for row in await house.rows("select * from action where channel = 'webhook'")}
    assert (found[str(slow)]["state"], found[str(slow)]["failures"]) == ("planned", 0)
    assert timedelta(seconds=40) < found[str(slow)]["due_at"] - house.now <= timedelta(seconds=60)
    assert found[str(over)]["state"] == "dead"
    why = {one.id: one.paused_why for one in await webhook_endpoints.everything(house.office)}
    assert why == {slow: None, over: "gone"}


async def test_fifty_at_once_are_each_told_and_settled_once(house: House) -> None:
    async with a_receiver() as receiver:
        await subscribe(house, receiver.url, "lead.created")
        people = [
            LEAD | {"name": f"Lead Number{n}", "email": f"lead{n}@example.com", "phone": f"+1813555{n:04}"}
            for n in range(1000, 1050)
        ]
        answers = await asyncio.gather(*(house.post(person) for person in people))
        got = await receiver.hears(50)
        await house.settled()

    told = {one.json["data"]["lead"]["id"] for one in got}
    assert told == {answer.json()["lead_id"] for answer in answers}
    settled = await house.rows(
        "select a.state, count(*) filter (where t.event = 'accepted') as n "
        "from action a join attempt t on t.action_id = a.id where a.channel = 'webhook' group by a.id"
    )
    assert [(row["state"], row["n"]) for row in settled] == [("sent", 1)] * 50
    assert (await house.ledger()).problems == []


async def _all_touched(house: House) -> bool:
    return not await house.rows("select 1 from inquiry where first_touch_at is null")


async def test_an_endpoint_that_hangs_holds_up_neither_leads_nor_another_endpoint(house: House) -> None:
    hold = asyncio.Event()
    async with a_receiver(hold=hold) as hanging, a_receiver() as quick:
        await subscribe(house, hanging.url)
        await subscribe(house, quick.url, "lead.created")
        people = [
            LEAD | {"name": f"Lead Number{n}", "email": f"lead{n}@example.com", "phone": f"+1813555{n:04}"}
            for n in range(1000, 1020)
        ]
        for person in people:
            await house.post(person)
        await quick.hears(20, limit_s=5)
        await hanging.hears(8, limit_s=5)
        await until(lambda: _all_touched(house), limit_s=5)

        assert len(hanging.got) == 8  # its own slots, and no more
        hold.set()
        await house.settled()


async def test_who_is_erased_is_told_as_gone_and_nothing_else_of_them_leaves(house: House) -> None:
    async with a_receiver(status=500) as receiver:
        await subscribe(house, receiver.url, "lead.created", "lead.erased")
        lead_id = (await house.post(LEAD)).json()["lead_id"]
        await receiver.hears(1)
        await house.settled()
        receiver.status = 200
        await erasure.erase(house.office, UUID(lead_id), "cli")
        (erased,) = await receiver.hears(1, "lead.erased")
        await _later(house, timedelta(days=2))
        await house.settled()

    created = await _delivery(house, "lead.created")
    assert (created["state"], created["reason"]) == ("cancelled", "erased")
    assert erased.json["data"] == {"lead": {"id": lead_id}, "event": {}}
    assert len(receiver.got) == 2
    kept = str(await house.rows("select * from webhook_event")) + str(await house.rows("select * from action"))
    assert "Maria" not in kept
    assert "8135550142" not in kept


async def test_a_restricted_lead_is_told_by_id_and_kept_otherwise(house: House) -> None:
    async with a_receiver() as receiver:
        await subscribe(house, receiver.url)
        lead_id = UUID((await house.post(LEAD)).json()["lead_id"])
        await receiver.hears(1, "message.delivered")
        await house.settled()
        await rights.restrict(house.office, lead_id, "cli", on=True)
        (restricted,) = await receiver.hears(1, "lead.restricted")
        before = len(receiver.got)
        await house.hear("+18135550142", "What about my house?")
        await house.settled()

    assert restricted.json["data"]["lead"] == {"id": str(lead_id)}
    assert len(receiver.got) == before
    assert (await _delivery(house, "lead.replied"))["state"] == "blocked"


async def test_a_new_secret_signs_beside_the_old_one_for_a_day(house: House) -> None:
    async with a_receiver() as receiver:
        endpoint, old = await subscribe(house, receiver.url, "lead.created")
        person = house.office.team[0]
        new = await webhook_endpoints.roll(house.office, endpoint, person)
        await webhook_endpoints.test(house.office, endpoint, person)
        (both,) = await receiver.hears(1)
        house.advance(timedelta(hours=25))
        await webhook_endpoints.test(house.office, endpoint, person)
        _, alone = await receiver.hears(2)
        await house.settled()

    assert (is_signed(both, old), is_signed(both, new)) == (True, True)
    assert (is_signed(alone, old), is_signed(alone, new)) == (False, True)


async def test_a_test_that_fails_is_no_dead_letter(house: House) -> None:
    async with a_receiver(status=500) as receiver:
        endpoint, _ = await subscribe(house, receiver.url)
        await webhook_endpoints.test(house.office, endpoint, house.office.team[0])
        for count, later in ((1, timedelta(seconds=7)), (2, timedelta(minutes=7)), (3, timedelta(hours=1))):
            await receiver.hears(count)
            await house.settled()
            await _later(house, later)
        await house.settled()

    (found,) = await webhook_endpoints.everything(house.office)
    assert (await _delivery(house, "webhook.test"))["state"] == "expired"
    assert found.failing_since is None


async def test_a_delivery_that_cannot_be_composed_holds_up_no_other(house: House) -> None:
    async with a_receiver() as receiver:
        await subscribe(house, receiver.url, "lead.created", "lead.answered")
        await house.rows(
            "create function broken() returns trigger language plpgsql as "
            "$$ begin new.facts := '[1]'; return new; end $$"
        )
        await house.rows(
            "create trigger broken before insert on webhook_event for each row when (new.type = 'lead.created') "
            "execute function broken()"
        )
        await house.post(LEAD)
        await receiver.hears(1, "lead.answered")
        await house.settled()

    broken = await _delivery(house, "lead.created")
    assert (broken["state"], broken["failures"]) == ("planned", 1)
    assert broken["reason"] == "leadwake fault: it cannot be composed: AttributeError"


async def test_what_a_dead_worker_held_is_told_again(house: House) -> None:
    hold = asyncio.Event()
    async with a_receiver(hold=hold) as receiver:
        await subscribe(house, receiver.url, "lead.created")
        await house.post(LEAD)
        (first,) = await receiver.hears(1)
        # its lease is over and nobody settled it: as after kill -9
        await house.rows(
            "update action set lease_until = now() - interval '1 minute', wake_at = now() - interval '1 minute', "
            "attempt_id = gen_random_uuid() where channel = 'webhook'"
        )
        hold.set()
        _, second = await receiver.hears(2)
        await until(lambda: house.rows("select 1 from action where channel = 'webhook' and state = 'sent'"))

    assert first.id == second.id


async def test_a_booking_is_told_with_its_time_and_the_score_it_makes(house: House) -> None:
    async with a_receiver() as receiver:
        await subscribe(house, receiver.url, "meeting.booked", "lead.scored")
        lead_id = (await house.post(LEAD)).json()["lead_id"]
        (scored,) = await receiver.hears(1, "lead.scored")
        await said(house, word("invitee.created", tracking={"utm_content": lead_id}))
        (booked,) = await receiver.hears(1, "meeting.booked")
        first = scored.json["data"]["event"]["score"]

        async def higher() -> bool:  # what is looked up meanwhile may be told by itself, or with it
            told = [one.json["data"]["event"]["score"] for one in receiver.of("lead.scored")]
            return max(told) >= min(100, first + 25)

        await until(higher)
        await house.settled()

    about = booked.json["data"]
    assert about["lead"]["id"] == lead_id
    assert about["meeting"]["state"] == "booked"
    assert datetime.fromisoformat(about["meeting"]["starts_at"]) == FRIDAY


async def test_rows_of_a_list_are_no_news_until_the_person_asks(house: House) -> None:
    async with a_receiver() as receiver:
        await subscribe(house, receiver.url)
        row = b"name,email,phone\nMaria Lopez,maria@example.com,8135550142\n"
        listed = await importing.begin(house.office, io.BytesIO(row), "old.csv", actor="test")
        await importing.start(house.office, listed, "test")
        await until(lambda: house.rows("select 1 from import where state = 'done'"))
        await house.settled()
        before = [one.type for one in receiver.got]
        await house.post(LEAD | {"message": "I do want to sell"})
        (created,) = await receiver.hears(1, "lead.created")
        await house.settled()

    assert before == []
    assert created.json["data"]["inquiry"]["message"] == "I do want to sell"
    assert receiver.of("lead.returned") == []


async def test_what_is_over_goes_after_30_days_and_what_waits_does_not(house: House) -> None:
    async with a_receiver() as receiver:
        endpoint, _ = await subscribe(house, receiver.url, "lead.created")
        await house.post(LEAD)
        await receiver.hears(1)
        await house.settled()
        house.advance(timedelta(days=29))
        await retention.run(house.office)
        kept = await house.rows("select 1 from webhook_event")
        person = house.office.team[0]
        (delivery,) = await house.rows("select id from action where channel = 'webhook'")
        await webhook_endpoints.send_again(house.office, endpoint, person, delivery["id"])
        await receiver.hears(2)
        await house.settled()
        house.advance(timedelta(days=2))
        await retention.run(house.office)
        sent_again_lately = await house.rows("select 1 from webhook_event")
        house.advance(timedelta(days=31))
        done = await retention.run(house.office)

    assert len(kept) == len(sent_again_lately) == 1
    assert done["webhooks"] == 1
    assert await house.rows("select 1 from action where channel = 'webhook'") == []
    assert (await house.ledger()).problems == []
