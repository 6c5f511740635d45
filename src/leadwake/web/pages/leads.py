"""/leads/{id}/…: what a member of the team does about a person: pause, in touch, "they asked me to stop"."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.looks import How
from leadwake.storage import reading
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.read_api import parse_id
from leadwake.web.seen import saw
from leadwake.web.sessions import SignedIn
from leadwake.workflows import confirming, suppression
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.post("/leads/{lead_id}/contacted")
async def contacted(request: Request, lead_id: str, person: SignedIn) -> Response:
    """A colleague was in touch: what still waits to be sent is dropped."""
    lead = await _lead(request, lead_id)
    await suppression.contacted_by(request.app.state.office, lead.id, person.id)
    return see(f"/leads/{lead.id}")


@router.post("/leads/{lead_id}/pause")
async def pause(request: Request, lead_id: str, person: SignedIn) -> Response:
    """Nothing automated goes to this person until somebody resumes, or they ask again."""
    lead = await _lead(request, lead_id)
    await suppression.paused_by(request.app.state.office, lead.id, f"user {person.id}")
    return see(f"/leads/{lead.id}")


@router.post("/leads/{lead_id}/resume")
async def resume(request: Request, lead_id: str, person: SignedIn) -> Response:
    """Automation goes on for this person."""
    lead = await _lead(request, lead_id)
    await suppression.resume(request.app.state.office, lead.id, f"user {person.id}")
    return see(f"/leads/{lead.id}")


@router.post("/leads/{lead_id}/lives-there")
async def lives_there(request: Request, lead_id: str, person: SignedIn) -> Response:
    """They said they live at the place they gave; `undo` takes it back."""
    lead, office = await _lead(request, lead_id), request.app.state.office
    if "undo" in await fields(request):
        await confirming.no_longer(office, lead.id, f"user {person.id}")
    else:
        await confirming.lives_there(office, lead, f"user {person.id}")
    return see(f"/leads/{lead.id}")


@router.get("/leads/{lead_id}/stop")
async def ask_stop(request: Request, lead_id: str, person: SignedIn) -> Response:
    """What "they asked me to stop" does, before it is done."""
    del person
    lead = await _lead(request, lead_id)
    saw(request, How.PAGE, [lead.id])
    return await view.page(request, "stop.html", here="leads", lead=lead)


@router.post("/leads/{lead_id}/stop")
async def stop(request: Request, lead_id: str, person: SignedIn) -> Response:
    """R-REV-1: the person told a colleague to stop; nothing to them is under way any more when this answers."""
    lead = await _lead(request, lead_id)
    await suppression.stopped_by(request.app.state.office, lead.id, f"user {person.id}")
    return see(f"/leads/{lead.id}")


async def _lead(request: Request, lead_id: str) -> reading.Lead:
    """The lead named in the path. Raises 404."""
    office: Office = request.app.state.office
    found: UUID | None = parse_id(lead_id)
    lead = await reading.lead(office.db, office.vault, found) if found else None
    if lead is None:
        raise HTTPException(404)
    return lead
