"""Whose phone rings when somebody calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.domain.routing_rules import Asked
from leadwake.storage.intake import open_profile
from leadwake.storage.staff import Person
from leadwake.workflows import routing
from leadwake.workflows.instant_response import is_practice
from leadwake.workflows.office import Office

#: phones that ring at once when nobody in particular is asked for
MOST = 5


async def whom(office: Office, caller: DictRow | None, now: datetime) -> Sequence[Person]:
    """
    Who is rung: the lead's owner, else whom it is offered to just now, else whom routing would ask: who is on shift and
    may have the lead, the likeliest first, or who is on call.

    caller: of `call_callers`, None for a stranger. Everybody has a number and takes calls now; nobody: empty.
    """
    owner = office.person(caller["agent_id"]) if caller else None
    if owner and _is_there(office, owner, now):
        return [owner]
    if caller is not None:
        asked = {row["agent_id"] for row in await office.db.all("call_offered_to", lead_id=caller["id"])}
        if offered := [person for person in office.agents if person.id in asked and _may_ring(office, person, now)]:
            return offered[:MOST]
    trace = routing.assign(office, _asked(office, caller), await _loads(office), now).trace
    people = (office.person(UUID(agent)) for agent in trace.ranked)
    return _first(person for person in people if person and _may_ring(office, person, now))


def _asked(office: Office, caller: DictRow | None) -> Asked:
    """A call as routing sees it: nobody who calls is cold."""
    profile = open_profile(office.vault, caller) if caller else {}
    details = {"source": "phone", "channel": "phone_call"}
    return routing.asked_of(office, profile, details, score=100, temperature="hot", owner_id=None)


async def _loads(office: Office) -> routing.Loads:
    return {row["agent_id"]: row for row in await office.db.all("agent_loads")}


def _first(people: Iterable[Person]) -> list[Person]:
    return list(people)[:MOST]


def _is_there(office: Office, person: Person, now: datetime) -> bool:
    return _may_ring(office, person, now) and person.work.hours(office.settings.time_zone).is_on(now)


def _may_ring(office: Office, person: Person, now: datetime) -> bool:
    """True for a colleague with a number who takes calls; invented people are never called in earnest."""
    if person.practice and not is_practice(office.settings, "voice"):
        return False
    return bool(person.phone) and not person.disabled and not person.work.is_paused(now)
