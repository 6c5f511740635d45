"""/setup/crm: what waits for each CRM and why, what goes into which property, and a try now."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.config import CRMS
from leadwake.errors import InputError
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.workflows import crm_fields, crm_standing
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.get("/setup/crm")
async def show(request: Request, person: Admin, tried: str = "", saved: str = "") -> Response:
    """Both CRMs as they stand. tried, saved: the CRM that was tried, or whose fields were saved, a moment ago."""
    del person
    return await _page(request, tried=tried, saved=saved)


@router.post("/setup/crm/{crm}/try")
async def try_now(request: Request, crm: str, person: Admin) -> Response:
    """What waits is tried now."""
    await crm_standing.try_now(request.app.state.office, _known(crm), f"user {person.id}")
    return see(f"/setup/crm?tried={crm}#{crm}")


@router.post("/setup/crm/{crm}/fields")
async def save_fields(request: Request, crm: str, person: Admin) -> Response:
    """These fields go into these properties from now on, or the mistakes stand beside them."""
    office: Office = request.app.state.office
    given = await fields(request)
    chosen = {field: given.get(field, "").strip() for field in crm_fields.FIELDS}
    try:
        await crm_fields.choose(office, _known(crm), chosen, f"user {person.id}")
    except InputError as error:
        return await _page(request, status=422, wrong={crm: error.reasons}, given={crm: chosen})
    return see(f"/setup/crm?saved={crm}#{crm}")


def _known(crm: str) -> str:
    if crm not in CRMS:
        raise HTTPException(404)
    return crm


async def _page(
    request: Request, *, status: int = 200, tried: str = "", saved: str = "",
    wrong: Mapping[str, Mapping[str, str]] | None = None, given: Mapping[str, Mapping[str, str]] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    chosen = {crm: {**crm_fields.mapping(office, crm), **(given or {}).get(crm, {})} for crm in CRMS}
    return await view.page(
        request, "crm.html", here="setup", tab="crm", status=status, standings=await crm_standing.standings(office),
        fields=crm_fields.FIELDS, chosen=chosen, wrong=wrong or {}, tried=tried, saved=saved,
        base=office.settings.public_url,
    )  # fmt: skip
