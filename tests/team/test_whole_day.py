"""A whole day of three agents, from before the first shift to after the last, with everything at work."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from team_case import COLD, HOT, agent, alone, arrives, loads_hold

from leadwake.storage.credentials import hash_password
from leadwake.storage.staff import Person
from leadwake.workflows import digest_planning
from office_case import LIMIT_S, House, until

PASSWORD = "four quiet harbour seals"
#: two shifts with lunch between them
SHIFTS = [
    {"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "12:30"},
    {"days": [1, 2, 3, 4, 5], "from": "13:30", "to": "18:00"},
]
MORNING = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)  # half past seven in New York, a Wednesday
STEP = timedelta(minutes=20)
STEPS = 34  # until a quarter to seven in the evening


@asynccontextmanager
async def logged_in(house: House, email: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the page."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(
        base_url=house.url, headers=headers, timeout=LIMIT_S, trust_env=False, verify=False
    ) as client:
        answer = await client.post("/login", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        yield client


async def _works(house: House) -> None:
    """Everything that is due has been done: digests, escalations, messages."""
    await digest_planning.plan_due(house.office)
    await house.settled()

    async def quiet() -> bool:
        late = await house.rows(
            "select 1 from escalation where phase <> 'over' and least(next_at, alert_at, day_alert_at) <= %s", house.now
        )
        return not late

    await until(quiet)
    await house.settled()


async def _answers_texts(house: House, person: Person, seen: set[str]) -> None:
    """Whatever is offered to them by text is claimed by text, and its lead written to."""
    for text in await house.texts():
        code = re.search(r"Reply (\d+) to claim", text["Body"])
        if text["To"] == person.phone and code and text["Body"] not in seen:
            seen.add(text["Body"])
            await house.hear(str(person.phone), code[1])


async def _claims(house: House, person: Person, page: httpx.AsyncClient) -> None:
    """On the page: whatever is offered to them."""
    for row in await house.rows("select lead_id from offer where agent_id = %s and state = 'open'", person.id):
        await page.post(f"/leads/{row['lead_id']}/claim")


async def _gets_in_touch(house: House, person: Person, page: httpx.AsyncClient) -> None:
    """On the page: with everybody of theirs whom nobody was in touch with."""
    query = "select lead_id from task where agent_id = %s and kind = 'touch' and done_at is null"
    for row in await house.rows(query, person.id):
        await page.post(f"/leads/{row['lead_id']}/contacted")


async def test_a_whole_day_of_three_agents(house: House) -> None:
    await alone(house)
    hashed = hash_password(PASSWORD)
    ana = await agent(house, 1, name="Ana Cruz", shifts=SHIFTS, password_hash=hashed)
    ben = await agent(house, 2, name="Ben Ode", shifts=SHIFTS, password_hash=hashed)
    cy = await agent(house, 3, name="Cy Young", shifts=SHIFTS, password_hash=hashed)
    boss = await agent(house, 9, name="Mona Chief", role="manager", takes_leads=False, password_hash=hashed)
    house.advance(MORNING - house.now)
    leads: list[UUID] = []
    seen: set[str] = set()
    async with AsyncExitStack() as day:
        pages = {one.id: await day.enter_async_context(logged_in(house, one.email)) for one in (ana, ben, cy)}
        for step in range(STEPS):
            if step % 2 == 0:
                leads.append(await arrives(house, HOT if step % 6 else COLD, 100 + step))
            await _works(house)
            if ana.work.hours(house.office.settings.time_zone).is_on(house.now):
                await _answers_texts(house, ana, seen)
                await _claims(house, ben, pages[ben.id])
                for one in (ana, ben):
                    await _gets_in_touch(house, one, pages[one.id])
                if step % 5 == 0:  # Cy claims, and is not heard of again
                    await _claims(house, cy, pages[cy.id])
            house.advance(STEP)
        await _works(house)

    await _proves(house, leads, (ana, ben, cy), boss)


async def _proves(house: House, leads: list[UUID], team: tuple[Person, ...], boss: Person) -> None:
    whose: dict[UUID, dict[str, Any]] = {
        row["id"]: row for row in await house.rows("select id, agent_id, human_at, temperature from lead")
    }
    asleep = [
        lead
        for lead in leads
        if whose[lead]["human_at"] is None and whose[lead]["agent_id"] is None
        and not await house.rows(
            "select 1 from task where lead_id = %s and kind = 'claim' and done_at is null", lead
        )
    ]  # fmt: skip
    assert asleep == [], "nobody is lost"
    assert sum(whose[lead]["human_at"] is not None for lead in leads) >= len(leads) * 2 // 3
    await loads_hold(house)
    assert (await house.ledger()).problems == []

    rang = await house.rows(
        "select agent_id, claimed_at from action where kind = 'alert_sms' and claimed_at is not null"
    )
    hours = {one.id: one.work.hours(house.office.settings.time_zone) for one in team}
    assert rang
    assert all(hours[row["agent_id"]].is_on(row["claimed_at"]) for row in rang), "no phone rings out of hours"

    digests = await house.rows("select agent_id, claimed_at from action where kind = 'digest_email'")
    assert sorted(row["agent_id"] for row in digests) == sorted(one.id for one in team)
    lost = await house.rows("select data ->> 'user' as who from event where kind = 'owner_lost'")
    assert {row["who"] for row in lost} <= {str(team[2].id)}
    told = await house.rows("select agent_id from action where kind = 'unattended_email'")
    assert {row["agent_id"] for row in told} <= {boss.id}
    responses = await house.rows(
        "select extract(epoch from human_at - offered_at) as s from inquiry "
        "where human_at is not null and offered_at is not null"
    )
    assert responses
    assert all(row["s"] >= 0 for row in responses)
