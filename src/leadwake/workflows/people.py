"""What happens to people of the team: they join, pause, change, leave. Every process learns of it at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from leadwake.domain.work import Work
from leadwake.storage import staff
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.workflows import claiming
from leadwake.workflows.office import Office


async def add(office: Office, person: Person, *, actor: str) -> Person:
    """The newcomer is in the team, with what they may take. Raises RuleError when they are already."""
    async with office.db.transaction() as connection:
        await staff.insert(connection, office.vault, person)
        await staff.change_work(connection, person.id, person.work)
        await told(office, connection, actor, "user_added", user=str(person.id), role=person.role)
    await office.refresh()
    return person


async def change_work(office: Office, user_id: UUID, work: Work, *, actor: str) -> None:
    """What they may take, and when, is as given."""
    async with office.db.transaction() as connection:
        await staff.change_work(connection, user_id, work)
        await told(office, connection, actor, "work_changed", user=str(user_id))
    await office.refresh()


async def change_profile(office: Office, person: Person, *, actor: str) -> None:
    """Their name, number, role and whether they take leads are as given. Raises InputError."""
    async with office.db.transaction() as connection:
        await staff.update(connection, office.vault, person)
        await told(office, connection, actor, "user_changed", user=str(person.id), role=person.role)
    await office.refresh()


async def pause(office: Office, user_id: UUID, until: datetime | None, *, actor: str) -> None:
    """They get no new leads until then (aware, business time); None: they get them again."""
    async with office.db.transaction() as connection:
        await staff.pause(connection, user_id, until)
        if until is None:
            await told(office, connection, actor, "unpaused", user=str(user_id))
        else:
            await told(office, connection, actor, "paused_leads", user=str(user_id), until=until.isoformat())
    await office.refresh()


async def leave(office: Office, person: Person, *, actor: str) -> int:
    """They are logged out everywhere, and their leads and offers go back to routing: how many leads that were."""
    async with office.db.transaction() as connection:
        await connection.execute(q("user_disable"), {"id": person.id})
        await connection.execute(q("invites_end"), {"user_id": person.id})
        await told(office, connection, actor, "user_disabled", user=str(person.id))
    await office.refresh()
    return await claiming.left(office, person.id, actor=actor)


async def told(office: Office, connection: Connection, actor: str, kind: str, **data: Any) -> None:
    """It stands in the log, and every process reads the team again once this transaction commits."""
    await record(connection, office.clock.now(), actor, kind, **data)
    await connection.execute(q("office_changed"))
