"""/a/… : the link of an alert. Looking shows whom it is for; the button uses it up, logs them in and opens the lead."""

from __future__ import annotations

import dataclasses
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.looks import How
from leadwake.domain.names import split_name
from leadwake.errors import RuleError
from leadwake.storage import links, reading
from leadwake.storage.credentials import TokenExpired, TokenRefused
from leadwake.storage.reading import Lead
from leadwake.storage.staff import Person, token_hash
from leadwake.web.pages import view
from leadwake.web.pages.entry import enter
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.seen import saw
from leadwake.web.sessions import LINK, NeedsLogin, Visit, visiting
from leadwake.workflows import claiming
from leadwake.workflows.office import Office


class AlertRoute(PageRoute):
    """A page whose address must not travel on."""

    holds_secret = True

    def error(self, request: Request, status: int) -> Response:
        """The page of an error; a link that is over or not ours says what to do."""
        if status in {404, 410}:
            return _page(request, "alert_over.html", status, is_over=status == 410)
        return super().error(request, status)


router = APIRouter(route_class=AlertRoute)


@router.api_route("/a/{token}", methods=["GET", "HEAD"])
async def alert_page(request: Request, token: str) -> Response:
    """For whom the link is and whom it is about, with the buttons; previews and scanners change nothing."""
    person, lead = await _opened(request, token)
    office: Office = request.app.state.office
    offer = await office.db.one("offer_open", lead_id=lead.id, agent_id=person.id)
    visit = await _visit(request)
    if visit and visit.person.id == person.id and offer is None:
        return see(f"/leads/{lead.id}")
    return _page(
        request, "alert.html", 200, for_person=person, first_name=_first_name(lead), lead=lead,
        is_offered=offer is not None, holder=_holder(office, lead, person), other=_other(visit, person),
    )  # fmt: skip


@router.post("/a/{token}")
async def open_lead(request: Request, token: str) -> Response:
    """The link is used up, its person is logged in here and sees the lead, claimed if that was the button."""
    person, lead = await _opened(request, token)
    office: Office = request.app.state.office
    given = await fields(request)
    visit, answer = await _visit(request), see(f"/leads/{lead.id}")
    is_them = visit is not None and visit.person.id == person.id
    is_first = await office.db.run("link_use", token_hash=token_hash(token), user_id=person.id) == 1
    if not is_first and visit is None:
        return see(f"/login?next=/leads/{lead.id}")
    if "claim" in given and (is_first or is_them):
        answer = await _claimed(request, person, lead) or answer
    return await enter(request, person.id, via=LINK, answer=answer) if is_first and not is_them else answer


async def _claimed(request: Request, person: Person, lead: Lead) -> Response | None:
    """None once the lead is theirs; else the page that says why not."""
    office: Office = request.app.state.office
    try:
        # whatever they may do elsewhere, a link does no more than an agent
        outcome = await claiming.claim(office, lead.id, dataclasses.replace(person, role="agent"), by="link")
    except RuleError:
        raise HTTPException(410) from None
    if outcome.won:
        return None
    said = f"{outcome.owner.name} was faster." if outcome.owner else claiming.REFUSALS.get(outcome.why or "", "")
    return _page(request, "alert_refused.html", 409, said=said, lead=lead, first_name=_first_name(lead))


async def _opened(request: Request, token: str) -> tuple[Person, Lead]:
    """
    Whom the link is for, and the lead.

    Raises HTTPException 404 for what we did not sign, 410 when its time, its person or its lead is gone.
    """
    office: Office = request.app.state.office
    try:
        link = links.alert_of(office.vault, token, office.clock.now())
    except TokenExpired:
        raise HTTPException(410) from None
    except TokenRefused:
        raise HTTPException(404) from None
    person = next((one for one in office.team if link.is_for(one.id) and not one.disabled), None)
    lead = await reading.lead(office.db, office.vault, link.lead_id) if person else None
    if person is None or lead is None:
        raise HTTPException(410)
    request.state.reader = f"user {person.id}"
    saw(request, How.ALERT, [lead.id])
    return person, lead


async def _visit(request: Request) -> Visit | None:
    try:
        return await visiting(request)
    except NeedsLogin:
        return None


def _first_name(lead: Lead) -> str:
    """Enough to know whom it is about; no number, no address, no family name."""
    return split_name(lead.name or "")[0] or "somebody"


def _holder(office: Office, lead: Lead, person: Person) -> str | None:
    """Who has the lead meanwhile, unless it is this person."""
    owner = office.person(lead.agent_id)
    return owner.first_name if owner and owner.id != person.id else None


def _other(visit: Visit | None, person: Person) -> str | None:
    """Who else is logged in in this browser, and will not be afterwards."""
    return visit.person.name if visit and visit.person.id != person.id else None


def _page(request: Request, template: str, status: int, **values: Any) -> Response:
    response = view.bare(request, template, status=status, **values)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
