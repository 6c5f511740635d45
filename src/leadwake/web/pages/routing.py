"""/team: who works here, how hot leads were shared, and the rules by which leads find their agent; for managers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain import routing_rules_words
from leadwake.domain.routing_rules import STANDARD, RoutingRules, Rule
from leadwake.domain.routing_rules_json import TEMPERATURES, unknown_agents
from leadwake.domain.routing_rules_words import TIMES
from leadwake.errors import InputError
from leadwake.storage import routing_decisions, routing_rules
from leadwake.storage.routing_rules import RulesMoved
from leadwake.storage.staff import Person
from leadwake.web.pages import routing_form, view
from leadwake.web.pages.people import PersonView, people_view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.sessions import Manager
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_PLACE = "/team"
_MOVED = "Somebody else changed the rules a moment ago. This is how they stand now; nothing of yours was saved."
#: the fairness strip looks back so far
_LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as the list shows it. place: from 0; the last is the default."""

    place: int
    name: str
    conditions: Sequence[str]
    people: Sequence[str]
    is_default: bool
    is_first: bool
    is_lowest: bool


@dataclass(frozen=True, slots=True)
class ShareView:
    """Hot leads of an agent. percent, due_percent: of all hot leads that found somebody."""

    name: str
    given: int
    due: int
    percent: int
    due_percent: int


@dataclass(frozen=True, slots=True)
class Change:
    """One version of the rules: who made it, and what it says that the one before did not."""

    version: int
    at: datetime
    who: str
    reason: str
    lines: Sequence[str]
    is_in_force: bool


@router.get(_PLACE)
async def team(request: Request, person: Manager, saved: str = "") -> Response:
    """The people, the shares, the rules and the times."""
    del person
    return await _page(request, saved=bool(saved))


@router.get(_PLACE + "/rules/new")
async def new_rule(request: Request, person: Manager) -> Response:
    """An empty form for one more rule."""
    del person
    return await _rule_page(request, None, {})


@router.post(_PLACE + "/rules/new")
async def add_rule(request: Request, person: Manager) -> Response:
    """One more rule stands above the default."""
    return await _save_rule(request, person, None)


@router.get(_PLACE + "/rules/{place}")
async def rule(request: Request, place: str, person: Manager) -> Response:
    """The form of a rule."""
    del person
    at = _at(_office(request).routing, place)
    return await _rule_page(request, at, routing_form.rule_form(_office(request).routing.rules[at]))


@router.post(_PLACE + "/rules/{place}")
async def change_rule(request: Request, place: str, person: Manager) -> Response:
    """The rule is as given."""
    return await _save_rule(request, person, place)


@router.post(_PLACE + "/rules/{place}/{act}")
async def arrange(request: Request, place: str, act: str, person: Manager) -> Response:
    """The rule stands one place earlier or later, or is gone; nothing moves the default."""
    office, given = _office(request), await fields(request)
    at = _at(office.routing, place)
    if act not in {"up", "down", "delete"} or at == len(office.routing.rules) - 1:
        raise HTTPException(404)
    value = (
        routing_form.without(office.routing, at)
        if act == "delete"
        else routing_form.moved(office.routing, at, -1 if act == "up" else 1)
    )
    return await _save(request, person, given, value)


@router.post(_PLACE + "/times")
async def change_times(request: Request, person: Manager) -> Response:
    """The times are as given."""
    office, given = _office(request), await fields(request)
    try:
        return await _save(request, person, given, routing_form.with_times(given, office.routing))
    except InputError as error:
        return await _page(request, status=422, given=given, wrong=error.reasons)


@router.get(_PLACE + "/history")
async def history(request: Request, person: Manager) -> Response:
    """Every version, newest first, with what it changed."""
    del person
    office = _office(request)
    return await view.page(
        request, "routing_history.html", here="team", tab="history", version=office.routing.version,
        changes=await _history(office),
    )  # fmt: skip


@router.post(_PLACE + "/history/{version}")
async def put_back(request: Request, version: str, person: Manager) -> Response:
    """The rules are as they were in that version, under a new one; 0 is how Leadwake came."""
    office, given = _office(request), await fields(request)
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else -1
    old = STANDARD if number == 0 else await routing_rules.by_version(office.db, number)
    if old is None:
        raise HTTPException(404)
    return await _save(request, person, given, old, reason=f"Version {number} put back")


async def _save_rule(request: Request, person: Person, place: str | None) -> Response:
    office, given = _office(request), await fields(request)
    at = None if place is None else _at(office.routing, place)
    try:
        value = routing_form.with_rule(given, office.routing, at, office.agents)
    except InputError as error:
        return await _rule_page(request, at, given, status=422, wrong=error.reasons)
    return await _save(request, person, given, value)


async def _save(
    request: Request, person: Person, given: Mapping[str, str], value: RoutingRules, *, reason: str = ""
) -> Response:
    """The rules are in force everywhere, unless they were made from others than the page showed."""
    office = _office(request)
    try:
        if given.get("version", "") != str(office.routing.version):
            raise RulesMoved(_MOVED)
        if (value.rules, value.times) != (office.routing.rules, office.routing.times):
            await routing_rules.change(
                office.db, at=office.clock.now(), by=f"user {person.id}",
                reason=reason or " ".join(given.get("reason", "").split()), before=office.routing.version, value=value,
            )  # fmt: skip
    except RulesMoved:
        await office.refresh()
        return await _page(request, status=409, moved=_MOVED)
    await office.refresh()
    return see(f"{_PLACE}?saved=1#rules")


async def _page(
    request: Request, *, status: int = 200, saved: bool = False, moved: str = "",
    given: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office = _office(request)
    names = _names(office)
    return await view.page(
        request, "routing.html", here="team", tab="team", status=status, saved=saved, moved=moved, wrong=wrong or {},
        version=office.routing.version, people=await _people(office),
        shares=await _shares(office), most_hot=routing_decisions.MANY_HOT,
        rules=_rules(office.routing, names), times=TIMES, limits=routing_form.limits,
        form=given or routing_form.times_form(office.routing),
        warnings=unknown_agents(office.routing, {str(agent.id) for agent in office.agents}),
    )  # fmt: skip


async def _rule_page(
    request: Request, at: int | None, given: Mapping[str, str], *, status: int = 200,
    wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office = _office(request)
    return await view.page(
        request, "routing_rule.html", here="team", status=status, place=at, given=given, wrong=wrong or {},
        is_default=at == len(office.routing.rules) - 1, version=office.routing.version, agents=office.agents,
        temperatures=TEMPERATURES,
    )  # fmt: skip


async def _people(office: Office) -> list[PersonView]:
    async with office.db.connection() as connection:
        return await people_view(office, connection)


def _rules(rules: RoutingRules, names: Mapping[str, str]) -> list[RuleView]:
    last = len(rules.rules) - 1
    return [_rule_view(rule, place, last, names) for place, rule in enumerate(rules.rules)]


def _rule_view(rule: Rule, place: int, last: int, names: Mapping[str, str]) -> RuleView:
    return RuleView(
        place, rule.name, routing_rules_words.conditions(rule.when), routing_rules_words.people(rule, names),
        is_default=place == last, is_first=place == 0, is_lowest=place >= last - 1,
    )  # fmt: skip


async def _shares(office: Office) -> list[ShareView]:
    """How hot leads were shared among those who take leads now."""
    found = await routing_decisions.hot_shares(office.db, office.clock.now() - _LOOK_BACK)
    total = sum(share.given for share in found) or 1
    agents = {agent.id: agent.name for agent in office.agents}
    return [
        ShareView(
            agents[share.agent_id], share.given, round(share.due), round(100 * share.given / total),
            round(100 * share.due / total),
        )
        for share in found
        if share.agent_id in agents
    ]  # fmt: skip


async def _history(office: Office) -> list[Change]:
    names, rows = _names(office), await routing_rules.history(office.db)
    values = [routing_rules.rules_of(row) for row in rows]
    older = [*values[1:], STANDARD] if values and values[-1].version == 1 else values[1:]
    return [
        Change(
            row["version"], row["at"], _who(names, row["by"]), row["reason"],
            routing_rules_words.changed(before, value, names), row["version"] == office.routing.version,
        )
        for row, value, before in zip(rows, values, older, strict=False)
    ]  # fmt: skip


def _at(rules: RoutingRules, place: str) -> int:
    """The rule's place in the list. Raises 404."""
    if not (place.isascii() and place.isdecimal() and len(place) < 4 and int(place) < len(rules.rules)):
        raise HTTPException(404)
    return int(place)


def _who(names: Mapping[str, str], by: str) -> str:
    return names.get(by.removeprefix("user "), by)


def _names(office: Office) -> dict[str, str]:
    return {str(person.id): person.name for person in office.team}


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office
