"""/setup/crm: what waits for each CRM and why, what goes there, what its stages mean, and a try now."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.deals import MILESTONES
from leadwake.errors import InputError
from leadwake.vendors import CRMS
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.workflows import crm_fields, crm_keys, crm_preview, crm_stages, crm_standing
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


@router.post("/setup/crm/{crm}/deals")
async def save_deals(request: Request, crm: str, person: Admin) -> Response:
    """Deals are made then and there from now on, or the mistakes stand beside the fields."""
    given, known = await fields(request), _known(crm)
    make, pipeline = given.get("make", ""), given.get("pipeline", "")
    try:
        await crm_stages.choose(request.app.state.office, known, make, pipeline, f"user {person.id}")
    except InputError as error:
        return await _page(request, status=422, wrong={crm: error.reasons})
    return see(f"/setup/crm?saved={crm}#{crm}")


@router.post("/setup/crm/{crm}/meanings")
async def save_meanings(request: Request, crm: str, person: Admin) -> Response:
    """The stages of a pipeline mean this from now on."""
    given, known = await fields(request), _known(crm)
    try:
        await crm_stages.give_meaning(request.app.state.office, known, given, f"user {person.id}")
    except InputError as error:
        return await _page(request, status=422, wrong={crm: error.reasons})
    return see(f"/setup/crm?saved={crm}#{crm}")


@router.post("/setup/crm/{crm}/key")
async def make_key(request: Request, crm: str, person: Admin) -> Response:
    """The account gets our unique property, or it is said why not."""
    if _known(crm) not in crm_keys.CRMS:
        raise HTTPException(404)
    try:
        await crm_keys.make(request.app.state.office, crm, f"user {person.id}")
    except InputError as error:
        return await _page(request, status=422, wrong={crm: error.reasons})
    return see(f"/setup/crm?saved={crm}#{crm}")


@router.post("/setup/crm/{crm}/stages")
async def read_stages(request: Request, crm: str, person: Admin) -> Response:
    """The pipelines are read again in a moment."""
    del person
    await crm_stages.look_again(request.app.state.office, _known(crm))
    return see(f"/setup/crm?tried={crm}#{crm}")


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
        base=office.settings.public_url, deals={crm: crm_stages.of(office, crm) for crm in CRMS},
        previews={crm: crm_preview.preview(office, crm) for crm in CRMS}, makes=crm_stages.MAKE, milestones=MILESTONES,
        keys=office.crm_keys, may_key=crm_keys.CRMS,
    )  # fmt: skip
