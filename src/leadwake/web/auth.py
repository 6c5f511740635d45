"""Who is calling: API keys and access tokens with scopes, over a short memory of rows just read."""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from fastapi import Request

from leadwake.storage.credentials import access_token_id, api_key_id, hash_access_token, verify_api_key
from leadwake.web.problems import Problem
from leadwake.workflows.office import Office

#: a revoked key is refused everywhere within this many seconds
_REMEMBERED_S = 2.0
_MOST = 1_000
_UNKNOWN_KEY = "This API key is unknown or revoked."
_UNKNOWN_TOKEN = "This access token is unknown, revoked or over; get a new one at /oauth/token."  # noqa: S105 - words


class _Known(NamedTuple):
    """A row as it was last read. who: the API key's id, or the client's whose token it is."""

    at: float
    hash: bytes
    scopes: tuple[str, ...]
    who: str


class ApiKeys:
    """The API keys of this team and its access tokens, as this process last saw them."""

    def __init__(self) -> None:
        self._seen: dict[str, _Known] = {}

    async def check(self, office: Office, header: str | None, scope: str) -> str:
        """Who sends an Authorization header: a key's id, or a client's. Raises Problem 401 or 403, DatabaseAway."""
        scheme, _, text = (header or "").partition(" ")
        text = text.strip() if scheme.lower() == "bearer" else ""
        if key_id := api_key_id(text):
            known = await self._known(office, "api_key_read", key_id)
            is_it, refusal = known is not None and verify_api_key(text, known.hash), _UNKNOWN_KEY
        elif token_id := access_token_id(text):
            known = await self._known(office, "access_token_read", token_id)
            is_it = known is not None and hmac.compare_digest(hash_access_token(text), known.hash)
            refusal = _UNKNOWN_TOKEN
        else:
            raise Problem(401, "Send your API key as: Authorization: Bearer lw_…")
        if known is None or not is_it:
            raise Problem(401, refusal, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        if scope not in known.scopes:
            headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
            raise Problem(403, f"This API key lacks the scope {scope}.", headers=headers)
        return known.who

    async def _known(self, office: Office, query: str, id_: str) -> _Known | None:
        known = self._seen.get(id_)  # the ids of keys and of tokens differ in length
        if known is None or time.monotonic() - known.at > _REMEMBERED_S:
            row = await office.db.one(query, id=id_)
            if row is None:
                self._seen.pop(id_, None)
                return None
            if len(self._seen) >= _MOST:
                self._seen.clear()
            who = row.get("client_id", id_)
            known = self._seen[id_] = _Known(time.monotonic(), row["secret_hash"], tuple(row["scopes"]), who)
        return known


def require_scope(scope: str) -> Callable[[Request], Awaitable[str]]:
    """A dependency that lets only keys and tokens with the scope through; gives the key's id, or the client's."""

    async def checked(request: Request) -> str:
        keys: ApiKeys = request.app.state.api_keys
        return await keys.check(request.app.state.office, request.headers.get("authorization"), scope)

    return checked
