"""Calling a lead from their page, and saying with one tap what came of it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.calls import TAPS, Outcome
from leadwake.errors import RuleError
from leadwake.storage import reading
from leadwake.storage.reading import Lead
from leadwake.web.pages import view
from leadwake.web.pages.answers import answer
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.read_api import parse_id
from leadwake.web.sessions import SignedIn
from leadwake.workflows import calls_said, phone_calls
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.post("/leads/{lead_id}/call")
async def call(request: Request, lead_id: str, person: SignedIn) -> Response:
    """The caller's own phone rings in a moment; outside the hours they are asked first."""
    lead, office = await _lead(request, lead_id), request.app.state.office
    asked = await phone_calls.ask(office, lead.id, person, anyway="anyway" in await fields(request))
    if asked.call_id is not None:
        return see(f"/leads/{lead.id}#calls")
    status = 200 if asked.warning else 409
    return await view.page(request, "call_ask.html", here="now", status=status, lead=lead, asked=asked)


@router.post("/calls/{call_id}/outcome")
async def outcome(request: Request, call_id: str, person: SignedIn) -> Response:
    """What came of a call, as whoever made it says."""
    found, said = parse_id(call_id), (await fields(request)).get("outcome", "")
    if found is None or said not in set(TAPS):
        raise HTTPException(404)
    try:
        lead_id = await phone_calls.came_of(request.app.state.office, found, Outcome(said), person)
    except RuleError:
        raise HTTPException(404) from None
    return see(f"/leads/{lead_id}#calls")


@router.post("/leads/{lead_id}/called")
async def called(request: Request, lead_id: str, person: SignedIn) -> Response:
    """What came of a call on the agent's own phone; for a moment it can be taken back."""
    given, found = await fields(request), parse_id(lead_id)
    outcome = given.get("outcome", "")
    if found is None or outcome not in set(TAPS):
        raise HTTPException(404)
    try:
        said = await calls_said.said(request.app.state.office, found, Outcome(outcome), person)
    except RuleError:
        raise HTTPException(404) from None
    return answer(request, given, f"call_{said.then or outcome}", f"/leads/{found}#calls", call=said.call_id)


@router.post("/calls/{call_id}/undone")
async def undone(request: Request, call_id: str, person: SignedIn) -> Response:
    """What was said of a call is taken back."""
    given, found = await fields(request), parse_id(call_id)
    lead_id = await calls_said.undone(request.app.state.office, found, person) if found else None
    return answer(
        request, given, "call_undone" if lead_id else "too_late", f"/leads/{lead_id}#calls" if lead_id else "/"
    )


@router.post("/calls/{call_id}/cancel")
async def cancel(request: Request, call_id: str, person: SignedIn) -> Response:
    """Whoever asked for a call calls it off while their own phone rings."""
    found = parse_id(call_id)
    if found is None:
        raise HTTPException(404)
    try:
        lead_id = await phone_calls.call_off(request.app.state.office, found, person)
    except RuleError:
        raise HTTPException(404) from None
    return see(f"/leads/{lead_id}#calls")


async def _lead(request: Request, lead_id: str) -> Lead:
    """The lead named in the path. Raises 404."""
    office: Office = request.app.state.office
    found = parse_id(lead_id)
    lead = await reading.lead(office.db, office.vault, found) if found else None
    if lead is None:
        raise HTTPException(404)
    return lead
