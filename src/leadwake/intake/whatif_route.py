"""`whatif route`: where a lead would go, from files alone: the lead, a team, the rules. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from leadwake.compliance.tables import Tables
from leadwake.domain import routing_words
from leadwake.domain.routing import Candidate, Trace, route
from leadwake.domain.routing_rules import RoutingRules, Rule
from leadwake.domain.routing_rules_json import read_rules, unknown_agents
from leadwake.errors import InputError
from leadwake.intake.asked import asked
from leadwake.intake.whatif_team import SAMPLE_TEAM, candidate, members

#: what may stand beside a lead
_AROUND = frozenset({"agents", "team", "rules", "at", "exclude"})


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried. agents: members of the team, as the list or JSON has them. exclude: who had their chance."""

    lead: Mapping[str, Any]
    agents: Sequence[Mapping[str, Any]]
    rules: RoutingRules
    at: datetime
    exclude: Sequence[str] = ()


def read_trial(document: Any, now: datetime) -> Trial:
    """
    The trial of a document: {"lead", "agents", "rules", "at", "exclude"}, or a lead alone.

    now: what `at` is when it is not said. Raises InputError.
    """
    if not isinstance(document, dict):
        raise InputError({"lead": "must be a JSON object"})
    whole = document
    if not isinstance(document.get("lead"), dict):
        around = {name: value for name, value in document.items() if name in _AROUND}
        whole = {**around, "lead": {name: value for name, value in document.items() if name not in around}}
    agents = whole.get("agents", whole.get("team"))
    exclude = whole.get("exclude") or []
    if not isinstance(exclude, list):
        raise InputError({"exclude": "must be a list of agents"})
    return Trial(
        whole["lead"], SAMPLE_TEAM if agents is None else members(agents), rules_of(whole.get("rules")),
        instant(str(whole["at"])) if whole.get("at") else now, [str(each) for each in exclude],
    )  # fmt: skip


def rules_of(value: Any) -> RoutingRules:
    """The rules of JSON values: {"rules", "times"}, or the list of rules alone. Raises InputError."""
    try:
        return read_rules({"rules": value} if isinstance(value, list) else value)
    except ValueError as error:
        raise InputError({"rules": str(error)}) from error


def instant(text: str) -> datetime:
    """The instant, aware. Raises InputError."""
    try:
        at = datetime.fromisoformat(text.strip())
        if not 2000 <= at.year <= 2200 or at.utcoffset() is None:
            raise ValueError
    except ValueError:
        raise InputError({"at": "an instant with its zone, such as 2026-11-24T15:00:00Z"}) from None
    return at


def run(trial: Trial, tables: Tables, zone: ZoneInfo) -> dict[str, Any]:
    """
    The answer: {"chosen", "because", "eligible", "skipped": [{"agent", "why"}], …}, agents by their names.

    Rules, owner and exclude may name an agent by id, e-mail or name. zone: of agents who name none. Raises InputError.
    """
    team = [candidate(given, number, zone, trial.at) for number, given in enumerate(trial.agents, 1)]
    ids = _ids(team, trial.agents)
    rules = dataclasses.replace(trial.rules, rules=tuple(_by_id(rule, ids) for rule in trial.rules.rules))
    lead = asked(trial.lead, tables, trial.at)
    lead = dataclasses.replace(lead, owner_id=_id(lead.owner_id, ids) if lead.owner_id else None)
    trace = route(lead, team, rules, trial.at, exclude=[_id(each, ids) for each in trial.exclude])
    described = dataclasses.asdict(lead)
    del described["owner_id"]
    return {
        **_answer(trace, {each.id: each.name for each in team}),
        "at": trial.at.isoformat(),
        "lead": described,
        "warnings": unknown_agents(rules, {each.id for each in team}),
    }


def _answer(trace: Trace, names: Mapping[str, str]) -> dict[str, Any]:
    """The trace as people read it: names for ids, and each reason in words beside its code."""
    told = trace.as_json()
    eligible = [
        {"agent": names[each["agent"]], "id": each["agent"], "points": sum(n for _, n in each["points"]),
         "for": routing_words.facts(each, told), "on_shift": each["on_shift"], "weight": each["weight"]}
        for each in told["eligible"]
    ]  # fmt: skip
    skipped = [
        {"agent": names[each["agent"]], "id": each["agent"], "why": routing_words.skipped(each["why"], told),
         "code": each["why"]}
        for each in told["skipped"]
    ]  # fmt: skip
    return {
        "chosen": names[trace.chosen] if trace.chosen else None, "chosen_id": trace.chosen,
        "because": routing_words.because(told), "code": trace.because, "rule": trace.rule, "licence": trace.licence,
        "licensing": routing_words.licensing(told), "eligible": eligible, "skipped": skipped,
        "ranked": [names[agent] for agent in trace.ranked], "next_begin": told["next_begin"],
    }  # fmt: skip


def _ids(team: Sequence[Candidate], given: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What an agent may be named by → id. Raises InputError when two have the same id."""
    if len({each.id for each in team}) != len(team):
        raise InputError({"agents": "two have the same id, e-mail or name; give each an id of their own"})
    found: dict[str, str] = {}
    for each, values in zip(team, given, strict=True):
        for name in (each.name, values.get("email"), each.id):
            found.setdefault(str(name or each.id).strip().casefold(), each.id)
    return found | {each.id.casefold(): each.id for each in team}


def _id(name: str, ids: Mapping[str, str]) -> str:
    return ids.get(name.strip().casefold(), name)


def _by_id(rule: Rule, ids: Mapping[str, str]) -> Rule:
    return dataclasses.replace(
        rule, agents=_each(rule.agents, ids), weights={_id(name, ids): weight for name, weight in rule.weights.items()}
    )


def _each(names: Iterable[str], ids: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_id(name, ids) for name in names))
