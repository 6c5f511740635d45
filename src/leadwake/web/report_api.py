"""GET /v1/reports: the figures of reports for a program."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from leadwake.domain.report import Line
from leadwake.web import report_view
from leadwake.web.auth import require_scope
from leadwake.web.problems import Problem
from leadwake.web.proof_api import REFUSALS
from leadwake.web.report_view import Shown
from leadwake.workflows.office import Office

#: days of one report at most
MOST_DAYS = 366

router = APIRouter(prefix="/v1", tags=["reports"], dependencies=[Depends(require_scope("reports:read"))])


class FigureOut(BaseModel):
    """
    One figure in its unit: seconds (a median), percent, dollars, hours, count, ratio.

    value: None where there is none, n is too small for a share, or `missing` names what your team has not said.
    """

    label: str
    value: float | None
    unit: str
    n: int
    part: int | None
    goal: str
    definition: str
    note: str
    missing: list[str]
    before_value: float | None
    before_n: int


class LineOut(BaseModel):
    """
    What came of one source, sequence or agent.

    leads: of a sequence, who began it. cost: in dollars, None while a price is not said.
    """

    name: str
    leads: int
    conversations: int
    meetings: int
    sales: int
    revenue_cents: dict[str, int]
    cost: float | None


class ReportOut(BaseModel):
    """begin is inclusive, end exclusive; before: as many days just before."""

    begin: datetime
    end: datetime
    first_day: date
    last_day: date
    figures: dict[str, FigureOut]
    sources: list[LineOut]
    sequences: list[LineOut]
    agents: list[LineOut]


@router.get(
    "/reports", responses=REFUSALS, openapi_extra={"security": [{"ApiKey": []}]}, summary="Read the figures of reports"
)
async def read_report(
    request: Request,
    first: Annotated[date | None, Query(alias="from", description="First day, by the team's clock")] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day; today when left out")] = None,
) -> ReportOut:
    """Leads, response, meetings, sales, revenue and cost of some days, the last 28 when left out."""
    office: Office = request.app.state.office
    last = last or office.clock.now().astimezone(office.settings.time_zone).date()
    first = first or last - timedelta(days=27)
    if not 0 <= (last - first).days < MOST_DAYS or first.year < 2000 or last.year > 2200:
        raise Problem(422, f"Ask for 1 to {MOST_DAYS} days.")
    found = await report_view.view_of(office, report_view.between(office, first, last))
    period = found.period
    return ReportOut(
        begin=period.begin, end=period.end, first_day=period.first, last_day=period.last,
        figures={name: _figure(shown) for name, shown in found.values.items()},
        sources=_lines(found.now.sources), sequences=_lines(found.now.sequences), agents=_lines(found.agents),
    )  # fmt: skip


def _figure(shown: Shown) -> FigureOut:
    value, kpi = shown.now, shown.now.kpi
    return FigureOut(
        label=kpi.label, value=value.plain, unit=kpi.unit, n=value.n, part=value.part, goal=kpi.goal,
        definition=kpi.sentence, note=value.note, missing=list(value.missing), before_value=shown.before.plain,
        before_n=shown.before.n,
    )  # fmt: skip


def _lines(lines: list[Line]) -> list[LineOut]:
    return [
        LineOut(
            name=line.label, leads=line.leads, conversations=line.conversations, meetings=line.meetings,
            sales=line.sales, revenue_cents=line.revenue, cost=None if line.missing else round(float(line.cost), 4),
        )
        for line in lines
    ]  # fmt: skip
