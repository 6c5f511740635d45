"""Calls to make: their times are worked out, and whose it is hears when one has come, once and only while they work."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from typing import Final

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.planning import Planned, plan_now
from leadwake.domain.values import Purpose
from leadwake.errors import DatabaseAway
from leadwake.storage.db import Connection, q
from leadwake.storage.staff import Person
from leadwake.vendors import Mode
from leadwake.workflows import call_times
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office

_log = log.get(__name__)

TICK_S: Final = 2.0
_BATCH: Final = 50
#: how a lead stood before a tap is kept no longer
_SETTLED: Final = timedelta(hours=1)


async def run(office: Office) -> None:
    """Looks until cancelled."""
    while True:
        try:
            await tick(office)
        except DatabaseAway:
            _log.warning("call_tasks_wait", reason="database away")
        except Exception:
            _log.exception("call_tasks_failed")
        await asyncio.sleep(TICK_S * random.uniform(0.8, 1.2))  # noqa: S311 - keeps several processes out of step


async def tick(office: Office) -> None:
    """Every call to make has its time, and everybody whose time has come was told. Raises DatabaseAway."""
    await office.db.run("calls_own_settle", before=office.clock.now() - _SETTLED)
    async with office.db.transaction() as connection:
        await call_times.schedule(office, connection, limit=_BATCH)
    async with office.db.transaction() as connection:
        now = office.clock.now()
        for row in await (await connection.execute(q("call_tasks_due"), {"now": now, "limit": _BATCH})).fetchall():
            await _due(office, connection, row, now)


async def _due(office: Office, connection: Connection, row: DictRow, now: datetime) -> None:
    person = office.person(row["agent_id"])
    has_no_need = row["is_on_it"] or row["knows"] or row["restricted_at"] is not None
    if person is not None and not person.disabled and not has_no_need:
        hours = person.work.hours(office.settings.time_zone)
        if not hours.is_on(now) and hours.next_begin(now) is not None:
            await connection.execute(q("call_task_again"), {"id": row["id"]})
            return
        reminder = _reminder(office, person, row["reminders"])
        await plan_now(connection, [reminder] if reminder else [], cause_id=row["id"], now=now, lead_id=row["lead_id"])
    await connection.execute(q("call_task_reminded"), {"id": row["id"], "now": now})
    await connection.execute(q("lead_told"), {"id": row["lead_id"]})


def _reminder(office: Office, person: Person, ordinal: int) -> Planned | None:
    """By the first way there is: Slack, where they read their own messages; a text; a mail."""
    ways = (("slack", person.work.slack_id), ("sms", person.phone and _may_text(office)), ("email", person.email))
    for channel, is_there in ways:
        if not is_there or is_off(office.settings, channel):
            continue
        practice = is_practice(office.settings, channel)
        if person.practice and not practice:
            continue  # invented people are never written to in earnest
        kind = f"call_reminder_{channel}"
        return Planned(kind, str(person.id), Purpose.STAFF, practice, agent_id=person.id, ordinal=ordinal)
    return None


def _may_text(office: Office) -> bool:
    settings = office.settings
    return settings.mode("twilio") is Mode.PRACTICE or settings.a2p_approved()
