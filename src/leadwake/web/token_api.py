"""OAuth 2.0 for programs: POST /oauth/token (client credentials), POST /oauth/revoke, and the metadata.

RFC 6749, 7009, 8414. Errors are those of RFC 6749 5.2, not problem documents, for that is what OAuth clients read.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from leadwake.errors import DatabaseAway
from leadwake.metrics import REFUSED
from leadwake.storage.credentials import SCOPES, access_token_id, hash_access_token, is_client_id
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.web.bodies import content_type, read_body
from leadwake.web.clients import Buckets, client_ip
from leadwake.web.problems import Problem
from leadwake.web.token_server import AUTH_METHODS, LASTS_S, Asked, Client, Token, TokenServer
from leadwake.workflows.office import Office

router = APIRouter(include_in_schema=False)

TOKEN: Final = "/oauth/token"  # noqa: S105 - a path
REVOKE: Final = "/oauth/revoke"
#: requests from one address
BURST: Final = 60
PER_S: Final = 1.0
#: and of them with a secret that does not fit
GUESSES: Final = 10
GUESSES_PER_S: Final = GUESSES / 600
_MAX_BODY: Final = 16 * 1024
_MAX_FIELDS: Final = 20
#: RFC 6749, appendix A: printable ASCII but for the quote and the backslash
_PLAIN: Final = re.compile(r"[ !#-\[\]-~]{0,1000}")
_SPOKEN: Final = ("grant_type", "scope", "client_id", "token_type_hint")


class _Refused(Exception):
    """An error of RFC 6749 5.2."""

    def __init__(self, status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.status, self.error, self.description, self.headers = status, error, description, dict(headers or {})


@router.post(TOKEN)
async def token(request: Request) -> Response:
    """An access token for a client's id and secret."""
    try:
        fields = await _fields(request)
        server, asked = await _server(request, fields)
        if "grant_type" not in fields:
            raise _Refused(400, "invalid_request", "grant_type is missing: client_credentials")
        status, body, headers = server.issue(asked)
        if server.made and status == 200:
            office: Office = request.app.state.office
            await office.db.run(
                "access_token_add", id=server.made.id, client_id=server.client.id, secret_hash=server.made.hash,
                scopes=server.scopes, lasts_s=LASTS_S,
            )  # fmt: skip
    except (_Refused, DatabaseAway, Problem) as error:
        return _error(error)
    return _answer(request, status, body, dict(headers))


@router.post(REVOKE)
async def revoke(request: Request) -> Response:
    """The token opens nothing any more; 200, too, when it did not before."""
    try:
        fields = await _fields(request)
        server, asked = await _server(request, fields)
        status, body, headers = server.revoke(asked)
        if server.revoked:
            await _revoke(request.app.state.office, server.revoked)
    except (_Refused, DatabaseAway, Problem) as error:
        return _error(error)
    return _answer(request, status, body, dict(headers))


@router.get("/.well-known/oauth-authorization-server")
async def metadata(request: Request) -> Response:
    """RFC 8414: where a client finds what."""
    office: Office = request.app.state.office
    issuer = office.settings.public_url or str(request.base_url).rstrip("/")
    return JSONResponse({
        "issuer": issuer, "token_endpoint": issuer + TOKEN, "revocation_endpoint": issuer + REVOKE,
        "grant_types_supported": ["client_credentials"], "response_types_supported": [],
        "scopes_supported": list(SCOPES), "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS), "service_documentation": f"{issuer}/docs",
    })  # fmt: skip


async def _fields(request: Request) -> dict[str, str]:
    """The form, each name once. Raises _Refused, Problem."""
    _hold_back(request)
    body = await read_body(request, _MAX_BODY)
    if content_type(request) != "application/x-www-form-urlencoded":
        raise _Refused(400, "invalid_request", "send a form: application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError:
        raise _Refused(400, "invalid_request", "the form cannot be read") from None
    fields = {name: value for name, value in pairs if value}  # 3.2: without a value it was not sent
    if len({name for name, _ in pairs}) != len(pairs):
        raise _Refused(400, "invalid_request", "a parameter is there twice")
    if any(not _PLAIN.fullmatch(fields.get(name, "")) for name in _SPOKEN):
        raise _Refused(400, "invalid_request", "a parameter holds a character that none may hold")
    return fields


async def _server(request: Request, fields: Mapping[str, str]) -> tuple[TokenServer, Asked]:
    """Authlib's server with the rows that the request names. Raises _Refused, DatabaseAway."""
    office: Office = request.app.state.office
    header = request.headers.get("authorization", "")
    by_header = _basic(header) if header.lower().startswith("basic ") else None
    if by_header is not None and "client_secret" in fields:
        raise _Refused(400, "invalid_request", "say who you are in one way, not in two")
    client_id = by_header if by_header is not None else fields.get("client_id", "")
    row = await office.db.one("api_client_read", id=client_id) if is_client_id(client_id) else None
    client = Client(client_id)
    if row:
        client = Client(row["id"], tuple(row["scopes"]), (row["secret_hash"], row["old_secret_hash"]))
    known = await _token(office, fields["token"]) if fields.get("token") else None
    return TokenServer(client, known), Asked(fields, {"Authorization": header} if by_header is not None else {})


async def _token(office: Office, text: str) -> Token | None:
    token_id = access_token_id(text)
    row = await office.db.one("access_token_read", id=token_id) if token_id else None
    is_it = row is not None and hash_access_token(text) == bytes(row["secret_hash"])
    return Token(row["id"], row["client_id"]) if row and is_it else None


async def _revoke(office: Office, token: Token) -> None:
    async with office.db.transaction() as connection:
        await connection.execute(q("access_token_end"), {"id": token.id})
        await record(connection, office.clock.now(), f"client {token.client_id}", "oauth_token_revoked", token=token.id)


def _basic(header: str) -> str:
    """The id in a Basic header. Raises _Refused."""
    try:
        text = base64.b64decode(header.partition(" ")[2].strip(), validate=True).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        raise _Refused(401, "invalid_client", "the Basic header cannot be read", _ASK) from None
    return unquote(text.partition(":")[0])


_ASK: Final = {"WWW-Authenticate": "Basic"}


def _hold_back(request: Request) -> None:
    """Raises _Refused when this address asked too often, or guessed too often."""
    client = client_ip(request, request.app.state.trusted_proxies)
    every: Buckets = request.app.state.token_buckets
    guesses: Buckets = request.app.state.guess_buckets
    if wait_s := every.wait_s(client) or guesses.wait_s(client, spend=False):
        raise _Refused(429, "slow_down", "too many requests", {"Retry-After": str(int(wait_s) + 1)})


def _answer(request: Request, status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    if status >= 400 and body.get("error") == "invalid_client":
        guesses: Buckets = request.app.state.guess_buckets
        guesses.wait_s(client_ip(request, request.app.state.trusted_proxies))
        body = {"error": "invalid_client", "error_description": "no client has this id and secret"}
        headers = {**headers, **_ASK}
        status = 401
    return _response(status, body, headers)


def _error(error: _Refused | DatabaseAway | Problem) -> Response:
    if isinstance(error, _Refused):
        body = {"error": error.error, "error_description": error.description}
        return _response(error.status, body, error.headers)
    if isinstance(error, Problem):
        return _response(error.status, {"error": "invalid_request", "error_description": error.detail}, {})
    away = {"error": "temporarily_unavailable", "error_description": "the database is away for a moment"}
    return _response(503, away, {"Retry-After": "2"})


def _response(status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    if status in {401, 403, 413, 429}:
        REFUSED.labels(str(status)).inc()
    given = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    safe = {"Cache-Control": "no-store", "Pragma": "no-cache", "X-Content-Type-Options": "nosniff"}
    return JSONResponse(body, status, {**safe, **given})
