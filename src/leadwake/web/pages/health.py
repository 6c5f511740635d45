"""/setup/health: one light a dependency, what waits longest, and a try of everything; managers read, admins act."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain import probe as probe_words
from leadwake.domain import slo as slo_words
from leadwake.domain.values import Channel
from leadwake.errors import RuleError
from leadwake.ops import availability, health, proving, slo
from leadwake.storage.staff import Person
from leadwake.vendors import VENDORS, Mode
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.web.read_api import parse_id
from leadwake.web.sessions import manager
from leadwake.workflows.instant_response import is_off
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save as save_settings
from leadwake.workflows.trials import send_test

router = APIRouter(route_class=PageRoute)

Manager = Annotated[Person, Depends(manager)]

#: what a test message goes by, and what its button says
TRIALS = {"sms": "Text me", "email": "Mail me"}


@router.get("/setup/health")
async def show(request: Request, person: Manager, test: str = "", cannot: str = "", saved: str = "") -> Response:
    """Everything at a glance; no vendor is asked. test: ids of test messages; cannot: which could not be sent."""
    office: Office = request.app.state.office
    ids = [found for part in test[:400].split(".") if (found := parse_id(part))]
    trials = await office.db.all("reading_trials", ids=ids, user_id=person.id) if ids else []
    channels = {name: label for name, label in TRIALS.items() if not is_off(office.settings, name)}
    return await view.page(
        request, "health.html", here="setup", tab="health", health=await health.look(office), trials=trials,
        tests=".".join(str(found) for found in ids), channels=channels, cannot=TRIALS.get(cannot, ""),
        promise=await slo.read(office), acts=slo_words, probes=await availability.read(office, office.clock.now()),
        probe_words=probe_words, saved=saved,
    )  # fmt: skip


@router.post("/setup/health/vendors/{vendor}")
async def prove(request: Request, vendor: str, person: Admin) -> Response:
    """The vendor is asked now; what it said stands on the page with its age."""
    office: Office = request.app.state.office
    if vendor not in VENDORS or office.settings.mode(vendor) is Mode.OFF:
        raise HTTPException(404)
    await proving.prove_and_note(office, vendor, f"user {person.id}")
    return see(f"/setup/health#vendor-{vendor}")


@router.post("/setup/health/acts")
async def switch(request: Request, person: Admin) -> Response:
    """What may be done by itself while answers are late."""
    office: Office = request.app.state.office
    if office.settings.is_locked("SLO_ACTS"):
        raise HTTPException(409, "LEADWAKE_SLO_ACTS is set in the environment, which decides.")
    given = await fields(request)
    chosen = [act for act in slo_words.ACTS if act in given]
    every = len(chosen) == len(slo_words.ACTS)
    await save_settings(office, {"SLO_ACTS": None if every else " ".join(chosen) or "off"}, f"user {person.id}")
    return see("/setup/health?saved=acts#promise")


@router.post("/setup/health/test/{channel}")
async def send(request: Request, channel: str, person: Admin, test: str = "") -> Response:
    """A test message is on its way to whoever asked for it."""
    if channel not in TRIALS:
        raise HTTPException(404)
    try:
        made: UUID = await send_test(request.app.state.office, person, Channel(channel))
    except RuleError:
        return see(f"/setup/health?cannot={channel}#try")
    before = [str(found) for part in test[:400].split(".") if (found := parse_id(part))]
    return see(f"/setup/health?test={'.'.join([*before[-3:], str(made)])}#try")
