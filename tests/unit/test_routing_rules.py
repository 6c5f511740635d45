"""Routing rules as JSON: what is understood comes back, what is not is said field by field."""

from __future__ import annotations

from typing import Any

import pytest

from leadwake.domain.routing_rules import EVERYONE, STANDARD, Conditions, RoutingRules, Rule
from leadwake.domain.routing_rules_json import WrongRules, read_rules, rules_json, unknown_agents
from routing_case import lead


def reasons(value: Any) -> dict[str, str]:
    with pytest.raises(WrongRules) as error:
        read_rules(value)
    return error.value.reasons


def test_without_a_rule_there_is_the_default_alone() -> None:
    assert read_rules({}) == STANDARD
    assert read_rules(rules_json(STANDARD)) == STANDARD


def test_the_default_is_added_where_it_is_left_out() -> None:
    rules = read_rules({"rules": [{"name": "Texas", "when": {"states": ["texas"]}, "agents": ["a"]}]}, 3)

    assert rules == RoutingRules(3, (Rule("Texas", Conditions(states=("TX",)), ("a",)), Rule(EVERYONE)), rules.times)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], "rules"),
        ({"rules": {}}, "rules"),
        ({"rules": [{}]}, "rules.0.name"),
        ({"rules": [{"name": "x" * 61}]}, "rules.0.name"),
        ({"rules": [{"name": 3}]}, "rules.0.name"),
        ({"rules": [{"name": "A"}, {"name": "a"}]}, "rules.1.name"),
        ({"rules": [{"name": "Everyone"}, {"name": "b"}]}, "rules.0.name"),
        ({"rules": [{"name": "everyone", "agents": ["x"]}]}, "rules.0"),
        ({"rules": [{"name": "everyone", "when": {"min_score": 3}}]}, "rules.0"),
        ({"rules": [{"name": "a", "when": {"states": ["Tejas"]}}]}, "rules.0.states"),
        ({"rules": [{"name": "a", "when": {"languages": ["spanish"]}}]}, "rules.0.languages"),
        ({"rules": [{"name": "a", "when": {"temperatures": ["boiling"]}}]}, "rules.0.temperatures"),
        ({"rules": [{"name": "a", "when": {"postal_prefixes": ["33-6"]}}]}, "rules.0.postal_prefixes"),
        ({"rules": [{"name": "a", "when": {"min_score": 101}}]}, "rules.0.min_score"),
        ({"rules": [{"name": "a", "when": {"min_score": 60, "max_score": 50}}]}, "rules.0.min_score"),
        ({"rules": [{"name": "a", "when": {"weather": "nice"}}]}, "rules.0"),
        ({"rules": [{"name": "a", "weights": {"x": 0}}]}, "rules.0.weights"),
        ({"rules": [{"name": "a", "weights": {"x": True}}]}, "rules.0.weights"),
        ({"rules": [{"name": "a", "weights": {"x": float("nan")}}]}, "rules.0.weights"),
        ({"rules": [{"name": str(n)} for n in range(51)]}, "rules"),
        ({"times": {"claim_minutes": {"hot": 0}}}, "times.claim_minutes.hot"),
        ({"times": {"claim_minutes": {"cold": 5}}}, "times.claim_minutes"),
        ({"times": {"pool_size": 51}}, "times.pool_size"),
        ({"times": {"alert_minutes": "soon"}}, "times.alert_minutes"),
        ({"times": {"patience": 1}}, "times"),
    ],
)
def test_what_makes_no_sense_is_said_with_its_field(value: Any, field: str) -> None:
    assert list(reasons(value)) == [field]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = reasons({"rules": [{"name": "", "when": {"min_score": -1}}], "times": {"pool_minutes": 0}})

    assert set(wrong) == {"rules.0.name", "rules.0.min_score", "times.pool_minutes"}


def test_a_name_that_is_not_known_is_said_with_those_that_are() -> None:
    with pytest.raises(WrongRules, match="not known: sources; known are agents, name, weights, when"):
        read_rules({"rules": [{"name": "a", "sources": ["Zillow"]}]})


def test_times_left_out_are_the_usual_ones() -> None:
    times = read_rules({"times": {"claim_minutes": {"hot": 3}}}).times

    assert (times.claim("hot").total_seconds(), times.claim("warm").total_seconds()) == (180, 1800)
    assert (times.touch("cold").days, times.pool.total_seconds(), times.alert.total_seconds()) == (1, 900, 600)


def test_agents_who_left_are_named_and_do_no_harm() -> None:
    rules = read_rules({"rules": [{"name": "One", "agents": ["a", "gone"]}, {"name": "Two", "agents": ["gone"]}]})

    assert unknown_agents(rules, {"a"}) == [
        "One: names 1 who takes no leads any more",
        "Two: nobody of this rule takes leads any more; its leads go on to the next rule",
    ]
    assert rules.matching(lead())[-1].name == EVERYONE
