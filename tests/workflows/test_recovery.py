"""Those who went quiet: woken within the day's amounts whatever dies, recovered at the first sign of life."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from leadwake.domain.calls import Outcome
from leadwake.domain.recovery import Rule
from leadwake.storage.staff import Person
from leadwake.workflows import calls_said, nurture, recovery, sequences
from office_case import House, a_house, hire

ASLEEP = """
sequence: hello_again
title: Hello again
about: Somebody who went quiet.
starts: dormant
steps:
  - email:
      subject: {en: "Still looking?", es: "Sigue buscando?"}
      body: {en: "Hi {{ lead.first_name }}. {{ business.name }}", es: "Hola. {{ business.name }}"}
"""
#: from noon to nine in the morning, two months later
LATER = timedelta(days=63, hours=21)


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Nobody at work; mail to those who went quiet may go."""
    async with a_house(
        database_url, tmp_path / "data", at_work=False, POSTAL_ADDRESS="100 Example Street, Tampa, FL 33602"
    ) as running:
        await sequences.publish(running.office, ASLEEP, None)
        yield running


async def asks(house: House, number: int, **more: Any) -> UUID:
    """Somebody asks and is answered; then nobody says a word."""
    lead = {
        "name": f"Person {number}", "email": f"person{number}@example.com", "phone": f"813-555-{1000 + number}",
        "message": "Is 12 Oak St still open?", "channel": "web_form", "source": "website",
    } | more  # fmt: skip
    lead_id = UUID((await house.post({name: value for name, value in lead.items() if value})).json()["lead_id"])
    await nurture.look(house.office)
    await house.rows(
        "update action set state = 'sent', due_at = null, wake_at = null, settled_at = %s where lead_id = %s",
        house.now,
        lead_id,
    )
    await house.rows("update lead set status = 'answered', first_touch_at = %s where id = %s", house.now, lead_id)
    return lead_id


async def admin(house: House) -> Person:
    return await hire(house.office, name="Alex Admin", email="alex@example.com", role="admin", takes_leads=False)


async def switched_on(house: House, **more: Any) -> Person:
    boss = await admin(house)
    await recovery.change(house.office, Rule(True, **more), boss)
    return boss


async def woken(house: House) -> dict[UUID, str]:
    found = await house.rows("select lead_id, way from revival where cause = 'dormant' and undone_at is null")
    return {row["lead_id"]: row["way"] for row in found}


# Who, and how many.


async def test_mail_first_then_calls_and_whom_nobody_may_reach_is_let_be(house: House) -> None:
    both, phone_alone = await asks(house, 1), await asks(house, 2, email="")
    stopped, met = await asks(house, 3), await asks(house, 4)
    await house.hear("+18135551003", "STOP")
    await house.rows(
        "insert into outcome (id, lead_id, kind, source, ref, at) "
        "values (gen_random_uuid(), %s, 'won', 'leadwake', 'x', %s)",
        met, house.now,
    )  # fmt: skip
    await switched_on(house)
    early = await recovery.run_if_due(house.office)
    house.advance(LATER)
    lately = await asks(house, 5)
    n = await recovery.run_if_due(house.office)

    assert (early, n) == (0, 2)
    assert await woken(house) == {both: "email", phone_alone: "call"}
    assert not {stopped, lately} & set(await woken(house))
    assert await house.rows("select lead_id, sequence, cause from enrollment where state = 'waiting'") == [
        {"lead_id": both, "sequence": "hello_again", "cause": "dormant"}
    ]
    assert await house.rows(
        "select lead_id, reason from task where kind = 'call' and done_at is null and reason = 'recovery'"
    ) == [{"lead_id": phone_alone, "reason": "recovery"}]
    assert await recovery.run_if_due(house.office) == 0


async def test_nothing_is_done_while_it_is_off_or_out_of_the_morning(house: House) -> None:
    await asks(house, 1)
    house.advance(LATER)
    off = await recovery.run_if_due(house.office)
    await switched_on(house)
    house.advance(timedelta(hours=4))

    assert (off, await recovery.run_if_due(house.office), await woken(house)) == (0, 0, {})


async def test_processes_that_die_never_wake_one_more_than_the_amounts_nor_anybody_twice(house: House) -> None:
    chance = random.Random(7)
    boss = await admin(house)
    for number in range(1, 25):
        await asks(house, number, email="" if number % 2 else f"person{number}@example.com")
    house.advance(LATER)
    for _ in range(5):
        amounts = chance.randrange(6), chance.randrange(6)
        ways = await woken(house)
        by_mail, by_call = ([lead for lead in ways if ways[lead] == way] for way in ("email", "call"))
        await recovery.change(house.office, Rule(True, *amounts), boss)
        for _ in range(3):  # killed somewhere in the middle
            runs = [asyncio.create_task(recovery.run_if_due(house.office)) for _ in range(chance.randint(1, 3))]
            await asyncio.wait(runs, timeout=chance.uniform(0.005, 0.1))
            for run in runs:
                run.cancel()
            await asyncio.gather(*runs, return_exceptions=True)
        await asyncio.gather(*(recovery.run_if_due(house.office) for _ in range(2)))
        [today] = await house.rows("select * from recovery_day order by day desc limit 1")
        done = await house.rows("select way, count(*)::int as n from revival where day = %s group by 1", today["day"])
        found = {row["way"]: row["n"] for row in done}

        # a dozen may get mail, and a dozen only be called
        assert today["mails"] == found.get("email", 0) == min(amounts[0], 12 - len(by_mail))
        assert today["calls"] == found.get("call", 0) == min(amounts[1], 12 - len(by_call))
        assert today["over_at"] is not None
        house.advance(timedelta(days=1))
    assert await house.rows("select lead_id from revival group by 1 having count(*) > 1") == []


async def test_who_stays_quiet_is_let_be_for_three_months(house: House) -> None:
    await asks(house, 1, email="")
    await switched_on(house, quiet_days=14)
    house.advance(LATER)
    await recovery.run_if_due(house.office)
    await house.rows("update task set done_at = %s where kind = 'call'", house.now)
    house.advance(timedelta(days=30))
    again = await recovery.run_if_due(house.office)
    house.advance(timedelta(days=61))

    assert (again, await recovery.run_if_due(house.office)) == (0, 1)


# What came of it.


async def test_a_reply_is_a_recovery_once_with_what_it_took(house: House) -> None:
    lead_id = await asks(house, 1)
    await switched_on(house)
    house.advance(LATER)
    await recovery.run_if_due(house.office)
    await nurture.look(house.office)
    await house.rows(
        "update action set state = 'sent', due_at = null, wake_at = null, settled_at = %s where kind = 'nurture_email'",
        house.now,
    )
    house.advance(timedelta(hours=1))
    await house.hear("+18135551001", "Yes, still looking")
    await house.hear("+18135551001", "Call me")

    events = await house.rows("select data from event where kind = 'recovered'")
    assert [row["data"] for row in events] == [
        {"cause": "dormant", "way": "email", "by": "reply", "texts": 0, "mails": 1, "calls": 0}
    ]
    assert await house.rows("select state from enrollment where lead_id = %s and cause = 'dormant'", lead_id) == [
        {"state": "stopped"}
    ]
    told = {entry["text"]: entry.get("why") for entry in await house.timeline(str(lead_id))}
    assert told["Came back to life"] == "they wrote back; it took 1 mail"


async def test_a_call_that_was_answered_is_one_and_a_tap_taken_back_is_none(house: House) -> None:
    lead_id = await asks(house, 1, email="")
    [dana] = house.office.agents
    await switched_on(house)
    house.advance(LATER)
    await recovery.run_if_due(house.office)
    said = await calls_said.said(house.office, lead_id, Outcome.TALKED, dana)
    talked = await house.rows("select recovered_by, cost from revival where cause = 'dormant'")
    await calls_said.undone(house.office, said.call_id, dana)

    assert talked == [{"recovered_by": "call", "cost": {"texts": 0, "mails": 0, "calls": 1}}]
    assert await house.rows("select recovered_by from revival where cause = 'dormant'") == [{"recovered_by": None}]


async def test_who_writes_before_the_call_is_answered_and_not_called(house: House) -> None:
    lead_id = await asks(house, 1, email="")
    await switched_on(house)
    house.advance(LATER)
    await recovery.run_if_due(house.office)
    await house.hear("+18135551001", "I am back")

    waiting = await house.rows("select kind from task where lead_id = %s and done_at is null", lead_id)
    assert {row["kind"] for row in waiting} >= {"reply"}
    assert {row["kind"] for row in waiting}.isdisjoint({"call"})


async def test_a_stop_is_no_recovery(house: House) -> None:
    await asks(house, 1)
    await switched_on(house)
    house.advance(LATER)
    await recovery.run_if_due(house.office)
    await house.hear("+18135551001", "STOP")

    assert await house.rows("select 1 from revival where recovered_at is not null") == []


async def test_stopped_is_off_and_today_is_undone(house: House) -> None:
    by_mail, by_call = await asks(house, 1), await asks(house, 2, email="")
    boss = await switched_on(house)
    house.advance(LATER)
    await recovery.run_if_due(house.office)
    undone = await recovery.stop_today(house.office, boss)

    assert (undone, await woken(house)) == (2, {})
    assert await house.rows("select state from enrollment where lead_id = %s and cause = 'dormant'", by_mail) == [
        {"state": "stopped"}
    ]
    assert (
        await house.rows("select 1 from task where lead_id = %s and kind = 'call' and done_at is null", by_call) == []
    )
    assert not (await recovery.rule_in_force(house.office)).is_on
    assert await recovery.run_if_due(house.office) == 0


# Nobody is forgotten.


async def test_who_asked_and_heard_from_nobody_waits_for_a_person_and_management_knows(house: House) -> None:
    boss = await admin(house)
    never = UUID(
        (await house.post({"name": "Nora Lee", "phone": "813-555-0177", "message": "just browsing"})).json()["lead_id"]
    )
    await house.rows("delete from task")
    [dana] = house.office.agents
    spoken = await asks(house, 1)
    await calls_said.said(house.office, spoken, Outcome.TALKED, dana)
    house.advance(timedelta(days=3, hours=21, minutes=1))
    await recovery.run_if_due(house.office)
    await recovery.run_if_due(house.office)

    assert await house.rows("select lead_id, way from revival") == [{"lead_id": never, "way": "task"}]
    assert await house.rows("select lead_id, kind, reason from task where reason = 'untouched'") == [
        {"lead_id": never, "kind": "call", "reason": "untouched"}
    ]
    told = await house.rows(
        "select distinct agent_id from action where kind like 'unattended%%' and lead_id = %s and created_at >= %s",
        never,
        house.now - timedelta(hours=1),
    )
    assert told == [{"agent_id": boss.id}]
