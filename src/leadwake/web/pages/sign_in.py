"""/sign-in/…: to an identity provider and back."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from leadwake import log
from leadwake.domain.wording import duration
from leadwake.errors import LeadwakeError, Unavailable
from leadwake.providers.oidc import NotProven, Provider
from leadwake.storage.events import record
from leadwake.web import oidc
from leadwake.web.clients import Buckets, client_ip
from leadwake.web.pages import view
from leadwake.web.pages.entry import enter, login_page
from leadwake.web.pages.route import PageRoute, safe_next, see
from leadwake.workflows import sign_in
from leadwake.workflows.office import Office

_log = log.get(__name__)

router = APIRouter(route_class=PageRoute)


@router.get("/sign-in/{provider}")
async def begin(request: Request, provider: str) -> Response:
    """The browser goes to the provider."""
    place, asked = safe_next(request.query_params.get("next")), _provider(request, provider)
    if refused := await _too_often(request, place):
        return refused
    back = oidc.callback(request, asked.spec.key)
    try:
        begun = await asked.begin(back)
    except (Unavailable, NotProven) as error:
        return await _failed(request, asked, error, place)
    response = RedirectResponse(begun.url, 303, view.headers())
    oidc.keep(request, response, asked.spec, begun, back, place)
    return response


@router.get("/sign-in/{provider}/callback")
async def end(request: Request, provider: str) -> Response:
    """Logged in, or told why not; whichever it is, this sign-in is over."""
    asked, given = _provider(request, provider), request.query_params
    begun = oidc.pending(request, asked.spec.key, given.get("state", ""))
    place = safe_next(begun.place) if begun else "/"
    if refused := await _too_often(request, place):
        return refused
    if begun is None:
        response = await _not_begun(request)
    else:
        try:
            user_id = await _proven(request, asked, begun)
            response = await enter(request, user_id, via=asked.spec.key, answer=see(place))
        except (Unavailable, NotProven, sign_in.Refused) as error:
            response = await _failed(request, asked, error, place)
    oidc.forget(request, response)
    return response


async def _proven(request: Request, asked: Provider, begun: oidc.Pending) -> UUID:
    """Whose sign-in this was. Raises NotProven, Unavailable, Refused, DatabaseAway."""
    given, office = request.query_params, request.app.state.office
    if said := given.get("error", ""):
        if said == "access_denied":
            raise NotProven(f"{asked.spec.label} was not allowed to tell us who you are. Nothing happened.", "denied")
        raise NotProven(f"{asked.spec.label} could not sign you in. Start again.", "error")
    found = await asked.finish(given.get("code", ""), begun.nonce, begun.verifier, begun.redirect_uri, given.get("iss"))
    return await sign_in.admit(office, asked.spec, found)


def _provider(request: Request, key: str) -> Provider:
    known: oidc.Providers = request.app.state.providers
    found = known.of(request.app.state.office, key)
    if found is None:
        raise HTTPException(404)
    return found


async def _too_often(request: Request, place: str) -> Response | None:
    buckets: Buckets = request.app.state.sign_in_buckets
    wait_s = buckets.wait_s(client_ip(request, request.app.state.trusted_proxies))
    if not wait_s:
        return None
    wrong = f"Too many tries. The next one is possible in {duration(wait_s)}."
    response = await login_page(request, place, status=429, wrong=wrong)
    response.headers["Retry-After"] = str(int(wait_s) + 1)
    return response


async def _not_begun(request: Request) -> Response:
    """A state without its cookie: another browser's, or too old."""
    public, host = request.app.state.office.settings.public_url, request.headers.get("host")
    wrong = "This sign-in was begun in another browser, or too long ago. Start again."
    if public and urlsplit(public).netloc != host:
        wrong = f"This sign-in was begun at another address. Start again at {public}/login"
    return await login_page(request, "/", status=400, wrong=wrong)


async def _failed(request: Request, asked: Provider, error: LeadwakeError, place: str) -> Response:
    """The login page with what to do; the log has a code and nobody's address."""
    office: Office = request.app.state.office
    code = getattr(error, "code", "") or type(error).__name__
    _log.warning("sign_in_failed", provider=asked.spec.key, code=code)
    if isinstance(error, Unavailable):
        wrong = f"{asked.spec.label} cannot be reached just now. Try again in a minute."
        return await login_page(request, place, status=503, wrong=wrong)
    async with office.db.transaction() as connection:
        await record(connection, office.clock.now(), "somebody", "login_failed", via=asked.spec.key, reason=code)
    return await login_page(request, place, status=403 if isinstance(error, sign_in.Refused) else 401, wrong=str(error))
