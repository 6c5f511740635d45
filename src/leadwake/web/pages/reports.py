"""/reports: the figures of the business for managers, what they cost, and what the team says things cost."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from leadwake.domain import proof_words, report_facts
from leadwake.domain.kpis import ASKED, FEW
from leadwake.storage import reports
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.web import report_csv, report_view
from leadwake.web.limits import an_export
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.sessions import Manager, manager
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute, dependencies=[Depends(manager)])

#: a source is at most this long where a cost is said for it
_LONGEST = 200
_OF_A_SOURCE = "source_monthly"


@router.get("/reports")
async def show(request: Request, period: str = "28", saved: str = "") -> Response:
    """The report of a period."""
    return await _page(request, period, saved=bool(saved))


@router.get("/reports.csv")
async def table(request: Request, person: Manager, period: str = "28") -> Response:
    """The same as a file for a spreadsheet."""
    an_export(request, person.id)
    found = await report_view.view(request.app.state.office, period)
    headers = {**view.headers(), "Content-Disposition": f'attachment; filename="{report_csv.file_name(found)}"'}
    return Response(report_csv.as_csv(found), headers=headers, media_type="text/csv; charset=utf-8")


@router.post("/reports/inputs")
async def say(request: Request, person: Manager) -> Response:
    """What the team says things cost, from now on; nothing for what it says no longer."""
    given = await fields(request)
    period, source = given.get("period", ""), given.get("source", "").strip()
    wrong, values = _read(given)
    if len(source) > _LONGEST or ("source" in given and not source):
        wrong["source"] = "Choose a source."
    if wrong:
        return await _page(request, period, wrong=wrong, given=given, status=422)
    await _save(request.app.state.office, person, source, values)
    return see(f"/reports?period={period if period in report_view.PERIODS else '28'}&saved=1#inputs")


def _read(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Decimal | None]]:
    wrong: dict[str, str] = {}
    values: dict[str, Decimal | None] = {}
    for name in ASKED:
        if name in given:
            try:
                values[name] = report_facts.read_input(name, given[name])
            except ValueError as error:
                wrong[name] = str(error)
    return wrong, values


async def _save(office: Office, person: Person, source: str, values: Mapping[str, Decimal | None]) -> None:
    """What changed is kept with who said it and when."""
    now = office.clock.now()
    async with office.db.transaction() as connection:
        changed = [
            name
            for name, value in values.items()
            if await reports.say(connection, name, source if name == _OF_A_SOURCE else "", value, person.id, now)
        ]
        if changed:
            await record(connection, now, f"user {person.id}", "settings_changed", names=changed)


async def _page(
    request: Request, period: str, *, saved: bool = False, status: int = 200,
    wrong: Mapping[str, str] | None = None, given: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    found = await report_view.view(office, period)
    names = {str(each.id): each.name for each in office.team}
    return await view.page(
        request, "reports.html", here="proof", status=status, view=found, values=found.values, told=proof_words,
        periods=report_view.PERIODS, groups=report_view.GROUPS, asked=ASKED, few=FEW, names=names, saved=saved,
        wrong=wrong or {}, given=given or {},
    )  # fmt: skip
