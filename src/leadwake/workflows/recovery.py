"""Those who went quiet are woken, so many a day: by e-mail where that may go, else by a colleague's call.

The row of the day holds what may be done and what was. Each lead is woken in a transaction of its own that counts
first, so that neither two processes nor a crash wake one more than the amounts say, or one lead twice.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from psycopg.types.json import Jsonb

from leadwake import log
from leadwake.actions.planning import plan_now
from leadwake.domain.recovery import Rule
from leadwake.errors import DatabaseAway
from leadwake.storage import tasks
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows import enrolling, escalation, routing
from leadwake.workflows.office import Office
from leadwake.workflows.quiet import Sleeper, sleepers

_log = log.get(__name__)

#: the team's morning, by its own clock
FROM_HOUR: Final = 8
UNTIL_HOUR: Final = 12
#: who asked longer ago is one of the quiet
UNTOUCHED_SINCE: Final = timedelta(days=30)
#: found in one day, and told to management by name
MOST_UNTOUCHED: Final = 100
TOLD_BY_NAME: Final = 5


class _NotThis(Exception):
    """They are not woken after all: what was written about it is taken back."""


class _Enough(Exception):
    """The day's amount is used up, or somebody stopped it."""


async def rule_in_force(office: Office) -> Rule:
    """The team's amounts; off, until somebody says otherwise."""
    row = await office.db.one("recovery_rule")
    return Rule.of(row) if row else Rule()


async def change(office: Office, rule: Rule, person: Person) -> None:
    """The amounts hold from now on, today included."""
    async with office.db.transaction() as connection:
        now = office.clock.now()
        await connection.execute(q("recovery_lock"))
        await connection.execute(q("recovery_rule_add"), {**rule.as_values(), "now": now, "by": person.id})
        mails, calls = rule.amounts
        values = {"day": today(office, now), "mails": mails, "calls": calls}
        await connection.execute(q("recovery_day_amounts"), values)
        await record(connection, now, f"user {person.id}", "recovery_changed", **rule.as_values())


def today(office: Office, now: datetime) -> date:
    """The day on the team's own calendar."""
    return now.astimezone(office.settings.time_zone).date()


async def run_if_due(office: Office) -> int:
    """In the team's morning, whoever is to be woken today has been; how many by this call. Raises DatabaseAway."""
    now = office.clock.now()
    if not FROM_HOUR <= now.astimezone(office.settings.time_zone).hour < UNTIL_HOUR:
        return 0
    rule, day = await rule_in_force(office), today(office, now)
    mails, calls = rule.amounts
    await office.db.run("recovery_day_begin", day=day, now=now, mails=mails, calls=calls)
    standing = await office.db.one("recovery_day", day=day)
    if standing is None or standing["over_at"] or standing["stopped_at"]:
        return 0
    await find_untouched(office, rule, day)
    woken = await _wake_all(office, rule, day) if mails or calls else 0
    await office.db.run("recovery_day_over", day=day, now=office.clock.now())
    return woken


async def _wake_all(office: Office, rule: Rule, day: date) -> int:
    async with office.db.connection() as connection:
        found = await sleepers(office, connection, rule.quiet_days, office.clock.now())
    loads: dict[UUID, int] = {row["agent_id"]: row["n"] for row in await office.db.all("recovery_calls_open")}
    woken, full = 0, set()
    for each in found:
        if each.way is None or each.way in full:
            continue
        try:
            woken += await _wake(office, rule, day, each, loads)
        except _Enough:
            full.add(each.way)
        except DatabaseAway:
            raise
        except Exception:  # one that fails holds up nobody behind it
            _log.exception("not_woken", lead=str(each.lead_id))
    return woken


async def _wake(office: Office, rule: Rule, day: date, found: Sleeper, loads: dict[UUID, int]) -> bool:
    """One of them, once: False when they are quiet no more, or in no sequence's way. Raises _Enough."""

    async def once() -> None:
        async with office.db.transaction() as connection:
            await _written(office, connection, rule, day, found, loads)

    try:
        await past_deadlocks(once)
    except _NotThis:
        return False
    return True


async def _written(
    office: Office, connection: Connection, rule: Rule, day: date, found: Sleeper, loads: dict[UUID, int]
) -> None:
    now, lead_id = office.clock.now(), found.lead_id
    # 1. still so, under the lead's lock
    if await (await connection.execute(q("recovery_lead_lock"), {"id": lead_id})).fetchone() is None:
        raise _NotThis
    still = await sleepers(office, connection, rule.quiet_days, now, lead_id=lead_id, limit=1)
    if not still or still[0].way != found.way:
        raise _NotThis
    # 2. counted, or nothing of it
    counts = "recovery_take_mail" if found.way == "email" else "recovery_take_call"
    if (await connection.execute(q(counts), {"day": day})).rowcount == 0:
        raise _Enough
    # 3. done
    if (await connection.execute(q("revival_add"), _revival(still[0], day, now))).rowcount == 0:
        raise _NotThis
    await (_to_mail if found.way == "email" else _to_call)(office, connection, still[0], loads, now)
    await record(connection, now, "system", "woken", lead_id=lead_id, way=found.way, points=found.chance.points)
    await connection.execute(q("lead_told"), {"id": lead_id})


def _revival(found: Sleeper, day: date, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "lead_id": found.lead_id, "day": day, "cause": "dormant", "way": found.way,
        "sequence": found.sequence if found.way == "email" else None, "points": found.chance.points, "now": now,
        "reasons": Jsonb([{"text": reason.text, "points": reason.points} for reason in found.chance.reasons]),
    }  # fmt: skip


async def _to_mail(office: Office, connection: Connection, found: Sleeper, _: dict[UUID, int], now: datetime) -> None:
    """They begin the sequence. Raises _NotThis when they may not."""
    name = found.sequence or ""
    if not await enrolling.enroll(office, connection, found.lead_id, name, cause="dormant", now=now):
        raise _NotThis


async def _to_call(
    office: Office, connection: Connection, found: Sleeper, loads: dict[UUID, int], now: datetime
) -> None:
    """A colleague has a call to make. loads: of each, how many; counted on."""
    agent = caller(office, found, loads, now)
    agent_id = agent.id if agent else None
    await tasks.open_task(connection, found.lead_id, "call", now, due_at=now, agent_id=agent_id, reason="recovery")
    if agent:
        loads[agent.id] = loads.get(agent.id, 0) + 1


def caller(office: Office, found: Sleeper, loads: dict[UUID, int], now: datetime) -> Person | None:
    """Who calls: whose the lead is, else whoever has the fewest calls to make and may have the lead."""
    owner = office.person(found.owner_id)
    if owner and not owner.disabled and not owner.work.is_paused(now):
        return owner
    state = found.profile.get("state")
    able = [
        person for person in office.agents
        if not person.work.is_paused(now) and (not person.work.licences or not state or state in person.work.licences)
    ]  # fmt: skip
    return min(able, key=lambda person: (loads.get(person.id, 0), str(person.id)), default=None)


async def stop_today(office: Office, person: Person) -> int:
    """It is off, and whoever was woken today and showed no sign of life is let be; how many those were."""
    rule = await rule_in_force(office)
    now = office.clock.now()
    day = today(office, now)
    await change(office, rule.switched_off(), person)
    await office.db.run("recovery_day_stop", day=day, now=now)
    undone = 0
    for row in await office.db.all("revivals_of_day", day=day):
        async with office.db.transaction() as connection:
            undone += await _let_be(office, connection, row["id"], row["lead_id"], person)
    return undone


async def _let_be(office: Office, connection: Connection, revival_id: UUID, lead_id: UUID, person: Person) -> bool:
    now = office.clock.now()
    await connection.execute(q("recovery_lead_lock"), {"id": lead_id})
    row = await (await connection.execute(q("revival_undo"), {"id": revival_id, "now": now})).fetchone()
    if row is None:
        return False
    if row["way"] == "email":
        await enrolling.stop(connection, lead_id, now)
    values = {"lead_id": lead_id, "now": now, "by": f"user {person.id}"}
    await connection.execute(q("revival_task_undo"), values)
    await connection.execute(q("lead_told"), {"id": lead_id})
    return True


# Leads nobody touched.


async def find_untouched(office: Office, rule: Rule, day: date) -> int:
    """Whoever asked and heard from no person of ours waits for one, and management knows; how many were found."""
    now = office.clock.now()
    if not rule.untouched_days:
        return 0
    values: dict[str, Any] = {
        "practice": office.is_practice, "before": now - timedelta(days=rule.untouched_days),
        "since": now - UNTOUCHED_SINCE, "limit": MOST_UNTOUCHED,
    }  # fmt: skip
    found = await office.db.all("untouched_leads", **values)
    for n, row in enumerate(found):
        try:
            async with office.db.transaction() as connection:
                await _untouched(office, connection, row, day, is_told=n < TOLD_BY_NAME)
        except DatabaseAway:
            raise
        except Exception:
            _log.exception("untouched_not_told", lead=str(row["id"]))
    return len(found)


async def _untouched(office: Office, connection: Connection, row: dict[str, Any], day: date, *, is_told: bool) -> None:
    now, lead_id = office.clock.now(), row["id"]
    await connection.execute(q("recovery_lead_lock"), {"id": lead_id})
    why = "no_first_touch" if row["first_touch_at"] is None else "no_person"
    values = {
        "id": new_id(), "lead_id": lead_id, "day": day, "cause": "untouched", "way": "task", "sequence": None,
        "points": 0, "reasons": Jsonb([]), "now": now,
    }  # fmt: skip
    if (await connection.execute(q("revival_add"), values)).rowcount == 0:
        return
    await connection.execute(q("recovery_found_untouched"), {"day": day})
    if not row["is_waiting"]:
        kind: tasks.Kind = "call" if row["has_phone"] else "touch"
        await tasks.open_task(connection, lead_id, kind, now, due_at=now, agent_id=row["agent_id"], reason="untouched")
    await record(connection, now, "system", "untouched", lead_id=lead_id, why=why)
    if is_told:
        cause_id = uuid5(row["inquiry_id"], "untouched")
        for person in escalation.managers(office):
            told = routing.alert(office.settings, person, "unattended")
            await plan_now(connection, told, cause_id=cause_id, now=now, lead_id=lead_id)
    await connection.execute(q("lead_told"), {"id": lead_id})
