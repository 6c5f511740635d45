"""What routing decides by, gathered: the lead as routing sees them, and the team with what each has on their hands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from leadwake.compliance.place import address_state
from leadwake.compliance.tables import Tables
from leadwake.domain.language import declared_language, spoken
from leadwake.domain.routing import Candidate
from leadwake.domain.routing_rules import Asked
from leadwake.domain.values import Inquiry
from leadwake.storage.routing_decisions import Load
from leadwake.storage.staff import Person


def asked(inquiry: Inquiry, score: int, temperature: str, tables: Tables, owner_id: UUID | str | None = None) -> Asked:
    """The lead of an inquiry. Their state is the declared one, else their ZIP's; the area code never decides."""
    return Asked(
        address_state(inquiry.state, inquiry.country, inquiry.postal_code, tables), inquiry.postal_code,
        inquiry.country, spoken(declared_language(inquiry.extra), inquiry.message), inquiry.interest, inquiry.source,
        inquiry.channel, score, temperature, str(owner_id) if owner_id else None,
    )  # fmt: skip


def candidates(
    team: Iterable[Person], agents: Collection[Person], loads: Mapping[UUID, Load], zone: ZoneInfo, now: datetime
) -> list[Candidate]:
    """
    Whoever could be asked. team, agents: of the office; agents are those who take leads now. zone: the team's.

    Members who are no agents are left out; agents who take none stand there, so that the trace can say so.
    """
    taking = {person.id for person in agents}
    wanted = [person for person in team if person.id in taking or _is_resting(person)]
    return [_candidate(person, loads.get(person.id, Load()), person.id in taking, zone, now) for person in wanted]


def _is_resting(person: Person) -> bool:
    return person.role == "agent" and not person.disabled and not person.practice


def _candidate(person: Person, load: Load, takes_leads: bool, zone: ZoneInfo, now: datetime) -> Candidate:
    work = person.work
    return Candidate(
        str(person.id), person.name, takes_leads, work.licences, work.languages, work.specialties, work.areas,
        work.hours(zone), work.capacity, load.owned + load.offered, load.served, load.served_hot, work.on_call,
        work.is_paused(now),
    )  # fmt: skip
