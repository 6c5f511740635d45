"""/setup/websites: the team's own websites: the line to paste, a tick when it runs there, what its pages load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.errors import InputError
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.web.read_api import parse_id
from leadwake.workflows import chat_looks, websites
from leadwake.workflows.chat_looks import Look
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

#: what the page offers: part → what it does
OFFERED: Final = {
    "form": ("The form", "whoever fills it in is answered at once, and what they agreed to is proven"),
    "visits": ("Visits", "which pages your leads look at, for how long, and when they come back"),
    "chat": ("The chat", "visitors write, and you answer from the inbox"),
}


@router.get("/setup/websites")
async def show(request: Request, person: Admin, removed: str = "", saved: str = "") -> Response:
    """Every website as it stands. removed: the one that is gone since a moment ago; saved: the one just changed."""
    del person
    return await websites_page(request, removed=removed, saved=saved)


@router.post("/setup/websites")
async def add(request: Request, person: Admin) -> Response:
    """Its pages may use our scripts, or what is wrong stands beside the field."""
    address = (await fields(request)).get("address", "")[:500]
    try:
        await websites.add(request.app.state.office, address, person)
    except InputError as error:
        return await websites_page(request, status=422, given=address, wrong=error.reasons["address"])
    return see("/setup/websites")


@router.post("/setup/websites/{website_id}/parts")
async def choose(request: Request, website_id: str, person: Admin) -> Response:
    """Its pages load what was ticked."""
    given = await fields(request)
    parts = {part for part in OFFERED if part in given}
    await websites.choose(request.app.state.office, _id(website_id), parts, person)
    return see(f"/setup/websites?saved={website_id}")


@router.post("/setup/websites/{website_id}/remove")
async def remove(request: Request, website_id: str, person: Admin) -> Response:
    """Its pages are refused; one press brings it back."""
    if not await websites.remove(request.app.state.office, _id(website_id), person):
        raise HTTPException(404)
    return see(f"/setup/websites?removed={website_id}")


@router.post("/setup/websites/{website_id}/restore")
async def restore(request: Request, website_id: str, person: Admin) -> Response:
    """It is as it was."""
    if not await websites.restore(request.app.state.office, _id(website_id), person):
        raise HTTPException(404)
    return see("/setup/websites")


def _id(text: str) -> UUID:
    found = parse_id(text)
    if found is None:
        raise HTTPException(404)
    return found


async def websites_page(
    request: Request, *, status: int = 200, removed: str = "", saved: str = "", given: str = "", wrong: str = "",
    look: tuple[UUID, Look, Mapping[str, str]] | None = None,
) -> Response:  # fmt: skip
    """Every website as it stands. look: of one whose chat could not be saved so, and what is wrong."""
    office: Office = request.app.state.office
    gone = parse_id(removed)
    found = await websites.everything(office)
    return await view.page(
        request, "websites.html", here="setup", tab="websites", status=status, websites=found, offered=OFFERED,
        removed=gone if gone and all(gone != one.website.id for one in found) else None, saved=saved, given=given,
        wrong=wrong, forms=office.forms, base=office.settings.links_base or str(request.base_url).rstrip("/"),
        reaches=bool(office.settings.public_url), looks=await chat_looks.looks(office), look=look,
    )  # fmt: skip
