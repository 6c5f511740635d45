"""Always and never of routing, and shares that come out as intended over ten thousand leads."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from leadwake.domain.routing import CATCH_UP, Candidate, after, route
from leadwake.domain.routing_rules import EVERYONE, Asked, Conditions, RoutingRules, Rule, Times
from leadwake.domain.routing_rules_json import read_rules, rules_json
from routing_case import ALWAYS, NEVER, NOON, WEEKDAYS, agent, lead

states = st.sampled_from(["TX", "FL", "CA"])
ids = st.sampled_from(["a", "b", "c", "d", "e", "f", "gone"])
some = st.lists(states, max_size=2, unique=True).map(tuple)
candidates = st.builds(
    agent,
    name=ids.filter(lambda name: name != "gone"),
    takes_leads=st.booleans(),
    licences=some,
    languages=st.sampled_from([("en",), ("en", "es"), ("es",)]),
    specialties=st.sampled_from([(), ("buy_home",), ("sell_home",)]),
    areas=st.sampled_from([(), ("TX",), ("787", "FL")]),
    hours=st.sampled_from([ALWAYS, WEEKDAYS, NEVER]),
    capacity=st.none() | st.integers(0, 5),
    load=st.integers(0, 6),
    served=st.floats(0, 1000),
    served_hot=st.floats(0, 1000),
    on_call=st.booleans(),
    paused=st.booleans(),
)
teams = st.lists(candidates, max_size=6, unique_by=lambda each: each.id)
asked = st.builds(
    lead,
    state=st.none() | states,
    postal_code=st.sampled_from([None, "78701", "33606"]),
    country=st.sampled_from([None, "US", "MX"]),
    language=st.sampled_from([None, "en", "es"]),
    interest=st.sampled_from([None, "buy_home", "other"]),
    score=st.integers(0, 100),
    temperature=st.sampled_from(["hot", "warm", "cold"]),
    owner_id=st.none() | ids,
)
weights = st.dictionaries(ids, st.sampled_from([0.1, 0.5, 1.0, 2.0, 7.0, 100.0]), max_size=4)
conditions = st.builds(
    Conditions,
    states=some,
    languages=st.sampled_from([(), ("es",)]),
    temperatures=st.sampled_from([(), ("hot",), ("hot", "warm")]),
    min_score=st.none() | st.integers(0, 60),
    max_score=st.none() | st.integers(60, 100),
)
few = st.lists(ids, max_size=3, unique=True).map(tuple)
own_rules = st.lists(
    st.builds(Rule, st.text("abcxyz", min_size=1, max_size=5), conditions, few, weights),
    max_size=4,
    unique_by=lambda rule: rule.name,
)  # fmt: skip
rules = st.builds(lambda own, last: RoutingRules(0, (*own, Rule(EVERYONE, weights=last))), own_rules, weights)
instants = st.integers(0, 14 * 24).map(lambda hours: NOON + timedelta(hours=hours))
excluded = st.frozensets(ids, max_size=3)


@given(asked, teams, rules, instants, excluded, st.booleans())
def test_nobody_gets_a_lead_they_may_not_have(asked, team, rules, now, exclude, bulk) -> None:  # type: ignore[no-untyped-def]
    trace = route(asked, team, rules, now, exclude=exclude, bulk=bulk)
    by_id = {each.id: each for each in team}
    licences = any(each.licences for each in team)

    for name in {*trace.ranked, trace.chosen} - {None}:
        one = by_id[name]
        assert one.takes_leads
        assert one.id not in exclude
        assert not licences or asked.state is None or asked.state in one.licences
        if trace.because != "owner":
            assert not one.paused
            assert not one.is_full
            assert bulk or one.hours.is_on(now) or one.on_call
    assert (trace.chosen is None) == (trace.because in {"off_shift", "nobody"})
    assert trace.chosen == (trace.ranked[0] if trace.ranked else None)


@given(asked, teams, rules, instants, excluded)
def test_everybody_is_accounted_for_and_the_weight_is_the_rules(asked, team, rules, now, exclude) -> None:  # type: ignore[no-untyped-def]
    trace = route(asked, team, rules, now, exclude=exclude)
    rule = next(rule for rule in rules.rules if rule.name == trace.rule)

    assert sorted(each.agent for each in (*trace.eligible, *trace.skipped)) == sorted(each.id for each in team)
    assert trace.chosen is None or trace.weight == rule.weight(trace.chosen) > 0
    assert rule.when.hold(asked)
    assert trace.because != "nobody" or not trace.eligible
    assert trace.next_begin is None or (trace.because == "off_shift" and trace.next_begin > now)


@given(asked, rules)
def test_the_default_takes_every_lead(asked: Asked, rules: RoutingRules) -> None:
    assert rules.matching(asked)[-1].name == EVERYONE
    assert route(asked, [agent("a", licences=(asked.state or "TX",))], rules, NOON).chosen == "a"


@given(asked, teams, rules, instants, st.sampled_from(["takes_leads", "paused", "full", "unlicensed"]))
def test_somebody_who_may_not_have_it_changes_nothing(asked, team, rules, now, why) -> None:  # type: ignore[no-untyped-def]
    team = [*team, agent("licensed", licences=("TX", "FL", "CA"), capacity=0)]  # so that licences are looked at
    change = {"takes_leads": {"takes_leads": False}, "paused": {"paused": True}, "full": {"capacity": 0},
              "unlicensed": {"licences": ("WY",)}}[why]  # fmt: skip
    asked = dataclasses.replace(asked, state=asked.state or "TX")
    one_more = agent("newcomer", **{"licences": (asked.state,), "languages": ("es",), "served_hot": 1e6, **change})

    before, now_with = (route(asked, each, rules, now) for each in (team, [*team, one_more]))

    assert (before.chosen, before.because, before.rule, before.ranked) == (
        now_with.chosen, now_with.because, now_with.rule, now_with.ranked,
    )  # fmt: skip


@given(
    asked,
    st.permutations(range(5)),
    st.lists(candidates, min_size=5, max_size=5, unique_by=lambda each: each.id),
    rules,
)
def test_the_order_of_the_team_does_not_matter(asked, order, team, rules) -> None:  # type: ignore[no-untyped-def]
    assert route(asked, team, rules, NOON) == route(asked, [team[n] for n in order], rules, NOON)


@given(rules, st.integers(1, 60), st.integers(1, 50))
def test_rules_come_back_from_their_json(rules: RoutingRules, minutes: int, many: int) -> None:
    rules = dataclasses.replace(rules, times=Times({"hot": minutes, "warm": 30}, pool_size=many))

    assert read_rules(rules_json(rules), rules.version) == rules


names = st.sampled_from(["rules", "times", "name", "when", "agents", "weights", "states", "min_score"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
)


@given(anything)
def test_anything_is_rules_or_wrong_rules(value: object) -> None:
    try:
        read = read_rules(value)
    except ValueError:
        return
    assert read.rules[-1].name == EVERYONE


# Shares.

LEADS = 10_000


@dataclasses.dataclass
class Shares:
    """What came of ten thousand hot leads. due: by their weight among those there; back: how often they came back."""

    got: Counter[str]
    due: Counter[str]
    back: Counter[str]


def share(team: list[Candidate], rules: RoutingRules, here: Iterator[set[str]]) -> Shares:
    """Ten thousand hot leads, one after the other, given to whoever is there."""
    shares = Shares(Counter(), Counter(), Counter())
    rule, asked, before = rules.rules[-1], lead(), {each.id for each in team}
    for _ in range(LEADS):
        there = next(here)
        shares.back.update(there - before)
        before = there
        seen = [dataclasses.replace(each, paused=each.id not in there) for each in team]
        trace = route(asked, seen, rules, NOON)
        assert trace.chosen
        shares.got[trace.chosen] += 1
        total = sum(rule.weight(name) for name in there)
        shares.due.update({name: rule.weight(name) / total for name in there})  # type: ignore[call-overload]
        team = after(team, asked, trace)
    return shares


def always(names: set[str]) -> Iterator[set[str]]:
    while True:
        yield names


def by_turns(names: set[str], seed: int) -> Iterator[set[str]]:
    """Somebody is always there; everybody else comes and goes for a few hundred leads at a time."""
    chance = Random(seed)
    there = set(names)
    while True:
        name = chance.choice(sorted(names))
        there = (there ^ {name}) or there
        for _ in range(chance.randrange(100, 400)):
            yield set(there)


five = st.lists(st.sampled_from([0.2, 0.5, 1.0, 2.0, 3.0, 5.0]), min_size=5, max_size=5).map(
    lambda numbers: RoutingRules(1, (Rule(EVERYONE, weights=dict(zip("abcde", numbers, strict=True))),))
)


@settings(max_examples=3, deadline=None)
@given(five)
def test_hot_leads_are_shared_within_ten_percent_of_the_weights(rules: RoutingRules) -> None:
    shares = share([agent(name) for name in "abcde"], rules, always(set("abcde")))

    for name in "abcde":
        assert abs(shares.got[name] - shares.due[name]) <= 0.1 * shares.due[name]


@settings(max_examples=3, deadline=None)
@given(five, st.integers(0, 1000))
def test_who_comes_and_goes_gets_their_share_of_the_time_they_were_there(rules: RoutingRules, seed: int) -> None:
    shares = share([agent(name) for name in "abcde"], rules, by_turns(set("abcde"), seed))

    for name in "abcde":
        more = shares.got[name] - shares.due[name]
        # each time they come back they catch up, and may leave just after one that was theirs by turn; no more
        assert more <= (CATCH_UP + 1) * (shares.back[name] + 1)
        assert more >= -0.1 * shares.due[name] - CATCH_UP


def test_who_was_away_catches_up_by_three_leads_and_no_more() -> None:
    team, rules, asked = [agent("a", served_hot=500), agent("b", served_hot=500), agent("c")], RoutingRules(), lead()
    got: list[str] = []
    for _ in range(12):
        trace = route(asked, team, rules, NOON)
        assert trace.chosen
        got.append(trace.chosen)
        team = after(team, asked, trace)

    assert got[:3] == ["c", "c", "c"]
    assert Counter(got[3:]) == {"a": 3, "b": 3, "c": 3}
