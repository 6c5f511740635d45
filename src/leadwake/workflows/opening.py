"""What an inquiry does to whose the lead is: their owner's, given to an agent, offered, or looked for later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from leadwake.domain.routing import Trace
from leadwake.domain.routing_rules import DAY_ALERT, Asked
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office
from leadwake.workflows.routing import Assignment

#: a person who asked again is answered within so long
_AGAIN: Final = {"hot": timedelta(minutes=15), "warm": timedelta(hours=1), "cold": timedelta(hours=4)}


@dataclass(frozen=True, slots=True)
class Escalating:
    """How the escalation begins, as its row has it."""

    phase: str
    step: int
    next_at: datetime
    alert_at: datetime | None
    day_alert_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The task an inquiry opens. agent_id: whose it is, None for anybody's."""

    kind: str
    due_at: datetime
    agent_id: UUID | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """
    What follows for the lead's ownership. agent: who hears of the inquiry.

    owner_id: whose the lead becomes at once. claim_by: until when the agent may claim what is offered to them, None
    when nothing is. trace: of the routing, None when nobody was asked for.
    """

    agent: Person | None = None
    because: str = "nobody"
    owner_id: UUID | None = None
    claim_by: datetime | None = None
    trace: Trace | None = None
    rules_version: int = 0
    escalating: Escalating | None = None
    waiting: Waiting | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of `intake_write`."""
        trace, escalating, waiting = self.trace, self.escalating, self.waiting
        is_given = self.claim_by is not None or self.owner_id is not None
        return {
            "agent_id": self.agent.id if self.agent else None,
            "agent_because": self.because,
            "owner_id": self.owner_id,
            "rules_version": self.rules_version,
            "trace": msgspec.json.encode(trace.as_json()).decode() if trace else None,
            "offer_id": new_id() if is_given else None,
            "offer_state": "open" if self.claim_by else "claimed",
            "licence": trace.licence if trace else None,
            "weight": trace.weight if trace else 1.0,
            "served_from": trace.served_from if trace else 0.0,
            "claim_by": self.claim_by,
            "phase": escalating.phase if escalating else None,
            "step": escalating.step if escalating else 0,
            "next_at": escalating.next_at if escalating else None,
            "alert_at": escalating.alert_at if escalating else None,
            "day_alert_at": escalating.day_alert_at if escalating else None,
            "task_kind": waiting.kind if waiting else None,
            "task_for": waiting.agent_id if waiting else None,
            "task_due_at": waiting.due_at if waiting else None,
            "task_reason": waiting.reason if waiting else None,
        }


def opening(office: Office, assignment: Assignment, asked: Asked, now: datetime, *, stops: bool) -> Opening:
    """What follows from the routing. stops: they ask us to stop, so that nobody is to win them over."""
    agent, trace, version = assignment.agent, assignment.trace, office.routing.version
    if assignment.because == "owner" and agent:
        waiting = None if stops else Waiting("reply", now + _AGAIN[asked.temperature], agent.id, "asked_again")
        return Opening(agent, "owner", trace=trace, rules_version=version, waiting=waiting)
    if stops:
        return Opening(agent, assignment.because, trace=trace, rules_version=version)
    times = office.routing.times
    if agent is None:
        is_asleep = trace.next_begin is not None and trace.next_begin > now
        next_at = trace.next_begin if is_asleep and trace.next_begin else now
        return Opening(
            None, assignment.because, trace=trace, rules_version=version,
            escalating=_escalating(office, asked, now, "pool", times.max_agents_asked, next_at),
            waiting=Waiting("claim", now, None),
        )  # fmt: skip
    if asked.temperature == "cold":
        waiting = Waiting("touch", now + times.touch("cold"), agent.id)
        return Opening(agent, assignment.because, agent.id, None, trace, version, None, waiting)
    claim_by = now + times.claim(asked.temperature)
    escalating = _escalating(office, asked, now, "offered", 1, claim_by)
    waiting = Waiting("claim", claim_by, agent.id)
    return Opening(agent, assignment.because, None, claim_by, trace, version, escalating, waiting)


def offered_already(office: Office, agent_id: UUID | None) -> Opening:
    """Somebody who asks again while an agent is looked for: whoever is asked just now hears of it."""
    return Opening(office.person(agent_id), "offered")


def looked_for_later(office: Office, asked: Asked, now: datetime) -> Opening:
    """The lead is stored first; an agent is looked for a moment after."""
    escalating = _escalating(office, asked, now, "offered", 0, now)
    return Opening(None, "later", escalating=escalating, waiting=Waiting("claim", now, None))


def _escalating(office: Office, asked: Asked, now: datetime, phase: str, step: int, next_at: datetime) -> Escalating:
    is_hot = asked.temperature == "hot"
    alert_at = now + office.routing.times.alert if is_hot else None
    return Escalating(phase, step, next_at, alert_at, now + DAY_ALERT if is_hot else None)
