"""/ : leads as they arrive, newest first, ticking until they are answered."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from leadwake.sandbox.samples import sample_lead
from leadwake.storage import overview, reading
from leadwake.storage.overview import Today
from leadwake.storage.reading import Cursor, Page
from leadwake.storage.staff import Person
from leadwake.web.live import Live
from leadwake.web.pages import view
from leadwake.web.pages.cards import card
from leadwake.web.pages.route import PageRoute, see
from leadwake.web.read_api import parse_id
from leadwake.web.sessions import signed_in
from leadwake.workflows.intake import receive_lead
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

SignedIn = Annotated[Person, Depends(signed_in)]
_SEARCH_CHARS = 200


@router.get("/")
async def now(
    request: Request, person: SignedIn, q: str = "", see_only: Annotated[str, Query(alias="see")] = "", before: str = ""
) -> Response:
    """The list: all leads, those that need a look, or what was searched for."""
    del person
    office: Office = request.app.state.office
    words, to_see = q.strip()[:_SEARCH_CHARS], bool(see_only)
    found = await _page(office, words, to_see=to_see, before=Cursor.read(before))
    return await view.page(
        request, "now.html", here="look" if to_see else "now", cards=[card(office, lead) for lead in found.leads],
        next=found.next, sought=words, to_see=to_see, is_first=not before, today=await _today(office),
    )  # fmt: skip


@router.get("/strip")
async def strip(request: Request, person: SignedIn) -> Response:
    """The figures at the head of the list."""
    del person
    return view.fragment(request, "strip.html", today=await _today(request.app.state.office))


@router.get("/leads/{lead_id}/card")
async def lead_card(request: Request, lead_id: str, person: SignedIn) -> Response:
    """One lead's card as it is now."""
    del person
    office: Office = request.app.state.office
    found = parse_id(lead_id)
    lead = await reading.lead(office.db, office.vault, found) if found else None
    if lead is None:
        raise HTTPException(404)
    return view.fragment(request, "card.html", card=card(office, lead))


@router.post("/practice/lead")
async def practice_lead(request: Request, person: SignedIn) -> Response:
    """An invented person asks, just as a form's would."""
    del person
    office: Office = request.app.state.office
    if not office.is_practice:
        raise HTTPException(404)
    await receive_lead(office, msgspec.json.encode(sample_lead(now=office.clock.now())))
    return see("/")


@router.get("/events")
async def events(request: Request, person: SignedIn) -> Response:
    """What changes, as it changes."""
    del person
    live: Live = request.app.state.live
    if live.is_full:
        raise HTTPException(503)
    headers = {**view.headers(), "X-Accel-Buffering": "no"}
    return StreamingResponse(live.stream(request), headers=headers, media_type="text/event-stream")


async def _page(office: Office, words: str, *, to_see: bool, before: Cursor | None) -> Page:
    if words:
        return await reading.search(office.db, office.vault, words)
    return await reading.leads(office.db, office.vault, office.clock.now(), before=before, to_see=to_see)


async def _today(office: Office) -> Today:
    zone = office.settings.time_zone
    return await overview.today(office.db, office.clock.now(), zone, practice=office.is_practice)
