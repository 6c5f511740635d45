"""Routing rules as plain JSON values and back; what is wrong is said field by field, in words for a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from leadwake.domain.place import STATES, normalise_state
from leadwake.domain.routing_rules import EVERYONE, Conditions, RoutingRules, Rule, Times

MAX_RULES = 50
MAX_NAME_CHARS = 60
MAX_WORDS = 60
_MAX_WORD_CHARS = 60
TEMPERATURES = ("hot", "warm", "cold")
#: the least and the most of each time, in minutes, and of the two counts
LIMITS: Mapping[str, tuple[int, int]] = {
    "claim_minutes": (1, 24 * 60),
    "touch_minutes": (1, 14 * 24 * 60),
    "pool_minutes": (1, 24 * 60),
    "alert_minutes": (1, 24 * 60),
    "pool_size": (1, 50),
    "max_agents_asked": (1, 20),
}
#: the least and the most of a weight
WEIGHTS = (0.1, 100.0)

_STANDARD = Times()
_WHEN = frozenset(Conditions.__slots__)


class WrongRules(ValueError):
    """Rules that make no sense. reasons: field → what to do about it; `rules.0.name` is the first rule's name."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {reason}" for field, reason in reasons.items()))
        self.reasons = dict(reasons)


def rules_json(rules: RoutingRules) -> dict[str, Any]:
    """The rules as they are stored; the version stands apart. `read_rules` takes them back."""
    return {"rules": [_rule_json(rule) for rule in rules.rules], "times": _times_json(rules.times)}


def read_rules(value: Any, version: int = 0) -> RoutingRules:
    """
    The rules of JSON values {"rules": [{"name", "when", "agents", "weights"}, …], "times": {…}}.

    The default may be left out; so may whatever is as usual. Raises WrongRules, with everything that is wrong.
    """
    wrong: dict[str, str] = {}
    given = _object(value, {"rules", "times"}, "rules", wrong)
    entries = _list(given.get("rules"), "rules", wrong)
    if len(entries) > MAX_RULES:
        raise WrongRules({"rules": f"at most {MAX_RULES} rules; put some together"})
    rules = [_rule(entry, f"rules.{number}", wrong) for number, entry in enumerate(entries)]
    if not rules or rules[-1].name != EVERYONE:
        rules.append(Rule(EVERYONE))
    _check_names(rules, wrong)
    times = _times(given.get("times"), wrong)
    if wrong:
        raise WrongRules(wrong)
    return RoutingRules(version, tuple(rules), times)


def unknown_agents(rules: RoutingRules, known: Collection[str]) -> list[str]:
    """One line for each rule that names somebody who takes no leads here (any more); such a rule still works."""
    found = []
    for rule in rules.rules:
        gone = [agent for agent in rule.agents if agent not in known]
        if gone and len(gone) == len(rule.agents):
            found.append(f"{rule.name}: nobody of this rule takes leads any more; its leads go on to the next rule")
        elif gone:
            found.append(f"{rule.name}: names {len(gone)} who take{'s' * (len(gone) == 1)} no leads any more")
    return found


def _rule_json(rule: Rule) -> dict[str, Any]:
    value = {
        "name": rule.name,
        "when": {
            name: list(part) if isinstance(part := getattr(rule.when, name), tuple) else part
            for name in Conditions.__slots__
            if getattr(rule.when, name) not in ((), None)
        },
        "agents": list(rule.agents),
        "weights": dict(rule.weights),
    }
    return {name: part for name, part in value.items() if part not in ([], {})}


def _times_json(times: Times) -> dict[str, Any]:
    value = {name: getattr(times, name) for name in LIMITS}
    return {name: dict(part) if isinstance(part, Mapping) else part for name, part in value.items()}


def _rule(value: Any, at: str, wrong: dict[str, str]) -> Rule:
    given = _object(value, {"name", "when", "agents", "weights"}, at, wrong)
    name = " ".join(_word(given.get("name"), f"{at}.name", wrong).split())
    if not name or len(name) > MAX_NAME_CHARS:
        wrong[f"{at}.name"] = f"give the rule a name of at most {MAX_NAME_CHARS} characters"
    agents = _words(given, "agents", at, wrong)
    return Rule(
        name, _conditions(given.get("when"), at, wrong), agents, _weights(given.get("weights"), f"{at}.weights", wrong)
    )


def _conditions(value: Any, at: str, wrong: dict[str, str]) -> Conditions:
    given = _object(value, _WHEN, at, wrong)
    languages = tuple(word.lower() for word in _words(given, "languages", at, wrong))
    temperatures = tuple(word.lower() for word in _words(given, "temperatures", at, wrong))
    prefixes = _words(given, "postal_prefixes", at, wrong)
    states = tuple(normalise_state(word) or "?" for word in _words(given, "states", at, wrong))
    if not set(states) <= STATES:
        wrong[f"{at}.states"] = "write states with their two letters, such as TX"
    if any(len(word) != 2 or not word.isalpha() or not word.isascii() for word in languages):
        wrong[f"{at}.languages"] = "write languages with their two letters, such as es"
    if not set(temperatures) <= set(TEMPERATURES):
        wrong[f"{at}.temperatures"] = "choose from hot, warm and cold"
    if any(len(word) > 10 or not word.isalnum() for word in prefixes):
        wrong[f"{at}.postal_prefixes"] = "write the beginnings of ZIP codes, such as 336"
    low, high = (_score(given.get(name), f"{at}.{name}", wrong) for name in ("min_score", "max_score"))
    if low is not None and high is not None and low > high:
        wrong[f"{at}.min_score"] = "the lowest score is above the highest, so no lead would match; swap them"
    return Conditions(
        _words(given, "sources", at, wrong), _words(given, "channels", at, wrong),
        _words(given, "interests", at, wrong),
        states, tuple(word.upper() for word in prefixes), languages, temperatures, low, high,
    )  # fmt: skip


def _weights(value: Any, at: str, wrong: dict[str, str]) -> dict[str, float]:
    given = _object(value, None, at, wrong)
    found: dict[str, float] = {}
    least, most = WEIGHTS
    for agent, weight in given.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not least <= weight <= most:
            wrong[at] = f"a weight is a number from {least:g} to {most:g}; take whoever gets nothing out of the rule"
        else:
            found[str(agent)] = float(weight)
    return found


def _times(value: Any, wrong: dict[str, str]) -> Times:
    given = _object(value, set(LIMITS), "times", wrong)
    by_temperature = {name: _by_temperature(given, name, wrong) for name in ("claim_minutes", "touch_minutes")}
    counts = {
        name: _whole(given.get(name, getattr(_STANDARD, name)), name, f"times.{name}", wrong)
        for name in ("pool_minutes", "alert_minutes", "pool_size", "max_agents_asked")
    }
    return Times(
        by_temperature["claim_minutes"], counts["pool_minutes"], by_temperature["touch_minutes"],
        counts["alert_minutes"], counts["pool_size"], counts["max_agents_asked"],
    )  # fmt: skip


def _by_temperature(given: Mapping[str, Any], name: str, wrong: dict[str, str]) -> dict[str, int]:
    usual: Mapping[str, int] = getattr(_STANDARD, name)
    own = _object(given.get(name), set(usual), f"times.{name}", wrong)
    return {
        temperature: _whole(own.get(temperature, minutes), name, f"times.{name}.{temperature}", wrong)
        for temperature, minutes in usual.items()
    }


def _check_names(rules: list[Rule], wrong: dict[str, str]) -> None:
    seen: set[str] = set()
    for number, rule in enumerate(rules):
        is_last = number == len(rules) - 1
        if rule.name.casefold() == EVERYONE and not is_last:
            wrong[f"rules.{number}.name"] = f"“{EVERYONE}” is the last rule's name; choose another"
        elif rule.name.casefold() in seen:
            wrong[f"rules.{number}.name"] = "another rule has this name; give each its own"
        elif is_last and (rule.agents or rule.when != Conditions()):
            wrong[f"rules.{number}"] = "the last rule is for every lead and everybody; write another rule above it"
        seen |= {rule.name.casefold()} - {EVERYONE}


def _object(value: Any, names: Collection[str] | None, at: str, wrong: dict[str, str]) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        wrong[at] = "is no object of names and values"
        return {}
    if names is not None and (unknown := set(map(str, value)) - set(names)):
        wrong[at] = f"not known: {', '.join(sorted(unknown))[:80]}; known are {', '.join(sorted(names))}"
    return value


def _list(value: Any, at: str, wrong: dict[str, str]) -> list[Any]:
    if value is not None and not isinstance(value, list):
        wrong[at] = "is no list"
        return []
    return value or []


def _words(given: Mapping[str, Any], name: str, at: str, wrong: dict[str, str]) -> tuple[str, ...]:
    words = [_word(word, f"{at}.{name}", wrong) for word in _list(given.get(name), f"{at}.{name}", wrong)]
    if len(words) > MAX_WORDS:
        wrong[f"{at}.{name}"] = f"at most {MAX_WORDS}"
    return tuple(dict.fromkeys(word for word in words if word))


def _word(value: Any, at: str, wrong: dict[str, str]) -> str:
    if value is not None and (not isinstance(value, str) or len(value.strip()) > _MAX_WORD_CHARS):
        wrong[at] = f"is no text of at most {_MAX_WORD_CHARS} characters"
        return ""
    return (value or "").strip()


def _score(value: Any, at: str, wrong: dict[str, str]) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100):
        return value
    wrong[at] = "a score is a whole number from 0 to 100"
    return None


def _whole(value: Any, name: str, at: str, wrong: dict[str, str]) -> int:
    least, most = LIMITS[name]
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    wrong[at] = f"write a whole number from {least} to {most}"
    return least
