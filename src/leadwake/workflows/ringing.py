"""Whose phone rings when somebody calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadwake.storage.staff import Person
from leadwake.workflows.instant_response import is_practice
from leadwake.workflows.office import Office

#: phones that ring at once when nobody in particular is asked for
MOST = 5


async def whom(office: Office, lead_id: UUID | None, owner_id: UUID | None, now: datetime) -> Sequence[Person]:
    """
    Who is rung: the lead's owner, else whom it is offered to just now, else who is on shift, else who is on call.

    lead_id, owner_id: of the caller, None for a stranger. Everybody has a number and takes calls now; nobody: empty.
    """
    owner = office.person(owner_id)
    if owner and _is_there(office, owner, now):
        return [owner]
    if lead_id is not None:
        asked = {row["agent_id"] for row in await office.db.all("call_offered_to", lead_id=lead_id)}
        if offered := [person for person in office.agents if person.id in asked and _may_ring(office, person, now)]:
            return offered[:MOST]
    agents = office.agents
    return _first(person for person in agents if _is_there(office, person, now)) or _first(
        person for person in agents if person.work.on_call and _may_ring(office, person, now)
    )


def _first(people: Iterable[Person]) -> list[Person]:
    return list(people)[:MOST]


def _is_there(office: Office, person: Person, now: datetime) -> bool:
    return _may_ring(office, person, now) and person.work.hours(office.settings.time_zone).is_on(now)


def _may_ring(office: Office, person: Person, now: datetime) -> bool:
    """True for a colleague with a number who takes calls; invented people are never called in earnest."""
    if person.practice and not is_practice(office.settings, "voice"):
        return False
    return bool(person.phone) and not person.disabled and not person.work.is_paused(now)
