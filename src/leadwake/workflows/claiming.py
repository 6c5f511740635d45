"""Whose a lead is: claimed by an agent, passed on, given by a manager, finished, or left behind by who leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.errors import RuleError
from leadwake.storage import tasks
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows import crm_outcomes, offering, slack_alerts
from leadwake.workflows.office import Office

#: why somebody does not get a lead, for people
REFUSALS: Mapping[str, str] = {
    "offered": "It is offered to a colleague just now. It comes to you when they pass.",
    "opted_out": "They asked us to stop. There is nothing to claim.",
    "away": "You do not take leads at present. Your manager can change that.",
    "paused": "You have paused new leads. End the pause, then claim it.",
    "full": "You have as many open leads as you may. Finish one first.",
    "licence": "You are not licensed where they live.",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What came of a claim. owner: whose the lead is now. why: a key of REFUSALS when it was not given to anybody."""

    won: bool
    owner: Person | None
    why: str | None = None


async def claim(office: Office, lead_id: UUID, person: Person, *, by: str) -> Claim:
    """
    The lead is the agent's, or somebody else's who was faster.

    by: page, sms, slack, link, call. Raises RuleError when there is no such lead, DatabaseAway.
    """
    return await past_deadlocks(partial(_locked, office, lead_id, person, partial(_claim, office, person, by)))


async def pass_on(office: Office, lead_id: UUID, person: Person, *, by: str) -> bool:
    """The agent does not want the lead: the next one is asked. False when nothing is offered to them."""
    return await past_deadlocks(partial(_locked, office, lead_id, person, partial(_pass_on, office, person, by)))


async def give(office: Office, lead_id: UUID, to: Person | None, *, actor: Person) -> None:
    """
    The lead is handed to a colleague, who is alerted; None: back to routing.

    Raises RuleError when they may not have it (a licence is a hard rule), DatabaseAway.
    """
    who = to or actor
    await past_deadlocks(partial(_locked, office, lead_id, who, partial(_give, office, to, actor)))


async def given_from_outside(
    office: Office, lead_id: UUID, to: Person, *, actor: str, because: str, only_if_free: bool
) -> Claim:
    """
    A CRM or a program says that this colleague has the lead, and so they have; they are alerted.

    because: crm, program. only_if_free: not when somebody has it here. Said again, it changes nothing. Raises
    RuleError when they may not have it, DatabaseAway.
    """
    work = partial(_given_from_outside, office, to, actor, because, only_if_free)
    given: Claim = await past_deadlocks(partial(_locked, office, lead_id, to, work))
    return given


@dataclass(frozen=True, slots=True)
class CameOf:
    """What came of a lead, as a colleague says. kind: won, lost. cents: what it is worth, where they said so."""

    kind: str
    cents: int | None = None


async def finish(office: Office, lead_id: UUID, actor: Person, came_of: CameOf | None = None) -> bool:
    """
    They are done with the lead: nothing of it waits for anybody, until the person asks again or writes.

    False where what came of it is not as they say, because a CRM has said so already.
    """
    return bool(await past_deadlocks(partial(_locked, office, lead_id, actor, partial(_finish, actor, came_of))))


async def left(office: Office, agent_id: UUID, *, actor: str) -> int:
    """Whatever the agent had on their hands goes back to routing; how many leads that was."""
    leads = [row["id"] for row in await office.db.all("leads_of_agent", agent_id=agent_id)]
    for lead_id in leads:
        await past_deadlocks(partial(_leave, office, lead_id, agent_id, actor))
    return len(leads)


async def restart(connection: Connection, row: DictRow, now: datetime, *, tried: list[UUID] | None = None) -> None:
    """Somebody is looked for anew, from the first agent on. row: of `ownership_lock`; tried: not asked again."""
    last = await (await connection.execute(q("last_inquiry"), {"lead_id": row["id"]})).fetchone()
    if last is None:
        return
    values = {
        "lead_id": row["id"], "inquiry_id": last["id"], "temperature": row["temperature"], "phase": "offered",
        "step": 0, "tried": tried or [], "since": row["since"] or now, "next_at": now,
        "alert_at": row["alert_at"], "day_alert_at": row["day_alert_at"],
    }  # fmt: skip
    await connection.execute(q("escalation_set"), values)
    await tasks.open_task(connection, row["id"], "claim", now, due_at=now)


_Work = Callable[[Connection, DictRow, datetime], Awaitable[Any]]


async def _locked(office: Office, lead_id: UUID, person: Person, work: _Work) -> Any:
    """What the work gave, done under the lead's lock. Raises RuleError when there is no such lead."""
    async with office.db.transaction() as connection:
        values = {"lead_id": lead_id, "agent_id": person.id}
        row = await (await connection.execute(q("ownership_lock"), values)).fetchone()
        if row is None:
            raise RuleError("there is no such lead any more")
        await connection.execute(q("loads_lock"), values)
        return await work(connection, row, office.clock.now())  # under the lock: first come, first served


async def _claim(office: Office, person: Person, by: str, connection: Connection, row: DictRow, now: datetime) -> Claim:
    if row["agent_id"] is not None:
        return Claim(row["agent_id"] == person.id, office.person(row["agent_id"]))
    if why := await _refused(connection, person, row, by, now):
        return Claim(won=False, owner=None, why=why)
    await _own(office, connection, row, person, now)
    await offering.log(connection, now, f"user {person.id}", "claimed", row["id"], by=by)
    return Claim(won=True, owner=person)


async def _refused(connection: Connection, person: Person, row: DictRow, by: str, now: datetime) -> str | None:
    """Why they may not claim it; None once the claim stands as theirs."""
    if row["status"] == "opted_out":
        return "opted_out"
    if row["mine"] is not None:
        await offering.end_offers(connection, row["id"], now, state="claimed", by=by, agent_id=person.id)
        return None
    leads_team = person.role in {"manager", "admin"}
    if row["is_offered"] and row["phase"] == "offered" and not leads_team:
        return "offered"  # to one colleague at a time: cherry-picking is no way to be fair
    if not person.takes_leads:
        return None if leads_team else "away"
    return await _own_offer(connection, person, row, by, now)


async def _own_offer(connection: Connection, person: Person, row: DictRow, by: str, now: datetime) -> str | None:
    """A claim without an offer stands as one that was claimed at once, so that the same limits hold."""
    if row["inquiry_id"] is None:
        return None  # a lead of older days, that nobody was ever offered
    terms = offering.Terms(row["inquiry_id"], row["temperature"], row["step"] or 0, row["licence"])
    _, why = await offering.add_offer(connection, person.id, row["id"], terms, now, by=by)
    return why


async def _own(office: Office, connection: Connection, row: DictRow, person: Person, now: datetime) -> None:
    """The lead, locked, is theirs; nobody else is asked any more, and their time to be in touch begins."""
    lead_id, act = row["id"], new_id()
    others = await offering.end_offers(connection, lead_id, now, state="retracted", by="claim")
    values = {"lead_id": lead_id, "agent_id": person.id, "claimed_at": now, "now": now}
    await connection.execute(q("owner_set"), values)
    await tasks.done(connection, lead_id, ["claim"], now, f"user {person.id}")
    due_at = now + office.routing.times.touch(row["temperature"])
    await tasks.open_task(connection, lead_id, "touch", now, due_at=due_at, agent_id=person.id)
    await _watch(connection, row, due_at)
    await offering.tell_taken(office, connection, others, lead_id, act, now)
    await slack_alerts.retract(connection, office, lead_id, person, now)


async def _watch(connection: Connection, row: DictRow, due_at: datetime) -> None:
    """The escalation waits for the owner to be in touch; without one there is nobody to escalate to."""
    if row["phase"] in {None, "over"}:
        return
    values = {
        "lead_id": row["id"], "inquiry_id": row["inquiry_id"], "temperature": row["temperature"], "phase": "owned",
        "step": row["step"], "tried": row["tried"], "since": row["since"], "next_at": due_at,
        "alert_at": row["alert_at"], "day_alert_at": row["day_alert_at"],
    }  # fmt: skip
    await connection.execute(q("escalation_set"), values)


async def _pass_on(
    office: Office, person: Person, by: str, connection: Connection, row: DictRow, now: datetime
) -> bool:
    ended = await offering.end_offers(connection, row["id"], now, state="passed", by=by, agent_id=person.id)
    if not ended:
        return False
    await slack_alerts.retract(connection, office, row["id"], None, now, agent_id=person.id)
    if row["phase"] == "offered":
        values = {**{name: row[name] for name in _KEPT}, "lead_id": row["id"], "next_at": now}
        await connection.execute(q("escalation_set"), {**values, "tried": [*row["tried"], person.id]})
    await offering.log(connection, now, f"user {person.id}", "passed", row["id"], by=by)
    return True


_KEPT = ("inquiry_id", "temperature", "phase", "step", "tried", "since", "alert_at", "day_alert_at")


async def _given_from_outside(
    office: Office, to: Person, actor: str, because: str, only_if_free: bool, connection: Connection, row: DictRow,
    now: datetime,
) -> Claim:  # fmt: skip
    if row["agent_id"] == to.id or (only_if_free and row["agent_id"] is not None):
        return Claim(row["agent_id"] == to.id, office.person(row["agent_id"]))
    _may_have(to, row)
    await _own(office, connection, row, to, now)
    await offering.alert_agent(office, connection, to, row["id"], new_id(), now)
    await offering.log(connection, now, actor, "assigned", row["id"], user=str(to.id), because=because)
    return Claim(won=True, owner=to)


def _may_have(to: Person, row: DictRow) -> None:
    """Raises RuleError: a licence is a hard rule, and whoever takes no leads is given none."""
    if row["licence"] and row["licence"] not in to.work.licences:
        raise RuleError(f"{to.name} is not licensed in {row['licence']}, where this person lives")
    if to.disabled or not to.takes_leads:
        raise RuleError(f"{to.name} does not take leads")


async def _give(
    office: Office, to: Person | None, actor: Person, connection: Connection, row: DictRow, now: datetime
) -> None:
    if to is not None:
        _may_have(to, row)
    if to is None:
        await offering.end_offers(connection, row["id"], now, state="retracted", by="page")
        values = {"lead_id": row["id"], "agent_id": None, "claimed_at": None, "now": now}
        await connection.execute(q("owner_set"), values)
        await slack_alerts.retract(connection, office, row["id"], None, now)
        await tasks.done(connection, row["id"], ["touch"], now, f"user {actor.id}")
        await restart(connection, row, now, tried=[row["agent_id"]] if row["agent_id"] else None)
    else:
        await _own(office, connection, row, to, now)
        if to.id != actor.id:
            await offering.alert_agent(office, connection, to, row["id"], new_id(), now)
    data = {"user": str(to.id)} if to else {}
    await offering.log(connection, now, f"user {actor.id}", "assigned", row["id"], **data)


async def _finish(
    actor: Person, came_of: CameOf | None, connection: Connection, row: DictRow, now: datetime
) -> bool:  # fmt: skip
    by = f"user {actor.id}"
    await offering.end_offers(connection, row["id"], now, state="retracted", by="page")
    await connection.execute(q("escalation_end"), {"lead_id": row["id"]})
    await connection.execute(q("lead_finish"), {"lead_id": row["id"], "now": now})
    await tasks.done(connection, row["id"], tasks.KINDS, now, by)
    await offering.log(connection, now, by, "finished", row["id"])
    if came_of is None:
        return True
    return await crm_outcomes.said_here(connection, row["id"], came_of.kind, came_of.cents, by, now)


async def _leave(office: Office, lead_id: UUID, agent_id: UUID, actor: str) -> None:
    async with office.db.transaction() as connection:
        values = {"lead_id": lead_id, "agent_id": agent_id}
        row = await (await connection.execute(q("ownership_lock"), values)).fetchone()
        if row is None:
            return
        now = office.clock.now()
        ended = await offering.end_offers(connection, lead_id, now, state="retracted", by="left", agent_id=agent_id)
        if row["agent_id"] == agent_id:
            await connection.execute(q("owner_set"), {**values, "agent_id": None, "claimed_at": None, "now": now})
            await tasks.done(connection, lead_id, ["touch"], now, actor)
            await offering.log(connection, now, actor, "owner_lost", lead_id, user=str(agent_id), why="left")
            await restart(connection, row, now, tried=[agent_id])
        elif ended and row["agent_id"] is None:
            await slack_alerts.retract(connection, office, lead_id, None, now, agent_id=agent_id)
            await restart(connection, row, now, tried=[*(row["tried"] or []), agent_id])
