"""The forms of the routing rules read: a rule, the times, an order; each with what is wrong beside its field."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from leadwake.domain.interests import interest, interest_code
from leadwake.domain.language import spoken
from leadwake.domain.routing_rules import EVERYONE, RoutingRules, Rule
from leadwake.domain.routing_rules_json import LIMITS, TEMPERATURES, WrongRules, read_rules, rules_json
from leadwake.domain.routing_rules_words import TIMES, times
from leadwake.errors import InputError
from leadwake.storage.staff import Person

Given = Mapping[str, str]

#: the text fields of a rule's conditions: values between commas
LISTS = ("sources", "channels", "interests", "states", "postal_prefixes", "languages")
_SCORES = ("min_score", "max_score")


def with_rule(given: Given, now: RoutingRules, place: int | None, agents: Sequence[Person]) -> RoutingRules:
    """The rules with the form's one at its place (None: above the default). Raises InputError."""
    is_last = place == len(now.rules) - 1
    value = rules_json(now)
    entry = _entry(given, agents) if not is_last else {"name": EVERYONE, "weights": _weights(given, agents)}
    at = len(now.rules) - 1 if place is None else place
    value["rules"][at : at + (0 if place is None else 1)] = [entry]
    return _read(value, now)


def without(now: RoutingRules, place: int) -> RoutingRules:
    """The rules without that one; the default stays."""
    return dataclasses.replace(now, rules=(*now.rules[:place], *now.rules[place + 1 :]))


def moved(now: RoutingRules, place: int, by: int) -> RoutingRules:
    """The rules with that one a place earlier (by -1) or later (1); the default stays the last."""
    rules, to = list(now.rules), place + by
    if not (0 <= to < len(rules) - 1 and place < len(rules) - 1):
        return now
    rules[place], rules[to] = rules[to], rules[place]
    return dataclasses.replace(now, rules=tuple(rules))


def with_times(given: Given, now: RoutingRules) -> RoutingRules:
    """The rules with the form's times. Raises InputError."""
    value = rules_json(now)
    for name in TIMES:
        field, _, temperature = name.partition(".")
        number = _number(given.get(name, ""))
        if temperature:
            value["times"][field][temperature] = number
        else:
            value["times"][field] = number
    return _read(value, now)


def rule_form(rule: Rule) -> dict[str, str]:
    """The rule as the fields of the form would send it."""
    form = {"name": rule.name} | {name: ", ".join(getattr(rule.when, name)) for name in LISTS}
    form["interests"] = ", ".join(interest(word) for word in rule.when.interests)
    form |= {name: str(score) for name in _SCORES if (score := getattr(rule.when, name)) is not None}
    form |= {f"temperature_{name}": "on" for name in rule.when.temperatures}
    form |= {f"agent_{agent}": "on" for agent in rule.agents}
    return form | {f"weight_{agent}": f"{weight:g}" for agent, weight in rule.weights.items()}


def times_form(now: RoutingRules) -> dict[str, str]:
    """The times as the fields of the form would send them."""
    return {name: str(number) for name, number in times(now.times).items()}


def limits(name: str) -> tuple[int, int]:
    """The least and the most of a time."""
    return LIMITS[name.partition(".")[0]]


def _entry(given: Given, agents: Sequence[Person]) -> dict[str, Any]:
    when: dict[str, Any] = {name: _words(given.get(name, "")) for name in LISTS}
    # "Spanish" and "español" are as good as es, "buying a home" as buy_home; what is no language the rules refuse
    when["interests"] = [interest_code(word) for word in when["interests"]]
    when["languages"] = [spoken(word, None) or word for word in when["languages"]]
    when["temperatures"] = [name for name in TEMPERATURES if f"temperature_{name}" in given]
    when |= {name: _number(given[name]) for name in _SCORES if given.get(name, "").strip()}
    chosen = [str(agent.id) for agent in agents if f"agent_{agent.id}" in given]
    return {"name": given.get("name", ""), "when": when, "agents": chosen, "weights": _weights(given, agents)}


def _weights(given: Given, agents: Sequence[Person]) -> dict[str, Any]:
    """Weights other than 1."""
    found = {str(agent.id): given.get(f"weight_{agent.id}", "").strip() for agent in agents}
    return {agent: weight for agent, text in found.items() if text and (weight := _decimal(text)) != 1}


def _read(value: Any, now: RoutingRules) -> RoutingRules:
    """The rules, unless they make no sense: then what is wrong, by the form's own fields."""
    try:
        return dataclasses.replace(read_rules(value), version=now.version)
    except WrongRules as error:
        raise InputError({_field(name): said for name, said in error.reasons.items()}) from None


def _field(name: str) -> str:
    """`states` of `rules.2.states`, `claim_minutes.hot` of `times.claim_minutes.hot`."""
    return name.removeprefix("times.") if name.startswith("times.") else name.rpartition(".")[2]


def _words(text: str) -> list[str]:
    return [word.strip() for word in re.split(r"[,;\n]", text) if word.strip()]


def _number(text: str) -> int | str:
    word = text.strip()
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 9 else word


def _decimal(text: str) -> float | str:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text
