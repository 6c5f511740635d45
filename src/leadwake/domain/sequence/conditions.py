"""Facts that `for:` and branches look at: `interest: [buy_home]`, `score: {at least: 40}`, `phone: yes`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

import yaml

from leadwake.domain.interests import INTERESTS, interest_code
from leadwake.domain.sequence.model import FACTS, Condition
from leadwake.domain.sequence.tree import Findings, entries, near, pairs, plain, texts
from leadwake.domain.values import Temperature

_NUMBERS: Final = {"score": 100, "visits": 1000}
_WORDS: Final = frozenset({"interest", "source", "channel", "temperature"})
_YES: Final = frozenset({"yes", "true", "on", "y"})
_NO: Final = frozenset({"no", "false", "off", "n"})
#: facts about what happens on the way, so that nobody has them at its beginning
_LATER: Final = frozenset({"visits", "opened_booking"})
_MAX_VALUES: Final = 30
_MAX_CHARS: Final = 60


def read_conditions(node: yaml.Node, findings: Findings, *, is_audience: bool) -> tuple[Condition, ...]:
    """All of these hold. is_audience: of `for:`, which is asked before anything happened."""
    if not isinstance(node, yaml.MappingNode) or not node.value:
        findings.error(node, "write a fact and its value on each line, such as `temperature: hot`")
        return ()
    found: list[Condition] = []
    for key, value in pairs(node):
        fact = plain(key.value)
        if fact not in FACTS:
            findings.error(key, f"unknown fact {key.value[:40]!r}: {near(key.value, FACTS)}")
        elif is_audience and fact in _LATER:
            findings.error(key, f"{fact} begins to count once somebody is enrolled; ask for it in a branch")
        else:
            found.extend(_of(fact, value, findings))
    return tuple(found)


def _of(fact: str, node: yaml.Node, findings: Findings) -> Iterator[Condition]:
    if fact in _NUMBERS:
        return _number(fact, node, findings)
    return _words(fact, node, findings) if fact in _WORDS else _yes_no(fact, node, findings)


def _yes_no(fact: str, node: yaml.Node, findings: Findings) -> Iterator[Condition]:
    said = node.value.strip().lower() if isinstance(node, yaml.ScalarNode) else ""
    if said in _YES or said in _NO:
        yield Condition(fact, "has" if said in _YES else "lacks")
    else:
        findings.error(node, f"{fact} is yes or no")


def _words(fact: str, node: yaml.Node, findings: Findings) -> Iterator[Condition]:
    if not isinstance(node, yaml.MappingNode):
        yield from _any_of(fact, "is", node, findings)
        return
    given = entries(node, ("not",), f"the fact {fact}", findings)
    if "not" in given:
        yield from _any_of(fact, "is_not", given["not"], findings)
    elif not node.value:
        findings.error(node, f"{fact}: write one, several as [one, another], or {{not: …}}")


def _any_of(fact: str, op: str, node: yaml.Node, findings: Findings) -> Iterator[Condition]:
    values = tuple(dict.fromkeys(_value(fact, each, findings) for each in texts(node, fact, findings)))
    if len(values) > _MAX_VALUES:
        findings.error(node, f"{len(values)} values; at most {_MAX_VALUES}")
    elif values:
        yield Condition(fact, op, values)


def _value(fact: str, node: yaml.ScalarNode, findings: Findings) -> str:
    said = " ".join(node.value.split())
    if len(said) > _MAX_CHARS:
        findings.error(node, f"longer than {_MAX_CHARS} characters")
        return said[:_MAX_CHARS]
    if fact == "temperature":
        if said.lower() not in set(Temperature):
            findings.error(node, f"unknown temperature {said!r}: there are {', '.join(Temperature)}")
        return said.lower()
    return _interest(said, node, findings) if fact == "interest" else said


def _interest(said: str, node: yaml.ScalarNode, findings: Findings) -> str:
    code = plain(said) if plain(said) in INTERESTS else interest_code(said)
    if code not in INTERESTS:
        if alike := difflib.get_close_matches(plain(said), INTERESTS, 1, 0.7):
            findings.error(node, f"unknown interest {said!r}: did you mean {alike[0]}?")
        else:
            findings.warn(node, f"{said!r} is no interest we know: only a form that says exactly this is meant")
    return code


def _number(fact: str, node: yaml.Node, findings: Findings) -> Iterator[Condition]:
    if not isinstance(node, yaml.MappingNode) or not node.value:
        findings.error(node, f"write {{at least: 40}} or {{below: 40}} for {fact}")
        return
    bounds = {}
    for op, value in entries(node, ("at_least", "below"), f"the fact {fact}", findings).items():
        said = value.value.strip() if isinstance(value, yaml.ScalarNode) else ""
        if not (said.isascii() and said.isdigit() and len(said) <= 4 and int(said) <= _NUMBERS[fact]):
            findings.error(value, f"{fact} is a whole number, 0 to {_NUMBERS[fact]}")
            continue
        bounds[op] = int(said)
        yield Condition(fact, op, (str(int(said)),))
    if len(bounds) == 2 and bounds["at_least"] >= bounds["below"]:
        findings.error(node, f"no {fact} is at least {bounds['at_least']} and below {bounds['below']}")
    if bounds.get("below") == 0:
        findings.error(node, f"no {fact} is below 0")
