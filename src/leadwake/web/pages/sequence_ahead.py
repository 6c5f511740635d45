"""/sequences/{name}/ahead: the days to come, if the last leads began the sequence now and nobody answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain import wording
from leadwake.domain.looks import How
from leadwake.domain.sequence import model
from leadwake.domain.sequence.reading import SequenceRefused, read_sequence
from leadwake.domain.sequence.rehearsal import Foreseen
from leadwake.storage import sequences as stored
from leadwake.storage.staff import Person
from leadwake.web.pages import view
from leadwake.web.pages.composer import SEGMENT_CENTS
from leadwake.web.pages.route import PageRoute
from leadwake.web.seen import saw
from leadwake.web.sessions import SignedIn
from leadwake.workflows import rehearsal, sequence_facts
from leadwake.workflows.office import Office
from leadwake.workflows.rehearsal import LeadNow, Rehearsal, Team
from leadwake.workflows.rehearsal_leads import sample
from leadwake.workflows.rehearsal_tally import Tally, agent_of
from leadwake.workflows.tasks import leads_the_team

router = APIRouter(route_class=PageRoute)

#: how many leads are looked at, and how far ahead
LEADS: Final = 30
AHEAD: Final = timedelta(days=60)
_NOUNS: Final[Mapping[str, str]] = {
    "sms": "Text", "email": "E-mail", "call": "Call to make", "alert": "Their agent is told",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """What would happen to a lead. clock: theirs; what, why: in words; tone: good, wait, quiet, busy; agent: asked."""

    at: datetime
    clock: str
    lead_id: str
    called: str
    what: str
    why: str | None
    tone: str
    body: str | None
    step: int
    agent: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day by the team's clock. number: days from now; counts: text, e-mail, call, … → how many."""

    number: int
    day: date
    lines: Sequence[Line]
    counts: Sequence[tuple[str, int]]

    @property
    def label(self) -> str:
        """ "Tue 24 Nov"."""
        return f"{self.day:%a} {self.day.day} {self.day:%b}"


@router.get("/sequences/{name}/ahead")
async def ahead(request: Request, name: str, person: SignedIn, draft: str = "") -> Response:
    """Day by day what would go to whom, and what would not. draft: of the text that is being written."""
    office: Office = request.app.state.office
    plan, is_draft = await _plan(office, name, person, draft=bool(draft))
    leads = await sample(office, LEADS)
    start, team = office.clock.now(), rehearsal.team_of(office)
    # in a thread: it is half a second of work, and nobody else waits for it
    found = await asyncio.to_thread(partial(rehearsal.rehearse, office, plan, leads, start, start + AHEAD))
    tally = Tally()
    for lead, each in ((lead, each) for lead, way in found.ways for each in way.foreseen):
        tally.touch(team, lead, each)
    lines = sorted(_lines(office, team, found), key=lambda line: line.at)
    saw(request, How.LIST, (UUID(lead.id) for lead, _ in found.ways))
    shown = _days(lines, start, office.settings.time_zone)
    return await view.page(
        request, "sequence_ahead.html", here="sequences", name=name, title=plan.title, is_draft=is_draft, days=shown,
        ahead=AHEAD.days, leads=len(found.ways), not_for=found.not_for, totals=_counts(lines), bars=_bars(shown),
        segments=tally.segments, cents=SEGMENT_CENTS, busiest=_busiest(tally),
        has_draft=await stored.draft(office.db, name) is not None and leads_the_team(person),
    )  # fmt: skip


async def _plan(office: Office, name: str, person: Person, *, draft: bool) -> tuple[model.Sequence, bool]:
    """The draft where it is asked for and can be read, else the text in force. Raises 404."""
    found = await stored.draft(office.db, name) if leads_the_team(person) else None
    plan = office.sequences.in_force(name)
    if found is not None and (draft or plan is None):
        try:
            return read_sequence(found.source), True
        except SequenceRefused:
            pass
    if plan is None:
        raise HTTPException(404)
    return plan, False


def _lines(office: Office, team: Team, found: Rehearsal) -> Iterable[Line]:
    for lead, way in found.ways:
        zone = _zone(office, lead, found.start)
        for each in way.foreseen:
            yield _line(found.sequence, lead, each, zone, agent_of(team, lead))


def _line(plan: model.Sequence, lead: LeadNow, each: Foreseen, zone: ZoneInfo, agent: str) -> Line:
    local, why = each.at.astimezone(zone), wording.reason(each.reason) if each.reason != "ok" else None
    noun = _NOUNS[each.channel] + (" in a text’s place" if each.is_instead else "")
    act = plan.steps[each.step].act
    body = each.said.body if each.said else getattr(act, "says", None) if each.channel in {"call", "alert"} else None
    match each.decision:
        case "send" | "task" | "alert":
            what, tone = noun, "good" if each.decision == "send" else "busy"
            why = why if each.is_instead and each.decision == "task" else None
        case "defer":
            what, tone = f"{noun}, later than its turn", "wait"
        case _:
            what, tone = f"No {noun[:1].lower()}{noun[1:]}", "quiet"
    called = lead.profile.get("name") or lead.profile.get("email") or "somebody without a name"
    return Line(
        each.at, f"{local.hour}:{local.minute:02}", lead.id, called, what, why, tone, body, each.step + 1,
        agent if each.decision in {"task", "alert"} else "",
    )  # fmt: skip


def _days(lines: Sequence[Line], start: datetime, zone: ZoneInfo) -> list[Day]:
    """The days on which something happens."""
    today, by_day = start.astimezone(zone).date(), dict[date, list[Line]]()
    for line in lines:
        by_day.setdefault(line.at.astimezone(zone).date(), []).append(line)
    return [Day((day - today).days, day, found, _counts(found)) for day, found in by_day.items()]


def _counts(lines: Iterable[Line]) -> list[tuple[str, int]]:
    return list(Counter(line.what for line in lines).most_common())


def _bars(days: Sequence[Day]) -> list[tuple[int, int]]:
    """(day, height in percent) of what goes out, for a picture of the load."""
    most = max((len(day.lines) for day in days), default=1)
    return [(day.number, max(4, round(100 * len(day.lines) / most))) for day in days]


def _busiest(tally: Tally) -> tuple[str, int] | None:
    """(agent, calls) of the most calls that one of them would have to make in a day."""
    most = tally.calls.most_common(1)
    return (most[0][0][0] or "whoever takes them", most[0][1]) if most else None


def _zone(office: Office, lead: LeadNow, now: datetime) -> ZoneInfo:
    return sequence_facts.zones(lead.profile, office.tables, office.settings.time_zone, now)[0]
