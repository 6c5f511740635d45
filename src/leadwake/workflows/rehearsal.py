"""Rehearsals: who would get what and when, by the code of production; nothing is written, nothing is sent.

The engine, the gate and the templates are production's own. What is taken for granted: vendors answer at once, and
nobody answers us unless it is said (docs/rehearsal.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from leadwake.compliance.gate import may_send
from leadwake.compliance.policy import STANDARD, Policy
from leadwake.compliance.tables import Tables
from leadwake.domain.scoring import SHIPPED, Signal, Weights, score_at
from leadwake.domain.sequence.model import Said, Sequence, say
from leadwake.domain.sequence.progress import Fact, Known, Touch, holds
from leadwake.domain.sequence.rehearsal import Rehearsed, Sign, Ticks, Verdict
from leadwake.domain.sequence.rehearsal import rehearse as rehearse_way
from leadwake.domain.template import TemplateRefused, TextTooLong
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.storage.staff import Person
from leadwake.workflows import composing, gate_facts, nurture, sequence_facts
from leadwake.workflows.composing import Values
from leadwake.workflows.instant_response import is_off
from leadwake.workflows.office import Office
from leadwake.workflows.sending import EXPIRES_AFTER

#: the longest chain of sequences that follow one another; beyond it they go in a circle
MOST_FOLLOWING: Final = 20


@dataclass(frozen=True, slots=True)
class Team:
    """
    What a rehearsal knows of the team. values: what templates may say of the business.

    off: channels that nobody carries. every: from one tick to the next. has_sender: without one, mails become dead
    letters. mail_paused: marketing mail stands still because of complaints. weights: what scores are made of.
    """

    tables: Tables
    policy: Policy = STANDARD
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/New_York"))
    values: Values = field(default_factory=dict)
    abilities: gate_facts.Abilities = field(default_factory=gate_facts.Abilities)
    off: frozenset[str] = frozenset()
    every: timedelta = timedelta(minutes=15)
    people: Mapping[UUID, Person] = field(default_factory=dict)
    has_sender: bool = True
    mail_paused: bool = False
    weights: Weights = SHIPPED


def team_of(office: Office, *, mail_paused: bool = False) -> Team:
    """The team as it has set itself up now."""
    settings = office.settings
    return Team(
        office.tables, office.policy, settings.time_zone, composing.business_values(office),
        gate_facts.abilities(settings),
        frozenset(channel for channel in nurture.CONTACT if is_off(settings, channel)), settings.nurture_every,
        {person.id: person for person in office.team}, bool(settings.mail_from), mail_paused, office.weights,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contact:
    """
    A number or address, and what was known of it when. consents: (from when on, level), in their order.

    inquiries: when its person asked and gave it. sends: automated texts that did leave for it.
    """

    address: str
    consents: tuple[tuple[datetime, ConsentLevel], ...]
    inquiries: tuple[datetime, ...] = ()
    opted_out_at: datetime | None = None
    bounced_at: datetime | None = None
    sends: tuple[datetime, ...] = ()

    def consent(self, now: datetime) -> ConsentLevel:
        """What stood then."""
        return next((level for at, level in reversed(self.consents) if at <= now), ConsentLevel.NONE)


@dataclass(frozen=True, slots=True)
class LeadNow:
    """
    What is known of a lead. id: what it is called in reports. contacts: by "phone" and "email".

    details: of the inquiry that messages speak of. booking_link, texts_link: pages of their own. found: by a data
    vendor. visits, booking_opened_at, enriched_at: what branches look at, each from its own instant on. signals: what
    the score is worked out from at any instant; score, temperature: where there are none.
    """

    id: str
    profile: Mapping[str, Any]
    details: Mapping[str, Any]
    contacts: Mapping[str, Contact]
    score: int
    temperature: str
    source: str
    channel: str
    agent_id: UUID | None = None
    booking_link: str = ""
    texts_link: str = ""
    lives_there: bool = False
    person_stopped_at: datetime | None = None
    enriched_at: datetime | None = None
    found: Mapping[str, Any] = field(default_factory=dict)
    visits: tuple[datetime, ...] = ()
    booking_opened_at: datetime | None = None
    signals: tuple[Signal, ...] = ()

    def facts(self, started_at: datetime, now: datetime, weights: Weights) -> dict[str, Fact]:
        """What a sequence that began then may look at now."""
        rated = score_at(self.signals, weights, now) if self.signals else None
        score, temperature = (rated.value, rated.temperature.value) if rated else (self.score, self.temperature)
        opened_at, enriched_at = self.booking_opened_at, self.enriched_at
        row = {
            "contacts": {kind: {"consent": each.consent(now)} for kind, each in self.contacts.items()},
            "score": score, "temperature": temperature, "source": self.source, "channel": self.channel,
            "visits": sum(started_at <= at <= now for at in self.visits),
            "opened_booking": opened_at is not None and started_at <= opened_at <= now,
            "enriched": enriched_at is not None and enriched_at <= now,
        }  # fmt: skip
        return sequence_facts.facts_of(row, self.details)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Every way, lead by lead. not_for: leads that the sequence is not for."""

    sequence: Sequence
    start: datetime
    until: datetime
    ways: tuple[tuple[LeadNow, Rehearsed], ...]
    not_for: int = 0


def rehearse(
    office: Office, sequence: Sequence, leads: Iterable[LeadNow], start: datetime, until: datetime
) -> Rehearsal:
    """
    What these leads would get if each began the sequence at `start`, up to `until`, and nobody answered.

    leads: of `rehearsal_leads.sample`. Nothing is read or written; a hundred leads over ninety days take a second.
    """
    team, ways, not_for = team_of(office), [], 0
    for lead in leads:
        if holds(sequence.audience, lead.facts(start, start, team.weights)):
            ways.append((lead, way(team, sequence, lead, start, until)))
        else:
            not_for += 1
    return Rehearsal(sequence, start, until, tuple(ways), not_for)


def way(
    team: Team,
    sequence: Sequence,
    lead: LeadNow,
    start: datetime,
    until: datetime,
    *,
    stop: Sign | None = None,
    seed: bytes | None = None,
    ticks: Ticks | None = None,
    texted: list[datetime] | None = None,
) -> Rehearsed:
    """
    The lead's whole way through the sequence, as production would take it there.

    seed: the enrollment's id, where there is one. ticks: from `start` on by itself. texted: texts that left in this
    rehearsal before; what leaves is added.
    """
    walk = _Walk(team, sequence, lead, start, seed or _seed(lead, sequence), [] if texted is None else texted)
    return rehearse_way(
        sequence, walk.seed, start, until,
        ticks=ticks or Ticks(start, team.every), known=walk.known, judge=walk.judge, stop=stop,
        hindrance=partial(nurture.hindrance, contacts=lead.contacts, off=team.off),
    )  # fmt: skip


def _seed(lead: LeadNow, sequence: Sequence) -> bytes:
    """Stands for the id of an enrollment that there is none of."""
    return hashlib.sha256(f"{lead.id} {sequence.name}".encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class _Walk:
    """One lead on its way. texted: texts that left in this rehearsal."""

    team: Team
    sequence: Sequence
    lead: LeadNow
    started_at: datetime
    seed: bytes
    texted: list[datetime]

    def known(self, now: datetime) -> Known:
        """What the engine sees then."""
        lead, team = self.lead, self.team
        return Known(
            lead.facts(self.started_at, now, team.weights),
            sequence_facts.zones(lead.profile, team.tables, team.zone, now),
        )

    def judge(self, touch: Touch, planned_at: datetime, now: datetime) -> Verdict:
        """What becomes of a message then, as workflows/sending and nurture_messages judge its action."""
        if now - planned_at > EXPIRES_AFTER[f"nurture_{touch.channel}"]:
            return Verdict("expired", "too_late")
        lead, team = self.lead, self.team
        contact = lead.contacts[nurture.CONTACT[touch.channel]]
        message = gate_facts.message(Channel(touch.channel), Purpose.MARKETING, contact.address, lead.profile)
        facts = gate_facts.facts_of(self._row(contact, planned_at, now), team.abilities, lives_there=lead.lives_there)
        decision = may_send(message, facts, team.tables, now, team.policy)
        if decision.outcome == "block":
            return Verdict("blocked", decision.reason)
        if decision.outcome == "defer":
            return Verdict("deferred", decision.reason, until=decision.at)
        return self._composed(touch, now)

    def _composed(self, touch: Touch, now: datetime) -> Verdict:
        if not self.team.values.get("business.name"):
            return Verdict("dead", "LEADWAKE_BUSINESS_NAME is not set")
        if touch.channel == "email" and not self.team.has_sender:
            return Verdict("dead", "LEADWAKE_SENDGRID_FROM is not set")
        try:
            said = self._said(touch, now)
        except (TextTooLong, TemplateRefused) as error:
            return Verdict("dead", f"cannot be composed: {type(error).__name__}")
        if touch.channel == "sms":
            self.texted.append(now)
        return Verdict("sent", said=said)

    def _said(self, touch: Touch, now: datetime) -> Said:
        lead, team = self.lead, self.team
        agent = team.people.get(lead.agent_id) if lead.agent_id else None
        found = lead.found if lead.enriched_at is not None and lead.enriched_at <= now else {}
        more = {"texts_link": self._texts_link(now)} if touch.channel == "email" else {}

        def values(language: str | None) -> Values:
            own = composing.lead_values(
                team.values, lead.booking_link, lead.profile, lead.details, agent, found, language
            )  # fmt: skip
            return {**own, **more}

        step = self.sequence.steps[touch.step]
        return say(step, touch.channel, self.seed, sequence_facts.language(lead.details), values)

    def _texts_link(self, now: datetime) -> str:
        """As composing.texts_link has it: for whoever has neither agreed to texts nor refused them."""
        lead, phone = self.lead, self.lead.contacts.get("phone")
        settled = {ConsentLevel.WRITTEN, ConsentLevel.DECLINED}
        is_settled = phone is not None and (phone.consent(now) in settled or _by(phone.opted_out_at, now))
        return "" if is_settled or _by(lead.person_stopped_at, now) else lead.texts_link

    def _row(self, contact: Contact, planned_at: datetime, now: datetime) -> Mapping[str, Any]:
        """What a claim would read then, as far as the gate asks."""
        day = now - timedelta(hours=24)
        stopped_at = self.lead.person_stopped_at
        return {
            "consent": contact.consent(now),
            "inquiry_at": max((at for at in contact.inquiries if at <= now), default=None),
            "opted_out_at": _by(contact.opted_out_at, now),
            "bounced_at": _by(contact.bounced_at, now),
            "person_stopped_at": _by(stopped_at, now),
            "created_at": planned_at,
            "prior_sends": [at for at in (*contact.sends, *self.texted) if day < at <= now],
            "answered_at": None,
            "paused_at": None,  # a pause ends the way
            "mail_paused": self.team.mail_paused,
        }


def _by(at: datetime | None, now: datetime) -> datetime | None:
    """What had happened by then."""
    return at if at is not None and at <= now else None


@dataclass(frozen=True, slots=True)
class Following:
    """A sequence of a chain in which one follows the other, and the way through it from `start` on."""

    sequence: Sequence
    start: datetime
    way: Rehearsed


def ways(
    team: Team,
    sequence: Sequence,
    known: Mapping[str, Sequence],
    lead: LeadNow,
    start: datetime,
    until: datetime,
    *,
    stop: Sign | None = None,
) -> list[Following]:
    """The way through the sequence, and through each that follows it at its end. known: those that may follow."""
    found: list[Following] = []
    texted: list[datetime] = []
    following: Sequence | None = sequence
    ticks = Ticks(start, team.every)
    while following is not None and len(found) < MOST_FOLLOWING:
        gone = way(team, following, lead, start, until, stop=stop, ticks=ticks, texted=texted)
        found.append(Following(following, start, gone))
        is_done = gone.because == "finished" and gone.ended_at is not None
        start = gone.ended_at or until
        following = known.get(following.then) if is_done and following.then else None
    return found
