"""POST /embed/visits: which page of the team's website is looked at, and for how long."""

from __future__ import annotations

import math

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake.web.bodies import read_body
from leadwake.web.clients import Buckets, client_ip
from leadwake.web.cross_site import CrossSiteRoute, website_of
from leadwake.web.problems import Problem
from leadwake.workflows import visits

#: what one address tells: a burst, then so many a second; an office behind one address is several people
VISIT_BURST, VISIT_PER_S = 120.0, 1.0


class VisitsRoute(CrossSiteRoute):
    """For websites whose visits are counted."""

    part = "visits"


router = APIRouter(include_in_schema=False, route_class=VisitsRoute)


@router.api_route("/embed/visits", methods=["POST", "OPTIONS"])
async def told(request: Request) -> Response:
    """Kept, with nothing of the address it came from; the type of its content does not matter."""
    buckets: Buckets = request.app.state.visit_buckets
    if wait := buckets.wait_s(client_ip(request, request.app.state.trusted_proxies)):
        raise Problem(429, "Too many from this address.", headers={"Retry-After": f"{math.ceil(wait)}"})
    body = await read_body(request, visits.MAX_BODY)
    await visits.told(request.app.state.office, website_of(request), body)
    return Response(status_code=204)
