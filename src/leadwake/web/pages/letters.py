"""/dead-letters: what could not be done without a person, and trying it again."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.looks import How
from leadwake.storage.overview import dead_letters
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.read_api import parse_id
from leadwake.web.seen import saw
from leadwake.web.sessions import Manager
from leadwake.workflows.dead_letters import replay
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.get("/dead-letters")
async def letters(request: Request, person: Manager, replayed: str = "") -> Response:
    """The list. replayed: how many were just tried again."""
    del person
    office: Office = request.app.state.office
    found = await dead_letters(office.db, office.vault)
    saw(request, How.LIST, (one.lead_id for one in found))
    done = int(replayed) if replayed.isdecimal() and len(replayed) < 7 else None
    return await view.page(request, "letters.html", here="letters", letters=found, replayed=done)


@router.post("/dead-letters/replay")
async def replay_letters(request: Request, person: Manager) -> Response:
    """One is tried again, or all. The gate is asked anew."""
    wanted = (await fields(request)).get("id", "")
    action_id = parse_id(wanted)
    if action_id is None and wanted != "all":
        raise HTTPException(404)
    count = await replay(request.app.state.office, action_id, f"user {person.id}")
    return see(f"/dead-letters?replayed={count}")
