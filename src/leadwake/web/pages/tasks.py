"""What a card's buttons do: claim, pass, finish, done, undo, snooze. Each leads back to where it was pressed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from psycopg.rows import DictRow
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain import deals
from leadwake.domain.snooze import at_a_time, snoozed_until
from leadwake.providers import crm_values
from leadwake.web.pages.answers import answer
from leadwake.web.pages.route import PageRoute, fields
from leadwake.web.read_api import parse_id
from leadwake.web.sessions import SignedIn
from leadwake.workflows import claiming, tasks
from leadwake.workflows.office import Office
from leadwake.workflows.tasks import Outcome

router = APIRouter(route_class=PageRoute)

#: tasks of one lead: one of a kind
_MOST_ALSO = 5


@router.post("/leads/{lead_id}/claim")
async def claim(request: Request, lead_id: str, person: SignedIn) -> Response:
    """The lead is theirs, or they are told who was faster."""
    office: Office = request.app.state.office
    found, _ = await _lead(office, lead_id)
    given = await fields(request)
    claimed = await claiming.claim(office, found, person, by="page")
    if claimed.won:
        return answer(request, given, "claimed", opens=found)
    if claimed.why:
        return answer(request, given, f"not_{claimed.why}")
    return answer(request, given, "taken", who=claimed.owner.id if claimed.owner else None)


@router.post("/leads/{lead_id}/pass")
async def pass_on(request: Request, lead_id: str, person: SignedIn) -> Response:
    """Somebody else is asked."""
    office: Office = request.app.state.office
    found, _ = await _lead(office, lead_id)
    given = await fields(request)
    passed = await claiming.pass_on(office, found, person, by="page")
    return answer(request, given, "passed" if passed else "not_passed")


@router.post("/leads/{lead_id}/finish")
async def finish(request: Request, lead_id: str, person: SignedIn) -> Response:
    """Nothing waits about them any more, until they ask again. By whose they are, or who leads the team."""
    office: Office = request.app.state.office
    found, row = await _lead(office, lead_id)
    if row["agent_id"] != person.id and not tasks.leads_the_team(person):
        raise HTTPException(403)
    given = await fields(request)
    cents = _cents(given.get("amount", ""))
    if cents is None and given.get("amount", "").strip():
        return answer(request, given, "no_amount")
    kind = given.get("came_of", "")
    came_of = claiming.CameOf(kind, cents if kind == "won" else None) if kind in deals.ENDS else None
    is_said = await claiming.finish(office, found, person, came_of)
    return answer(request, given, "finished" if is_said else "said_in_crm")


@router.post("/tasks/{task_id}/done")
async def done(request: Request, task_id: str, person: SignedIn) -> Response:
    """It waits no more; for a moment it can be taken back."""
    given, found = await fields(request), _id(task_id)
    outcome = _allowed(await tasks.done(request.app.state.office, found, _also(given), person))
    if outcome is Outcome.OVER:
        return answer(request, given, "over")
    return answer(request, given, "done", undo=found)


@router.post("/tasks/{task_id}/undone")
async def undone(request: Request, task_id: str, person: SignedIn) -> Response:
    """It waits again."""
    given = await fields(request)
    outcome = _allowed(await tasks.undone(request.app.state.office, _id(task_id), person))
    return answer(request, given, "too_late" if outcome is Outcome.OVER else "undone")


@router.post("/tasks/{task_id}/snooze")
async def snooze(request: Request, task_id: str, person: SignedIn) -> Response:
    """It comes back in an hour, tomorrow morning, on Monday or at a time of theirs, by whoever's clock puts it off."""
    given, office = await fields(request), request.app.state.office
    choice, zone = given.get("until", ""), person.work.hours(office.settings.time_zone).zone
    try:
        now = office.clock.now()
        until = at_a_time(given.get("at", ""), now, zone) if choice == "at" else snoozed_until(choice, now, zone)
    except ValueError:
        raise HTTPException(400) from None
    outcome = _allowed(await tasks.snooze(office, _id(task_id), _also(given), person, until))
    return answer(request, given, "over" if outcome is Outcome.OVER else choice)


def _allowed(outcome: Outcome | None) -> Outcome:
    """What was done. Raises 404 when there is nothing of that id, 403 when it is not theirs to do."""
    if outcome is None:
        raise HTTPException(404)
    if outcome is Outcome.REFUSED:
        raise HTTPException(403)
    return outcome


def _cents(text: str) -> int | None:
    """An amount as people write it: "$9,500", "9500.50"; None for what is none."""
    return crm_values.cents(re.sub(r"[\s$,]", "", text))


def _id(text: str) -> UUID:
    found = parse_id(text)
    if found is None:
        raise HTTPException(404)
    return found


def _also(given: Mapping[str, str]) -> list[UUID]:
    """The other tasks of the card, by their ids."""
    return [found for text in given.get("also", "").split(".")[:_MOST_ALSO] if (found := parse_id(text))]


async def _lead(office: Office, lead_id: str) -> tuple[UUID, DictRow]:
    """The lead of the path and whose it is. Raises 404."""
    found = _id(lead_id)
    row = await office.db.one("lead_owner", id=found)
    if row is None:
        raise HTTPException(404)
    return found, row
