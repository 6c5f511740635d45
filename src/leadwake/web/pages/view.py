"""How a page is made: its template, what every page shows at its head, and the headers that keep it safe."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from leadwake.domain import wording
from leadwake.domain.interests import interest
from leadwake.storage.overview import attention
from leadwake.storage.staff import Person
from leadwake.web.pages import assets, notice
from leadwake.web.safe_headers import SAFE
from leadwake.workflows.office import Office

_SAFE: Mapping[str, str] = {
    **SAFE,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
#: smaller pages are not worth packing
_PACK_FROM = 1_000

_templates = Environment(
    loader=PackageLoader("leadwake.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True, auto_reload=False,
)  # fmt: skip
_templates.globals["static"] = assets.url
_templates.globals["words"] = wording
_templates.globals["interest_words"] = interest
_templates.filters["duration"] = wording.duration
_templates.filters["sentence"] = wording.sentence
_templates.filters["phone"] = wording.phone
_templates.filters["ending"] = wording.ending
_templates.filters["masked_email"] = wording.masked_email


def fragment(request: Request, template: str, /, *, status: int = 200, **values: Any) -> Response:
    """A piece of a page, for a script to put in its place."""
    office: Office = request.app.state.office
    return _response(request, _rendered(request, office, template, values), status)


async def page(request: Request, template: str, /, *, here: str, status: int = 200, **values: Any) -> Response:
    """A whole page for somebody who is logged in. here: the entry of the navigation it belongs to."""
    office: Office = request.app.state.office
    values |= {"notice": notice.read(request), "back": request.url.path}
    values["attention"] = await attention(office.db, office.settings, request.state.person.id, office.clock.now())
    return _response(request, _rendered(request, office, template, {"here": here, **values}), status)


def bare(request: Request, template: str, /, *, status: int = 200, **values: Any) -> Response:
    """A page that asks nothing of the database and nobody's name: login, invitation, errors."""
    office: Office = request.app.state.office
    return _response(request, _rendered(request, office, template, values), status)


def headers() -> dict[str, str]:
    """What every answer of the pages carries."""
    return dict(_SAFE)


def _rendered(request: Request, office: Office, template: str, values: Mapping[str, Any]) -> bytes:
    now, zone = office.clock.now(), office.settings.time_zone

    def at(instant: datetime, *, seconds: bool = False) -> str:
        return wording.moment(instant, zone, now, seconds=seconds)

    person: Person | None = getattr(request.state, "person", None)
    text = _templates.get_template(template).render(
        office=office, settings=office.settings, person=person, now=now, zone=zone, at=at, path=request.url.path,
        clock_speed=office.clock.speed, news=getattr(request.state, "news", ""), **values,
    )  # fmt: skip
    return text.encode("utf-8", "replace")


def _response(request: Request, body: bytes, status: int) -> Response:
    given = {**_SAFE, "Vary": "Accept-Encoding, Cookie"}
    # What a page repeats of a request stands beside no secret: cookies are not in it, so packing tells nobody anything.
    if len(body) >= _PACK_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        given["Content-Encoding"] = "gzip"
        body = gzip.compress(body, 5, mtime=0)
    return Response(body, status, given, media_type="text/html; charset=utf-8")
