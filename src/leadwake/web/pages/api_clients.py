"""/setup/clients: programs that get access tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.errors import RuleError
from leadwake.storage.credentials import SCOPES
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.team import named_with_scopes
from leadwake.web.sessions import Admin
from leadwake.workflows import api_clients
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_PLACE = "/setup/clients"


@router.get(_PLACE)
async def clients(request: Request, person: Admin) -> Response:
    """Every client, and a form for one more."""
    del person
    return await _page(request)


@router.post(_PLACE)
async def new(request: Request, person: Admin) -> Response:
    """A new client; its secret is shown this once."""
    given = await fields(request)
    name, scopes, wrong = named_with_scopes(given)
    if wrong:
        return await _page(request, status=422, given=given, wrong=wrong)
    id_, secret = await api_clients.add(request.app.state.office, name, scopes, actor=f"user {person.id}")
    return await _page(request, client_id=id_, secret=secret)


@router.post(_PLACE + "/{client_id}/rotate")
async def rotate(request: Request, client_id: str, person: Admin) -> Response:
    """A new secret, shown this once; the one before is good for a day."""
    office: Office = request.app.state.office
    try:
        secret = await api_clients.rotate(office, client_id[:64], at_once=False, actor=f"user {person.id}")
    except RuleError:
        raise HTTPException(404) from None
    return await _page(request, client_id=client_id, secret=secret, rotated=True)


@router.post(_PLACE + "/{client_id}/revoke")
async def revoke(request: Request, client_id: str, person: Admin) -> Response:
    """Neither its secret nor its tokens open anything."""
    try:
        await api_clients.revoke(request.app.state.office, client_id[:64], actor=f"user {person.id}")
    except RuleError:
        raise HTTPException(404) from None
    return see(_PLACE)


async def _page(
    request: Request, *, status: int = 200, client_id: str = "", secret: str = "", rotated: bool = False,
    given: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    known = [row for row in await office.db.all("api_clients") if row["revoked_at"] is None]
    return await view.page(
        request, "api_clients.html", here="setup", tab="keys", status=status, clients=known, client_id=client_id,
        secret=secret, rotated=rotated, given=given or {}, wrong=wrong or {}, scopes=SCOPES, real_now=datetime.now(UTC),
        base=office.settings.links_base or str(request.base_url).rstrip("/"),
    )  # fmt: skip
