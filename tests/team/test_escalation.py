"""Nobody is forgotten: offers run out, the pool is asked, silent owners lose the lead, management hears of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from team_case import COLD, HOT, OFFICE_HOURS, agent, alone, arrives, kinds, loads_hold, offered, open_tasks, owner

from leadwake.workflows import claiming, escalation, suppression, tasks
from office_case import House, until

MINUTE = timedelta(minutes=1)


async def steps(house: House, by: timedelta) -> None:
    """Business time passes, and every step that is due is taken."""
    house.advance(by)
    for _ in range(100):
        if not await escalation.tick(house.office):
            return
    raise AssertionError("a step stays due for ever")


async def test_an_offer_runs_out_and_the_next_agent_is_asked_until_the_pool_and_then_management(
    idle_house: House,
) -> None:
    house = idle_house
    await alone(house)
    team = [await agent(house, number) for number in range(1, 5)]
    boss = await agent(house, 9, role="manager", takes_leads=False)
    lead = await arrives(house, HOT)
    asked = [await offered(house, lead)]
    for _ in range(2):
        await steps(house, 5 * MINUTE)
        asked.append(await offered(house, lead))

    assert [len(one) for one in asked] == [1, 1, 1]
    assert len({one[0] for one in asked}) == 3
    unattended = await house.rows("select agent_id from action where kind = 'unattended_email'")
    assert [row["agent_id"] for row in unattended] == [boss.id]  # ten minutes without a person

    await steps(house, 5 * MINUTE)
    assert set(await offered(house, lead)) == {one.id for one in team}
    assert await open_tasks(house, lead) == {"claim": None}
    await loads_hold(house)

    await steps(house, timedelta(hours=24))
    days = await house.rows("select ordinal from action where kind = 'unattended_email' order by ordinal")
    assert [row["ordinal"] for row in days] == [0, 1]  # and the mission's 24 hours


async def test_nobody_is_woken_at_night_but_who_is_on_call(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    asleep = [await agent(house, number, shifts=OFFICE_HOURS) for number in range(1, 13)]
    guard = await agent(house, 20, shifts=OFFICE_HOURS, on_call=True)
    house.advance(datetime(2026, 11, 25, 7, 0, tzinfo=UTC) - house.now)  # two at night in New York
    lead = await arrives(house, HOT)

    assert await offered(house, lead) == [guard.id]
    for _ in range(30):
        await steps(house, 10 * MINUTE)
    rang = {
        row["agent_id"] for row in await house.rows("select distinct agent_id from action where kind = 'alert_sms'")
    }
    assert rang == {guard.id}

    await steps(house, timedelta(hours=3))  # ten in the morning
    assert set(await offered(house, lead)) & {one.id for one in asleep}


async def test_without_anybody_on_call_the_lead_waits_for_the_first_shift(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    early = await agent(house, 1, shifts=OFFICE_HOURS)
    house.advance(datetime(2026, 11, 25, 7, 0, tzinfo=UTC) - house.now)
    lead = await arrives(house, HOT)

    assert await offered(house, lead) == []
    assert await open_tasks(house, lead) == {"claim": None}
    await steps(house, timedelta(hours=6, minutes=59))
    assert await offered(house, lead) == []
    await steps(house, 2 * MINUTE)
    assert await offered(house, lead) == [early.id]


async def test_nobody_eligible_means_the_pool_and_an_alert_and_the_first_who_may_has_it(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    await agent(house, 1, licences=["TX"])
    boss = await agent(house, 9, role="manager", takes_leads=False)
    lead = await arrives(house, {**HOT, "state": "FL"})
    await steps(house, timedelta())

    assert await offered(house, lead) == []
    alerts = await house.rows("select agent_id, ordinal from action where kind = 'unattended_email'")
    assert [(row["agent_id"], row["ordinal"]) for row in alerts] == [(boss.id, escalation.NOBODY)]

    licensed = await agent(house, 2, licences=["FL"])
    await steps(house, timedelta(hours=1))
    assert await offered(house, lead) == [licensed.id]


async def test_a_silent_owner_loses_the_lead_and_everybody_can_see_it(idle_house: House) -> None:
    house = idle_house
    other = await agent(house, 1)
    lead = await arrives(house, HOT)
    [asked] = await offered(house, lead)
    person = house.office.person(asked)
    assert person is not None
    await claiming.claim(house.office, lead, person, by="page")

    await steps(house, 14 * MINUTE)
    assert await owner(house, lead) == asked
    await steps(house, 2 * MINUTE)

    assert await owner(house, lead) is None
    assert await offered(house, lead) == [({other.id, house.office.agents[0].id} - {asked}).pop()]
    assert "owner_lost" in await kinds(house, lead)
    told = (await house.http.get(f"/v1/leads/{lead}/timeline")).json()
    assert any("lost the lead" in entry["text"] for entry in told)
    await loads_hold(house)


async def test_an_owner_who_was_in_touch_keeps_the_lead(idle_house: House) -> None:
    house = idle_house
    await agent(house, 1)
    lead = await arrives(house, HOT)
    [asked] = await offered(house, lead)
    await suppression.contacted_by(house.office, lead, asked)

    await steps(house, timedelta(days=3))

    assert await owner(house, lead) == asked
    assert await house.rows("select 1 from action where kind like 'unattended%%'") == []


async def test_an_owner_off_shift_does_not_lose_the_lead_in_their_sleep(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    team = [await agent(house, number, shifts=OFFICE_HOURS) for number in (1, 2)]
    house.advance(datetime(2026, 11, 24, 21, 58, tzinfo=UTC) - house.now)  # two minutes before five
    lead = await arrives(house, HOT)
    [asked] = await offered(house, lead)
    mine = next(one for one in team if one.id == asked)
    await claiming.claim(house.office, lead, mine, by="page")

    await steps(house, timedelta(hours=16, minutes=10))  # eight past nine, seven minutes of their time are left
    assert await owner(house, lead) == mine.id
    await steps(house, 8 * MINUTE)

    assert await owner(house, lead) is None
    assert await offered(house, lead) == [one.id for one in team if one is not mine]


async def test_an_owner_who_ticked_it_off_keeps_the_lead_and_the_day_still_counts(idle_house: House) -> None:
    house = idle_house
    await agent(house, 1)
    lead = await arrives(house, HOT)
    [asked] = await offered(house, lead)
    person = house.office.person(asked)
    assert person is not None
    await claiming.claim(house.office, lead, person, by="page")
    [task] = await house.rows("select id from task where lead_id = %s and kind = 'touch'", lead)
    assert await tasks.done(house.office, task["id"], [], person) is tasks.Outcome.DONE

    await steps(house, timedelta(hours=2))
    assert await owner(house, lead) == asked
    await steps(house, timedelta(hours=23))
    assert "unattended" in await kinds(house, lead)


async def test_with_nobody_else_a_silent_owner_is_better_than_none(idle_house: House) -> None:
    house = idle_house
    lead = await arrives(house, HOT)
    dana = house.office.agents[0]
    await claiming.claim(house.office, lead, dana, by="page")

    await steps(house, timedelta(hours=2))

    assert await owner(house, lead) == dana.id


async def test_twenty_leads_at_once_never_give_an_agent_more_than_they_can_hold(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    small = await agent(house, 1, capacity=3)
    large = await agent(house, 2, capacity=5)

    await asyncio.gather(*(arrives(house, HOT if number % 2 else {**COLD}, number) for number in range(1, 21)))

    loads = {row["agent_id"]: row["owned"] + row["offered"] for row in await house.rows("select * from agent_load")}
    assert (loads[small.id], loads[large.id]) == (3, 5)
    waiting = await house.rows("select lead_id from task where kind = 'claim' and agent_id is null and done_at is null")
    assert len(waiting) == 12
    await loads_hold(house)


async def test_a_pause_of_a_moment_ago_holds_though_nobody_told_this_process(idle_house: House) -> None:
    house = idle_house
    dana = house.office.agents[0]
    await house.rows(
        "update app_user set paused_until = 'infinity' where id = %s", dana.id
    )  # no refresh: another process

    lead = await arrives(house, HOT)

    assert await offered(house, lead) == []
    assert await owner(house, lead) is None
    assert "claim" in await open_tasks(house, lead)


async def test_two_workers_take_each_step_once(idle_house: House) -> None:
    house = idle_house
    await alone(house)
    for number in range(1, 5):
        await agent(house, number)
    leads = [await arrives(house, HOT, number) for number in range(1, 9)]
    house.advance(6 * MINUTE)

    await asyncio.gather(*(escalation.tick(house.office) for _ in range(6)))

    for lead in leads:
        assert len(await offered(house, lead)) == 1
        assert (await kinds(house, lead)).count("offer_timed_out") == 1
    await loads_hold(house)


async def test_the_agent_who_is_asked_next_is_told_and_the_one_before_hears_that_it_is_over(house: House) -> None:
    await agent(house, 1)
    lead = await arrives(house, HOT)
    [first] = await offered(house, lead)
    await house.settled()
    house.advance(6 * MINUTE)

    async def moved() -> bool:
        return await offered(house, lead) not in ([], [first])

    await until(moved)
    await house.settled()
    [second] = await offered(house, lead)
    people = {person.id: person for person in house.office.agents}
    said = [(text["To"], text["Body"]) for text in await house.texts()]
    assert any(to == people[second].phone and "Maria Lopez" in body for to, body in said)
    assert any(to == people[first].phone and "a colleague is asked now" in body for to, body in said)
