"""/embed/forms/{form}: what our script shows on a page of the team's website, and what it sends from there."""

from __future__ import annotations

import math

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from leadwake.errors import InputError
from leadwake.web.bodies import read_body
from leadwake.web.clients import Buckets, client_ip
from leadwake.web.cross_site import CrossSiteRoute, website_of
from leadwake.web.leads_api import FormName
from leadwake.web.problems import Problem
from leadwake.workflows import embedded_forms
from leadwake.workflows.office import Office


class FormRoute(CrossSiteRoute):
    """For websites whose pages load the form."""

    part = "form"


router = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.api_route("/embed/forms/{form}", methods=["GET", "OPTIONS"])
async def show(request: Request, form: FormName) -> Response:
    """The form's words, with the proof that they are ours."""
    office: Office = request.app.state.office
    return JSONResponse(embedded_forms.definition(office, website_of(request), form))


@router.post("/embed/forms/{form}")
async def send(request: Request, form: FormName) -> Response:
    """A form that somebody filled in; the answer says how they hear from us. A robot's is thanked like everybody's."""
    office: Office = request.app.state.office
    buckets: Buckets = request.app.state.form_buckets
    ip = client_ip(request, request.app.state.trusted_proxies)
    if wait := buckets.wait_s(ip):
        raise Problem(
            429, "Too many from this address; try again shortly.", headers={"Retry-After": f"{math.ceil(wait)}"}
        )
    origin = request.headers["origin"]
    around = {
        "ip": ip,
        "user_agent": request.headers.get("user-agent", "")[:300],
        "url": request.headers.get("referer", origin)[:2000],
    }
    posted = embedded_forms.read(office, website_of(request), form, await read_body(request), around)
    try:
        receipt = await embedded_forms.receive(office, posted, origin)
    except InputError as error:
        raise Problem(422, "Give a name, and a number or an address.", errors=error.reasons) from error
    by = await embedded_forms.answered_by(office, receipt.inquiry_id) if receipt and receipt.lead_id else "person"
    return JSONResponse({"answered_by": by}, 202)
