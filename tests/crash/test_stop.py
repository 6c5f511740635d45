"""STOP while a hundred texts to that number are queued, sending and deferred: none leaves after the acknowledgement."""

# ruff: noqa: T201 - the figures are printed for whoever reads them

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from scenarios import Stage, scenario
from stop_case import text_in
from traffic import Sender, people, settled

from harness import Installation, apart, until
from leadwake.actions.planning import Planned, plan
from leadwake.domain.values import Purpose
from leadwake.storage import ledger
from leadwake.storage.ids import new_id
from leadwake.storage.wakeups import attempt_arguments, defer

pytestmark = [pytest.mark.crash, pytest.mark.asyncio(loop_scope="session")]

QUEUED, DEFERRED = 70, 30
#: further texts for each of many
TEXTS_EACH = 3


async def lead_with_texts(it: Installation) -> tuple[str, UUID]:
    """A lead that was answered, and then has a hundred more texts planned: due now, and due or deferred later."""
    lead = next(people())
    await Sender(it).post_all([lead], per_s=1)
    await settled(it, seconds=30)
    row = (await it.rows("select lead_id, contact_point_id from action where kind = 'sms'"))[0]
    now = it.office.clock.now()
    planned = [
        Planned(
            "sms", "phone", Purpose.TRANSACTIONAL, practice=False, contact_point_id=row["contact_point_id"],
            ordinal=number,
        )
        for number in range(QUEUED + DEFERRED)
    ]  # fmt: skip
    cause = new_id()
    async with it.office.db.transaction() as connection:
        for number, action in enumerate(planned):
            due_at = now if number < QUEUED else now + timedelta(seconds=number)
            await plan(connection, action, cause_id=cause, now=now, lead_id=row["lead_id"], due_at=due_at)
        await connection.execute(
            "update action set state = 'deferred', reason = 'quiet_hours' where cause_id = %s and due_at > %s",
            [cause, now],
        )
        wanted = attempt_arguments((action.channel, action.id) for action in planned[:QUEUED])
        await defer(connection, "instant", [("attempt", {"actions": wanted})])
    return f"+1{lead['phone']}", cause


def at(record: dict[str, Any]) -> datetime:
    """When the vendor took note of it."""
    return datetime.fromisoformat(record["at"])


async def states_of(it: Installation, cause: UUID) -> dict[str, int]:
    """How many texts of the hundred are in each state."""
    rows = await it.rows("select state, count(*) as n from action where cause_id = %s group by state", cause)
    return {row["state"]: row["n"] for row in rows}


async def is_under_way(it: Installation, cause: UUID, *, after: int) -> None:
    """So many have gone and one is on its way."""

    async def seen() -> bool:
        states = await states_of(it, cause)
        return states.get("sending", 0) == 1 and states.get("sent", 0) + states.get("delivered", 0) >= after

    await until(seen, seconds=60, what=f"a text under way after {after}", every_s=0.02)


@scenario
async def test_no_text_leaves_after_a_stop_is_acknowledged(stage: Stage) -> None:
    async with apart(stage.root, stage.url, workers=2) as it:
        await it.sandbox.behave("twilio", mode="slow", delay_ms=1_500)
        number, cause = await lead_with_texts(it)
        await is_under_way(it, cause, after=2)
        answer = await text_in(it, number, "STOP")
        stopped_at = datetime.now(UTC)
        assert answer.status_code == 200
        before = await it.sandbox.texts_to(number)  # the confirmation of the stop among them

        open_ones = "select count(*) from action where cause_id = %s and state in ('planned', 'deferred', 'sending')"
        assert await it.value(open_ones, cause) == 0
        states = await states_of(it, cause)
        await asyncio.sleep(60 if stage.long else 20)  # nothing must happen: retries, deferrals, second looks
        after = await it.sandbox.texts_to(number)
        print(f"stop while sending: {states}, {len(after)} texts in all")
        assert [record for record in after if at(record) > stopped_at] == []
        assert after == before
        assert states["cancelled"] >= QUEUED + DEFERRED - len(after)
        assert states["cancelled"] + states.get("sent", 0) + states.get("delivered", 0) == QUEUED + DEFERRED
        await _holds(it)


@scenario
async def test_a_stop_waits_for_the_text_of_a_worker_that_died(stage: Stage) -> None:
    """The vendor may still get it until the lease is over; its outcome is found out later, and it is not sent again."""
    async with apart(stage.root, stage.url) as it:
        await it.sandbox.behave("twilio", mode="slow", delay_ms=3_000, callbacks=False)
        number, cause = await lead_with_texts(it)
        await is_under_way(it, cause, after=0)
        await it.processes[1].killed()
        answer = await text_in(it, number, "stop.")
        stopped_at = datetime.now(UTC)
        assert answer.status_code == 200
        await it.sandbox.behave("twilio", mode="ok")
        await it.start_worker()
        await settled(it, seconds=100)

        assert [record for record in await it.sandbox.texts_to(number) if at(record) > stopped_at] == []
        assert (await states_of(it, cause))["cancelled"] == QUEUED + DEFERRED - len(
            await it.sandbox.texts_to(number)
        ) + 1
        await _holds(it)


@scenario
async def test_a_text_of_unknown_outcome_is_not_sent_again_after_a_stop(stage: Stage) -> None:
    """The vendor takes the call and does nothing; whoever looks finds nothing, and the gate says no to a resend."""
    async with apart(stage.root, stage.url) as it:
        number, cause = await _answered(it)
        await it.sandbox.behave("twilio", mode="slow", delay_ms=600_000)  # taken, never carried out, never answered
        await _one_text(it, number, cause)
        await is_under_way(it, cause, after=0)
        answer = await text_in(it, number, "STOP")
        assert answer.status_code == 200
        await it.sandbox.behave("twilio", mode="ok")
        await settled(it, seconds=100)
        await asyncio.sleep(10 if stage.long else 2)

        rows = await it.rows("select state, reason from action where cause_id = %s", cause)
        assert [row["state"] for row in rows] == ["blocked"]
        assert len(await it.sandbox.texts_to(number)) == 1  # the first answer
        await _holds(it)


@scenario
async def test_a_stop_is_kept_though_somebody_holds_the_number_locked(stage: Stage) -> None:
    """A paused worker or a long transaction holds the contact: Twilio does not ask twice, so it must not hear a 500."""
    async with apart(stage.root, stage.url) as it:
        number, _ = await _answered(it)
        point = await it.value("select contact_point_id from action where kind = 'sms'")
        async with await psycopg.AsyncConnection.connect(stage.url) as holder:
            await holder.execute("select 1 from contact_point where id = %s for update", [point])
            stopping = asyncio.create_task(text_in(it, number, "STOP"))
            await holder.execute("select pg_sleep(4.5)")
        answer = await stopping

        assert answer.status_code == 200
        assert await it.value("select opted_out_at is not null from contact_point where id = %s", point)


@scenario
async def test_half_of_many_say_stop_while_their_messages_are_being_sent(stage: Stage) -> None:
    """None gets another automated message after the acknowledgement, the others get theirs, and the ledger adds up."""
    count = 500 if stage.long else 60
    async with apart(stage.root, stage.url, workers=2) as it:
        everybody = [lead for lead, _ in zip(people(), range(count), strict=False)]
        await it.sandbox.behave("twilio", mode="slow", delay_ms=150)
        await Sender(it).post_all(everybody, per_s=50)
        await _more_for_everybody(it)
        said_at: dict[str, datetime] = {}

        async def says_stop(number: str, words: str) -> None:
            assert (await text_in(it, number, words)).status_code == 200
            said_at[number] = datetime.now(UTC)

        stopping = [f"+1{lead['phone']}" for lead in everybody[::2]]
        phrases = ("STOP", "stop texting me please", "Unsubscribe", "no me manden mas mensajes")
        for start in range(0, len(stopping), 20):
            chunk = stopping[start : start + 20]
            await asyncio.gather(*(says_stop(number, phrases[n % 4]) for n, number in enumerate(chunk)))
        await it.sandbox.behave("twilio", mode="ok")
        await settled(it, seconds=120)

        texts = await it.sandbox.received("twilio")
        late = [
            record for record in texts
            if (record["body"] or {}).get("To") in said_at and at(record) > said_at[record["body"]["To"]]
        ]  # fmt: skip
        assert late == []
        gone = await it.value(
            "select count(*) from action where purpose = 'transactional' and state in ('sent', 'delivered')"
        )
        assert gone >= TEXTS_EACH * (count - len(stopping))
        assert await it.value(
            "select count(*) from contact_point where opted_out_at is not null and kind = 'phone'"
        ) == len(stopping)
        print(
            f"{count} leads, {len(stopping)} stops, {len(texts)} requests at the vendor, none after an acknowledgement"
        )
        await _holds(it)


async def _more_for_everybody(it: Installation) -> None:
    """Everybody has further texts queued."""
    now, cause = it.office.clock.now(), new_id()
    people_ = await it.rows("select lead_id, contact_point_id as point from action where kind = 'sms'")
    async with it.office.db.transaction() as connection:
        for ordinal in range(TEXTS_EACH):
            actions = []
            for row in people_:
                action = Planned(
                    "sms", str(row["point"]), Purpose.TRANSACTIONAL, practice=False, contact_point_id=row["point"],
                    ordinal=ordinal,
                )  # fmt: skip
                await plan(connection, action, cause_id=cause, now=now, lead_id=row["lead_id"])
                actions.append((action.channel, action.id))
            await defer(connection, "instant", [("attempt", {"actions": attempt_arguments(actions)})])


async def _answered(it: Installation) -> tuple[str, UUID]:
    lead = next(people())
    await Sender(it).post_all([lead], per_s=1)
    await settled(it, seconds=30)
    return f"+1{lead['phone']}", new_id()


async def _one_text(it: Installation, number: str, cause: UUID) -> None:
    row = (await it.rows("select lead_id, contact_point_id from action where kind = 'sms'"))[0]
    action = Planned("sms", "phone", Purpose.TRANSACTIONAL, practice=False, contact_point_id=row["contact_point_id"])
    async with it.office.db.transaction() as connection:
        await plan(connection, action, cause_id=cause, now=it.office.clock.now(), lead_id=row["lead_id"])
        await defer(connection, "instant", [("attempt", {"actions": attempt_arguments([("sms", action.id)])})])


async def _holds(it: Installation) -> None:
    book = await ledger.read(it.office.db, it.office.clock.now())
    assert book.problems == []
