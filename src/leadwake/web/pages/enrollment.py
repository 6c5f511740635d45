"""/leads/{id}/enroll, …/sequence/stop: a lead's way through sequences on their page, begun and ended by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from psycopg.rows import DictRow
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain import sequence_story, wording
from leadwake.domain.sequence import model
from leadwake.domain.sequence.model import Branch, Message, Start, Wait
from leadwake.domain.sequence.progress import opening
from leadwake.storage import reading
from leadwake.web.pages import notice, sequence_view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.read_api import parse_id
from leadwake.web.sessions import SignedIn
from leadwake.workflows import enrolling
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

#: ways that are over, as the page lists them
_PAST: Final = 5


@dataclass(frozen=True, slots=True)
class Way:
    """A lead's way through a sequence. next: the step to come, in words; because: why it is over, None before that."""

    name: str
    title: str
    version: int
    cause: str
    started_at: datetime
    next: str | None
    because: str | None
    ended_at: datetime | None
    is_paused: bool


@dataclass(frozen=True, slots=True)
class Enrollments:
    """open: the way they are on. past: newest first. choices: (name, title) of what they may be enrolled in."""

    open: Way | None
    past: Sequence[Way]
    choices: Sequence[tuple[str, str]]


@router.post("/leads/{lead_id}/enroll")
async def enroll(request: Request, lead_id: str, person: SignedIn) -> Response:
    """They begin the chosen sequence, if nothing speaks against it."""
    office: Office = request.app.state.office
    found, given = await _lead(office, lead_id), await fields(request)
    begun = await enrolling.enroll_by_hand(office, found, given.get("sequence", ""), person.id)
    return see(notice.address(f"/leads/{found}", "enrolled" if begun else "not_enrolled"))


@router.post("/leads/{lead_id}/sequence/stop")
async def stop(request: Request, lead_id: str, person: SignedIn) -> Response:
    """Their way ends, and what waited of it is not sent."""
    del person
    office: Office = request.app.state.office
    found = await _lead(office, lead_id)
    await enrolling.stop_by_hand(office, found)
    return see(notice.address(f"/leads/{found}", "way_stopped"))


async def enrollments(office: Office, lead_id: UUID, zone: ZoneInfo) -> Enrollments:
    """A lead's ways, and those they might begin. zone: the lead's clock."""
    ways = [_way(office, row, zone) for row in await office.db.all("enrollment_of", lead_id=lead_id)]
    open_ = next((way for way in ways if way.because is None), None)
    past = [way for way in ways if way.because is not None][:_PAST]
    return Enrollments(open_, past, [(plan.name, plan.title) for plan in _choices(office)])


def _choices(office: Office) -> list[model.Sequence]:
    """Those begun by hand first."""
    return sorted(office.sequences.choice.sequences, key=lambda plan: (plan.start is not Start.BY_HAND, plan.title))


def _way(office: Office, row: DictRow, zone: ZoneInfo) -> Way:
    plan = office.sequences.version(row["sequence"], row["version"])
    held = office.sequences.published.get(row["sequence"])
    is_over = row["ended_at"] is not None
    return Way(
        row["sequence"], plan.title if plan else row["sequence"], row["version"], sequence_story.cause(row["cause"]),
        row["started_at"], _next(plan, row, zone, office.clock.now()) if plan and not is_over else None,
        sequence_story.because(row["ended_because"]) if is_over else None, row["ended_at"],
        is_paused=held is not None and held.is_paused,
    )  # fmt: skip


def _next(plan: model.Sequence, row: DictRow, zone: ZoneInfo, now: datetime) -> str:
    """ "Text in 2 days, Tue 1 Dec, 10:00 their time"."""
    if row["state"] == "under_way":
        return f"{_named(plan, row['step'])} is on its way"
    place = next((at for at in range(row["step"], len(plan.steps)) if not isinstance(plan.steps[at].act, Wait)), None)
    if place is None:
        return f"its end {_at(row['due_at'], zone, now)}"
    at, act = row["due_at"], plan.steps[place].act
    if isinstance(act, Message):
        at = opening(plan.window, [zone], at)
    what = "it looks how they stand," if isinstance(act, Branch) and act.conditions else _named(plan, place)
    return f"{what} {_at(at, zone, now)}"


def _named(plan: model.Sequence, place: int) -> str:
    return sequence_view.label(plan.steps[place])


def _at(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    seconds = (at - now).total_seconds()
    if seconds < 60:
        return "now"
    return f"in {_span(seconds)}, {wording.moment(at, zone, now)} their time"


def _span(seconds: float) -> str:
    hours = round(seconds / 3600)
    if hours < 1:
        return f"{round(seconds / 60)} min"
    if hours < 36:
        return f"{hours} hour{'s' if hours != 1 else ''}"
    return f"{round(hours / 24)} days"


async def _lead(office: Office, lead_id: str) -> UUID:
    """The lead named in the path. Raises 404."""
    wanted = parse_id(lead_id)
    lead = await reading.lead(office.db, office.vault, wanted) if wanted else None
    if lead is None:
        raise HTTPException(404)
    return lead.id
