"""Routing rules in words: which leads a rule is for, who gets them, and what one version says that the last did not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from leadwake.domain.interests import interest
from leadwake.domain.routing_rules import EVERYONE, Asked, Conditions, RoutingRules, Rule, Times
from leadwake.domain.routing_words import language
from leadwake.domain.wording import humanised

#: agent id → name
Names = Mapping[str, str]

GONE: Final = "a former colleague"
#: what each time is called, with its unit
TIMES: Final[Mapping[str, tuple[str, str]]] = {
    "claim_minutes.hot": ("To claim a hot lead", "minutes"),
    "claim_minutes.warm": ("To claim a warm lead", "minutes"),
    "max_agents_asked": ("Asked one after the other", "people"),
    "pool_size": ("Then asked all at once", "people"),
    "pool_minutes": ("They have", "minutes"),
    "touch_minutes.hot": ("A silent owner loses a hot lead after", "minutes"),
    "touch_minutes.warm": ("A silent owner loses a warm lead after", "minutes"),
    "touch_minutes.cold": ("A silent owner loses a cold lead after", "minutes"),
    "alert_minutes": ("Managers hear of a hot lead without a person after", "minutes"),
}


def conditions(when: Conditions) -> list[str]:
    """Each condition of a rule: "in TX or FL", "speaks Spanish"; none for every lead."""
    found = [
        _part("from", when.sources),
        _part("by", [humanised(word) for word in when.channels]),
        _part("about", [interest(word) for word in when.interests]),
        _part("in", when.states),
        _part("ZIP", [f"{prefix}…" for prefix in when.postal_prefixes]),
        _part("speaks", [language(code) for code in when.languages]),
        _part("", when.temperatures),
        _scores(when.min_score, when.max_score),
    ]
    return [part for part in found if part]


def unfit(rules: RoutingRules, asked: Asked) -> list[tuple[str, str]]:
    """(name, what it is for) of each rule that is not for this lead: ("Spanish in Texas", "in TX, speaks Spanish")."""
    found = [(rule.name, conditions(rule.when.unmet(asked))) for rule in rules.rules]
    return [(name, ", ".join(parts)) for name, parts in found if parts]


def people(rule: Rule, names: Names) -> list[str]:
    """Who gets a rule's leads: "Ana, twice as many", "everyone"."""
    if not rule.agents:
        weighted = [_weighted(agent, rule, names) for agent in rule.weights if rule.weight(agent) != 1]
        return [EVERYONE, *weighted]
    return [_weighted(agent, rule, names) for agent in rule.agents]


def times(value: Times) -> dict[str, int]:
    """Each time by the name of its field, as in TIMES."""
    found = {}
    for name in TIMES:
        field, _, temperature = name.partition(".")
        part = getattr(value, field)
        found[name] = part[temperature] if temperature else part
    return found


def changed(before: RoutingRules, after: RoutingRules, names: Names) -> list[str]:
    """What the later version says that the earlier did not, a line each; empty when nothing."""
    old, new = ({rule.name: rule for rule in rules.rules} for rules in (before, after))
    lines = [f"New: {_said(rule, names)}" for name, rule in new.items() if name not in old]
    lines += [f"Gone: {_said(rule, names)}" for name, rule in old.items() if name not in new]
    lines += [
        f"“{name}” was {_rest(old[name], names)}; now {_rest(rule, names)}"
        for name, rule in new.items()
        if name in old and rule != old[name]
    ]
    kept_before, kept_after = [n for n in old if n in new], [n for n in new if n in old]
    if kept_before != kept_after:
        lines.append(f"Order: {', '.join(kept_after)}")
    times_before, times_after = times(before.times), times(after.times)
    lines += [
        f"{TIMES[name][0]}: {times_before[name]} {TIMES[name][1]}, now {number}"
        for name, number in times_after.items()
        if number != times_before[name]
    ]
    return lines


def _said(rule: Rule, names: Names) -> str:
    return f"“{rule.name}”, {_rest(rule, names)}"


def _rest(rule: Rule, names: Names) -> str:
    return f"{', '.join(conditions(rule.when)) or 'every lead'} → {', '.join(people(rule, names))}"


def _weighted(agent: str, rule: Rule, names: Names) -> str:
    weight = rule.weight(agent)
    return names.get(agent, GONE) + (f" ×{weight:g}" if weight != 1 else "")


def _part(word: str, values: Iterable[str]) -> str:
    found = list(values)
    said = " or ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
    return f"{word} {said}".strip() if found else ""


def _scores(low: int | None, high: int | None) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return f"score {low} or more"
    return f"score {high} or less" if low is None else f"score {low} to {high}"
