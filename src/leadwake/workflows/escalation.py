"""Who is asked next: offers run out, the pool is asked, owners who stay silent lose the lead, management hears of it.

A lead's escalation is a row with the instant of its next step. Whoever looks takes one whole step in one transaction:
a worker that dies within it has done nothing, and the next one does the same step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid5

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake import log
from leadwake.actions.planning import plan_now
from leadwake.domain.routing_rules import Asked
from leadwake.errors import DatabaseAway
from leadwake.storage import intake as rows
from leadwake.storage import tasks
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows import offering, routing, slack_alerts, touching
from leadwake.workflows.offering import Terms
from leadwake.workflows.office import Office
from leadwake.workflows.routing import Assignment

_log = log.get(__name__)

#: how often it is looked whether a step is due (real time)
TICK_S: Final = 1.0
#: leads in one look
LOOK: Final = 100
#: the pool's time doubles with each round that nobody used, to at most this many times
LONGEST: Final = 64
#: `unattended` is told once for each of these (an action's ordinal)
SOON, DAY, NOBODY = 0, 1, 2


async def run(office: Office) -> None:
    """Steps are taken when they are due, until cancelled."""
    while True:
        try:
            while await tick(office) == LOOK:
                pass
            await slack_alerts.retract_stale(office)
            await touching.count_responses(office)
        except DatabaseAway:
            _log.warning("escalation_waits", reason="database away")
        except Exception:
            _log.exception("escalation_failed")
        await asyncio.sleep(TICK_S)


async def tick(office: Office) -> int:
    """Whatever is due now is done; how many leads that were. One that fails holds up no other."""
    due = await office.db.all("escalations_due", now=office.clock.now(), limit=LOOK)
    for row in due:
        try:
            await past_deadlocks(partial(_step, office, row["lead_id"]))
        except DatabaseAway:
            raise
        except Exception:
            _log.exception("escalation_step_failed", lead=str(row["lead_id"]))
    return len(due)


async def _step(office: Office, lead_id: UUID) -> None:
    async with office.db.transaction() as connection:
        now = office.clock.now()
        row = await (await connection.execute(q("escalation_lock"), {"lead_id": lead_id, "now": now})).fetchone()
        if row is None:
            return  # another worker is at it, or it is over
        await connection.execute(q("loads_lock"), {"lead_id": lead_id, "agent_id": row["agent_id"]})
        chase = Chase(office, connection, row, now)
        await chase.go_on()
        await connection.execute(q("lead_told"), {"id": lead_id})


@dataclass(slots=True)
class Chase:
    """One lead's escalation, locked, for one step. row: of `escalation_lock`, changed as the step goes."""

    office: Office
    connection: Connection
    row: DictRow
    now: datetime

    async def go_on(self) -> None:
        """What is due is done, and the row says when to look again."""
        row = self.row
        if row["status"] == "opted_out":
            await self.connection.execute(q("leads_over"), {"ids": [row["id"]], "now": self.now})
            return
        if self._is_due("alert_at"):
            row["alert_at"] = None
            await self.tell_management(SOON)
        if self._is_due("day_alert_at"):
            row["day_alert_at"] = None
            await self.tell_management(DAY)
        if self._is_due("next_at"):
            await (self._silent_owner() if row["phase"] == "owned" else self._unanswered())
        if row["next_at"] is row["alert_at"] is row["day_alert_at"] is None:
            self._over()
        await self._save()

    async def tell_management(self, why: int) -> None:
        """Managers, without any the admins, hear that nobody takes care of the lead; each once for each reason."""
        people = managers(self.office)
        cause_id = uuid5(self.row["inquiry_id"], "unattended")  # not the inquiry: that one's actions are counted
        for person in people:
            told = [
                action
                for action in routing.alert(self.office.settings, person, "unattended")
                if action.channel != "sms" or self._is_on(person)  # nobody's phone rings at night for it
            ]
            numbered = [replace(action, ordinal=why) for action in told]
            await plan_now(self.connection, numbered, lead_id=self.row["id"], cause_id=cause_id, now=self.now)
        await self._log("unattended", why=("soon", "day", "nobody")[why], told=len(people))

    async def _unanswered(self) -> None:
        """The time of whoever was asked is over, or nobody was asked yet: the next one, or the pool."""
        ended = await offering.end_offers(self.connection, self.row["id"], self.now, state="timed_out", by="escalation")
        for agent_id in ended:
            await slack_alerts.retract(self.connection, self.office, self.row["id"], None, self.now, agent_id=agent_id)
            await self._log("offer_timed_out", user=str(agent_id))
        self.row["tried"] = [*self.row["tried"], *(one for one in ended if one not in self.row["tried"])]
        if self.row["agent_id"] is not None:  # theirs already, as somebody was given it meanwhile
            self._over()
            return
        await self._ask(ended)

    async def _ask(self, ended: Sequence[UUID]) -> None:
        times = self.office.routing.times
        loads = await self._loads()
        one_by_one = self.row["phase"] == "offered" and self.row["step"] < times.max_agents_asked
        if one_by_one and await self._offer_next(loads):
            await offering.tell_taken(self.office, self.connection, ended, self.row["id"], new_id(), self.now)
            return
        await self._offer_pool(loads)

    async def _offer_next(self, loads: routing.Loads) -> bool:
        """One agent more is asked; False when there is none who may be."""
        excluded = set(self.row["tried"])
        while True:
            found = routing.assign(self.office, self._asked(), loads, self.now, exclude=excluded)
            await self._keep(found)
            if found.agent is None:
                return False
            if self.row["temperature"] == "cold":
                given = await self._give(found)
            else:
                given = await self._offer(found, self.office.routing.times.claim(self.row["temperature"]))
            if given:
                return True
            excluded.add(found.agent.id)  # paused or full a moment ago

    async def _offer_pool(self, loads: routing.Loads) -> None:
        """Everybody on shift who may have the lead is asked at once, the likeliest first, never more than the pool."""
        times, row = self.office.routing.times, self.row
        found = routing.assign(self.office, self._asked(), loads, self.now)
        if row["phase"] != "pool":
            row["phase"], row["step"] = "pool", times.max_agents_asked
        on_shift = {each.agent for each in found.trace.eligible if each.on_shift}
        ranked = [UUID(agent) for agent in found.trace.ranked if agent in on_shift] or (
            [found.agent.id] if found.agent else []  # on call
        )
        wait = times.pool * min(2 ** max(0, row["step"] - times.max_agents_asked), LONGEST)
        asked = 0
        for agent_id in ranked[: times.pool_size]:
            agent = self.office.person(agent_id)
            asked += agent is not None and await self._offer(Assignment(agent, found.trace), wait, phase="pool")
        if asked:
            return
        await self._keep(found)
        row["step"] += 1
        begin = found.trace.next_begin
        row["next_at"] = begin if begin and begin > self.now else self.now + wait
        await tasks.open_task(self.connection, row["id"], "claim", self.now, due_at=self.now)
        if found.because == "nobody":
            await self.tell_management(NOBODY)

    async def _offer(self, found: Assignment, time: timedelta, *, phase: str = "offered") -> bool:
        """The lead is held out to the agent; False when they may not have it after all."""
        row, agent, due_at = self.row, found.agent, self.now + time
        assert agent is not None
        offer_id, why = await offering.add_offer(
            self.connection, agent.id, row["id"], self._terms(found, agent), self.now, due_at=due_at
        )
        if why:
            return False
        await offering.alert_agent(self.office, self.connection, agent, row["id"], offer_id, self.now)
        await self._log("offered", user=str(agent.id), because=found.because, until=due_at.isoformat())
        offered = {"id": row["inquiry_id"], "agent_id": agent.id, "now": self.now}
        await self.connection.execute(q("inquiry_offered"), offered)
        whose = agent.id if phase == "offered" else None
        await tasks.open_task(self.connection, row["id"], "claim", self.now, due_at=due_at, agent_id=whose)
        if phase == "offered" or row["next_at"] != due_at:
            row["step"] += 1
        row["phase"], row["next_at"] = phase, due_at
        return True

    async def _give(self, found: Assignment) -> bool:
        """A cold lead is nobody's to race for: it is the agent's at once."""
        agent, row = found.agent, self.row
        assert agent is not None
        offer_id, why = await offering.add_offer(
            self.connection, agent.id, row["id"], self._terms(found, agent), self.now, by="assigned"
        )
        if why:
            return False
        values = {"lead_id": row["id"], "agent_id": agent.id, "claimed_at": self.now, "now": self.now}
        await self.connection.execute(q("owner_set"), values)
        await tasks.done(self.connection, row["id"], ["claim"], self.now, "system")
        due_at = self.now + self.office.routing.times.touch("cold")
        await tasks.open_task(self.connection, row["id"], "touch", self.now, due_at=due_at, agent_id=agent.id)
        await offering.alert_agent(self.office, self.connection, agent, row["id"], offer_id, self.now)
        await self._log("assigned", user=str(agent.id), because=found.because)
        self._over()
        return True

    async def _silent_owner(self) -> None:
        """Nobody was in touch since the claim: the owner loses the lead, if a colleague can have it now."""
        row, owner = self.row, self.office.person(self.row["agent_id"])
        if not row["waits_for_touch"]:  # the owner ticked it off: they know what they do, and the 24 hours still count
            row["next_at"] = None
            return
        touch = self.office.routing.times.touch(row["temperature"])
        if owner and not owner.disabled and (later := self._awake_until(owner, row["next_at"], touch)) > self.now:
            row["next_at"] = later
            return
        tried = [*row["tried"], *([row["agent_id"]] if row["agent_id"] not in row["tried"] else [])]
        loads = await self._loads()
        found = routing.assign(self.office, self._asked(), loads, self.now, exclude=tried)
        if found.agent is None:  # better a silent owner than none
            row["next_at"] = self.now + timedelta(days=1)
            await self.tell_management(SOON)
            return
        lost = row["agent_id"]
        values = {"lead_id": row["id"], "agent_id": None, "claimed_at": None, "now": self.now}
        await self.connection.execute(q("owner_set"), values)
        await tasks.done(self.connection, row["id"], ["touch"], self.now, "system")
        await self._log("owner_lost", user=str(lost), why="silent")
        row["agent_id"], row["tried"], row["phase"], row["step"] = None, tried, "offered", 0
        await self._ask([lost])

    def _awake_until(self, owner: Person, at: datetime, touch: timedelta) -> datetime:
        """The instant itself while they work; one that fell outside their hours comes after the next shift's begin."""
        begin = owner.work.hours(self.office.settings.time_zone).next_begin(at)
        return at if begin == at else (begin or self.now + timedelta(days=1)) + touch

    def _terms(self, found: Assignment, agent: Person) -> Terms:
        trace = found.trace
        weight = next((each.weight for each in trace.eligible if each.agent == str(agent.id)), trace.weight)
        served_from = trace.served_from if str(agent.id) == trace.chosen else 0.0
        return Terms(
            self.row["inquiry_id"], self.row["temperature"], self.row["step"], trace.licence, weight, served_from
        )

    def _asked(self) -> Asked:
        row, vault = self.row, self.office.vault
        details: Mapping[str, Any] = {"source": row["source"], "channel": row["channel"]}
        if row["sealed_details"] is not None and row["details_wrapped"] is not None:
            details = rows.open_details(
                vault, row["details_key_id"], row["details_kek_id"], row["details_wrapped"], row["sealed_details"]
            )
        profile = rows.open_profile(vault, row)
        return routing.asked_of(
            self.office, profile, details, score=row["score"], temperature=row["temperature"], owner_id=None
        )

    async def _loads(self) -> routing.Loads:
        found = await (await self.connection.execute(q("agent_loads"))).fetchall()
        return {row["agent_id"]: row for row in found}

    async def _keep(self, found: Assignment) -> None:
        values = {
            "lead_id": self.row["id"], "inquiry_id": self.row["inquiry_id"], "now": self.now,
            "rules_version": self.office.routing.version, "agent_id": found.agent.id if found.agent else None,
            "trace": Jsonb(found.trace.as_json()),
        }  # fmt: skip
        await self.connection.execute(q("routing_decision_add"), values)

    async def _log(self, kind: str, **data: object) -> None:
        await offering.log(self.connection, self.now, "system", kind, self.row["id"], **data)

    async def _save(self) -> None:
        values = {name: self.row[name] for name in _KEPT}
        await self.connection.execute(q("escalation_set"), {**values, "lead_id": self.row["id"]})

    def _over(self) -> None:
        self.row.update(phase="over", next_at=None, alert_at=None, day_alert_at=None)

    def _is_due(self, name: str) -> bool:
        return self.row[name] is not None and self.row[name] <= self.now

    def _is_on(self, person: Person) -> bool:
        return person.work.hours(self.office.settings.time_zone).is_on(self.now)


_KEPT = ("inquiry_id", "temperature", "phase", "step", "tried", "since", "next_at", "alert_at", "day_alert_at")


def managers(office: Office) -> list[Person]:
    """Who hears of what nobody takes care of: managers, without any the admins."""
    active = [person for person in office.team if not person.disabled]
    return [person for person in active if person.role == "manager"] or office.admins
