"""/setup: the business and its channels. Secrets go in and are never shown again."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.ops.doctor import incoming
from leadwake.storage import overview
from leadwake.vendors import OAUTH
from leadwake.web import mail_hooks
from leadwake.web.pages import setup_fields, view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.sessions import Admin
from leadwake.workflows import slack_members
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save as save_settings

router = APIRouter(route_class=PageRoute)

__all__ = ["Admin", "router"]


@router.get("/setup")
async def setup(request: Request, person: Admin, saved: str = "") -> Response:
    """The form as it stands. saved: the section that was saved a moment ago."""
    del person
    return await _page(request, saved=saved)


@router.post("/setup/settings/{section}")
async def save(request: Request, section: str, person: Admin) -> Response:
    """The section is saved and counts everywhere, or its mistakes stand beside their fields."""
    office: Office = request.app.state.office
    entries = setup_fields.fields_of(section)
    if entries is None:
        raise HTTPException(404)
    given = await fields(request)
    new = setup_fields.changes(office.settings, entries, given)
    wrong = setup_fields.problems(office.base_settings, office.settings.saved, entries, new)
    if wrong:
        return await _page(request, status=422, given={name: value or "" for name, value in new.items()}, wrong=wrong)
    if new:
        await save_settings(office, new, f"user {person.id}")
    done = see(f"/setup?saved={section}#{section}")
    if section == "slack" and new:
        done.background = BackgroundTask(slack_members.find_quietly, office)
    return done


async def _page(
    request: Request, *, status: int = 200, saved: str = "", given: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    known = await overview.vendors(office.db, office.settings)
    vendors = [vendor for vendor in known if vendor.name in setup_fields.VENDORS]  # others have a page of their own
    return await view.page(
        request, "setup.html", here="setup", tab="channels", status=status, business=setup_fields.BUSINESS,
        fields=setup_fields.VENDORS, purposes=setup_fields.PURPOSES, vendors=vendors, saved=saved, given=given or {},
        oauth=OAUTH, granted=office.settings.granted,
        wrong=wrong or {}, inbound=setup_fields.INBOUND, inbound_hook=mail_hooks.address(office),
        mail_in=await incoming.finding(office),
    )  # fmt: skip
