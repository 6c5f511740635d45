"""GET /v1/leads/{id} and its timeline: what a program reads of a lead."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from leadwake.domain.looks import How
from leadwake.storage.dossier import Dossier, dossier, summary
from leadwake.web.auth import require_scope
from leadwake.web.problems import SHAPE, Problem
from leadwake.web.seen import saw
from leadwake.workflows import lead_facts
from leadwake.workflows.office import Office

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SIGNED_IN: dict[str, Any] = {"security": [{"ApiKey": []}]}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "No API key, or an unknown one", **SHAPE},
    403: {"description": "The key lacks the scope leads:read", **SHAPE},
    404: {"description": "No lead of that id", **SHAPE},
    503: {"description": "The database is away for a moment", **SHAPE},
}

router = APIRouter(prefix="/v1", tags=["leads"], dependencies=[Depends(require_scope("leads:read"))])


class ReasonOut(BaseModel):
    """One line of the score."""

    text: str
    points: int


class ContactOut(BaseModel):
    """A number or address, and what its owner allows. opted_out_at: set while they want no automated messages."""

    kind: str
    value: str
    consent: str
    opted_out_at: datetime | None


class InquiryOut(BaseModel):
    """What the person asked, as understood."""

    id: UUID
    asked_at: datetime
    source: str
    channel: str
    message: str | None
    interest: str | None
    budget: str | None
    timeline: str | None
    page_url: str | None


class ActionOut(BaseModel):
    """Something that will happen, or waits for a person."""

    id: UUID
    kind: str
    state: str
    due_at: datetime | None
    why: str | None


class LeadOut(BaseModel):
    """
    A lead. first_touch_s: seconds from their asking to the first message a vendor took for them.

    agent: whose it is, or who is asked to claim it; agent_id only once it is theirs.
    """

    id: UUID
    name: str | None
    phone: str | None
    email: str | None
    score: int
    temperature: str
    reasons: list[ReasonOut]
    status: str
    agent: str | None
    agent_id: UUID | None
    first_touch_s: float | None
    first_touch_at: datetime | None
    asked_at: datetime
    created_at: datetime
    last_at: datetime
    source: str
    channel: str
    state: str | None
    postal_code: str | None
    country: str | None
    practice: bool
    contacts: list[ContactOut]
    inquiries: list[InquiryOut]
    to_come: list[ActionOut]


@router.get("/leads/{lead_id}", responses=_REFUSALS, openapi_extra=_SIGNED_IN, summary="Read a lead")
async def read_lead(request: Request, lead_id: Annotated[str, Path(description="The lead's id")]) -> LeadOut:
    """The person, how hot they are and why, who has them, and how fast they were answered."""
    office: Office = request.app.state.office
    known = parse_id(lead_id)
    found = await summary(office.db, office.vault, known) if known else None
    if found is None:
        raise Problem(404, "There is no lead with this id.")
    saw(request, How.API, [known])
    return LeadOut(**lead_facts.of(office, found))


@router.get(
    "/leads/{lead_id}/timeline", responses=_REFUSALS, openapi_extra=_SIGNED_IN, summary="Read a lead's timeline"
)
async def read_timeline(
    request: Request, lead_id: Annotated[str, Path(description="The lead's id")]
) -> list[dict[str, Any]]:
    """Everything that happened and every decision, oldest first: at, kind and text, often why and body."""
    found = await _dossier(request.app.state.office, lead_id)
    saw(request, How.API, [parse_id(lead_id)])
    return [entry.as_json() for entry in found.timeline]


def parse_id(text: str) -> UUID | None:
    """The id in its usual spelling; None for anything else."""
    return UUID(text) if _UUID.fullmatch(text) else None


async def _dossier(office: Office, text: str) -> Dossier:
    lead_id = parse_id(text)
    names = {person.id: person.name for person in office.team}
    zone, now = office.settings.time_zone, office.clock.now()
    found = await dossier(office.db, office.vault, lead_id, zone=zone, names=names, now=now) if lead_id else None
    if found is None:
        raise Problem(404, "There is no lead with this id.")
    return found
