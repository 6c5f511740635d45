"""PUT /v1/leads/{id}/agent: a program gives a lead to an agent."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from leadwake.storage.staff import Person
from leadwake.web.auth import require_scope
from leadwake.web.bodies import read_body
from leadwake.web.enrollment_api import LeadId, known_lead
from leadwake.web.problems import SHAPE, Problem
from leadwake.workflows import claiming
from leadwake.workflows.office import Office

router = APIRouter(prefix="/v1", tags=["leads"])

_MOST: Final = 4_096
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body cannot be read", **SHAPE},
    401: {"description": "No API key, or an unknown one", **SHAPE},
    403: {"description": "The key lacks the scope leads:assign", **SHAPE},
    404: {"description": "No lead of that id", **SHAPE},
    409: {"description": "The agent may not have it: not licensed there, or takes no leads", **SHAPE},
    413: {"description": "More than 4 KiB", **SHAPE},
    422: {"description": "Nobody of the team has this address", **SHAPE},
    503: {"description": "The database is away for a moment", **SHAPE},
}
_EXTRA: dict[str, Any] = {
    "security": [{"ApiKey": []}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object", "required": ["email"],
                    "properties": {
                        "email": {"type": "string", "description": "the agent's", "examples": ["dana@example.com"]},
                        "only_if_free": {
                            "type": "boolean", "default": False, "description": "true: not when somebody has the lead",
                        },
                    },
                }
            }
        },
    },
}  # fmt: skip


class Wanted(msgspec.Struct):
    """Who shall have the lead. only_if_free: unless somebody has it already."""

    email: str
    only_if_free: bool = False


@router.put("/leads/{lead_id}/agent", responses=_REFUSALS, openapi_extra=_EXTRA, summary="Give a lead to an agent")
async def give(
    request: Request, lead_id: LeadId, key_id: Annotated[str, Depends(require_scope("leads:assign"))]
) -> Response:
    """The lead is theirs, and they are alerted. The answer says whose it is now; the same again changes nothing."""
    office: Office = request.app.state.office
    found, wanted = await known_lead(office, lead_id), _wanted(await read_body(request, _MOST))
    claim = await claiming.given_from_outside(
        office, found, _agent(office, wanted.email), actor=f"key {key_id}", because="program",
        only_if_free=wanted.only_if_free,
    )  # fmt: skip
    owner = claim.owner
    return JSONResponse({
        "lead_id": str(found), "given": claim.won, "agent": owner.name if owner else None,
        "agent_id": str(owner.id) if owner else None,
    })  # fmt: skip


def _agent(office: Office, email: str) -> Person:
    wanted = email.strip().casefold()
    person = next((one for one in office.team if one.email.casefold() == wanted and not one.disabled), None)
    if person is None:
        reason = "nobody of the team has this address"
        raise Problem(422, f"email: {reason}.", errors={"email": reason})
    return person


def _wanted(body: bytes) -> Wanted:
    try:
        return msgspec.json.decode(body, type=Wanted)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Problem(400, 'Send JSON: {"email": "the agent\'s", "only_if_free": false}.') from None
