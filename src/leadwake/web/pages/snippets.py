"""/setup/snippets and /me/snippets: words used again and again, the team's and one's own."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.template import TemplateRefused, render
from leadwake.domain.variables import EXAMPLES, VARIABLES
from leadwake.errors import InputError, RuleError
from leadwake.storage import snippets
from leadwake.storage.snippets import Snippet, compiled
from leadwake.storage.staff import Person
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.read_api import parse_id
from leadwake.web.sessions import NeedsAdmin, SignedIn
from leadwake.workflows import composing
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

#: what belongs into a letter: the alerts' own variables do not
_OF_LETTERS = tuple(
    name for name in VARIABLES if name.startswith(("lead.", "agent.", "business.", "booking", "privacy"))
)


@router.get("/setup/snippets")
async def of_the_team(request: Request, person: SignedIn, saved: str = "") -> Response:
    """The team's snippets."""
    return await _page(request, _manager(person), "/setup/snippets", saved=bool(saved))


@router.post("/setup/snippets")
async def save_for_the_team(request: Request, person: SignedIn) -> Response:
    """One of the team's is written, changed or gone."""
    return await _save(request, _manager(person), "/setup/snippets", None)


@router.get("/me/snippets")
async def of_ones_own(request: Request, person: SignedIn, saved: str = "") -> Response:
    """One's own snippets."""
    return await _page(request, person, "/me/snippets", saved=bool(saved))


@router.post("/me/snippets")
async def save_for_oneself(request: Request, person: SignedIn) -> Response:
    """One of one's own is written, changed or gone."""
    return await _save(request, person, "/me/snippets", person.id)


async def _save(request: Request, person: Person, place: str, user_id: UUID | None) -> Response:
    office: Office = request.app.state.office
    given = await fields(request)
    snippet_id = parse_id(given.get("id", ""))
    try:
        if "forget" in given:
            if snippet_id is None or not await snippets.forget(office.db, snippet_id, user_id):
                raise HTTPException(404)
        else:
            await snippets.save(
                office.db, name=given.get("name", ""), source=given.get("source", ""), channel=given.get("channel"),
                user_id=user_id, snippet_id=snippet_id,
            )  # fmt: skip
    except InputError as error:
        return await _page(request, person, place, wrong=error.reasons, given=given, status=422)
    except RuleError:
        raise HTTPException(404) from None
    return see(f"{place}?saved=1")


async def _page(
    request: Request, person: Person, place: str, *, saved: bool = False, status: int = 200,
    wrong: Mapping[str, str] | None = None, given: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    own = place.startswith("/me")
    found = [each for each in await snippets.everything(office.db, person.id) if (each.user_id is not None) is own]
    shown = [(each, _example(office, each)) for each in found]
    return await view.page(
        request, "snippets.html", here="setup", tab="snippets", status=status, place=place, own=own, snippets=shown,
        saved=saved, wrong=wrong or {}, given=given or {}, variables={name: VARIABLES[name] for name in _OF_LETTERS},
    )  # fmt: skip


def _example(office: Office, snippet: Snippet) -> str:
    """The snippet as an example lead would get it."""
    try:
        return render(compiled(snippet.source), {**EXAMPLES, **composing.business_values(office)})
    except TemplateRefused:
        return ""


def _manager(person: Person) -> Person:
    if person.role not in {"manager", "admin"}:
        raise NeedsAdmin
    return person
