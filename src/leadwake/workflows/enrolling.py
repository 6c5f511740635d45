"""A lead's way into a sequence: by what happened, by a person, by a list; and out of it by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.domain.sequence.model import Start
from leadwake.errors import RuleError
from leadwake.storage.db import Connection, q
from leadwake.storage.ids import new_id
from leadwake.workflows.office import Office
from leadwake.workflows.sequence_facts import details_of, facts_of
from leadwake.workflows.sequences import NoSuchSequence

#: what happened, in one look
LOOK: Final = 100
#: whoever a colleague spoke with so lately is in a conversation with a person
IN_CONVERSATION: Final = timedelta(days=3)
#: what may begin by something that happened, the narrower first
STARTS: Final = {
    "new_lead": (Start.NEW_LEAD,),
    "missed_call": (Start.MISSED_CALL, Start.NEW_LEAD),
    "no_show": (Start.NO_SHOW,),
    "after_meeting": (Start.AFTER_MEETING,),
}


async def enroll(
    office: Office,
    connection: Connection,
    lead_id: UUID,
    name: str,
    *,
    cause: str,
    now: datetime,
    inquiry_id: UUID | None = None,
    by: UUID | None = None,
) -> bool:
    """
    The lead begins the sequence once the transaction commits.

    False, and nothing changed: it is in one already, wants nothing from us, automation is paused for it, or the
    sequence is paused or not there. inquiry_id: what the messages speak of, the last one by itself. by: a colleague.
    """
    values = {
        "id": new_id(), "lead_id": lead_id, "inquiry_id": inquiry_id, "name": name, "cause": cause, "by": by,
        "practice": office.is_practice, "now": now, "actor": f"user {by}" if by else "system",
    }  # fmt: skip
    return (await connection.execute(q("enroll"), values)).rowcount == 1


async def stop(connection: Connection, lead_id: UUID, now: datetime, *, why: str = "person") -> None:
    """The lead's way ends here; what waited does not leave."""
    await connection.execute(q("enrollment_stop"), {"lead_id": lead_id, "why": why, "now": now})


async def enroll_listed(
    office: Office, connection: Connection, found: Mapping[UUID, UUID], name: str, *, now: datetime, actor: str
) -> None:
    """Everybody whom a list named begins the sequence, if they may. found: lead → the inquiry that says so."""
    by = UUID(actor[5:]) if actor.startswith("user ") else None
    values = {
        "ids": [new_id() for _ in found], "lead_ids": list(found), "inquiry_ids": list(found.values()), "name": name,
        "by": by, "practice": office.is_practice, "now": now, "actor": actor,
    }  # fmt: skip
    await connection.execute(q("enroll_listed"), values)


def may_begin(office: Office, name: str) -> str:
    """The title of a sequence that leads can be enrolled in. Raises RuleError that says what to do."""
    held, plan = office.sequences.published.get(name), office.sequences.in_force(name)
    if held is None or plan is None:
        raise NoSuchSequence(name)
    if held.is_paused:
        raise RuleError(f"{name} is paused, so nobody is enrolled: resume it first (leadwake sequence resume {name})")
    return plan.title


async def enroll_by_hand(office: Office, lead_id: UUID, name: str, by: UUID | None) -> bool:
    """The lead begins the sequence that somebody chose for it; False as of `enroll`."""
    async with office.db.transaction() as connection:
        begun = await enroll(office, connection, lead_id, name, cause="by_hand", now=office.clock.now(), by=by)
        await connection.execute("select pg_notify('leadwake_live', %s)", [str(lead_id)])
    return begun


async def stop_by_hand(office: Office, lead_id: UUID) -> None:
    """The lead's way ends, because somebody said so."""
    async with office.db.transaction() as connection:
        await stop(connection, lead_id, office.clock.now())
        await connection.execute("select pg_notify('leadwake_live', %s)", [str(lead_id)])


async def follow_wishes(office: Office) -> int:
    """For whatever happened since the last look, a sequence begins if one is for that lead; how many were looked at."""
    async with office.db.transaction() as connection:
        found = await (await connection.execute(q("wishes_due"), {"limit": LOOK})).fetchall()
        for row in found:
            await _follow(office, connection, row)
    return len(found)


async def _follow(office: Office, connection: Connection, row: DictRow) -> None:
    now = office.clock.now()
    if is_no_time(row, now):
        return
    facts = facts_of(row, details_of(office.vault, row))
    for start in STARTS[row["cause"]]:
        if (sequence := office.sequences.choice.of(start, facts)) is not None:
            await enroll(
                office, connection, row["lead_id"], sequence.name, cause=row["cause"], now=now,
                inquiry_id=row["asked_in"],
            )  # fmt: skip
            return


def is_no_time(row: Any, now: datetime) -> bool:
    """True when nothing automated should begin: they said stop, are in somebody's hands, or it is over."""
    if row["status"] == "opted_out" or row["paused_at"] or row["restricted_at"] or row["finished_at"]:
        return True
    if row["cause"] in {"no_show", "after_meeting"}:
        return bool(row["has_outcome"])
    spoke_at = row["contacted_at"]
    return row["status"] == "booked" or (spoke_at is not None and now - spoke_at < IN_CONVERSATION)


async def enroll_all(office: Office, lead_ids: Sequence[UUID], name: str, *, cause: str, by: UUID | None = None) -> int:
    """Each of these leads begins the sequence, if it may; how many did. In small transactions, so that it can go on."""
    begun = 0
    for start in range(0, len(lead_ids), LOOK):
        async with office.db.transaction() as connection:
            now = office.clock.now()
            for lead_id in lead_ids[start : start + LOOK]:
                begun += await enroll(office, connection, lead_id, name, cause=cause, now=now, by=by)
    return begun
