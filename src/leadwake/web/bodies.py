"""Request bodies: read whole, never beyond the limit, as the raw bytes that came."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from leadwake.web.problems import Problem

#: the largest body a lead may have
MAX_BODY = 256 * 1024
_TOO_LARGE = f"The body is larger than {MAX_BODY // 1024} KiB."


async def read_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """The raw bytes. Raises Problem 413; 400 when the sender hung up."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise Problem(413, _TOO_LARGE)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise Problem(413, _TOO_LARGE)
            chunks.append(chunk)
    except ClientDisconnect:
        raise Problem(400, "The request ended before its body did.") from None
    return b"".join(chunks)


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


def content_type(request: Request) -> str:
    """The media type, lower-case, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
