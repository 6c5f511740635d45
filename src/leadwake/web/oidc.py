"""A sign-in under way: what of it the browser keeps, so that only the browser that began it can end it.

The cookie is signed, lasts ten minutes and holds the state, the nonce and PKCE's verifier. Whoever has somebody's code
without their cookie is refused here before the provider hears of it; with a cookie of their own, by the provider.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from fastapi import Request
from starlette.responses import Response

from leadwake.providers.oidc import Begun, Provider, Spec, providers
from leadwake.storage.credentials import TokenRefused, read_token, sign_token
from leadwake.web.sessions import is_https
from leadwake.workflows.office import Office
from leadwake.workflows.webhook_deliveries import reach

#: starts and ends together, from one address
BURST: Final = 40
PER_S: Final = 0.2
LASTS: Final = timedelta(minutes=10)
_PURPOSE: Final = "sign-in"
_NAME: Final = "leadwake_sign_in"
_MAX_COOKIE: Final = 4096


class Pending(msgspec.Struct, frozen=True, array_like=True):
    """What the browser keeps. place: where it goes on to, on our own site."""

    provider: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    place: str


class Providers:
    """The providers of this team as this process last asked them; a changed setting makes them anew."""

    def __init__(self) -> None:
        self._known: dict[str, Provider] = {}

    def of(self, office: Office, key: str) -> Provider | None:
        """The provider, if it is set up."""
        spec = next((spec for spec in providers(office.settings) if spec.key == key), None)
        if spec is None:
            return None
        allowed = reach(office.settings, is_practice=office.is_practice)
        known = self._known.get(key)
        if known is None or known.spec != spec or known.reach != allowed:
            known = self._known[key] = Provider(spec, allowed)
        return known


def callback(request: Request, key: str) -> str:
    """Where the provider sends the browser back to; it has to know this address beforehand."""
    office: Office = request.app.state.office
    base = office.settings.public_url or f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"
    return f"{base}/sign-in/{key}/callback"


def keep(request: Request, response: Response, spec: Spec, begun: Begun, back: str, place: str) -> None:
    """The browser keeps what ends this sign-in; of one that it began before it knows nothing any more."""
    office: Office = request.app.state.office
    pending = Pending(spec.key, begun.state, begun.nonce, begun.verifier, back, place)
    token = sign_token(office.vault.link_key, _PURPOSE, msgspec.json.encode(pending), datetime.now(UTC) + LASTS)
    # Lax: it has to come along when the provider sends the browser back
    response.set_cookie(
        _cookie(request), token, max_age=int(LASTS.total_seconds()), path="/", httponly=True, samesite="lax",
        secure=is_https(request),
    )  # fmt: skip


def forget(request: Request, response: Response) -> None:
    """Nothing is under way in this browser."""
    response.delete_cookie(_cookie(request), path="/", httponly=True, samesite="lax", secure=is_https(request))


def pending(request: Request, key: str, state: str) -> Pending | None:
    """What this browser began at this provider with this state; None when it did not, or too long ago."""
    office: Office = request.app.state.office
    token = request.cookies.get(_cookie(request), "")[:_MAX_COOKIE]
    try:
        content = read_token(office.vault.link_key, _PURPOSE, token, now=datetime.now(UTC))
        found = msgspec.json.decode(content, type=Pending)
    except (TokenRefused, msgspec.DecodeError):
        return None
    is_same = hmac.compare_digest(found.state.encode(), state.encode("utf-8", "surrogatepass"))
    return found if is_same and found.provider == key else None


def _cookie(request: Request) -> str:
    # __Host-: no neighbour under our domain can set it
    return f"__Host-{_NAME}" if is_https(request) else _NAME
