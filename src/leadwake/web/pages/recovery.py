"""/recovery: who went quiet, who would be woken next and why, how many a day, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake.domain import recovery as rules
from leadwake.domain import wording
from leadwake.domain.looks import How
from leadwake.domain.recovery import Rule
from leadwake.errors import InputError
from leadwake.storage import reading, reports
from leadwake.web.pages import view
from leadwake.web.pages.answers import answer
from leadwake.web.pages.route import PageRoute, fields
from leadwake.web.seen import saw
from leadwake.web.sessions import Manager
from leadwake.workflows import quiet, recovery
from leadwake.workflows.office import Office
from leadwake.workflows.quiet import Sleeper

router = APIRouter(route_class=PageRoute)

#: named of those who would be next, and of those who came back
NAMED: Final = 20
#: what was done is summed up over so long
SUMMED: Final = timedelta(days=90)


@router.get("/recovery")
async def show(request: Request, person: Manager) -> Response:
    """The page."""
    del person
    return await _page(request)


@router.post("/recovery")
async def save(request: Request, person: Manager) -> Response:
    """The amounts, from now on."""
    given, office = await fields(request), request.app.state.office
    try:
        rule = rules.read_rule(given)
    except InputError as error:
        return await _page(request, form=given, wrong=error.reasons)
    await recovery.change(office, rule, person)
    return answer(request, given, "recovery_on" if rule.is_on else "recovery_off", "/recovery")


@router.post("/recovery/stop")
async def stop(request: Request, person: Manager) -> Response:
    """Off, and whoever was woken today is let be."""
    given = await fields(request)
    await recovery.stop_today(request.app.state.office, person)
    return answer(request, given, "recovery_stopped", "/recovery")


async def _page(
    request: Request, *, form: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None
) -> Response:
    office: Office = request.app.state.office
    now, rule = office.clock.now(), await recovery.rule_in_force(office)
    async with office.db.connection() as connection:
        found = await quiet.sleepers(office, connection, rule.quiet_days, now)
    since = now - SUMMED
    sent = await office.db.one("recovery_sent", since=since)
    assert sent is not None
    reach, came_back = [each for each in found if each.way][:NAMED], await _came_back(office)
    saw(request, How.LIST, [*(each.lead_id for each in reach), *(row["lead_id"] for _, row in came_back)])
    prices = reports.known(await reports.inputs(office.db))
    return await view.page(
        request, "recovery.html", here="recovery", status=422 if wrong else 200, rule=rule, form=form or _form(rule),
        wrong=wrong or {}, bounds=rules.BOUNDS, counts=quiet.by_way(found), is_more=len(found) >= quiet.LOOK,
        closed=_closed(found), reach=reach,
        called=_called,
        sums=await office.db.one("recovery_sums", since=since), sent=sent,
        dollars=rules.dollars(sent["segments"], sent["mails"], prices),
        today=await office.db.one("recovery_day", day=recovery.today(office, now)), came_back=came_back,
    )  # fmt: skip


def _called(found: Sleeper) -> str:
    return next((str(found.profile[key]) for key in ("name", "phone", "email") if found.profile.get(key)), "Somebody")


def _form(rule: Rule) -> dict[str, str]:
    return {
        name: "on" if value is True else str(value) for name, value in rule.as_values().items() if value is not False
    }


def _closed(found: Sequence[Sleeper]) -> list[tuple[str, int]]:
    """Why nobody may reach those who cannot be woken, the most frequent first, in words."""
    reasons = Counter(
        " and ".join(_WHY.get(reason) or wording.reason(reason) or reason for reason in each.why_not.values())
        for each in found
        if each.way is None
    )
    return reasons.most_common(8)


#: why a way is closed, where the words for messages do not fit
_WHY: Final[Mapping[str, str]] = {
    "no_email": "no e-mail address", "no_number": "no number", "vendor_off": "no e-mail vendor is set up",
    "no_sequence": "no published sequence for those who went quiet is for them",
    "no_consent": "they never asked us for anything by e-mail", "opted_out": "they asked us to stop",
    "declined": "they said no to calls", "dnc_registry": "the number stands on a do-not-call registry",
    "address_bounced": "mail to them came back", "hard_bounce": "mail to them came back",
}  # fmt: skip


async def _came_back(office: Office) -> list[tuple[str, dict[str, Any]]]:
    rows = await office.db.all("recovery_latest", limit=NAMED)
    ids = [row["lead_id"] for row in rows]
    async with office.db.connection() as connection:
        leads = {lead.id: lead for lead in await reading.among(connection, office.vault, ids, actions=False)}
    return [(leads[row["lead_id"]].called, row) for row in rows if row["lead_id"] in leads]
