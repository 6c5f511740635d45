"""Whether somebody came to a meeting, said with one tap from their page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.errors import RuleError
from leadwake.web.pages.answers import answer
from leadwake.web.pages.route import PageRoute, fields
from leadwake.web.read_api import parse_id
from leadwake.web.sessions import SignedIn
from leadwake.workflows import meetings

router = APIRouter(route_class=PageRoute)


@router.post("/meetings/{meeting_id}/came")
async def came(request: Request, meeting_id: str, person: SignedIn) -> Response:
    """They came, or they did not."""
    given, found = await fields(request), parse_id(meeting_id)
    word = given.get("came", "")
    if found is None or word not in {"held", "no_show"}:
        raise HTTPException(404)
    try:
        lead_id = await meetings.came(request.app.state.office, found, person, is_no_show=word == "no_show")
    except RuleError:
        raise HTTPException(404) from None
    return answer(request, given, f"came_{word}", f"/leads/{lead_id}", meeting=found)


@router.post("/meetings/{meeting_id}/undone")
async def undone(request: Request, meeting_id: str, person: SignedIn) -> Response:
    """What was said is taken back."""
    given, found = await fields(request), parse_id(meeting_id)
    if found is None:
        raise HTTPException(404)
    try:
        lead_id = await meetings.came_undone(request.app.state.office, found, person)
    except RuleError:
        raise HTTPException(404) from None
    return answer(request, given, "came_undone" if lead_id else "too_late", f"/leads/{lead_id}" if lead_id else "/")
