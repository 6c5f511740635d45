"""When each call to make is best made: worked out for whatever opens such a task, and anew after each try."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Facts, Missing
from leadwake.compliance.number import judge_number
from leadwake.compliance.place import locate
from leadwake.compliance.windows import Windows
from leadwake.domain.call_time import AnyHour, BestTime, Callee, Heard, Lawful, best_time
from leadwake.domain.shifts import Hours
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.intake import open_profile
from leadwake.workflows import confirming, gate_facts
from leadwake.workflows.office import Office

#: so often somebody is called who does not answer
MOST_TRIES: Final = 3
#: and not again before
AGAIN_AFTER: Final = timedelta(hours=3)
#: it is overdue only so long after its time
LATE_AFTER: Final = timedelta(minutes=30)
#: what is not put off: they called just now, or were to be there just now
URGENT: Final = frozenset({"missed_call", "no_show"})
#: a time so near is now
_NOW: Final = timedelta(minutes=1)


async def schedule(office: Office, connection: Connection, *, task_id: UUID | None = None, limit: int = 50) -> int:
    """
    Every call to make whose time nobody worked out has one, or is over after so many tries; how many there were.

    In the caller's transaction. task_id: that one alone.
    """
    found = await connection.execute(q("call_tasks_unscheduled"), {"id": task_id, "limit": limit})
    rows = await found.fetchall()
    for row in rows:
        await _one(office, connection, row)
    return len(rows)


async def _one(office: Office, connection: Connection, row: DictRow) -> None:
    now, tries = office.clock.now(), len(row["tried"])
    values: dict[str, Any] = {"id": row["id"], "now": now, "tries": tries}
    if tries >= MOST_TRIES:
        await connection.execute(q("call_task_over"), values)
        await record(connection, now, "system", "call_given_up", lead_id=row["lead_id"], tries=tries)
    else:
        best = _best(office, row, now)
        values["best_at"] = best.at if best else None
        values["why"] = best.why if best else "nobody knows a lawful hour there in the next two weeks: look first"
        values["sleeps"] = best is not None and best.at - now > _NOW and (tries > 0 or row["reason"] not in URGENT)
        values["late_at"] = best.at + LATE_AFTER if best else None
        await connection.execute(q("call_task_schedule"), values)
    await connection.execute(q("lead_told"), {"id": row["lead_id"]})


def _best(office: Office, row: DictRow, now: datetime) -> BestTime | None:
    tried = [datetime.fromisoformat(at) for at in row["tried"]]
    profile = open_profile(office.vault, row)
    zone, lawful, start = where(office, profile, row["lives_at"], now)
    heard = [Heard(datetime.fromisoformat(each["at"]), each["how"]) for each in row["heard"]]
    start = max([start, *(at + AGAIN_AFTER for at in tried)])
    is_urgent = row["reason"] in URGENT and not tried
    try:
        return best_time(Callee(zone, lawful, heard, tried), hours_of(office, row), start, urgent=is_urgent)
    except Missing:
        return None


def hours_of(office: Office, row: Mapping[str, Any]) -> Hours:
    """When whoever is to call works; of a call that is anybody's, always. row: agent_id, owner_id."""
    person = office.person(row["agent_id"] or row["owner_id"])
    zone = office.settings.time_zone
    return Hours(zone) if person is None or person.disabled else person.work.hours(zone)


def where(
    office: Office, profile: Mapping[str, Any], lives_at: int | None, now: datetime
) -> tuple[ZoneInfo | None, Lawful, datetime]:
    """
    A lead's clock, the hours in which they may be called as the gate has them, and from when on.

    No clock where places they may be at differ; any hour where nobody knows the place, as with numbers abroad.
    """
    phone = profile.get("phone")
    if not phone:
        return None, AnyHour(), now
    message = gate_facts.message(Channel.VOICE, Purpose.HUMAN, phone, profile)
    npa = judge_number(message.recipient, message.country, office.tables)
    if not isinstance(npa, str):
        return None, AnyHour(), now
    lives_there = lives_at is not None and lives_at == confirming.place(office, profile)
    facts = Facts(ConsentLevel.NONE, confirmed_address=lives_there)
    try:
        place = locate(Case(message, facts, office.tables, now, office.policy), npa)
    except Missing:
        return None, AnyHour(), now
    windows = Windows(place, office.tables, solicitation=True, automated_voice=False, policy=office.policy)
    held_until = office.policy.held_until(place.states, now)
    clocks = {now.astimezone(zone).utcoffset() for zone in place.zones}
    return (place.zones[0] if len(clocks) == 1 else None), windows, held_until or now
