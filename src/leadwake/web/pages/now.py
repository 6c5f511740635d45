"""/ : what needs a human, most urgent first, live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from leadwake.domain import snooze
from leadwake.domain.calls import TAPS
from leadwake.domain.looks import How
from leadwake.storage import overview, worklist
from leadwake.storage.overview import Today
from leadwake.storage.reading import Lead
from leadwake.storage.staff import Person
from leadwake.web.live import Live
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute
from leadwake.web.pages.waiting import WaitingCard, call_time, waiting_card
from leadwake.web.seen import saw
from leadwake.web.sessions import SignedIn
from leadwake.workflows import phone_calls, sequence_calls
from leadwake.workflows.office import Office
from leadwake.workflows.tasks import leads_the_team

router = APIRouter(route_class=PageRoute)


@router.get("/")
async def now(request: Request, person: SignedIn, whose: Annotated[str, Query(alias="for")] = "") -> Response:
    """The list. whose: mine or team; an agent's own, where it is not said, a manager's team."""
    office: Office = request.app.state.office
    now, leads_team = office.clock.now(), leads_the_team(person)
    team = whose == "team" or (whose != "mine" and leads_team)
    found = await worklist.worklist(office.db, office.vault, person.id, now, team=team, letters=leads_team)
    calls = await sequence_calls.about(office, [item.lead.id for item in found.items])
    to_come = await _to_come(office, person, now, team=team)
    saw(request, How.LIST, (lead.id for lead in (*(item.lead for item in found.items), *(one for one, _ in to_come))))
    cards = [waiting_card(office, item, person, now, calls) for item in found.items]
    return await view.page(
        request, "now.html", here="now", cards=cards, more=found.more, team=team, today=await _today(office, cards),
        bridges=phone_calls.unavailable(office, person) is None,
        taps=TAPS, to_come=to_come,
        snoozes=snooze.choices(now, person.work.hours(office.settings.time_zone).zone),
    )  # fmt: skip


async def _to_come(office: Office, person: Person, now: datetime, *, team: bool) -> list[tuple[Lead, str | None]]:
    """The calls that sleep until their time, the next first, each with its time on both clocks."""
    found = await worklist.calls_to_come(office.db, office.vault, None if team else person.id, now)
    return [(each.lead, call_time(office, each.lead, each.call, person, now)) for each in found]


async def _today(office: Office, cards: Sequence[WaitingCard]) -> Today | None:
    """The day so far, for a list that is empty; None while somebody waits, and in an office nobody ever wrote to."""
    if cards or not await worklist.has_leads(office.db):
        return None
    zone = office.settings.time_zone
    return await overview.today(office.db, office.clock.now(), zone, practice=office.is_practice)


@router.get("/events")
async def events(request: Request, person: SignedIn) -> Response:
    """What changes, as it changes."""
    del person
    live: Live = request.app.state.live
    if live.is_full:
        raise HTTPException(503)
    headers = {**view.headers(), "X-Accel-Buffering": "no"}
    return StreamingResponse(live.stream(request), headers=headers, media_type="text/event-stream")
