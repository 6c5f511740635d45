"""Errors as RFC 9457 problem documents, one table from our errors to statuses."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from leadwake import log
from leadwake.errors import (
    AnomalousPayload,
    BadKey,
    BadSignature,
    DatabaseAway,
    InputError,
    LeadwakeError,
    RuleError,
    Unparsable,
)
from leadwake.metrics import REFUSED
from leadwake.storage.db import is_refusal
from leadwake.web.safe_headers import SAFE

_log = log.get(__name__)

STATUS: Mapping[type[LeadwakeError], int] = {
    Unparsable: 400,
    InputError: 422,
    RuleError: 409,
    BadSignature: 401,
    BadKey: 403,
    AnomalousPayload: 400,
    DatabaseAway: 503,
}

#: the shape of a refusal, among the responses that a route declares
SHAPE: Mapping[str, Any] = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
}


class Problem(Exception):
    """A refusal with its status and one sentence that says what to do."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.more = status, detail, dict(headers or {}), more


def response(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:
    """A problem document."""
    # what nobody foresaw is answered outside of everything that adds them
    given = {**(SAFE if status >= 500 else {}), **(headers or {})}
    if status == 401:
        given.setdefault("WWW-Authenticate", "Bearer")
    if status == 503:
        given.setdefault("Retry-After", "2")
    if status in {401, 403, 413, 429}:
        REFUSED.labels(str(status)).inc()
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, given, media_type="application/problem+json")


def of_error(error: Exception) -> JSONResponse | None:
    """The problem an error of ours is; None for one that is not a caller's doing."""
    if isinstance(error, Problem):
        return response(error.status, error.detail, headers=error.headers, **error.more)
    if isinstance(error, DatabaseAway) or is_refusal(error):
        return response(503, "The database is away for a moment; nothing was stored. Try again.")
    if isinstance(error, LeadwakeError):
        for kind in type(error).__mro__:
            if kind in STATUS:
                more: dict[str, Any] = {"errors": error.reasons} if isinstance(error, InputError) else {}
                return response(STATUS[kind], str(error)[:500], **more)
    return None


async def handle(_: Request, error: Exception) -> Response:
    """The handler for our own errors, and for what nobody foresaw."""
    known = of_error(error)
    if known is None:
        _log.error("request_failed", exc_info=error)
        return response(500, "Something went wrong on our side; it was logged.")
    return known


async def handle_fields(_: Request, error: Exception) -> Response:
    """The handler for what a route's declared parameters refuse."""
    assert isinstance(error, RequestValidationError)
    errors = {".".join(str(part) for part in found["loc"][1:])[:100]: found["msg"] for found in error.errors()[:20]}
    return response(422, "The request does not fit; see errors.", errors=errors)


async def handle_http(_: Request, error: Exception) -> Response:
    """The handler for the framework's own refusals (404, 405, …)."""
    assert isinstance(error, HTTPException)
    return response(error.status_code, str(error.detail), headers=error.headers)
