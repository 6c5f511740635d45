"""/sequences: what is sent to whom and when, how it goes, every version there was; paused and resumed in one tap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.sequence import words as plain
from leadwake.domain.sequence.diff import Difference, difference
from leadwake.domain.sequence.model import Sequence
from leadwake.errors import InputError
from leadwake.storage import sequences as stored
from leadwake.storage.sequences import SequenceMoved, Standing, Version
from leadwake.web.pages import sequence_view, view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.sequence_view import Went, share
from leadwake.web.sessions import Manager, SignedIn
from leadwake.workflows import sequences
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class Listed:
    """A sequence of the list. plan: None where this Leadwake cannot read it."""

    standing: Standing
    plan: Sequence | None
    has_draft: bool

    @property
    def title(self) -> str:
        """How it is called."""
        return self.plan.title if self.plan else self.standing.name

    @property
    def is_not_on_yet(self) -> bool:
        """True for one that came with Leadwake into an office at work, and that nobody has switched on."""
        return self.standing.published_by is None and self.standing.paused_at == self.standing.published_at


@dataclass(frozen=True, slots=True)
class Change:
    """A version: who made it, and how it differs from the one before."""

    version: Version
    who: str
    difference: Difference | None


@router.get("/sequences")
async def everything(request: Request, person: SignedIn, done: str = "") -> Response:
    """Every sequence, and how it goes."""
    del person
    office = _office(request)
    drafts = {draft.name: draft for draft in await stored.drafts(office.db)}
    found = [
        Listed(standing, office.sequences.in_force(standing.name), standing.name in drafts)
        for standing in await _standings(office)
    ]
    begun = [draft for name, draft in drafts.items() if name not in {each.standing.name for each in found}]
    return await view.page(
        request, "sequences.html", here="sequences", found=found, begun=begun, done=done, say=plain,
        share=share, who=who_of(office),
    )  # fmt: skip


@router.get("/sequences/{name}")
async def one(request: Request, name: str, person: SignedIn, version: str = "", done: str = "") -> Response:
    """One sequence step by step. version: an older one."""
    del person
    office = _office(request)
    standing = await _standing(office, name)
    shown = _number(version) or standing.version
    plan = office.sequences.version(name, shown)
    if plan is None and shown != standing.version:
        raise HTTPException(404)
    open_, went = await _went(office, name, shown)
    return await view.page(
        request, "sequence.html", here="sequences", standing=standing, plan=plan, shown=shown, done=done,
        steps=sequence_view.steps(plan, sequence_view.example_values(office), went) if plan else (),
        elsewhere=[(number, n) for number, n in sorted(open_.items()) if number != shown],
        source=office.sequences.sources.get((name, shown), ""), draft=await stored.draft(office.db, name),
        listed=Listed(standing, plan, has_draft=False), say=plain, share=share, who=who_of(office),
        titles=titles(office),
    )  # fmt: skip


@router.get("/sequences/{name}/history")
async def history(request: Request, name: str, person: SignedIn) -> Response:
    """Every version, newest first, with what it changed."""
    del person
    office = _office(request)
    found = await stored.versions(office.db, name)
    if not found:
        raise HTTPException(404)
    who = who_of(office)
    older = [*(each.source for each in found[1:]), None]
    changes = [
        Change(each, who(each.published_by, each.note), difference(before, each.source) if before is not None else None)
        for each, before in zip(found, older, strict=True)
    ]
    plan = office.sequences.in_force(name)
    return await view.page(
        request, "sequence_history.html", here="sequences", name=name, title=plan.title if plan else name,
        changes=changes, in_force=next(each.version for each in found if each.is_in_force),
    )  # fmt: skip


@router.post("/sequences/{name}/pause")
async def pause(request: Request, name: str, person: Manager) -> Response:
    """Nobody is enrolled, and whoever is in it waits."""
    _known(request, name)
    await sequences.pause(_office(request), name, person.id)
    return see(await _back(request, name, "paused"))


@router.post("/sequences/{name}/resume")
async def resume(request: Request, name: str, person: Manager) -> Response:
    """It goes on."""
    _known(request, name)
    await sequences.resume(_office(request), name, person.id)
    return see(await _back(request, name, "resumed"))


@router.post("/sequences/{name}/history/{version}")
async def put_back(request: Request, name: str, version: str, person: Manager) -> Response:
    """The text of that version is in force again, under a version of its own."""
    office, given = _office(request), await fields(request)
    number = _number(version)
    source = office.sequences.sources.get((name, number)) if number else None
    if source is None:
        raise HTTPException(404)
    try:
        before = _number(given.get("in_force", "")) or 0
        await sequences.publish(office, source, person.id, before=before, note=f"Version {number} again")
    except SequenceMoved:
        await office.refresh()
        return see(f"/sequences/{name}?done=moved")
    except InputError:  # what was fit then is refused by this Leadwake
        return see(f"/sequences/{name}/edit?from={number}")
    return see(f"/sequences/{name}?done=published")


def who_of(office: Office) -> sequence_view.Who:
    """(user id, note of a version) → the name of whoever did it."""

    def who(user_id: UUID | None, note: str | None = None) -> str:
        person = office.person(user_id)
        if user_id is None:
            return "Leadwake" if note == "shipped" else "the command line"
        return person.name if person else "a former colleague"

    return who


def titles(office: Office) -> Mapping[str, str]:
    """Name → title of every sequence in force."""
    book = office.sequences
    return {name: plan.title if (plan := book.in_force(name)) else name for name in book.published}


async def _standings(office: Office, name: str | None = None) -> list[Standing]:
    since = office.clock.now() - sequences.LATELY
    return await stored.standings(office.db, since, practice=office.is_practice, name=name)


async def _standing(office: Office, name: str) -> Standing:
    """The sequence named in the path. Raises 404."""
    found = await _standings(office, name)
    if not found:
        raise HTTPException(404)
    if (name, found[0].version) not in office.sequences.sources:  # published a moment ago by another process
        await office.refresh()
    return found[0]


async def _went(office: Office, name: str, version: int) -> tuple[dict[int, int], Went]:
    """Leads in it now by version, and how this version's steps went."""
    practice = office.is_practice
    standing = await office.db.all("sequence_standing", name=name, practice=practice)
    results = await office.db.all(
        "sequence_step_results",
        name=name,
        version=version,
        since=office.clock.now() - sequences.LATELY,
        practice=practice,
    )
    open_: dict[int, int] = {}
    for row in standing:
        open_[row["version"]] = open_.get(row["version"], 0) + row["waiting"] + row["under_way"]
    return open_, Went({row["step"]: row for row in standing if row["version"] == version}, tuple(results))


async def _back(request: Request, name: str, done: str) -> str:
    """Where the button stood: in the list, or on its own page."""
    is_list = (await fields(request)).get("from") == "list"
    return f"/sequences?done={done}#s-{name}" if is_list else f"/sequences/{name}?done={done}"


def _known(request: Request, name: str) -> None:
    if name not in _office(request).sequences.published:
        raise HTTPException(404)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 9 else None


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office
