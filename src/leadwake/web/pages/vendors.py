"""/setup/vendors/{vendor}: connecting a vendor by OAuth, which token counts, and disconnecting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from leadwake.errors import ConfigError, ProviderError, RuleError
from leadwake.providers.oauth import WAYS
from leadwake.storage import grants
from leadwake.vendors import OAUTH, VENDORS
from leadwake.web.pages import setup_fields, view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.web.sessions import visiting
from leadwake.workflows import slack_members, vendor_connections
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save as save_settings

router = APIRouter(route_class=PageRoute)

#: what became of it, by the name it travels under
SAID: Final[Mapping[str, str]] = {
    "connected": "Connected. It counts from now on.",
    "saved": "Saved.",
    "disconnected": "Disconnected, here and there.",
    "forgotten": "Disconnected here. The vendor could not be told: remove the app in your account there, too.",
}
#: what a vendor sends back when somebody did not agree, and so is no fault
_DENIED: Final = frozenset({"access_denied", "consent_required", "interaction_required"})
_MAX_CODE: Final = 4_096


@router.get("/setup/vendors/{vendor}")
async def show(request: Request, vendor: str, person: Admin, done: str = "") -> Response:
    """How the vendor is connected, and the buttons. done: what became of the last one."""
    del person
    return await _page(request, _known(vendor), done=SAID.get(done, ""))


@router.post("/setup/vendors/{vendor}/app")
async def save_app(request: Request, vendor: str, person: Admin) -> Response:
    """Who we are at the vendor stands, or its mistakes stand beside their fields."""
    office: Office = request.app.state.office
    entries = setup_fields.app_of(_known(vendor))
    new = setup_fields.changes(office.settings, entries, await fields(request))
    wrong = setup_fields.problems(office.base_settings, office.settings.saved, entries, new)
    if wrong:
        given = {name: value or "" for name, value in new.items()}
        return await _page(request, vendor, status=422, given=given, wrong=wrong)
    if new:
        await save_settings(office, new, f"user {person.id}")
    return see(f"/setup/vendors/{vendor}?done=saved")


@router.get("/setup/vendors/{vendor}/authorize")
async def authorize(request: Request, vendor: str, person: Admin) -> Response:
    """The browser goes to the vendor's own page. A link, for a form may not lead to another site."""
    office: Office = request.app.state.office
    _from_our_page(request)
    try:
        url = await vendor_connections.begin(office, _known(vendor), person, (await visiting(request)).mark)
    except RuleError as error:
        return await _page(request, vendor, status=409, problem=str(error))
    return RedirectResponse(url, 303, {**view.headers(), "Referrer-Policy": "no-referrer"})


@router.get("/setup/vendors/{slug}/callback")
async def callback(
    request: Request, slug: str, person: Admin, state: str = "", code: str = "", error: str = ""
) -> Response:
    """The browser is back: with a code that is exchanged at once, or with the vendor's no."""
    office: Office = request.app.state.office
    vendor = vendor_connections.by_slug(slug)
    if vendor is None:
        raise HTTPException(404)
    if error or not code or len(code) > _MAX_CODE:
        label = VENDORS[vendor].label
        said = f"{label} was not connected: nobody agreed there." if error in _DENIED else f"{label} did not agree."
        return await _page(request, vendor, status=409, problem=f"{said} Nothing was changed.")
    try:
        await vendor_connections.finish(office, vendor, state, code, person, (await visiting(request)).mark)
    except RuleError as refused:
        return await _page(request, vendor, status=409, problem=str(refused))
    except (ProviderError, ConfigError) as failed:
        return await _page(request, vendor, status=502, problem=f"It was not connected: {failed}")
    if vendor == "slack":
        await slack_members.find_quietly(office)
    return see(f"/setup/vendors/{vendor}?done=connected")


@router.post("/setup/vendors/{vendor}/disconnect")
async def disconnect(request: Request, vendor: str, person: Admin) -> Response:
    """The connection is over: the vendor is told where it can be, and a token set by hand counts again."""
    office: Office = request.app.state.office
    told = await vendor_connections.disconnect(office, _known(vendor), f"user {person.id}")
    return see(f"/setup/vendors/{vendor}?done={'disconnected' if told else 'forgotten'}")


async def _page(
    request: Request, vendor: str, *, status: int = 200, done: str = "", problem: str = "",
    given: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    settings = office.settings
    try:
        redirect_uri = vendor_connections.redirect_uri(office, vendor)
    except RuleError:
        redirect_uri = ""
    way = WAYS[vendor]
    grant = settings.granted(vendor)
    return await view.page(
        request, "vendor.html", here="setup", tab="channels", status=status, vendor=vendor,
        label=VENDORS[vendor].label, entries=setup_fields.app_of(vendor), app=settings.oauth_app(vendor),
        standing=(await grants.standing(office.db)).get(vendor), counts=grant is not None,
        by_hand=all(settings.get(name) for name in OAUTH[vendor]), redirect_uri=redirect_uri,
        scopes=way.separator.join(way.scopes), mode=settings.mode(vendor).value, done=done, problem=problem,
        given=given or {}, wrong=wrong or {},
    )  # fmt: skip


def _known(vendor: str) -> str:
    if vendor not in OAUTH:
        raise HTTPException(404)
    return vendor


def _from_our_page(request: Request) -> None:
    """Another site may not send an admin's browser to a page that asks for access."""
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise HTTPException(403)
