"""/inbox: everybody we talk with, by who waits and whose they are."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake.domain.looks import How
from leadwake.storage.inbox import SHOWN, View, page
from leadwake.storage.reading import Cursor
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute
from leadwake.web.seen import saw
from leadwake.web.sessions import SignedIn
from leadwake.workflows import set_aside
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.get("/inbox")
async def inbox(
    request: Request, person: SignedIn, show: str = "all", whose: str = "", longest: str = "", before: str = ""
) -> Response:
    """A page of threads. show: all, unanswered, overdue or failed; whose: "mine"; longest: who waits longest first."""
    office: Office = request.app.state.office
    wanted = View(show if show in SHOWN else "all", person.id if whose == "mine" else None, longest=bool(longest))
    found = await page(office.db, office.vault, wanted, office.clock.now(), before=Cursor.read(before))
    saw(request, How.LIST, (one.id for one in found.threads))
    names = {member.id: member.name for member in office.team}
    return await view.page(
        request, "inbox.html", here="inbox", threads=found.threads, next=found.next, wanted=wanted, names=names,
        shown=SHOWN, is_first=not before,
        aside=await set_aside.count(office) if person.role in {"admin", "manager"} else 0,
    )  # fmt: skip
