"""POST /v1/leads/{id}/enroll, DELETE …/enrollment: a program begins and ends a lead's way through a sequence."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import JSONResponse, Response

from leadwake.storage import reading
from leadwake.web.auth import require_scope
from leadwake.web.bodies import read_body
from leadwake.web.problems import SHAPE, Problem
from leadwake.web.read_api import parse_id
from leadwake.workflows import enrolling
from leadwake.workflows.office import Office

router = APIRouter(prefix="/v1", tags=["leads"], dependencies=[Depends(require_scope("leads:write"))])

_MOST: Final = 4_096
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body cannot be read", **SHAPE},
    401: {"description": "No API key, or an unknown one", **SHAPE},
    403: {"description": "The key lacks the scope leads:write", **SHAPE},
    404: {"description": "No lead of that id", **SHAPE},
    409: {"description": "No such sequence, it is paused, or the lead may not begin one now", **SHAPE},
    413: {"description": "More than 4 KiB", **SHAPE},
    503: {"description": "The database is away for a moment", **SHAPE},
}
_SIGNED_IN: dict[str, Any] = {"security": [{"ApiKey": []}]}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object", "required": ["sequence"],
                    "properties": {"sequence": {"type": "string", "examples": ["long_nurture"]}},
                }
            }
        },
    }
}  # fmt: skip

LeadId = Annotated[str, Path(description="The lead's id")]


class Wanted(msgspec.Struct):
    """What is asked for. sequence: its name."""

    sequence: str


@router.post(
    "/leads/{lead_id}/enroll", responses=_REFUSALS, openapi_extra={**_SIGNED_IN, **_BODY}, summary="Begin a sequence"
)
async def enroll(request: Request, lead_id: LeadId) -> Response:
    """The lead begins the sequence. 409 when they are in one, asked us to stop, or automation is paused for them."""
    office: Office = request.app.state.office
    found, wanted = await known_lead(office, lead_id), _wanted(await read_body(request, _MOST))
    enrolling.may_begin(office, wanted.sequence)
    if not await enrolling.enroll_by_hand(office, found, wanted.sequence, None):
        raise Problem(409, "They are in a sequence, asked us to stop, or automation is paused for them.")
    return JSONResponse({"lead_id": str(found), "sequence": wanted.sequence})


@router.delete(
    "/leads/{lead_id}/enrollment", responses=_REFUSALS, openapi_extra=_SIGNED_IN, summary="End a sequence",
    status_code=204,
)  # fmt: skip
async def stop(request: Request, lead_id: LeadId) -> Response:
    """The lead is in no sequence any more, and what waited of it is not sent."""
    office: Office = request.app.state.office
    await enrolling.stop_by_hand(office, await known_lead(office, lead_id))
    return Response(status_code=204)


def _wanted(body: bytes) -> Wanted:
    try:
        return msgspec.json.decode(body, type=Wanted)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Problem(400, 'Send JSON: {"sequence": "its name"}.') from None


async def known_lead(office: Office, lead_id: str) -> UUID:
    """The id of the lead this one is now. Raises Problem 404."""
    wanted = parse_id(lead_id)
    lead = await reading.lead(office.db, office.vault, wanted) if wanted else None
    if lead is None:
        raise Problem(404, "There is no lead with this id.")
    return lead.id
