"""/setup/consent: who may be texted and why not, and how our e-mail is received."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake.compliance.complaints import COUNTED_FOR, PAUSE_PER_MILLE
from leadwake.errors import RuleError
from leadwake.storage.consent import LOOKED_AT, overview
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.workflows import mail_standing
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.get("/setup/consent")
async def consent(request: Request, person: Admin) -> Response:
    """The figures as they stand."""
    del person
    return await _page(request)


@router.post("/setup/consent/resume")
async def resume(request: Request, person: Admin) -> Response:
    """Marketing e-mail goes on, with a reason."""
    reason = (await fields(request)).get("reason", "")
    try:
        await mail_standing.resume(request.app.state.office, person, reason)
    except RuleError as error:
        return await _page(request, status=422, reason=reason, wrong=str(error))
    return see("/setup/consent#mail")


async def _page(request: Request, *, status: int = 200, reason: str = "", wrong: str = "") -> Response:
    office: Office = request.app.state.office
    now = office.clock.now()
    return await view.page(
        request, "consent.html", here="setup", tab="consent", status=status, days=LOOKED_AT.days,
        found=await overview(office.db, now, practice=office.is_practice),
        mail=await mail_standing.standing(office.db, now), mail_days=COUNTED_FOR.days, limit=PAUSE_PER_MILLE / 10,
        reason=reason, wrong=wrong,
    )  # fmt: skip
