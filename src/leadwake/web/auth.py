"""Who is calling: API keys and access tokens with scopes, over a short memory of rows just read."""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from fastapi import Request

from leadwake.storage.credentials import access_token_id, api_key_id, hash_access_token, verify_api_key
from leadwake.web.clients import client_ip
from leadwake.web.limits import Limits, refuse_if_spent, spend
from leadwake.web.problems import Problem
from leadwake.workflows.office import Office

#: a revoked key is refused everywhere within this many seconds
_REMEMBERED_S = 2.0
_MOST = 1_000
_TOO_MANY = "Too many wrong API keys from this address; try again later."
_UNKNOWN_KEY = "This API key is unknown or revoked."
_UNKNOWN_TOKEN = "This access token is unknown, revoked or over; get a new one at /oauth/token."  # noqa: S105 - words


class _Known(NamedTuple):
    """
    A row as it was last read.

    hashes: of the secrets that open it, the newest and the one before while it counts. who: the API key's id, or the
    client's whose token it is.
    """

    at: float
    hashes: tuple[bytes, ...]
    scopes: tuple[str, ...]
    who: str


class ApiKeys:
    """The API keys of this team and its access tokens, as this process last saw them; how much each may still ask."""

    def __init__(self, limits: Limits) -> None:
        self._seen: dict[str, _Known] = {}
        self._limits = limits

    async def check(self, office: Office, header: str | None, scope: str, client: str = "") -> str:
        """
        Who sends an Authorization header: a key's id, or a client's. client: the caller's address.

        Raises Problem 401, 403 or 429, DatabaseAway.
        """
        scheme, _, text = (header or "").partition(" ")
        text = text.strip() if scheme.lower() == "bearer" else ""
        if key_id := api_key_id(text):
            known = await self._opened(office, "api_key_read", key_id, text, verify_api_key, client)
            refusal = _UNKNOWN_KEY
        elif token_id := access_token_id(text):
            known = await self._opened(office, "access_token_read", token_id, text, _is_token, client)
            refusal = _UNKNOWN_TOKEN
        else:
            raise Problem(401, "Send your API key as: Authorization: Bearer lw_…")
        if known is None:
            spend(self._limits.guesses, client, _TOO_MANY)
            raise Problem(401, refusal, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        if scope not in known.scopes:
            headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
            raise Problem(403, f"This API key lacks the scope {scope}.", headers=headers)
        buckets = self._limits.leads_of_a_key if scope == "leads:write" else self._limits.reads_of_a_key
        spend(buckets, known.who, "This API key asks too often; try again shortly.")
        return known.who

    async def _opened(
        self, office: Office, query: str, id_: str, text: str, opens: Callable[[str, bytes], bool], client: str
    ) -> _Known | None:
        """
        The row that this secret opens; one that was rotated a moment ago is read again before it is refused.

        Not for whoever has guessed too often: their next guess costs no query. Raises Problem 429.
        """
        known = self._seen.get(id_)  # the ids of keys and of tokens differ in length
        is_fresh = known is not None and time.monotonic() - known.at <= _REMEMBERED_S
        if known is not None and is_fresh:
            if any(opens(text, one) for one in known.hashes):
                return known
            refuse_if_spent(self._limits.guesses, client, _TOO_MANY)
        known = await self._read(office, query, id_)
        return known if known and any(opens(text, one) for one in known.hashes) else None

    async def _read(self, office: Office, query: str, id_: str) -> _Known | None:
        row = await office.db.one(query, id=id_)
        if row is None:
            self._seen.pop(id_, None)
            return None
        if len(self._seen) >= _MOST:
            self._seen.clear()
        hashes = tuple(row[name] for name in ("secret_hash", "former_hash") if row.get(name) is not None)
        found = _Known(time.monotonic(), hashes, tuple(row["scopes"]), row.get("client_id", id_))
        self._seen[id_] = found
        return found


def _is_token(text: str, stored: bytes) -> bool:
    return hmac.compare_digest(hash_access_token(text), stored)


def require_scope(scope: str) -> Callable[[Request], Awaitable[str]]:
    """A dependency that lets only keys and tokens with the scope through; gives the key's id, or the client's."""

    async def checked(request: Request) -> str:
        keys: ApiKeys = request.app.state.api_keys
        client = client_ip(request, request.app.state.trusted_proxies)
        key_id = await keys.check(request.app.state.office, request.headers.get("authorization"), scope, client)
        request.state.reader = f"key {key_id}"
        return key_id

    return checked
