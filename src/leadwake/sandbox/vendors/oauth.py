"""
The stand-ins' OAuth: a page that asks, codes, tokens that end and are replaced, revoking, and going wrong to order.

Tokens that nobody was given here are taken as before (a practice token set by hand); one that was given here counts
until it ends or is taken back. Sources: developers.hubspot.com auth-oauth-v3; GoHighLevel/highlevel-api-docs
apps/oauth.json; developer.calendly.com oauth and its refresh-token-rotation-guide; docs.slack.dev on installing and on
token rotation (read 2026-11-30). The words of a refusal are HubSpot's and Calendly's own; the others' as documented.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from leadwake.sandbox.bodies import Unreadable, form, json_object
from leadwake.sandbox.vendors.base import bearer
from leadwake.sandbox.wire import Answer, Request

CODE_LASTS_S = 60.0
MAX_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Style:
    """How a vendor does it. lasts_s: of an access token, None: for good. shape: tokens → what else the answer says."""

    name: str
    authorize: str
    token: str
    revoke: str
    lasts_s: float | None
    rotates: bool
    shape: Callable[[Mapping[str, Any], str], dict[str, Any]]
    refused: Callable[[str], Answer]
    basic: bool = False
    prefix: str = ""


@dataclass(slots=True)
class Orders:
    """How it behaves. grace_s: a used refresh token is answered as before for so long. secret: the only one."""

    lasts_s: float | None
    rotates: bool
    grace_s: float = 0.0
    secret: str = ""


@dataclass(slots=True)
class _Asked:
    """A browser that was sent here. said: what the page's answer carries."""

    query: dict[str, str]
    at: float


@dataclass(slots=True)
class _Pair:
    access: str
    refresh: str
    ends_at: float
    scope: str
    is_void: bool = False
    used_at: float | None = None
    next: _Pair | None = field(default=None, repr=False)


class Authority:
    """The vendor's OAuth."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.orders = Orders(style.lasts_s, style.rotates)
        self._asked: dict[str, _Asked] = {}
        self._codes: dict[str, _Asked] = {}
        self._by_access: dict[str, _Pair] = {}
        self._by_refresh: dict[str, _Pair] = {}
        #: token → how often an API request carried it; refresh token → how often it was used
        self.carried: Counter[str] = Counter()
        self.spent: Counter[str] = Counter()

    def work(self, request: Request, path: str) -> Answer | None:
        """The answer to what is OAuth's; None for anything else."""
        style = self.style
        if request.method == "GET" and path == style.authorize:
            return self._authorize(request)
        if request.method != "POST" or path not in (style.token, style.revoke):
            return None
        try:
            fields = form(request.body)
        except Unreadable:
            return style.refused("invalid_request")
        return self._revoke(fields) if path == style.revoke else self._token(request, fields)

    def refuses(self, request: Request) -> bool:
        """True for a token that was given here and has ended, or was taken back."""
        token = bearer(request)
        self.carried[token] += 1
        pair = self._by_access.get(token)
        return pair is not None and (pair.is_void or request.at > pair.ends_at)

    # a browser

    def _authorize(self, request: Request) -> Answer:
        try:
            query = form(request.query)
        except Unreadable:
            query = {}
        if not query.get("client_id") or not query.get("redirect_uri", "").startswith(("http://", "https://")):
            return Answer.text(400, "client_id and redirect_uri are needed")
        asked = secrets.token_urlsafe(12)
        _keep(self._asked, asked, _Asked(query, request.at))
        return _to(f"/{self.style.name}/_consent?asked={asked}")

    def asked(self, asked: str) -> Mapping[str, str] | None:
        """What the page is to ask for; None when nobody was sent here with this."""
        found = self._asked.get(asked)
        return found.query if found else None

    def answered(self, asked: str, *, allow: bool) -> Answer | None:
        """The browser goes back with a code, or without."""
        found = self._asked.pop(asked, None)
        if found is None:
            return None
        said = {"state": found.query["state"]} if "state" in found.query else {}
        if allow:
            code = secrets.token_urlsafe(24)
            _keep(self._codes, code, _Asked(found.query, time.time()))
            said["code"] = code
        else:
            said |= {"error": "access_denied", "error_description": "The user denied the request"}
        uri = found.query["redirect_uri"]
        return _to(f"{uri}{'&' if '?' in uri else '?'}{urlencode(said)}")

    # tokens

    def _token(self, request: Request, fields: Mapping[str, str]) -> Answer:
        client_id, secret = fields.get("client_id", ""), fields.get("client_secret", "")
        if self.style.basic:
            scheme, _, given = request.header(b"authorization").partition(" ")
            if scheme.lower() != "basic":
                return self.style.refused("invalid_client")
            client_id, _, secret = base64.b64decode(given).decode("utf-8", "replace").partition(":")
        if not client_id or not secret or (self.orders.secret and secret != self.orders.secret):
            return self.style.refused("invalid_client")
        if fields.get("grant_type") == "authorization_code":
            return self._exchanged(client_id, fields)
        if fields.get("grant_type") == "refresh_token":
            return self._renewed(fields.get("refresh_token", ""))
        return self.style.refused("unsupported_grant_type")

    def _exchanged(self, client_id: str, fields: Mapping[str, str]) -> Answer:
        asked = self._codes.pop(fields.get("code", ""), None)
        is_fit = (
            asked is not None
            and time.time() - asked.at < CODE_LASTS_S
            and asked.query.get("client_id") == client_id
            and asked.query["redirect_uri"] == fields.get("redirect_uri")
            and _is_verified(asked.query, fields.get("code_verifier", ""))
        )
        if asked is None or not is_fit:
            return self.style.refused("invalid_grant")
        return self._given(self._pair(asked.query.get("scope", "")))

    def _renewed(self, refresh: str) -> Answer:
        self.spent[refresh] += 1
        pair = self._by_refresh.get(refresh)
        if pair is None or pair.is_void:
            return self.style.refused("invalid_grant")
        if not self.orders.rotates:
            return self._given(self._pair(pair.scope, refresh))
        if pair.used_at is not None:
            in_grace = pair.next is not None and time.time() - pair.used_at < self.orders.grace_s
            return self._given(pair.next) if in_grace and pair.next else self.style.refused("invalid_grant")
        pair.used_at, pair.next = time.time(), self._pair(pair.scope)
        return self._given(pair.next)

    def _pair(self, scope: str, refresh: str = "") -> _Pair:
        lasts_s = self.orders.lasts_s
        pair = _Pair(
            f"{self.style.prefix}a{secrets.token_urlsafe(24)}",
            refresh or (f"r{secrets.token_urlsafe(24)}" if lasts_s is not None else ""),
            float("inf") if lasts_s is None else time.time() + lasts_s,
            scope,
        )
        _keep(self._by_access, pair.access, pair)
        if pair.refresh:
            _keep(self._by_refresh, pair.refresh, pair)
        return pair

    def _given(self, pair: _Pair) -> Answer:
        tokens: dict[str, Any] = {"access_token": pair.access}
        if pair.refresh:
            tokens |= {"refresh_token": pair.refresh, "expires_in": round(pair.ends_at - time.time())}
        return Answer.json(200, self.style.shape(tokens, pair.scope))

    def _revoke(self, fields: Mapping[str, str]) -> Answer:
        token = fields.get("token", "")
        pair = self._by_access.get(token) or self._by_refresh.get(token)
        if pair is not None:
            self.void(pair)
        return Answer.json(200, {"ok": True, "revoked": pair is not None} if self.style.name == "slack" else {})

    def void(self, pair: _Pair | None = None) -> None:
        """The pair is taken back; None: every one, as when somebody uninstalls the app."""
        for one in [pair] if pair else [*self._by_access.values(), *self._by_refresh.values()]:
            one.is_void = True

    # to order

    def desk(self, request: Request, path: str) -> Answer | None:
        """GET /_oauth says what was used; PUT orders {lasts_s, rotates, grace_s, secret}; POST /_uninstall ends it."""
        if path == "/_uninstall" and request.method == "POST":
            self.void()
            return Answer.json(200, {"void": len(self._by_access)})
        if path != "/_oauth":
            return None
        if request.method == "PUT":
            try:
                ordered = json_object(request.body)
            except Unreadable as problem:
                return Answer.json(422, {"errors": {"body": str(problem)}})
            for name in ("lasts_s", "rotates", "grace_s", "secret"):
                if name in ordered:
                    setattr(self.orders, name, ordered[name])
        return Answer.json(200, {"carried": self.carried, "spent": self.spent})


def _is_verified(query: Mapping[str, str], verifier: str) -> bool:
    if "code_challenge" not in query:
        return not verifier
    mark = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return query.get("code_challenge_method") == "S256" and mark == query["code_challenge"]


def _to(url: str) -> Answer:
    return Answer(303, b"", "text/plain", (("location", url.replace("\r", "").replace("\n", "")),))


def _keep(kept: dict[str, Any], key: str, value: object) -> None:
    kept[key] = value
    while len(kept) > MAX_KEPT:
        del kept[next(iter(kept))]


# Each vendor's own way.


def _hubspot(tokens: Mapping[str, Any], scope: str) -> dict[str, Any]:
    return {"token_type": "bearer", **tokens, "hub_id": 62515, "scopes": scope.split()}


def _hubspot_refuses(why: str) -> Answer:
    said = {
        "invalid_grant": ("BAD_REFRESH_TOKEN", "missing or invalid refresh token"),
        "invalid_client": ("BAD_CLIENT_SECRET", "missing or unknown client secret"),
    }.get(why, ("VALIDATION_ERROR", why))
    return Answer.json(400, {"status": said[0], "message": said[1], "correlationId": secrets.token_hex(8)})


def _gohighlevel(tokens: Mapping[str, Any], scope: str) -> dict[str, Any]:
    whose = {"userType": "Location", "locationId": "l1C08ntBrFjLS0elLIYU", "companyId": "c1C08ntBrFjLS0elLIYU",
             "userId": "u1C08ntBrFjLS0elLIYU"}  # fmt: skip
    return {"token_type": "Bearer", **tokens, "scope": scope, **whose}


def _gohighlevel_refuses(why: str) -> Answer:
    message = {"invalid_grant": "Invalid refresh token", "invalid_client": "Invalid client credentials!"}.get(why, why)
    return Answer.json(401, {"statusCode": 401, "message": message, "error": "Unauthorized"})


def _calendly(tokens: Mapping[str, Any], scope: str) -> dict[str, Any]:
    api = "https://api.calendly.com"
    whose = {"owner": f"{api}/users/PRACTICE", "organization": f"{api}/organizations/PRACTICE"}
    return {"token_type": "Bearer", **tokens, "created_at": int(time.time()), "scope": scope, **whose}


def _calendly_refuses(why: str) -> Answer:
    return Answer.json(401 if why == "invalid_client" else 400, {"error": why, "error_description": "It is not valid."})


def _slack(tokens: Mapping[str, Any], scope: str) -> dict[str, Any]:
    about = {"token_type": "bot", "bot_user_id": "U0LEADWAKE", "app_id": "A0PRACTICE", "enterprise": None,
             "team": {"id": "T0PRACTICE", "name": "Practice"}, "authed_user": {"id": "U0SOMEBODY"}}  # fmt: skip
    return {"ok": True, **tokens, "scope": scope, **about}


def _slack_refuses(why: str) -> Answer:
    said = {"invalid_grant": "invalid_refresh_token", "invalid_client": "bad_client_secret"}.get(why, why)
    return Answer.json(200, {"ok": False, "error": said})


HUBSPOT = Style(
    "hubspot", "/oauth/authorize", "/oauth/v3/token", "/oauth/2026-03/token/revoke", 1_800.0, False, _hubspot,
    _hubspot_refuses,
)  # fmt: skip
GOHIGHLEVEL = Style(
    "gohighlevel", "/oauth/chooselocation", "/oauth/token", "", 86_399.0, True, _gohighlevel, _gohighlevel_refuses
)
CALENDLY = Style(
    "calendly", "/oauth/authorize", "/oauth/token", "/oauth/revoke", 7_200.0, True, _calendly, _calendly_refuses,
    basic=True,
)  # fmt: skip
SLACK = Style(
    "slack", "/oauth/v2/authorize", "/api/oauth.v2.access", "/api/auth.revoke", None, True, _slack, _slack_refuses,
    prefix="xoxb-",
)  # fmt: skip
