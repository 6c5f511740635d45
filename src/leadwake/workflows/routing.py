"""Workflow 3, in its first form: a new person goes to the agent whose turn it is, a known one to their owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from leadwake.actions.planning import Planned
from leadwake.actions.states import State
from leadwake.config import Settings
from leadwake.domain.values import Purpose
from leadwake.storage.staff import Person
from leadwake.workflows.instant_response import is_off, is_practice


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who has the lead, and the word for why: owner, round_robin, nobody."""

    agent: Person | None
    because: str


def assign(agents: Sequence[Person], turn: int, owner_id: UUID | None) -> Assignment:
    """
    Whom an inquiry goes to: its person's owner while they take leads, else the agent whose turn it is.

    turn: a number that grows by one with each new assignment, over all processes.
    """
    owner = next((agent for agent in agents if agent.id == owner_id), None)
    if owner:
        return Assignment(owner, "owner")
    if not agents:
        return Assignment(None, "nobody")
    return Assignment(agents[turn % len(agents)], "round_robin")


def alert(settings: Settings, agent: Person | None, kind: str = "alert") -> list[Planned]:
    """The agent is told by text and by e-mail: of a new lead, or of a reply that needs them (reply_alert)."""
    if agent is None:
        return []
    return [
        _alert(settings, agent, f"{kind}_sms", "sms", None if agent.phone else "no_number"),
        _alert(settings, agent, f"{kind}_email", "email", None),
    ]


def _alert(settings: Settings, agent: Person, kind: str, channel: str, reason: str | None) -> Planned:
    reason = "vendor_off" if is_off(settings, channel) else reason
    practice = is_practice(settings, channel)
    if agent.practice and not practice and reason is None:
        reason = "sample_agent"  # invented people are never written to in earnest
    return Planned(
        kind,
        str(agent.id),
        Purpose.STAFF,
        practice,
        agent_id=agent.id,
        state=State.SKIPPED if reason else State.PLANNED,
        reason=reason,
    )
