"""/setup/rules: what the gate decides by; tighter with one form, looser on a page of its own that names the risk."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.compliance.hours import WEEKDAYS
from leadwake.compliance.policy import HIGHEST_CAP, PRODUCT_CAP, STANDARD, SWITCHES, Loosened, Policy
from leadwake.compliance.policy_json import span_text
from leadwake.compliance.policy_words import RISKS, changed, described
from leadwake.compliance.policy_words import loosened as loosened_words
from leadwake.compliance.policy_words import switch as switch_words
from leadwake.compliance.states import STATE_NAMES
from leadwake.errors import InputError
from leadwake.storage import policies
from leadwake.storage.policies import PolicyMoved
from leadwake.storage.staff import Person
from leadwake.web.pages import rules_form, view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_PLACE = "/setup/rules"
_MOVED = "Somebody else changed the rules a moment ago. This is how they stand now; nothing of yours was saved."


@dataclass(frozen=True, slots=True)
class Change:
    """One version of the team's rules: who made it, what it says that the one before did not."""

    version: int
    at: datetime
    who: str
    reason: str
    lines: list[str]


@router.get("/setup/rules")
async def rules(request: Request, person: Admin, saved: str = "") -> Response:
    """What is in force, and the forms that change it."""
    del person
    return await _page(request, saved=bool(saved))


@router.post("/setup/rules/tighten")
async def tighten(request: Request, person: Admin) -> Response:
    """The team's own hours, cap, days and switches are as given."""
    office, given = _office(request), await fields(request)
    try:
        return await _save(request, person, given, rules_form.tightened(given, office.policy), "")
    except InputError as error:
        return await _page(request, status=422, given=given, wrong=error.reasons)


@router.post("/setup/rules/hold")
async def hold(request: Request, person: Admin) -> Response:
    """Marketing in a state waits until the day and time given."""
    office, given = _office(request), await fields(request)
    try:
        value = rules_form.held(given, office.policy, office.clock.now(), office.settings.time_zone)
    except InputError as error:
        return await _page(request, status=422, held=given, wrong=error.reasons)
    return await _save(request, person, given, value, "")


@router.post("/setup/rules/hold/{state}/end")
async def release(request: Request, state: str, person: Admin) -> Response:
    """The state's hold is over."""
    office, given = _office(request), await fields(request)
    return await _save(request, person, given, rules_form.released(office.policy, state, office.clock.now()), "")


@router.get("/setup/rules/loosen/{name}")
async def loosen_page(request: Request, name: str, person: Admin) -> Response:
    """What giving up this default means, and the form that does it."""
    del person
    return await _loosen_page(request, _loosened(name))


@router.post("/setup/rules/loosen/{name}")
async def loosen(request: Request, name: str, person: Admin) -> Response:
    """The default is given up, by this person, for the reason they gave."""
    office, given, which = _office(request), await fields(request), _loosened(name)
    try:
        value = rules_form.loosened(which, given, office.policy, office.clock.now(), person)
    except InputError as error:
        return await _loosen_page(request, which, status=422, given=given, wrong=error.reasons)
    return await _save(request, person, given, value, " ".join(given.get("reason", "").split()))


@router.post("/setup/rules/loosen/{name}/undo")
async def undo(request: Request, name: str, person: Admin) -> Response:
    """The default holds again."""
    office, given = _office(request), await fields(request)
    value = dataclasses.replace(office.policy, loosenings=rules_form.kept(office.policy, _loosened(name)))
    return await _save(request, person, given, value, "")


async def _save(request: Request, person: Person, given: Mapping[str, str], value: Policy, reason: str) -> Response:
    """The policy is in force everywhere, unless it was made from another than the page showed."""
    office = _office(request)
    shown = given.get("version", "")
    try:
        if shown != str(office.policy.version):
            raise PolicyMoved(_MOVED)
        if value != office.policy:
            await policies.change(
                office.db, at=office.clock.now(), by=f"user {person.id}", reason=reason,
                before=office.policy.version, value=value,
            )  # fmt: skip
    except PolicyMoved:
        await office.refresh()
        return await _page(request, status=409, moved=_MOVED)
    await office.refresh()
    return see(f"{_PLACE}?saved=1")


async def _page(
    request: Request, *, status: int = 200, saved: bool = False, moved: str = "",
    given: Mapping[str, str] | None = None, held: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office = _office(request)
    policy, now, zone = office.policy, office.clock.now(), office.settings.time_zone
    return await view.page(
        request, "rules.html", here="setup", tab="rules", status=status, saved=saved, moved=moved, wrong=wrong or {},
        policy=policy, own=described(policy, zone), form=given or _form(policy), held=held or {},
        holds=[(state, STATE_NAMES[state], until) for state, until in sorted(policy.holds.items()) if until > now],
        given_up=[(each, loosened_words(each), _who(office, each.by)) for each in policy.loosenings],
        risks=[(name, risk) for name, risk in RISKS.items() if not policy.allows(name)],
        switches=[(rules_form.switch_name(*pair), switch_words(*pair)) for pair in SWITCHES],
        rows=_rows(given or _form(policy)), states=STATE_NAMES, days=WEEKDAYS, caps=range(1, PRODUCT_CAP + 1),
        is_shipped=office.tables.version == office.shipped.version, history=await _history(office),
    )  # fmt: skip


async def _loosen_page(
    request: Request, name: Loosened, *, status: int = 200, given: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    return await view.page(
        request, "loosen.html", here="setup", tab="rules", status=status, name=name, risk=RISKS[name],
        given=given or {}, wrong=wrong or {}, version=_office(request).policy.version,
        limits=range(PRODUCT_CAP + 1, HIGHEST_CAP + 1) if name is Loosened.PRODUCT_CAP else (),
    )  # fmt: skip


def _form(policy: Policy) -> dict[str, str]:
    """The policy as the fields of the form would send it."""
    form = {f"closed_{WEEKDAYS[day]}": "on" for day in policy.closed_days}
    form |= {rules_form.switch_name(*pair): "on" for pair in SWITCHES if pair not in policy.off}
    form["cap"] = str(policy.cap or "")
    if policy.fresh_replies:
        form["fresh_replies"] = "on"
    if policy.hours:
        form["opens"], form["closes"] = span_text(policy.hours).split("-")
    for row, (state, hours) in enumerate(sorted(policy.state_hours.items())):
        form[f"state_{row}"] = state
        form[f"opens_{row}"], form[f"closes_{row}"] = span_text(hours).split("-")
    return form


def _rows(form: Mapping[str, str]) -> list[int]:
    """The rows of hours by state that have something in them, and one more."""
    filled = [row for row in range(rules_form.STATE_ROWS) if form.get(f"state_{row}") or form.get(f"opens_{row}")]
    return [*filled, max(filled, default=-1) + 1][: rules_form.STATE_ROWS]


async def _history(office: Office) -> list[Change]:
    zone, rows = office.settings.time_zone, await policies.history(office.db)
    values = [policies.policy_of(row) for row in rows]
    older = [*values[1:], STANDARD] if values and values[-1].version == 1 else values[1:]
    return [
        Change(row["version"], row["at"], _who(office, row["by"]), row["reason"], changed(before, value, zone))
        for row, value, before in zip(rows, values, older, strict=False)
    ]


def _who(office: Office, by: str) -> str:
    return next((person.name for person in office.team if by == f"user {person.id}"), by)


def _loosened(name: str) -> Loosened:
    try:
        return Loosened(name)
    except ValueError:
        raise HTTPException(404) from None


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office
