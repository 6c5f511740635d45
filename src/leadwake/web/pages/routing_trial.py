"""/team/try: where a lead would go now, or at another hour, and why; nothing is taken in, nobody is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake.domain import routing_rules_words, routing_words
from leadwake.domain.interests import interest_code
from leadwake.domain.language import spoken
from leadwake.domain.place import normalise_state
from leadwake.domain.routing import route
from leadwake.domain.routing_rules import Asked
from leadwake.errors import InputError
from leadwake.intake.api import read_object
from leadwake.intake.asked import asked
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields
from leadwake.web.sessions import Manager
from leadwake.workflows import routing
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

#: fields of the form that are fields of a lead, too
_LEAD = ("source", "channel", "interest", "state", "postal_code", "language", "message", "owner_id")
_EXAMPLE: Mapping[str, str] = {"source": "website", "channel": "web_form", "score": "80"}


@router.get("/team/try")
async def trial(request: Request, person: Manager) -> Response:
    """The form."""
    del person
    return await _page(request, _EXAMPLE)


@router.post("/team/try")
async def tried(request: Request, person: Manager) -> Response:
    """The form with its answer."""
    del person
    office: Office = request.app.state.office
    given = await fields(request)
    try:
        now = _instant(given.get("at", ""), office.settings.time_zone) or office.clock.now()
        lead = _asked(office, given, now)
    except InputError as error:
        return await _page(request, given, status=422, wrong=error.reasons)
    loads = {row["agent_id"]: row for row in await office.db.all("agent_loads")}
    trace = route(lead, routing.candidates(office, loads, now), office.routing, now)
    unfit = [] if trace.because == "owner" else routing_rules_words.unfit(office.routing, lead)
    return await _page(
        request, given, told=trace.as_json(names=True), lead=lead, as_of=now, begin=trace.next_begin, unfit=unfit
    )


def _asked(office: Office, given: Mapping[str, str], now: datetime) -> Asked:
    """The lead of the form: what was pasted, and over it what was filled in. Raises InputError."""
    pasted = given.get("pasted", "").strip()
    document: dict[str, Any] = {}
    if pasted:
        try:
            document = read_object(pasted)
        except InputError as error:
            raise InputError({"pasted": str(error)}) from None
    document |= {name: given[name].strip() for name in _LEAD if given.get(name, "").strip()}
    if said := document.get("interest"):
        document["interest"] = interest_code(str(said))
    document |= _score(given.get("score", "").strip(), is_pasted=bool(pasted))
    if (state := given.get("state", "").strip()) and normalise_state(state) is None:
        raise InputError({"state": "write the state's two letters, such as TX"})
    if (word := given.get("language", "").strip()) and spoken(word, None) is None:
        raise InputError({"language": "write a language, such as Spanish or es"})
    found = asked(document, office.tables, now, office.weights)
    return dataclasses.replace(found, state=found.state and found.state.upper())


def _score(text: str, *, is_pasted: bool) -> dict[str, int]:
    if not text and is_pasted:
        return {}
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise InputError({"score": "a whole number from 0 to 100"})
    return {"score": int(text)}


def _instant(text: str, zone: ZoneInfo) -> datetime | None:
    """The form's day and time by the team's clock; None when left empty. Raises InputError."""
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text.strip())
        if not 2000 <= at.year <= 2200:
            raise ValueError
    except ValueError:
        raise InputError({"at": "a day and a time, or leave it empty for now"}) from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


async def _page(
    request: Request, given: Mapping[str, str], *, status: int = 200, wrong: Mapping[str, str] | None = None,
    told: Mapping[str, Any] | None = None, lead: Asked | None = None, as_of: datetime | None = None,
    begin: datetime | None = None, unfit: Sequence[tuple[str, str]] = (),
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    return await view.page(
        request, "routing_trial.html", here="team", tab="try", status=status, given=given, wrong=wrong or {},
        told=told, lead=lead, as_of=as_of, begin=begin, unfit=unfit, say=routing_words, agents=office.agents,
        version=office.routing.version,
    )  # fmt: skip
