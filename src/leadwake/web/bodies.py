"""Request bodies: read whole, never beyond the limit, as the raw bytes that came."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from leadwake.web.problems import Problem

#: the largest body a lead may have
MAX_BODY = 256 * 1024


@dataclass(slots=True)
class Posted:
    """A form with one file in it; blank without."""

    fields: dict[str, str] = field(default_factory=dict)
    file: bytes = b""


async def read_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """The raw bytes. Raises Problem 413; 400 when the sender hung up."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            chunks.append(chunk)
    except ClientDisconnect:
        raise Problem(400, "The request ended before its body did.") from None
    return b"".join(chunks)


def _too_large(limit: int) -> Problem:
    return Problem(413, f"The body is larger than {limit // 1024} KiB.")


async def form_fields(request: Request, body: bytes) -> dict[str, list[str]]:
    """Every field with its values in order; files are passed over. Raises Problem 400 or 415."""
    kind = content_type(request)
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        raise Problem(415, "Send a form: application/x-www-form-urlencoded or multipart/form-data.")

    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    fields: dict[str, list[str]] = {}
    try:
        async with Request(request.scope, replay).form(max_files=20, max_fields=200, max_part_size=MAX_BODY) as form:
            for name, value in form.multi_items():
                if not isinstance(value, UploadFile):
                    fields.setdefault(name, []).append(value)
    except (MultiPartException, UnicodeError, ValueError, LookupError, AssertionError) as error:
        raise Problem(400, "The form cannot be read.") from error
    except Exception as error:
        # Starlette turns a MultiPartException into its own HTTPException when an app is in scope
        if getattr(error, "status_code", None) == 400:
            raise Problem(400, "The form cannot be read.") from error
        raise
    return fields


async def posted_form(request: Request, limit: int, field_limit: int) -> Posted:
    """The fields of a page's form with one file, and the file. Raises Problem 400, 413, 415."""
    body = await read_body(request, limit)
    if content_type(request) != "multipart/form-data":
        raise Problem(415, "Send the page's own form.")

    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    posted = Posted()
    # without the application in its scope a broken form raises what it is, not an answer of the framework's
    scope = {name: value for name, value in request.scope.items() if name != "app"}
    try:
        async with Request(scope, replay).form(max_files=1, max_fields=20, max_part_size=field_limit) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    posted.file = await value.read()
                else:
                    posted.fields[name] = value.replace("\0", "")
    except (MultiPartException, UnicodeError, ValueError, LookupError, AssertionError) as error:
        raise Problem(400, "The form cannot be read.") from error
    return posted


@asynccontextmanager
async def streamed_form(request: Request, limit: int) -> AsyncIterator[tuple[dict[str, str], UploadFile | None]]:
    """
    The fields of a page's form and its one file, which lies on disk when it is large, until the block ends.

    limit: of the whole body, which is never held. Raises Problem 400, 413, 415.
    """
    if content_type(request) != "multipart/form-data":
        raise Problem(415, "Send the page's own form.")
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise Problem(413, "The file is too large.")
        return message

    scope = {name: value for name, value in request.scope.items() if name != "app"}
    form = Request(scope, counted).form(max_files=1, max_fields=20, max_part_size=MAX_BODY)
    try:
        given = await form.__aenter__()
    except (MultiPartException, UnicodeError, ValueError, LookupError, AssertionError, ClientDisconnect) as error:
        raise Problem(400, "The form cannot be read.") from error
    try:
        files = [value for value in given.values() if isinstance(value, UploadFile)]
        fields = {name: value.replace("\0", "") for name, value in given.items() if isinstance(value, str)}
        yield fields, files[0] if files else None
    finally:
        await form.__aexit__(None, None, None)


def content_type(request: Request) -> str:
    """The media type, lower-case, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
