"""/setup/privacy: what is done with people's data; and what a person may ask for, on their own page."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.looks import How
from leadwake.errors import InputError, RuleError
from leadwake.ops import certificates, erasure, export, processing, retention, rights
from leadwake.setting_names import RETENTION
from leadwake.storage import reading
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.web.limits import an_export
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.web.read_api import parse_id
from leadwake.web.seen import saw
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_TEXT_CHARS = 4_000


# The record of processing.


@router.get("/setup/privacy")
async def privacy(request: Request, person: Admin) -> Response:
    """Purposes, recipients, periods, erasures and breaches, as they stand."""
    del person
    return await _page(request)


@router.post("/setup/privacy/breaches")
async def new_breach(request: Request, person: Admin) -> Response:
    """One more entry in the register, with its deadline."""
    office: Office = request.app.state.office
    given = await fields(request)
    try:
        aware_at = _instant(given.get("aware_at", ""), office)
        text = {name: given.get(name, "").strip()[:_TEXT_CHARS] for name in ("what", "people", "measures")}
        await processing.add_breach(office, aware_at, text, f"user {person.id}")
    except InputError as error:
        return await _page(request, status=422, given=given, wrong=error.reasons)
    return see("/setup/privacy#breaches")


@router.post("/setup/privacy/breaches/{breach_id}/told")
async def told(request: Request, breach_id: str, person: Admin) -> Response:
    """The authority has been told."""
    await processing.told_authority(request.app.state.office, _id(breach_id), f"user {person.id}")
    return see("/setup/privacy#breaches")


@router.get("/setup/privacy/certificates/{number}")
async def certificate(request: Request, number: str, person: Admin) -> Response:
    """One erasure's certificate, to read, print or save; `.txt` at the end: as a file."""
    del person
    office: Office = request.app.state.office
    try:
        found = await certificates.read(office, _id(number.removesuffix(".txt")))
    except RuleError:
        raise HTTPException(404) from None
    text = certificates.as_text(found)
    if number.endswith(".txt"):
        return _file(text.encode(), f"erasure-{found.id}.txt", "text/plain; charset=utf-8")
    return await view.page(request, "certificate.html", here="setup", tab="privacy", certificate=found, text=text)


async def _page(
    request: Request,
    *,
    status: int = 200,
    given: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    office: Office = request.app.state.office
    periods = [
        (rule.what, office.settings.retention(rule.setting), RETENTION[rule.setting][1], rule.stays)
        for rule in retention.RULES
    ]
    return await view.page(
        request, "privacy.html", here="setup", tab="privacy", status=status, purposes=processing.PURPOSES,
        processors=await processing.processors(office), periods=periods, certificates=await certificates.newest(office),
        breaches=await processing.breaches(office), given=given or {}, wrong=wrong or {},
        default_aware=f"{office.clock.now().astimezone(office.settings.time_zone):%Y-%m-%dT%H:%M}",
    )  # fmt: skip


# One person.


@router.get("/leads/{lead_id}/export")
async def export_lead(request: Request, lead_id: str, person: Admin) -> Response:
    """Everything that is kept of them, as a ZIP."""
    office: Office = request.app.state.office
    an_export(request, person.id)
    found = _id(lead_id)
    try:
        whole = await export.collect(office, found)
    except RuleError:
        raise HTTPException(404) from None
    async with office.db.transaction() as connection:
        await record(connection, office.clock.now(), f"user {person.id}", "exported", lead_id=found)
    saw(request, How.EXPORT, [found])
    packed = await asyncio.to_thread(export.archive, whole)
    return _file(packed, f"lead-{found}.zip", "application/zip")


@router.get("/leads/{lead_id}/erase")
async def may_erase(request: Request, lead_id: str, person: Admin) -> Response:
    """What would go and what would stay, with the button that does it."""
    del person
    office: Office = request.app.state.office
    found = _id(lead_id)
    lead = await reading.lead(office.db, office.vault, found)
    if lead is None:
        raise HTTPException(404)
    counts = await erasure.preview(office, found)
    saw(request, How.PAGE, [found])
    return await view.page(request, "erase.html", here="leads", lead=lead, counts=counts, gone=certificates.GONE)


@router.post("/leads/{lead_id}/erase")
async def erase(request: Request, lead_id: str, person: Admin) -> Response:
    """They are erased; what follows is the certificate."""
    office: Office = request.app.state.office
    try:
        done = await erasure.erase(office, _id(lead_id), f"user {person.id}")
    except RuleError:
        raise HTTPException(404) from None
    return see(f"/setup/privacy/certificates/{done.certificate}")


@router.post("/leads/{lead_id}/restrict")
async def restrict(request: Request, lead_id: str, person: Admin) -> Response:
    """What is kept of them is kept only."""
    return await _restricted(request, lead_id, person, on=True)


@router.post("/leads/{lead_id}/unrestrict")
async def unrestrict(request: Request, lead_id: str, person: Admin) -> Response:
    """The restriction is over."""
    return await _restricted(request, lead_id, person, on=False)


@router.post("/leads/{lead_id}/object")
async def object_to_marketing(request: Request, lead_id: str, person: Admin) -> Response:
    """They are opted out of everything automated."""
    found = _id(lead_id)
    try:
        await rights.object_to_marketing(request.app.state.office, found, f"user {person.id}")
    except RuleError:
        raise HTTPException(404) from None
    return see(f"/leads/{found}#privacy")


async def _restricted(request: Request, lead_id: str, person: Person, *, on: bool) -> Response:
    found = _id(lead_id)
    try:
        await rights.restrict(request.app.state.office, found, f"user {person.id}", on=on)
    except RuleError:
        raise HTTPException(404) from None
    return see(f"/leads/{found}#privacy")


def _file(content: bytes, name: str, media_type: str) -> Response:
    headers = {**view.headers(), "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, 200, headers, media_type=media_type)


def _id(text: str) -> UUID:
    found = parse_id(text)
    if found is None:
        raise HTTPException(404)
    return found


def _instant(text: str, office: Office) -> datetime:
    """What a field of kind datetime-local holds, on the team's clock. Raises InputError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError({"aware_at": "Write the day and the time."}) from None
    return found if found.tzinfo else found.replace(tzinfo=office.settings.time_zone)
