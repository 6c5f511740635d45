"""What scripts on the team's own websites may ask of us: answers across origins, to known websites only.

No cookie counts here and none is set: a page is known by its origin, which the browser says and no page can change.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from leadwake.domain.website import Website
from leadwake.web import problems
from leadwake.workflows import websites
from leadwake.workflows.office import Office

_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "7200",
}


class CrossSiteRoute(APIRoute):
    """
    A route that scripts on known websites may use; give it OPTIONS among its methods.

    Whatever it answers, refusals too, the page's script can read; another origin is refused (403) and counted.
    """

    #: the part that has to be on for the website: of `domain.website.PARTS`; None: any website
    part: str | None = None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler within the edge between origins."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            office: Office = request.app.state.office
            origin = request.headers.get("origin")
            website = websites.find(office, origin)
            if website is None or not websites.allowed(office, origin, self.part):
                return _answered(problems.response(403, "Add this website under Setup, Websites first."))
            request.state.website = website
            if request.method == "OPTIONS":
                return _answered(Response(status_code=204, headers=_PREFLIGHT), origin)
            try:
                return _answered(await handle(request), origin)
            except Exception as error:
                return _answered(await problems.handle(request, error), origin)

        return handled


def website_of(request: Request) -> Website:
    """The website whose page asks; of a `CrossSiteRoute`."""
    website: Website = request.state.website
    return website


def _answered(response: Response, origin: str | None = None) -> Response:
    """The answer, readable for the page of this origin and for no other, with no credentials."""
    response.headers["Vary"] = "Origin"
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    return response
