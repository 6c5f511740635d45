"""/setup/forms: the forms on the team's own website whose consent counts in full."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain import agreement
from leadwake.domain.values import Channel
from leadwake.errors import InputError
from leadwake.storage.consent import forms as registered
from leadwake.web.bodies import posted_form
from leadwake.web.pages import view
from leadwake.web.pages.route import MAX_FORM, PageRoute, see
from leadwake.web.pages.setup import Admin
from leadwake.web.read_api import parse_id
from leadwake.workflows import consent_forms
from leadwake.workflows.consent_forms import MAX_SCREENSHOT, Registration
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.get("/setup/forms")
async def forms(request: Request, person: Admin) -> Response:
    """Every form there was, and a place for one more."""
    del person
    return await _page(request)


@router.post("/setup/forms")
async def register(request: Request, person: Admin) -> Response:
    """The form counts from now on, or what is wrong stands beside its fields."""
    posted = await posted_form(request, MAX_SCREENSHOT + MAX_FORM, MAX_FORM)
    given = posted.fields
    new = Registration(
        name=given.get("name", "").strip().lower()[:100],
        wording=given.get("wording", "").replace("\r\n", "\n").strip(),
        wording_version=given.get("wording_version", "").strip()[:200],
        url=given.get("url", "").strip()[:2000],
        not_pre_ticked="not_pre_ticked" in given,
        signs_by_name=given.get("signature") != "own_field",
        screenshot=posted.file,
        by_script=given.get("shown") == "script",
    )
    try:
        await consent_forms.register(request.app.state.office, person, new)
    except InputError as error:
        return await _page(request, status=422, given=given, wrong=error.reasons)
    return see("/setup/forms?saved=1")


@router.post("/setup/forms/{form_id}/retire")
async def retire(request: Request, form_id: str, person: Admin) -> Response:
    """What comes from the form counts as less from now on; what it proved stays proven."""
    found = parse_id(form_id)
    if found is None or not await consent_forms.retire(request.app.state.office, person, found):
        raise HTTPException(404)
    return see("/setup/forms")


@router.get("/setup/forms/{form_id}/screenshot")
async def screenshot(request: Request, form_id: str, person: Admin) -> Response:
    """How the form looked."""
    del person
    office: Office = request.app.state.office
    found = parse_id(form_id)
    row = await office.db.one("consent_form_screenshot", id=found) if found else None
    if row is None:
        raise HTTPException(404)
    return Response(bytes(row["screenshot"]), headers=view.headers(), media_type=row["screenshot_type"])


async def _page(
    request: Request, *, status: int = 200, given: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    return await view.page(
        request, "forms.html", here="setup", tab="forms", status=status, forms=await registered(office.db),
        suggested=agreement.wording(Channel.SMS, office.settings.business_name).text,
        by_script=given.get("shown") == "script" if given else bool(office.websites),
        given=given or {}, wrong=wrong or {}, saved="saved" in request.query_params,
        base=office.settings.links_base or str(request.base_url).rstrip("/"),
    )  # fmt: skip
