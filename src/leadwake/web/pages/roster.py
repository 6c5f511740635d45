"""/setup/team/import: agents from a spreadsheet's list: looked at first, then taken, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake.domain.csv_cells import text_of, write_table
from leadwake.domain.roster import COLUMNS, EXAMPLE, read_roster
from leadwake.errors import InputError, RuleError
from leadwake.storage.staff import Person
from leadwake.web.bodies import posted_form
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute
from leadwake.web.sessions import Admin
from leadwake.workflows import roster
from leadwake.workflows.office import Office
from leadwake.workflows.roster import Invited, Outcome

router = APIRouter(route_class=PageRoute)

_PLACE = "/setup/team/import"
#: of a list: some hundreds of people, each with all there is to say
MAX_LIST = 256 * 1024


@router.get(_PLACE)
async def list_form(request: Request, person: Admin) -> Response:
    """Where a list is given."""
    del person
    return await _page(request)


@router.post(_PLACE)
async def look(request: Request, person: Admin) -> Response:
    """What would come of each row; nothing is changed."""
    posted = await posted_form(request, 2 * MAX_LIST, MAX_LIST)
    text = text_of(posted.file) if posted.file.strip() else posted.fields.get("list", "")
    return await _look(request, text.replace("\r\n", "\n"), person)


@router.post(_PLACE + "/take")
async def take(request: Request, person: Admin) -> Response:
    """The team is as the list says; newcomers' links are shown, or saved as a file, once."""
    office: Office = request.app.state.office
    posted = (await posted_form(request, 2 * MAX_LIST, MAX_LIST)).fields
    text = posted.get("list", "").replace("\r\n", "\n")
    try:
        plan = roster.outcomes(office, read_roster(text), person.id)
        invited = await roster.take(
            office, plan, actor=f"user {person.id}", partial="partial" in posted, invite="invite" in posted
        )
    except (InputError, RuleError) as error:
        return await _look(request, text, person, status=409, refused=str(error))
    if "file" in posted and invited:
        return _file(_links(request, invited))
    return await _page(request, done=_counts(plan), links=_links(request, invited))


async def _look(request: Request, text: str, person: Person, *, status: int = 200, refused: str = "") -> Response:
    try:
        found = read_roster(text)
    except InputError as error:
        return await _page(request, status=422, text=text, refused="; ".join(error.reasons.values()))
    plan = roster.outcomes(request.app.state.office, found, person.id)
    return await _page(
        request, status=status, text=text, refused=refused, plan=plan, ignored=found.ignored, counts=_counts(plan)
    )


def _counts(plan: Sequence[Outcome]) -> dict[str, int]:
    return {result: sum(one.result == result for one in plan) for result in ("new", "changed", "same", "wrong")}


def _links(request: Request, invited: Sequence[Invited]) -> list[tuple[Person, str]]:
    office: Office = request.app.state.office
    base = office.settings.public_url or f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"
    return [(one.person, f"{base}/invite/{one.token}") for one in invited]


def _file(links: Sequence[tuple[Person, str]]) -> Response:
    rows = [("name", "email", "link"), *((person.name, person.email, link) for person, link in links)]
    headers = {**view.headers(), "Content-Disposition": 'attachment; filename="login-links.csv"'}
    return Response("\ufeff" + write_table(rows), 200, headers, media_type="text/csv; charset=utf-8")


async def _page(request: Request, *, status: int = 200, **values: Any) -> Response:
    shown = {
        "text": "", "refused": "", "plan": None, "ignored": (), "counts": {}, "done": None, "links": [], **values,
    }  # fmt: skip
    return await view.page(
        request, "roster.html", here="setup", tab="team", status=status, columns=COLUMNS, example=EXAMPLE, **shown
    )
