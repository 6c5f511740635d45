"""POST /v1/probe: a probe elsewhere tries whether a lead would be taken, and tells what it saw before."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from starlette.responses import JSONResponse, Response

from leadwake.domain import probe
from leadwake.web.auth import require_scope
from leadwake.web.bodies import read_body
from leadwake.web.clients import Buckets
from leadwake.web.problems import Problem
from leadwake.workflows import probing
from leadwake.workflows.office import Office

router = APIRouter(prefix="/v1", tags=["probe"])

#: looks a key may tell: a burst, then one every two seconds
PROBE_BURST, PROBE_PER_S = 20.0, 0.5
#: what is told at once, at most
MOST: Final = 200
MAX_BODY: Final = 64 * 1024

_may_probe = require_scope("probe:write")


class LookIn(BaseModel):
    """One look. ago_s: seconds before this request."""

    id: UUID
    ago_s: Annotated[float, Field(ge=0, le=28 * 86_400)] = 0.0
    is_up: bool
    why: Annotated[str | None, Field(pattern=f"^({'|'.join(probe.WHY)})$")] = None
    tls_until: AwareDatetime | None = None


class ProbeIn(BaseModel):
    """What is tried now (`look`, `lead`), and looks that could not be told before."""

    probe: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$")]
    every_s: Annotated[int, Field(ge=1, le=86_400)]
    look: LookIn
    before: Annotated[list[LookIn], Field(max_length=MOST)] = []
    lead: dict[str, Any]


@router.post("/probe", status_code=202, include_in_schema=False)
async def take_look(request: Request, key_id: Annotated[str, Depends(_may_probe)]) -> Response:
    """202 after the durable commit; `taken` says whether a lead would have been admitted."""
    office: Office = request.app.state.office
    buckets: Buckets = request.app.state.probe_buckets
    if wait := buckets.wait_s(key_id):
        raise Problem(429, "This probe looks too often.", headers={"Retry-After": str(math.ceil(wait))})
    try:
        told = ProbeIn.model_validate_json(await read_body(request, MAX_BODY))
    except ValidationError as error:
        wrong = {".".join(map(str, one["loc"]))[:100] or "body": one["msg"][:200] for one in error.errors()[:20]}
        raise Problem(422, "The request does not fit; see errors.", errors=wrong) from None
    is_taken = await probing.take(
        office, told.probe, told.every_s, _look(told.look), [_look(one) for one in told.before],
        json.dumps(told.lead).encode(),
    )  # fmt: skip
    return JSONResponse({"taken": is_taken}, 202)


def _look(look: LookIn) -> probing.Look:
    until: datetime | None = look.tls_until
    return probing.Look(look.id, look.ago_s, look.is_up, look.why, until)
