"""Who answers in a chat just now, and how soon, as far as figures say so; and until when an answer is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from leadwake.domain.chat import ANSWER_WITHIN, Answering, promise
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office

#: fewer chats than this are no figure
_ENOUGH: Final = 10
#: a chat younger than this may still be answered in time, and counts later
_LONG_ENOUGH: Final = timedelta(hours=1)


async def answering(office: Office, agent_id: UUID | None = None) -> Answering:
    """Who answers. agent_id: whose turn it is; they are named while they work. Raises DatabaseAway."""
    now, zone = office.clock.now(), office.settings.time_zone
    person = office.person(agent_id)
    name = person.first_name if person and _is_on(office, person, now) else None
    is_on = any(_is_on(office, each, now) for each in _team(office))
    return Answering(is_on, zone, name, promise(await _median_s(office, now)), _next_begin(office, now))


def due_at(office: Office, now: datetime) -> datetime:
    """When somebody who writes now is to have an answer: two minutes from when somebody works."""
    begin = now if any(_is_on(office, each, now) for each in _team(office)) else _next_begin(office, now)
    return (begin or now) + ANSWER_WITHIN


async def _median_s(office: Office, now: datetime) -> float | None:
    row = await office.db.one("chat_pace", before=now - _LONG_ENOUGH)
    return row["median_s"] if row and row["n"] >= _ENOUGH else None


def _team(office: Office) -> list[Person]:
    return office.agents or office.admins


def _is_on(office: Office, person: Person, now: datetime) -> bool:
    if person.disabled or person.work.is_paused(now):
        return False
    return person.work.hours(office.settings.time_zone).is_on(now)


def _next_begin(office: Office, now: datetime) -> datetime | None:
    zone = office.settings.time_zone
    begins = [
        begin
        for each in _team(office)
        if not each.work.is_paused(now) and (begin := each.work.hours(zone).next_begin(now)) is not None
    ]
    return min(begins, default=None)
