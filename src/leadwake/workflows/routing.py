"""Workflow 3: whom an inquiry goes to by the team's rules, and how its agent is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from leadwake.actions.planning import Planned
from leadwake.actions.states import State
from leadwake.compliance.place import address_state
from leadwake.domain.language import declared_language, spoken
from leadwake.domain.routing import Candidate, Trace, route
from leadwake.domain.routing_rules import Asked
from leadwake.domain.values import Purpose
from leadwake.settings import Settings
from leadwake.storage.staff import Person
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office

#: agent id → {"load", "served", "served_hot"}, of table agent_load
Loads = Mapping[UUID, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Whom an inquiry goes to, with the whole way there. because: the trace's word for it."""

    agent: Person | None
    trace: Trace

    @property
    def because(self) -> str:
        """owner, rule, default, on_call; without anybody off_shift or nobody."""
        return self.trace.because


def asked_of(
    office: Office,
    profile: Mapping[str, Any],
    details: Mapping[str, Any],
    *,
    score: int,
    temperature: str,
    owner_id: UUID | None,
) -> Asked:
    """What routing knows of a lead. profile: of the person, opened; details: of the inquiry, as understood."""
    return Asked(
        state=address_state(profile.get("state"), profile.get("country"), profile.get("postal_code"), office.tables),
        postal_code=profile.get("postal_code"),
        country=profile.get("country"),
        language=spoken(declared_language(details.get("extra") or {}), details.get("message")),
        interest=details.get("interest"),
        source=details.get("source") or "",
        channel=details.get("channel") or "",
        score=score,
        temperature=temperature,
        owner_id=str(owner_id) if owner_id else None,
    )


def assign(office: Office, asked: Asked, loads: Loads, now: datetime, *, exclude: Collection[UUID] = ()) -> Assignment:
    """Whom the lead goes to now. exclude: agents who had their chance."""
    excluded = frozenset(str(agent_id) for agent_id in exclude)
    trace = route(asked, candidates(office, loads, now), office.routing, now, exclude=excluded)
    return Assignment(office.person(UUID(trace.chosen)) if trace.chosen else None, trace)


def candidates(office: Office, loads: Loads, now: datetime) -> list[Candidate]:
    """The agents of the team as routing sees them."""
    return [_candidate(office, person, loads.get(person.id, {}), now) for person in office.agents]


def _candidate(office: Office, person: Person, load: Mapping[str, float], now: datetime) -> Candidate:
    work = person.work
    return Candidate(
        id=str(person.id), name=person.name, takes_leads=person.takes_leads, licences=work.licences,
        languages=work.languages, specialties=work.specialties, areas=work.areas,
        hours=work.hours(office.settings.time_zone), capacity=work.capacity, load=int(load.get("load", 0)),
        served=load.get("served", 0.0), served_hot=load.get("served_hot", 0.0), on_call=work.on_call,
        paused=work.is_paused(now),
    )  # fmt: skip


def alert(settings: Settings, agent: Person | None, kind: str = "alert") -> list[Planned]:
    """The agent is told by text, e-mail and Slack: of a new lead, or of a reply that needs them (reply_alert)."""
    if agent is None:
        return []
    is_in_slack = agent.work.slack_id or settings.credential("slack", "SLACK_CHANNEL")
    return [
        _alert(settings, agent, f"{kind}_sms", "sms", None if agent.phone else "no_number"),
        _alert(settings, agent, f"{kind}_email", "email", None),
        _alert(settings, agent, f"{kind}_slack", "slack", None if is_in_slack else "no_slack"),
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
