"""Who is calling: API keys with scopes, over a short memory of rows just read."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from fastapi import Request

from leadwake.storage.credentials import api_key_id, verify_api_key
from leadwake.web.problems import Problem
from leadwake.workflows.office import Office

#: a revoked key is refused everywhere within this many seconds
_REMEMBERED_S = 2.0
_MOST = 1_000


class ApiKeys:
    """The API keys of this team, as this process last saw them."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, bytes, tuple[str, ...]]] = {}

    async def check(self, office: Office, header: str | None, scope: str) -> str:
        """The id of the key in an Authorization header. Raises Problem 401 or 403, DatabaseAway."""
        scheme, _, text = (header or "").partition(" ")
        key_id = api_key_id(text.strip()) if scheme.lower() == "bearer" else None
        if key_id is None:
            raise Problem(401, "Send your API key as: Authorization: Bearer lw_…")
        stored = self._seen.get(key_id)
        if stored is None or time.monotonic() - stored[0] > _REMEMBERED_S:
            row = await office.db.one("api_key_read", id=key_id)
            if row is None:
                self._seen.pop(key_id, None)
                raise Problem(401, "This API key is unknown or revoked.")
            if len(self._seen) >= _MOST:
                self._seen.clear()
            stored = self._seen[key_id] = (time.monotonic(), row["secret_hash"], tuple(row["scopes"]))
        if not verify_api_key(text.strip(), stored[1]):
            raise Problem(401, "This API key is unknown or revoked.")
        if scope not in stored[2]:
            raise Problem(403, f"This API key lacks the scope {scope}.")
        return key_id


def require_scope(scope: str) -> Callable[[Request], Awaitable[str]]:
    """A dependency that lets only keys with the scope through; gives the key's id."""

    async def checked(request: Request) -> str:
        keys: ApiKeys = request.app.state.api_keys
        return await keys.check(request.app.state.office, request.headers.get("authorization"), scope)

    return checked
