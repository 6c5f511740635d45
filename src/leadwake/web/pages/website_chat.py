"""/setup/websites/{id}/chat: what the chat of one website says, and its colour."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.errors import InputError
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.web.pages.websites import websites_page
from leadwake.web.read_api import parse_id
from leadwake.workflows import chat_looks
from leadwake.workflows.chat_looks import Look
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.post("/setup/websites/{website_id}/chat")
async def save(request: Request, website_id: str, person: Admin) -> Response:
    """Its chat is as the form says, or what is wrong stands beside the field."""
    office: Office = request.app.state.office
    given, wanted = await fields(request), parse_id(website_id)
    if wanted is None:
        raise HTTPException(404)
    look = Look(*(given.get(f"{name}-{website_id}", "") for name in ("greeting", "colour", "form")))
    try:
        await chat_looks.save(office, wanted, look, person)
    except InputError as error:
        return await websites_page(request, status=422, look=(wanted, look, error.reasons))
    return see(f"/setup/websites?saved={website_id}#site-{website_id}")
