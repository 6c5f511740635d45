"""/setup/privacy/looks: how many people's data each member of the team and each program saw, day by day."""

from __future__ import annotations

from datetime import date
from functools import partial
from itertools import groupby
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute
from leadwake.web.sessions import Admin
from leadwake.workflows import looks
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

SPAN_DAYS: Final = 28


@router.get("/setup/privacy/looks")
async def show(request: Request, person: Admin) -> Response:
    """The days, the latest first; what is unusual stands above them."""
    del person
    office: Office = request.app.state.office
    found = await looks.by_day(office, SPAN_DAYS)
    who = partial(looks.reader_words, office, keys=await looks.key_names(office))
    return await view.page(
        request, "looks.html", here="setup", tab="privacy", span=SPAN_DAYS, who=who, day_words=_day,
        unusual=[one for one in found if one.is_unusual],
        days=[(day, list(lines)) for day, lines in groupby(found, key=lambda one: one.day)],
    )  # fmt: skip


def _day(day: date) -> str:
    """ "Tuesday, 24 November"."""
    return f"{day:%A}, {day.day} {day:%B}"
