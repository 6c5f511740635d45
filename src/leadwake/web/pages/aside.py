"""/set-aside: what came in and was no lead to us, for a person to take in after all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.errors import InputError
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.read_api import parse_id
from leadwake.web.sessions import Manager
from leadwake.workflows import set_aside
from leadwake.workflows.office import Office
from leadwake.workflows.set_aside import Aside

router = APIRouter(route_class=PageRoute)


@router.get("/set-aside")
async def list_aside(request: Request, person: Manager, before: str = "", dismissed: str = "") -> Response:
    """What nobody has judged yet, the newest first. dismissed: what was just said to be no lead, to undo it."""
    del person
    return await _page(request, _place(before), parse_id(dismissed))


@router.get("/set-aside/{capture_id}")
async def look_at(request: Request, capture_id: str, person: Manager) -> Response:
    """One of them whole, and the form that takes it in."""
    del person
    found = await _one(request.app.state.office, capture_id)
    return await _whole(request, found, found.guess.fields)


@router.post("/set-aside/{capture_id}")
async def take_in(request: Request, capture_id: str, person: Manager) -> Response:
    """It is a lead, as the person confirmed; their page opens."""
    office: Office = request.app.state.office
    found, given = await _one(office, capture_id), await fields(request)
    try:
        receipt = await set_aside.take_in(office, found, given, person.id)
    except InputError as error:
        return await _whole(request, found, given, error.reasons, status=422)
    return see(f"/leads/{receipt.lead_id}" if receipt.lead_id else "/leads")


@router.post("/set-aside/{capture_id}/dismiss")
async def dismiss(request: Request, capture_id: str, person: Manager) -> Response:
    """It is no lead."""
    found = await _one(request.app.state.office, capture_id)
    await set_aside.dismiss(request.app.state.office, found.id, person.id)
    return see(f"/set-aside?dismissed={found.id}")


@router.post("/set-aside/{capture_id}/back")
async def bring_back(request: Request, capture_id: str, person: Manager) -> Response:
    """It waits for a judgement again."""
    del person
    found = await _one(request.app.state.office, capture_id)
    await set_aside.bring_back(request.app.state.office, found.id)
    return see("/set-aside")


async def _one(office: Office, capture_id: str) -> Aside:
    wanted = parse_id(capture_id)
    found = await set_aside.one(office, wanted) if wanted else None
    if found is None:
        raise HTTPException(404)
    return found


async def _page(request: Request, before: tuple[datetime, UUID] | None, dismissed: UUID | None) -> Response:
    found = await set_aside.waiting(request.app.state.office, before)
    last = found[-1] if len(found) == set_aside.LIMIT else None
    earlier = f"{last.at.isoformat()}~{last.id}" if last else None
    return await view.page(request, "aside.html", here="inbox", found=found, dismissed=dismissed, earlier=earlier)


async def _whole(
    request: Request,
    found: Aside,
    given: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    return await view.page(
        request, "aside_one.html", here="inbox", status=status, one=found, given=given, wrong=wrong or {}
    )


def _place(before: str) -> tuple[datetime, UUID] | None:
    """Where the page begins; None at the newest, and for what is no place."""
    at, _, after = before.partition("~")
    try:
        instant, found = datetime.fromisoformat(at), parse_id(after)
    except ValueError:
        return None
    return (instant, found) if found and instant.tzinfo else None
