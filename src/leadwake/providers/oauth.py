"""OAuth 2.0 with the vendors: where each is asked, what it answers, and what its refusals mean.

The protocol (authorization URL, PKCE, token requests, client authentication) is Authlib's; its requests go by the one
HTTP client, so that deadline, lease, guard and redaction hold for them, too. Read 2026-11-30:

    HubSpot       developers.hubspot.com auth-oauth-v3 and revoke-token: access 30 min, the refresh token stays
    GoHighLevel   highlevel-api-docs apps/oauth.json, the official SDK: access a day, the refresh token is replaced
    Calendly      developer.calendly.com oauth, scopes and refresh-token-rotation-guide: access 2 h, single-use, PKCE
    Slack         docs.slack.dev installing-with-oauth and using-token-rotation: never ends, or 12 h and replaced

Each use of a refresh token may be its last. A request of which nothing was written did not use it; one whose answer was
lost may have (OutcomeUnknown).
"""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx
from authlib.common.security import generate_token
from authlib.oauth2.client import OAuth2Client

from leadwake.errors import BadCredentials, ProviderError, Rejected
from leadwake.loopback import is_loopback
from leadwake.providers.guarded import Reach, admitted
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.ports import CONNECT_AGAIN, Call
from leadwake.vendors import App

#: one request to a token endpoint, from its write to its answer; a lease has room for both
DEADLINE_S: Final = 5.0
#: a token is renewed after this part of its life, somewhere between by chance
RENEW_AFTER: Final = (0.70, 0.85)
MAX_TOKEN_CHARS: Final = 8_192


@dataclass(frozen=True, slots=True)
class Way:
    """
    How a vendor is asked. API: stands for its base in a URL. scopes: what every part of Leadwake needs together.

    revoke: RFC 7009's, where there is one; slug: the vendor's name in our redirect URL.
    """

    authorize: str
    token: str
    revoke: str
    scopes: tuple[str, ...]
    account: Callable[[Mapping[str, Any]], str]
    separator: str = " "
    pkce: bool = False
    auth: str = "client_secret_post"
    more: Mapping[str, str] = field(default_factory=dict)
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """What a vendor gave. refresh: None where it gave none. lasts_s: of the access; None: it does not end."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    lasts_s: float | None
    account: str
    scopes: str

    def renew_s(self) -> float | None:
        """Seconds after which to renew it, so that several are not renewed together; None: never."""
        if self.lasts_s is None or self.refresh is None:
            return None
        return self.lasts_s * random.uniform(*RENEW_AFTER)  # noqa: S311 - spreads load, keeps no secret


def _slack_team(told: Mapping[str, Any]) -> str:
    team = told.get("team")
    return _line(team.get("id")) if isinstance(team, dict) else ""


WAYS: Final[Mapping[str, Way]] = {
    "hubspot": Way(
        "https://app.hubspot.com/oauth/authorize",
        "API/oauth/v3/token",
        "API/oauth/2026-03/token/revoke",
        (
            "oauth",
            *(f"crm.objects.{what}" for what in ("contacts.read", "contacts.write", "deals.read", "deals.write",
                                                 "owners.read")),
            *(f"crm.schemas.{what}.{how}" for what in ("contacts", "deals") for how in ("read", "write")),
        ),
        lambda told: _line(told.get("hub_id")),
    ),
    "gohighlevel": Way(
        "https://marketplace.gohighlevel.com/oauth/chooselocation",
        "API/oauth/token",
        "",
        ("contacts.readonly", "contacts.write", "opportunities.readonly", "opportunities.write", "users.readonly"),
        lambda told: _line(told.get("locationId")),
        more={"user_type": "Location"},
        slug="leadconnector",  # a redirect URL that says highlevel is refused there
    ),
    "calendly": Way(
        "https://auth.calendly.com/oauth/authorize",
        "https://auth.calendly.com/oauth/token",
        "https://auth.calendly.com/oauth/revoke",
        (
            "users:read", "event_types:read", "scheduled_events:read", "scheduling_links:write", "webhooks:write",
        ),
        lambda told: _line(told.get("organization")),
        pkce=True,
        auth="client_secret_basic",
    ),
    "slack": Way(
        "https://slack.com/oauth/v2/authorize",
        "API/api/oauth.v2.access",
        "API/api/auth.revoke",
        ("chat:write", "users:read", "users:read.email"),
        _slack_team,
        separator=",",
    ),
}  # fmt: skip

#: words by which a vendor says that the refresh token is void, and those by which it says so of our client
_VOID: Final = re.compile(
    r"invalid_grant|bad_refresh_token|invalid_refresh_token|token_revoked|token_expired|account_inactive"
    r"|refresh.?token.{0,40}(invalid|expired|revoked|not found)|(invalid|expired|revoked).{0,20}refresh.?token",
    re.IGNORECASE | re.DOTALL,
)
_CLIENT: Final = re.compile(r"invalid_client|unauthorized_client|bad_client_secret|client_?(id|secret)", re.IGNORECASE)
#: Slack says in a 200 that it does not take a token
_SLACK_TOKENS: Final = frozenset({"token_expired", "token_revoked", "invalid_auth", "account_inactive"})


def authorization(vendor: str, app: App, redirect_uri: str) -> tuple[str, str, str]:
    """Where the admin's browser goes, with the state it comes back with and PKCE's verifier ("" without)."""
    way = WAYS[vendor]
    verifier = generate_token(64) if way.pkce else ""
    client = _Client(
        app.client_id,
        scope=way.separator.join(way.scopes),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )
    url, state = client.create_authorization_url(
        _at(way.authorize, vendor, app), state=generate_token(43), code_verifier=verifier or None
    )
    return url, state, verifier


async def exchange(vendor: str, app: App, code: str, redirect_uri: str, verifier: str) -> Granted:
    """What the code stands for; it can be used once. Raises ProviderError."""
    more = {"code_verifier": verifier} if verifier else {}
    asking = _Asking(vendor, app, Call.for_seconds(DEADLINE_S), (code, verifier))
    told = await asking.ask(
        lambda client, url: client.fetch_token(
            url, grant_type="authorization_code", code=code, redirect_uri=redirect_uri, **more, **WAYS[vendor].more
        )
    )
    return _granted(vendor, told)


async def renew(vendor: str, app: App, refresh: str, call: Call) -> Granted:
    """
    New tokens for a refresh token, which is used up by it with most vendors.

    call: nothing is written after its lease. Raises BadCredentials with CONNECT_AGAIN when the token is void,
    OutcomeUnknown when it may have been used, another ProviderError when it was not.
    """
    asking = _Asking(vendor, app, call, (refresh,))
    told = await asking.ask(lambda client, url: client.refresh_token(url, refresh_token=refresh, **WAYS[vendor].more))
    return _granted(vendor, told, refresh)


async def revoke(vendor: str, app: App, access: str, refresh: str | None) -> bool:
    """True when the vendor knows that we are done; False where it cannot be told. Raises ProviderError."""
    way = WAYS[vendor]
    if not way.revoke:
        return False
    http = _http(vendor, _at(way.revoke, vendor, app), app, (access, refresh or ""))
    try:
        if vendor == "slack":
            answer = await http.send(_call(), "POST", "", form={"token": access}, repeatable=True)
        else:
            form = {"client_id": app.client_id, "client_secret": app.client_secret, "token": refresh or access}
            hint = {"token_type_hint": "refresh_token"} if vendor == "hubspot" else {}
            answer = await http.send(_call(), "POST", "", form={**form, **hint}, repeatable=True)
        if not answer.is_success or document(answer).get("ok") is False:
            raise _refusal(http, vendor, answer)
    finally:
        await http.aclose()
    return True


def is_refusal(vendor: str, answer: httpx.Response) -> bool:
    """True when the vendor did nothing, because it does not take the access token."""
    if vendor == "slack":
        return b'"error"' in answer.content and document(answer).get("error") in _SLACK_TOKENS
    return answer.status_code == 401


class _Client(OAuth2Client):  # type: ignore[misc]  # Authlib has no types
    """Authlib's protocol, whose requests somebody else carries. send: (URL, headers, form) → an answer."""

    def __init__(self, client_id: str, send: Any = None, **more: Any) -> None:
        super().__init__(None, client_id, **more)
        self._send = send

    async def _fetch_token(self, url: str, body: str = "", headers: Any = None, auth: Any = None, **_: Any) -> Any:
        url, headers, body = auth.prepare("POST", url, dict(headers or {}), body)
        return await self._send(headers, dict(parse_qsl(body, keep_blank_values=True)))

    async def _refresh_token(self, url: str, body: str = "", **more: Any) -> Any:
        return await self._fetch_token(url, body, **more)


class _Asking:
    """One request to a token endpoint."""

    def __init__(self, vendor: str, app: App, call: Call, secrets: tuple[str, ...]) -> None:
        self._vendor, self._app, self._call, self._secrets = vendor, app, call, secrets

    async def ask(self, how: Callable[[_Client, str], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        way = WAYS[self._vendor]
        client = _Client(
            self._app.client_id, self._send, client_secret=self._app.client_secret, token_endpoint_auth_method=way.auth
        )
        return await how(client, _at(way.token, self._vendor, self._app))

    async def _send(self, headers: Mapping[str, str], form: Mapping[str, str]) -> dict[str, Any]:
        basic = {name: value for name, value in headers.items() if name == "Authorization"}
        url = _at(WAYS[self._vendor].token, self._vendor, self._app)
        http = _http(self._vendor, url, self._app, self._secrets, basic)
        try:
            answer = await http.send(self._call, "POST", "", form=form)
            told = document(answer)
            if not answer.is_success or told.get("ok") is False or "error" in told:
                raise _refusal(http, self._vendor, answer)
            if not _token(told.get("access_token")):
                raise http.unreadable(answer)
        finally:
            await http.aclose()
        return told


def _http(
    vendor: str, url: str, app: App, secrets: tuple[str, ...], headers: Mapping[str, str] | None = None
) -> VendorHttp:
    """A client for one URL: hosts differ from the API's, and a token endpoint is asked twice a day."""
    reach = Reach.LOOPBACK if is_loopback(app.base) else Reach.PUBLIC
    return VendorHttp(
        vendor, url, headers=headers or {}, secrets=(app.client_secret, *secrets), deadline_s=DEADLINE_S,
        admit=admitted(httpx.URL(url).scheme, reach),
    )  # fmt: skip


def _at(where: str, vendor: str, app: App) -> str:
    """The URL; below the base where that is not the vendor's own."""
    if where.startswith("API"):
        return app.base + where.removeprefix("API")
    return where if app.is_vendors_own(vendor) else app.base + httpx.URL(where).path


def _call() -> Call:
    return Call.for_seconds(DEADLINE_S)


def _refusal(http: VendorHttp, vendor: str, answer: httpx.Response) -> ProviderError:
    """What the vendor said no for: a void token, our client, or something that passes."""
    told = document(answer)
    said = " ".join(
        str(told[name]) for name in ("error", "status", "subCategory", "error_description", "message") if name in told
    )
    if answer.status_code == 429 or answer.status_code >= 500 or "ratelimited" in said:
        status = httpx.Response(429, headers=answer.headers) if answer.is_success else answer
        return http.refusal(status, said)
    words = http.clean(f"{vendor} says: {said or answer.status_code}")
    if _VOID.search(said):
        return BadCredentials(words, vendor=vendor, code=CONNECT_AGAIN)
    if _CLIENT.search(said) or answer.status_code in {401, 403}:
        return BadCredentials(f"{words} (are our client id and secret right?)", vendor=vendor, code="client")
    return Rejected(words, vendor=vendor, code=str(answer.status_code))


def _granted(vendor: str, told: Mapping[str, Any], refresh: str | None = None) -> Granted:
    """refresh: that was used; a vendor that gives no other one takes it again."""
    lasts = told.get("expires_in")
    scopes = told.get("scope") or told.get("scopes") or ""
    return Granted(
        _token(told.get("access_token")),
        _token(told.get("refresh_token")) or refresh,
        float(lasts) if isinstance(lasts, int | float) and 0 < lasts < 1e9 else None,
        WAYS[vendor].account(told),
        (" ".join(map(str, scopes)) if isinstance(scopes, list) else str(scopes))[:2_000],
    )


def _token(value: object) -> str:
    is_fit = isinstance(value, str) and 0 < len(value) <= MAX_TOKEN_CHARS and value.isascii() and value.isprintable()
    return str(value) if is_fit else ""


def _line(value: object) -> str:
    return str(value)[:300] if isinstance(value, str | int) else ""
