"""Calls to make: when each is best made, who hears of it, what came of it in one tap, and that tap taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from leadwake.domain.calls import Outcome
from leadwake.storage import tasks
from leadwake.storage.staff import Person
from leadwake.workflows import call_reminders, calls_said
from office_case import House
from team.team_case import OFFICE_HOURS, agent, alone

MARIA: dict[str, Any] = {"name": "Maria Lopez", "phone": "813-555-0142", "email": "maria@example.com"}
NEW_YORK = ZoneInfo("America/New_York")


async def arrives(house: House, owner: Person | None = None) -> UUID:
    """Maria, an agent's already."""
    lead_id = UUID((await house.post(MARIA)).json()["lead_id"])
    if owner is not None:
        await house.rows("update lead set agent_id = %s, claimed_at = %s where id = %s", owner.id, house.now, lead_id)
    return lead_id


async def to_call(house: House, lead_id: UUID, reason: str | None = None) -> None:
    """Somebody opens a call to make, as a sequence's step does."""
    async with house.office.db.transaction() as connection:
        await tasks.open_task(connection, lead_id, "call", house.now, due_at=house.now, reason=reason)


async def task(house: House, lead_id: UUID) -> dict[str, Any]:
    """The newest call to make."""
    found = await house.rows(
        "select * from task where lead_id = %s and kind = 'call' order by at desc limit 1", lead_id
    )
    return found[0]


async def reminders(house: House) -> list[tuple[str, UUID, int, str]]:
    found = await house.rows("select * from action where kind like 'call_reminder%%' order by created_at, id")
    return [(row["kind"], row["agent_id"], row["ordinal"], row["state"]) for row in found]


def local(at: datetime) -> str:
    return f"{at.astimezone(NEW_YORK):%a %H:%M}"


# When.


async def test_a_call_sleeps_until_its_best_time_and_a_missed_one_is_now(idle_house: House) -> None:
    house = idle_house
    lead_id = await arrives(house)
    await to_call(house, lead_id)
    await call_reminders.tick(house.office)
    put_off = await task(house, lead_id)
    await to_call(house, lead_id, "missed_call")
    await call_reminders.tick(house.office)
    at_once = await task(house, lead_id)

    assert local(put_off["best_at"]) == "Wed 12:00"
    assert put_off["best_why"] == "their afternoon, when they asked last time"
    assert put_off["snoozed_until"] == put_off["best_at"]
    assert at_once["id"] == put_off["id"]
    assert at_once["snoozed_until"] is None
    assert at_once["best_at"] - house.now < timedelta(minutes=1)


async def test_a_call_waits_for_the_shift_of_whose_it_is(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    ana = await agent(house, 1, shifts=OFFICE_HOURS, time_zone="America/Los_Angeles")
    house.advance(timedelta(hours=14))  # Wednesday, 2:00 in New York
    lead_id = await arrives(house, ana)
    await to_call(house, lead_id, "no_show")
    await call_reminders.tick(house.office)

    assert local((await task(house, lead_id))["best_at"]) == "Wed 12:00"


# Who hears.


async def test_its_agent_hears_once_when_the_time_has_come(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    ana = await agent(house, 1)
    lead_id = await arrives(house, ana)
    await to_call(house, lead_id)
    await call_reminders.tick(house.office)
    before = await reminders(house)
    house.advance((await task(house, lead_id))["best_at"] - house.now)
    await call_reminders.tick(house.office)
    await call_reminders.tick(house.office)

    assert before == []
    assert await reminders(house) == [("call_reminder_sms", ana.id, 0, "planned")]


async def test_a_missed_call_is_told_by_its_own_alert_and_a_no_show_by_the_reminder(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    ana = await agent(house, 1)
    lead_id = await arrives(house, ana)
    await to_call(house, lead_id, "missed_call")
    await call_reminders.tick(house.office)
    of_the_call = await reminders(house)
    await house.rows("delete from task")
    await to_call(house, lead_id, "no_show")
    await call_reminders.tick(house.office)

    assert of_the_call == []
    assert await reminders(house) == [("call_reminder_sms", ana.id, 0, "planned")]


async def test_nobody_hears_who_is_on_it_already_or_does_not_work(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    ana = await agent(house, 1)
    lead_id = await arrives(house, ana)
    await to_call(house, lead_id)
    await call_reminders.tick(house.office)
    first = (await task(house, lead_id))["best_at"]
    await house.rows(
        "update app_user set shifts = %s::jsonb where id = %s",
        '[{"days": [5], "from": "09:00", "to": "17:00"}]',
        ana.id,
    )
    await house.office.refresh()
    house.advance(first - house.now)
    await call_reminders.tick(house.office)
    await call_reminders.tick(house.office)
    put_off = (await task(house, lead_id))["best_at"]
    house.advance(put_off - house.now)
    await house.rows(
        "insert into call (id, direction, lead_id, agent_id, state, vendor, at) "
        "values (gen_random_uuid(), 'out', %s, %s, 'ringing', 'twilio', %s)", lead_id, ana.id, house.now,
    )  # fmt: skip
    await call_reminders.tick(house.office)

    assert local(put_off) == "Fri 12:00"
    assert await reminders(house) == []


async def test_the_reminder_says_whom_to_call_and_why_now(house: House) -> None:
    lead_id = await arrives(house, house.office.agents[0])
    await to_call(house, lead_id)
    await call_reminders.tick(house.office)
    house.advance((await task(house, lead_id))["best_at"] - house.now)
    await call_reminders.tick(house.office)
    await house.settled()

    said = [text["Body"] for text in await house.texts() if "Time to call" in text["Body"]]
    assert len(said) == 1
    assert said[0].startswith("Time to call Maria Lopez, (813) 555-0142. Their afternoon, when they asked")


# What came of it.


async def test_nobody_answered_three_times_and_it_is_let_be(idle_house: House) -> None:
    house = idle_house
    [ana] = house.office.agents
    lead_id = await arrives(house, ana)
    await to_call(house, lead_id)
    await call_reminders.tick(house.office)
    seen = []
    for outcome in (Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.NO_ANSWER):
        house.advance((await task(house, lead_id))["best_at"] - house.now)
        said = await calls_said.said(house.office, lead_id, outcome, ana)
        now = await task(house, lead_id)
        seen.append((said.then, now["tries"], now["done_at"] is not None, local(now["best_at"])))

    # noon, when she asked; then other hours, at which most people pick up
    assert seen == [
        ("again", 1, False, "Wed 16:00"),
        ("again", 2, False, "Thu 08:00"),
        ("over", 3, True, "Thu 08:00"),
    ]
    told = [entry["text"] for entry in await house.timeline(str(lead_id))]
    assert "Three calls, and nobody answered: no more are planned" in told
    assert told.count("Dana Reyes called Maria Lopez: no answer") == 2


async def test_talked_is_being_in_touch_and_can_be_taken_back(idle_house: House) -> None:
    house = idle_house
    [ana] = house.office.agents
    lead_id = await arrives(house)
    await to_call(house, lead_id)
    await call_reminders.tick(house.office)
    columns = "human_at, contacted_at, agent_id, claimed_at, replied_at"
    before = await house.rows(f"select {columns} from lead where id = %s", lead_id)  # type: ignore[arg-type]
    waiting = await house.rows("select id, kind from task where done_at is null order by id")
    said = await calls_said.said(house.office, lead_id, Outcome.TALKED, ana)
    talked = await house.rows(f"select {columns} from lead where id = %s", lead_id)  # type: ignore[arg-type]
    open_then = await house.rows("select id from task where done_at is null")
    again = await calls_said.undone(house.office, said.call_id, ana)

    assert (talked[0]["contacted_at"], talked[0]["agent_id"]) == (
        talked[0]["human_at"],
        before[0]["agent_id"] or ana.id,
    )
    assert open_then == []
    assert again == lead_id
    assert await house.rows(f"select {columns} from lead where id = %s", lead_id) == before  # type: ignore[arg-type]
    assert await house.rows("select id, kind from task where done_at is null order by id") == waiting
    assert await house.rows("select 1 from inquiry where human_at is not null") == []
    assert await house.rows("select 1 from call") == []
    signals = await house.rows("select codes from signal where cause_id = %s order by id", said.call_id)
    assert [row["codes"] for row in signals] == [["call_talked"], ["call_undone"]]
    assert await calls_said.undone(house.office, said.call_id, ana) is None


async def test_a_wrong_number_is_never_used_again_unless_the_tap_was_wrong(idle_house: House) -> None:
    house = idle_house
    [ana] = house.office.agents
    lead_id = await arrives(house)
    await to_call(house, lead_id)
    stopped = "select opted_out_by from contact_point where kind = 'phone'"
    said = await calls_said.said(house.office, lead_id, Outcome.WRONG_NUMBER, ana)
    then = await house.rows(stopped)
    is_done = (await task(house, lead_id))["done_at"] is not None
    await calls_said.undone(house.office, said.call_id, ana)

    assert (then, is_done) == ([{"opted_out_by": "wrong_number"}], True)
    assert await house.rows(stopped) == [{"opted_out_by": None}]
    assert (await task(house, lead_id))["done_at"] is None


async def test_after_a_minute_or_by_somebody_else_nothing_is_taken_back(idle_house: House) -> None:
    house = idle_house
    [ana], ben = house.office.agents, await agent(house, 2)
    lead_id = await arrives(house)
    said = await calls_said.said(house.office, lead_id, Outcome.TALKED, ana)
    by_another = await calls_said.undone(house.office, said.call_id, ben)
    house.advance(timedelta(seconds=61))

    assert by_another is None
    assert await calls_said.undone(house.office, said.call_id, ana) is None
    assert len(await house.rows("select 1 from call")) == 1
