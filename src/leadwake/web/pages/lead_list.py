"""/leads : every lead, newest first, ticking until they are answered; searched and filtered."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.looks import How
from leadwake.domain.values import Temperature
from leadwake.sandbox.samples import sample_lead
from leadwake.storage import overview, reading
from leadwake.storage.overview import Today
from leadwake.storage.reading import Cursor, Page, Wanted
from leadwake.web.limits import spend
from leadwake.web.pages import view
from leadwake.web.pages.cards import card
from leadwake.web.pages.route import PageRoute, see
from leadwake.web.read_api import parse_id
from leadwake.web.seen import saw
from leadwake.web.sessions import SignedIn
from leadwake.workflows import phone_calls
from leadwake.workflows.intake import receive_lead
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_SEARCH_CHARS = 200


@router.get("/leads")
async def leads(
    request: Request,
    person: SignedIn,
    q: str = "",
    see_only: Annotated[str, Query(alias="see")] = "",
    before: str = "",
    owner: str = "",
    temperature: str = "",
) -> Response:
    """All leads, those that need a look, an agent's, or what was searched for."""
    office: Office = request.app.state.office
    agent = office.person(parse_id(owner))
    degree = temperature if temperature in set(Temperature) else None
    if q.strip():
        spend(request.app.state.limits.searches, str(person.id), "You search faster than anybody reads.")
    words, wanted = q.strip()[:_SEARCH_CHARS], Wanted(bool(see_only), agent.id if agent else None, degree)
    found = await _page(office, words, wanted, Cursor.read(before))
    saw(request, How.SEARCH if words else How.LIST, (lead.id for lead in found.leads))
    return await view.page(
        request, "leads.html", here="leads", cards=[card(office, lead) for lead in found.leads],
        next=_next(found, wanted), sought=words, wanted=wanted, is_first=not before, today=await _today(office),
        owners=[member for member in office.team if member.takes_leads and not member.disabled], degrees=[*Temperature],
        bridges=phone_calls.unavailable(office, person) is None,
    )  # fmt: skip


@router.get("/strip")
async def strip(request: Request, person: SignedIn) -> Response:
    """The figures at the head of the list."""
    del person
    return view.fragment(request, "strip.html", today=await _today(request.app.state.office))


@router.get("/leads/{lead_id}/card")
async def lead_card(request: Request, lead_id: str, person: SignedIn) -> Response:
    """One lead's card as it is now."""
    office: Office = request.app.state.office
    found = parse_id(lead_id)
    lead = await reading.lead(office.db, office.vault, found) if found else None
    if lead is None:
        raise HTTPException(404)
    saw(request, How.LIST, [lead.id])
    bridges = phone_calls.unavailable(office, person) is None
    return view.fragment(request, "card.html", card=card(office, lead), bridges=bridges)


@router.post("/practice/lead")
async def practice_lead(request: Request, person: SignedIn) -> Response:
    """
    An invented person asks, just as a form's would; their answer shows in the list.

    They live where somebody on the team is licensed, so that a team with licences can be tried with them.
    """
    del person
    office: Office = request.app.state.office
    if not office.is_practice:
        raise HTTPException(404)
    states = {state for agent in office.agents for state in agent.work.licences}
    await receive_lead(office, msgspec.json.encode(sample_lead(now=office.clock.now(), states=states)))
    return see("/leads")


async def _page(office: Office, words: str, wanted: Wanted, before: Cursor | None) -> Page:
    if words:
        return await reading.search(office.db, office.vault, words)
    return await reading.leads(office.db, office.vault, office.clock.now(), before=before, wanted=wanted)


def _next(found: Page, wanted: Wanted) -> str | None:
    """Where the earlier ones are, by the same filters; None at the end."""
    if found.next is None:
        return None
    kept = {"see": "1" if wanted.to_see else "", "owner": wanted.owner or "", "temperature": wanted.temperature or ""}
    given = {name: str(value) for name, value in kept.items() if value}
    return f"/leads?{urlencode({**given, 'before': str(found.next)})}"


async def _today(office: Office) -> Today:
    zone = office.settings.time_zone
    return await overview.today(office.db, office.clock.now(), zone, practice=office.is_practice)
