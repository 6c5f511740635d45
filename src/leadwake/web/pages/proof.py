"""/proof: captures accounted for, how fast, by source and by agent; each figure with what it counts and how many."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake.domain import probe as probe_words
from leadwake.domain import proof as figures
from leadwake.domain import proof_words
from leadwake.domain import slo as slo_words
from leadwake.ops import availability, slo
from leadwake.web import proof_csv
from leadwake.web.limits import an_export
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute
from leadwake.web.proof_report import HELD, SOURCES, report
from leadwake.web.sessions import SignedIn
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)


@router.get("/proof")
async def proof(request: Request, person: SignedIn, period: str = "28") -> Response:
    """The figures of a period, for whoever looks: a manager sees every row, an agent their own and the team's."""
    office: Office = request.app.state.office
    found = await report(office, period, person)
    return await view.page(
        request, "proof.html", here="proof", report=found, now_=found.now, told=proof_words, most_sources=SOURCES,
        most_held=HELD, heights=figures.bar_heights, percentiles=figures.PERCENTILES,
        promise=await slo.read(office), acts=slo_words, probes=await availability.read(office, office.clock.now()),
        probe_words=probe_words,
    )  # fmt: skip


@router.get("/proof.csv")
async def proof_table(request: Request, person: SignedIn, period: str = "28") -> Response:
    """The same as a file for a spreadsheet."""
    an_export(request, person.id)
    found = await report(request.app.state.office, period, person)
    headers = {**view.headers(), "Content-Disposition": f'attachment; filename="{proof_csv.file_name(found)}"'}
    return Response(proof_csv.as_csv(found), headers=headers, media_type="text/csv; charset=utf-8")
