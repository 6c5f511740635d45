"""/leads/{id}: everything about one person, and every step that was taken and why."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.storage.dossier import dossier
from leadwake.web.pages import view
from leadwake.web.pages.cards import card
from leadwake.web.pages.now import SignedIn
from leadwake.web.pages.route import PageRoute
from leadwake.web.read_api import parse_id
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.get("/leads/{lead_id}")
async def lead(request: Request, lead_id: str, person: SignedIn) -> Response:
    """The lead's page."""
    del person
    office: Office = request.app.state.office
    found = parse_id(lead_id)
    names = {member.id: member.name for member in office.team}
    whole = found and await dossier(
        office.db, office.vault, found, zone=office.settings.time_zone, names=names, now=office.clock.now()
    )
    if not whole:
        raise HTTPException(404)
    return await view.page(request, "lead.html", here="now", whole=whole, card=card(office, whole.lead))
