"""What the tests of the team's day share: agents with hours and licences, leads hot and cold, and how they stand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from leadwake.storage.staff import Person
from office_case import House, hire, rows

HOT: dict[str, Any] = {
    "name": "Maria Lopez", "phone": "813-555-0194", "email": "maria@example.com", "channel": "web_form",
    "message": "Need to sell fast, please call me today about 12 Oak St, I have a real deadline",
    "interest": "sell_home",
    "timeline": "ASAP", "budget": "450000", "source": "website", "consent": {"sms": True},
}  # fmt: skip
COLD: dict[str, Any] = {
    "name": "Nora Lee",
    "email": "nora@example.com",
    "message": "just browsing",
    "timeline": "just browsing",
}
#: agents of whom the triggers count something else than there is
MISCOUNTED = (
    "select g.agent_id from agent_load g "
    "where g.owned <> (select count(*) from lead l where l.agent_id = g.agent_id and l.finished_at is null "
    "and l.status <> 'opted_out') "
    "or g.offered <> (select count(*) from offer o where o.agent_id = g.agent_id and o.state = 'open')"
)
#: Monday to Friday, nine to five
OFFICE_HOURS = [{"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "17:00"}]


async def agent(house: House, number: int, **columns: Any) -> Person:
    """One agent more, by number. columns: of app_user, such as licences, shifts, capacity."""
    name = str(columns.pop("name", f"Agent {chr(64 + number)}"))
    person = await hire(
        house.office, name=name, email=f"agent{number}@example.com", phone=f"+181355502{number:02}",
        role=columns.pop("role", "agent"), takes_leads=columns.pop("takes_leads", True),
    )  # fmt: skip
    for column, value in columns.items():
        stored = Jsonb(value) if column == "shifts" else value
        await rows(house.office.db, f"update app_user set {column} = %s where id = %s", stored, person.id)  # type: ignore[arg-type]
    await house.office.refresh()
    found = house.office.person(person.id)
    assert found is not None
    return found


async def alone(house: House) -> None:
    """Nobody is in the team any more but whom the test hires."""
    await house.rows("update app_user set takes_leads = false, disabled_at = now()")
    await house.office.refresh()


async def arrives(house: House, lead: dict[str, Any], number: int = 0) -> UUID:
    """The lead is taken in; its id. number: makes another person of the same lead."""
    given = dict(lead)
    if number:
        given |= {"name": f"Person {chr(64 + number % 26)}{number}", "email": f"person{number}@example.com"}
        if "phone" in given:
            given["phone"] = f"813-555-{1000 + number}"
    answer = await house.post(given)
    assert answer.status_code == 202, answer.text
    return UUID(answer.json()["lead_id"])


async def offered(house: House, lead_id: UUID) -> list[UUID]:
    """Whom the lead is offered to just now."""
    found = await house.rows(
        "select agent_id from offer where lead_id = %s and state = 'open' order by at, id", lead_id
    )
    return [row["agent_id"] for row in found]


async def owner(house: House, lead_id: UUID) -> UUID | None:
    found = await house.rows("select agent_id from lead where id = %s", lead_id)
    return found[0]["agent_id"]  # type: ignore[no-any-return]


async def kinds(house: House, lead_id: UUID) -> list[str]:
    """What was logged of the lead, oldest first."""
    return [row["kind"] for row in await house.rows("select kind from event where lead_id = %s order by id", lead_id)]


async def open_tasks(house: House, lead_id: UUID) -> dict[str, UUID | None]:
    """Kind → whose, of what waits for a person."""
    found = await house.rows("select kind, agent_id from task where lead_id = %s and done_at is null", lead_id)
    return {row["kind"]: row["agent_id"] for row in found}


async def loads_hold(house: House) -> None:
    """What the triggers count is what there is."""
    assert await house.rows(MISCOUNTED) == []
