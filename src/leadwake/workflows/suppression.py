"""A stop, by whatever route: what is suppressed, cancelled and paused, in the transaction of whoever was told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg.rows import DictRow

from leadwake import log
from leadwake.providers.ports import LEASE_S
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.workflows import touching
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: looked at this often while messages in flight settle before a stop is acknowledged
LOOK_S = 0.05


async def opt_out(connection: Connection, point: int, leads: Sequence[DictRow], now: datetime, *, by: str) -> bool:
    """
    The contact, locked, is suppressed for the whole team, and whatever was open for its people is cancelled.

    by: text, words, inquiry, agent, … False when it was suppressed before; what is open is cancelled all the same.
    """
    was_new = (await connection.execute(q("opt_out"), {"point": point, "now": now, "by": by})).rowcount == 1
    await connection.execute(q("cancel_for_contact"), {"point": point, "now": now})
    await connection.execute(q("leads_status"), {"point": point, "status": "opted_out", "now": now})
    await connection.execute(q("leads_over"), {"ids": [lead["id"] for lead in leads], "now": now})
    for lead_id in [lead["id"] for lead in leads] or [None]:
        await record(connection, now, "lead", "opted_out", lead_id=lead_id, point=point, by=by)
    return was_new


async def not_theirs(connection: Connection, point: int, leads: Sequence[DictRow], now: datetime) -> None:
    """R-TCPA-7: the number, locked, is somebody else's: never written to again; the leads keep their other contacts."""
    await end_contact(connection, point, leads, now, by="wrong_number")


async def end_contact(connection: Connection, point: int, leads: Sequence[DictRow], now: datetime, *, by: str) -> None:
    """This number or address alone, locked, gets nothing more; the person's other contacts stay as they are."""
    await connection.execute(q("opt_out"), {"point": point, "now": now, "by": by})
    await connection.execute(q("cancel_for_point"), {"point": point, "now": now})
    for lead in leads:
        await record(connection, now, "lead", "opted_out", lead_id=lead["id"], point=point, by=by)


async def pause(connection: Connection, leads: Sequence[UUID], now: datetime, *, why: str, actor: str) -> None:
    """
    Nothing automated goes to these people until they ask again or somebody resumes.

    why: unsure_reply, no_calls, user.
    """
    await connection.execute(q("leads_pause"), {"ids": list(leads), "now": now, "why": why})
    for lead_id in leads:
        await record(connection, now, actor, "paused", lead_id=lead_id, why=why)


async def resume(office: Office, lead_id: UUID, actor: str) -> bool:
    """Automation goes on; False when it was not paused."""
    async with office.db.transaction() as connection:
        if (await connection.execute(q("lead_resume"), {"id": lead_id})).rowcount == 0:
            return False
        await record(connection, office.clock.now(), actor, "resumed", lead_id=lead_id)
        await _tell(connection, lead_id)
    return True


async def paused_by(office: Office, lead_id: UUID, actor: str) -> None:
    """A member of the team holds everything automated for this person."""
    async with office.db.transaction() as connection:
        await pause(connection, [lead_id], office.clock.now(), why="user", actor=actor)
        await _tell(connection, lead_id)


async def contacted_by(office: Office, lead_id: UUID, user_id: UUID) -> None:
    """A member of the team was in touch: a text that still waits is needless and is dropped when its time comes."""
    async with office.db.transaction() as connection:
        now = office.clock.now()
        await record(connection, now, f"user {user_id}", "contacted", lead_id=lead_id)
        await touching.touched(connection, lead_id, user_id, now, how="said")


async def stopped_by(office: Office, lead_id: UUID, actor: str) -> None:
    """
    R-REV-1: the person told a member of the team to stop: every number and address of theirs is suppressed.

    Returns only when nothing to them is under way any more. Only the person can take it back. Raises DatabaseAway.
    """
    async with office.db.transaction() as connection:
        points = await (await connection.execute(q("lead_points_lock"), {"id": lead_id})).fetchall()
        now = office.clock.now()
        for point in points:
            await connection.execute(q("opt_out"), {"point": point["id"], "now": now, "by": "agent"})
            await connection.execute(q("cancel_for_contact"), {"point": point["id"], "now": now})
        await connection.execute(q("lead_stopped"), {"id": lead_id, "now": now})
        await connection.execute(q("leads_over"), {"ids": [lead_id], "now": now})
        await record(connection, now, actor, "opted_out", lead_id=lead_id, by="agent")
        await _tell(connection, lead_id)
    for point in points:
        await in_flight_settled(office, point["id"])


async def in_flight_settled(office: Office, point: int) -> None:
    """Nothing to this contact is under way any more: its result is known, or its worker may no longer write."""
    deadline = asyncio.get_running_loop().time() + LEASE_S + 0.5
    while asyncio.get_running_loop().time() < deadline:
        row = await office.db.one("in_flight", point=point)
        if row is None or row["n"] == 0:
            return
        await asyncio.sleep(LOOK_S)
    _log.warning("stop_waited_out", point=point)


async def _tell(connection: Connection, lead_id: UUID) -> None:
    await connection.execute(q("lead_told"), {"id": lead_id})
