"""/leads/import: a list of leads looked at first, its columns as the team means them; then taken in, and taken back."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from leadwake.domain import import_words
from leadwake.domain.csv_cells import safe
from leadwake.domain.dates import date_order
from leadwake.errors import InputError, RuleError
from leadwake.intake.columns import FIELDS, IGNORE, mapped
from leadwake.storage import imports
from leadwake.storage.imports import Import, Options, Waiting
from leadwake.storage.staff import Person
from leadwake.web.bodies import streamed_form
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.read_api import parse_id
from leadwake.web.sessions import Manager
from leadwake.workflows import enrolling, import_undo, importing
from leadwake.workflows.import_look import Enrolls, Look, Looked
from leadwake.workflows.import_rows import Pace, reading_of
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_PLACE: Final = "/leads/import"
#: of a file that a browser sends; larger ones go by the command
MAX_FILE: Final = 50 * 1024 * 1024
#: rows that are looked at for the page, and when somebody asks for more
_LOOKED, _ALL = 200, 10_000
_EXAMPLES: Final = 3
#: columns that can be chosen for; beyond them they stay as they are
_COLUMNS: Final = 150
_SHOWN: Final = 8
_STAYED: Final = 50


@router.get(_PLACE)
async def lists(request: Request, person: Manager) -> Response:
    """Where a list is given, and those that were."""
    del person
    return await _lists(request)


@router.post(_PLACE)
async def upload(request: Request, person: Manager) -> Response:
    """The file is stored; nothing is made of it before somebody says so."""
    office: Office = request.app.state.office
    async with streamed_form(request, MAX_FILE) as (given, file):
        if file is None or not file.filename:
            return await _lists(request, status=422, refused="choose a file first")
        try:
            import_id = await importing.begin(
                office, file.file, file.filename, actor=f"user {person.id}", source=given.get("source", "").strip(),
                pace=Pace(), is_asked=True,
            )  # fmt: skip
        except InputError as error:
            return await _lists(request, status=422, refused="; ".join(error.reasons.values()) or str(error))
    return see(f"{_PLACE}/{import_id}")


@router.get(_PLACE + "/{import_id}")
async def one(request: Request, import_id: str, person: Manager, all_rows: str = "") -> Response:
    """One list: what would come of it, how far it is, or what came of it."""
    del person
    return await _one(request, await _found(request, import_id), most=_ALL if all_rows else _LOOKED)


@router.post(_PLACE + "/{import_id}/columns")
async def columns(request: Request, import_id: str, person: Manager) -> Response:
    """The columns mean what was chosen; looked at again."""
    del person
    found = await _found(request, import_id)
    try:
        await _choose(request.app.state.office, found, await fields(request))
    except InputError as error:
        return await _one(request, found, status=422, refused="; ".join(error.reasons.values()))
    except RuleError as error:
        return await _one(request, found, status=409, refused=str(error))
    return see(f"{_PLACE}/{found.id}")


@router.post(_PLACE + "/{import_id}/start")
async def start(request: Request, import_id: str, person: Manager) -> Response:
    """The rows are taken in, as the page said."""
    office, found = request.app.state.office, await _found(request, import_id)
    try:
        await _choose(office, found, await fields(request))
        await importing.start(office, found.id, f"user {person.id}")
    except InputError as error:
        return await _one(request, found, status=422, refused="; ".join(error.reasons.values()))
    except RuleError as error:
        return await _one(request, found, status=409, refused=str(error))
    return see(f"{_PLACE}/{found.id}")


@router.post(_PLACE + "/{import_id}/drop")
async def drop(request: Request, import_id: str, person: Manager) -> Response:
    """A list that was not started is gone."""
    del person
    found = await _found(request, import_id)
    await importing.drop(request.app.state.office, found.id)
    return see(_PLACE)


@router.post(_PLACE + "/{import_id}/undo")
async def undo(request: Request, import_id: str, person: Manager) -> Response:
    """Whoever came only by this list, and was not touched since, is taken back."""
    office, found = request.app.state.office, await _found(request, import_id)
    try:
        await import_undo.begin(office, found.id, f"user {person.id}")
    except RuleError as error:
        return await _one(request, found, status=409, refused=str(error))
    return see(f"{_PLACE}/{found.id}")


@router.get(_PLACE + "/{import_id}/report.csv")
async def report(request: Request, import_id: str, person: Manager) -> Response:
    """What became of each row, as a file."""
    del person
    office, found = request.app.state.office, await _found(request, import_id)
    headers = {**view.headers(), "Content-Disposition": f'attachment; filename="import-{found.id}.csv"'}
    return StreamingResponse(_lines(office, found.id), 200, headers, media_type="text/csv; charset=utf-8")


async def _lines(office: Office, import_id: UUID) -> AsyncIterator[str]:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    out.write("\ufeff")
    writer.writerow(("row", "outcome", "reason", "lead_id"))
    async for row in imports.report(office.db, import_id):
        said = import_words.reason(row["outcome"], row["reason"], row["kept"])
        writer.writerow((row["number"], row["outcome"], safe(said), row["lead_id"] or ""))
        if out.tell() > 32_000:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


async def _choose(office: Office, found: Import, given: Mapping[str, str]) -> None:
    """What was chosen on the page holds. Raises InputError, RuleError."""
    heads = found.about.heads
    said = {head: given[f"column_{place}"] for place, head in enumerate(heads) if f"column_{place}" in given}
    chosen = mapped(heads, {**dict(zip(heads, found.about.fields, strict=True)), **said}) if heads else []
    order, enroll = await _order(office, found, chosen), given.get("enroll", "")
    if enroll:
        enrolling.may_begin(office, enroll)
    await importing.change(
        office, found.id, source=given.get("source", found.source).strip(), fields=chosen, order=order,
        options=Options("crm" in given, "route" in given, enroll),
    )  # fmt: skip


async def _order(office: Office, found: Import, chosen: Sequence[str]) -> str:
    """How the dates of the chosen column are written, as far as the first rows tell."""
    if "received_at" not in chosen:
        return ""
    place = chosen.index("received_at")
    rows = await _first(office, found, 1_000)
    return date_order(row.cells[place] for row in rows if len(row.cells) > place)


async def _first(office: Office, found: Import, most: int) -> list[Waiting]:
    rows: list[Waiting] = []
    async for batch in imports.batches(office.db, found):
        rows += batch
        if len(rows) >= most:
            break
    return rows[:most]


async def _found(request: Request, import_id: str) -> Import:
    """The list named in the path. Raises 404."""
    office: Office = request.app.state.office
    known = parse_id(import_id)
    found = await imports.one(office.db, office.vault, known) if known else None
    if found is None or found.state == "reading":
        raise HTTPException(404)
    return found


async def _lists(request: Request, *, status: int = 200, refused: str = "") -> Response:
    office: Office = request.app.state.office
    found = await imports.newest(office.db, office.vault)
    return await view.page(
        request, "imports.html", here="leads", status=status, refused=refused, imports=found,
        by={one.id: _who(office, one.by) for one in found}, most_mb=MAX_FILE // 1024 // 1024,
    )  # fmt: skip


async def _one(
    request: Request, found: Import, *, status: int = 200, refused: str = "", most: int = _LOOKED
) -> Response:
    office: Office = request.app.state.office
    shown: dict[str, Any] = {"preview": None, "stayed": [], "why": import_words.why_kept}
    if found.state == "ready":
        shown["preview"] = await _preview(office, found, most)
    shown["enrolled"] = await office.db.one("import_enrolled", id=found.id) if found.options.enroll else None
    if found.stayed:
        shown["stayed"] = [row async for row in _stayed(office, found.id)]
    return await view.page(
        request, "import_one.html", here="leads", status=status, refused=refused, found=found, choices=FIELDS,
        by=_who(office, found.by), ignore=IGNORE, **shown,
    )  # fmt: skip


async def _stayed(office: Office, import_id: UUID) -> AsyncIterator[Mapping[str, Any]]:
    told = 0
    async for row in imports.report(office.db, import_id):
        if row["kept"] not in {None, "gone"} and (told := told + 1) <= _STAYED:
            yield row


async def _preview(office: Office, found: Import, most: int) -> dict[str, Any]:
    """The columns with examples, and what would come of the first rows."""
    rows = await _first(office, found, most)
    look = Look(office, reading_of(office, found), office.clock.now(), Pace())
    looked: list[Looked] = []
    for start_at in range(0, len(rows), imports.BATCH):
        looked += [one async for one in look.batch(rows[start_at : start_at + imports.BATCH])]
    names, enrolls = ("new", "known", "duplicate", "refused"), Enrolls()
    for one in looked:
        enrolls.add(one)
    return {
        "columns": _columns(found, rows), "looked": len(rows), "rows": looked[:_SHOWN],
        "counts": {name: sum(one.outcome == name for one in looked) for name in names},
        "told": [(one.number, one.outcome, import_words.reason(one.outcome, one.reason)) for one in _telling(looked)],
        "enrolls": await enrolls.count(office), "sequences": office.sequences.choice.sequences,
        "can_count_more": len(rows) < found.rows and most < _ALL,
    }  # fmt: skip


def _telling(looked: Sequence[Looked]) -> list[Looked]:
    """The first rows there is something to say about."""
    return [one for one in looked if one.outcome == "refused" or one.reason][:_SHOWN]


def _columns(found: Import, rows: Sequence[Waiting]) -> list[tuple[int, str, str, list[str]]]:
    """(place, head, field, examples) of each column that can be chosen for."""
    return [
        (place, head, found.about.fields[place], _examples(rows, place))
        for place, head in enumerate(found.about.heads[:_COLUMNS])
    ]


def _examples(rows: Sequence[Waiting], place: int) -> list[str]:
    """The first cells of a column that say something, each once."""
    cells = (row.cells[place] for row in rows if len(row.cells) > place)
    return list(dict.fromkeys(cell[:60] for cell in cells if cell))[:_EXAMPLES]


def _who(office: Office, actor: str) -> str:
    person: Person | None = office.person(parse_id(actor.removeprefix("user ")))
    return person.name if person else "the command line" if actor == "cli" else "a former colleague"
