"""/leads/{id}/give: a lead is handed over, from its own page; claiming and passing are every card's (tasks)."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.wording import sentence
from leadwake.errors import RuleError
from leadwake.storage import reading
from leadwake.storage.staff import Person
from leadwake.web.pages.lead_view import Shown, found_lead, lead_page
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.read_api import parse_id
from leadwake.web.sessions import SignedIn
from leadwake.workflows import claiming
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.post("/leads/{lead_id}/give")
async def give(request: Request, lead_id: str, person: SignedIn) -> Response:
    """The lead goes to a colleague, or back to routing: by its owner, or a manager."""
    office, found = await _named(request, lead_id)
    if not _may_hand_over(found, person):
        raise HTTPException(403)
    wanted = (await fields(request)).get("to", "")
    to = _colleague(office, parse_id(wanted)) if wanted else None
    try:
        await claiming.give(office, found.id, to, actor=person)
    except RuleError as error:
        return await lead_page(request, person, lead_id, Shown(), status=409, said=sentence(f"{error}."))
    return see(f"/leads/{found.id}")


async def _named(request: Request, lead_id: str) -> tuple[Office, reading.Lead]:
    office: Office = request.app.state.office
    return office, (await found_lead(office, lead_id))[0]


def _may_hand_over(lead: reading.Lead, person: Person) -> bool:
    return person.role in {"manager", "admin"} or lead.agent_id == person.id


def _colleague(office: Office, user_id: UUID | None) -> Person:
    found = office.person(user_id)
    if found is None or found.disabled:
        raise HTTPException(404)
    return found
