"""Whom a lead goes to, case by case."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from leadwake.domain import routing_words
from leadwake.domain.routing import Candidate, Trace, route
from leadwake.domain.routing_rules import EVERYONE, STANDARD, Asked, Conditions, RoutingRules, Rule
from routing_case import NEVER, NIGHT, NOON, WEEKDAYS, agent, lead


def chosen(asked: Asked, *team: Candidate, rules: RoutingRules = STANDARD, at: datetime = NOON) -> str | None:
    return route(asked, team, rules, at).chosen


def skipped(trace: Trace) -> dict[str, str]:
    return {each.agent: each.why for each in trace.skipped}


def with_rules(*rules: Rule) -> RoutingRules:
    return RoutingRules(1, (*rules, Rule(EVERYONE)))


def test_a_returning_person_stays_with_their_owner_who_is_paused_full_and_off_shift() -> None:
    ana = agent("Ana", paused=True, capacity=1, load=1, hours=NEVER)

    trace = route(lead(owner_id="ana"), [ana, agent("Ben")], STANDARD, NOON)

    assert (trace.chosen, trace.because) == ("ana", "owner")
    assert skipped(trace) == {"ben": "not_the_owner"}


@pytest.mark.parametrize("change", [{"takes_leads": False}, {"licences": ("FL",)}])
def test_a_returning_person_goes_on_when_their_owner_may_not_have_them(change: dict[str, object]) -> None:
    ana = dataclasses.replace(agent("Ana", licences=("TX",)), **change)  # type: ignore[arg-type]

    assert chosen(lead(owner_id="ana"), ana, agent("Ben", licences=("TX",))) == "ben"


def test_a_silent_owner_who_lost_the_lead_is_not_asked_again() -> None:
    trace = route(lead(owner_id="ana"), [agent("Ana"), agent("Ben")], STANDARD, NOON, exclude={"ana"})

    assert trace.chosen == "ben"
    assert skipped(trace) == {"ana": "asked_before"}


def test_nobody_without_the_licence_is_asked_however_well_they_fit() -> None:
    ana = agent("Ana", licences=("FL",), languages=("en", "es"), specialties=("buy_home",), areas=("787",))

    trace = route(lead(language="es"), [ana, agent("Ben", licences=("TX",), load=90, served_hot=90)], STANDARD, NOON)

    assert (trace.chosen, trace.licence, trace.licensing) == ("ben", "TX", "checked")
    assert skipped(trace) == {"ana": "unlicensed"}


def test_licences_do_not_matter_until_one_is_recorded() -> None:
    assert route(lead(), [agent("Ana")], STANDARD, NOON).licensing == "none_recorded"
    assert chosen(lead(), agent("Ana"), agent("Ben", licences=("FL",))) is None


def test_a_lead_without_a_state_goes_to_anybody_and_the_trace_says_so() -> None:
    trace = route(lead(state=None), [agent("Ana", licences=("FL",))], STANDARD, NOON)

    assert (trace.chosen, trace.licence, trace.licensing) == ("ana", None, "no_state")


def test_somebody_abroad_needs_no_american_licence_and_a_state_of_ours_always_does() -> None:
    ana = agent("Ana", licences=("FL",))

    assert route(lead(state="ON", country="CA"), [ana], STANDARD, NOON).licensing == "abroad"
    assert chosen(lead(state="ON", country="CA"), ana) == "ana"
    assert chosen(lead(state="ON", country="CA"), ana, agent("Ben", licences=("ON",))) == "ben"
    assert chosen(lead(state="TX", country="MX"), ana) is None
    assert chosen(lead(state="ZQ"), ana) is None


def test_who_is_on_shift_comes_before_who_fits_better() -> None:
    ana = agent("Ana", hours=WEEKDAYS, languages=("en", "es"))

    assert chosen(lead(language="es"), ana, agent("Ben")) == "ana"
    assert chosen(lead(language="es"), ana, agent("Ben"), at=NIGHT) == "ben"


def test_off_shift_only_who_is_on_call_is_asked() -> None:
    team = [agent("Ana", hours=WEEKDAYS), agent("Ben", hours=WEEKDAYS, on_call=True, load=9)]

    trace = route(lead(), team, STANDARD, NIGHT)

    assert (trace.chosen, trace.because, trace.ranked) == ("ben", "on_call", ("ben",))


def test_nobody_is_woken_who_did_not_offer_to_be() -> None:
    team = [agent("Ana", hours=NEVER), agent("Ben", hours=WEEKDAYS)]

    trace = route(lead(), team, STANDARD, NIGHT)

    assert (trace.chosen, trace.because) == (None, "off_shift")
    assert trace.next_begin == datetime(2026, 11, 25, 14, tzinfo=UTC)


def test_leads_in_bulk_do_not_wait_for_a_shift() -> None:
    assert route(lead(), [agent("Ana", hours=WEEKDAYS)], STANDARD, NIGHT, bulk=True).chosen == "ana"


def test_language_outweighs_specialty_which_outweighs_the_place() -> None:
    spanish = agent("Zoe", languages=("es",))
    buyers = agent("Yan", specialties=("Buy home",), areas=("TX",))
    local = agent("Xia", areas=("787",))
    state = agent("Wim", areas=("TX",))
    team = [agent("Ana"), state, local, buyers, spanish]

    assert route(lead(language="es"), team, STANDARD, NOON).ranked == ("zoe", "yan", "xia", "wim", "ana")
    assert route(lead(language="en"), team, STANDARD, NOON).ranked[0] == "yan"


def test_the_leads_own_words_are_not_stored_with_the_decision() -> None:
    trace = route(lead(interest="BUY home"), [agent("Ana", specialties=("buy_home",))], STANDARD, NOON)

    assert trace.eligible[0].points == (("specialty:buy_home", 4),)


def test_who_is_nearly_full_comes_after_who_has_room() -> None:
    ana, ben = agent("Ana", capacity=10, load=8), agent("Ben", capacity=10, load=7, served_hot=50)

    assert chosen(lead(), ana, ben) == "ben"


def test_hot_leads_take_turns_by_hot_leads_and_others_by_all() -> None:
    ana, ben = agent("Ana", served=1, served_hot=1), agent("Ben", served=2, served_hot=0)

    assert chosen(lead(temperature="hot"), ana, ben) == "ben"
    assert chosen(lead(temperature="warm"), ana, ben) == "ana"


def test_the_first_rule_that_matches_names_who_is_asked_and_how_much() -> None:
    rules = with_rules(
        Rule("Sellers", Conditions(interests=("sell_home",)), ("ben",)),
        Rule("Texas", Conditions(states=("TX",)), ("ana", "ben"), {"ana": 3.0}),
    )

    trace = route(lead(), [agent("Ana"), agent("Ben"), agent("Cy")], rules, NOON)

    assert (trace.chosen, trace.because, trace.rule, trace.weight) == ("ana", "rule", "Texas", 3.0)
    assert skipped(trace) == {"cy": "not_in_rule"}


def test_a_rule_whose_people_cannot_have_the_lead_leaves_it_to_the_next() -> None:
    rules = with_rules(Rule("Texas", Conditions(states=("TX",)), ("ana", "gone")))

    assert chosen(lead(), agent("Ana", paused=True), agent("Ben"), rules=rules) == "ben"
    assert chosen(lead(), agent("Ana", hours=WEEKDAYS), agent("Ben"), rules=rules, at=NIGHT) == "ben"


def test_a_rules_people_on_call_come_after_a_colleague_at_work() -> None:
    rules = with_rules(Rule("Texas", Conditions(states=("TX",)), ("ana",)))
    ana = agent("Ana", hours=WEEKDAYS, on_call=True)

    assert chosen(lead(), ana, agent("Ben", hours=WEEKDAYS, on_call=True), rules=rules, at=NIGHT) == "ana"
    assert chosen(lead(), ana, agent("Ben"), rules=rules, at=NIGHT) == "ben"


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (Conditions(sources=("realtor com",)), True),
        (Conditions(sources=("Zillow",)), False),
        (Conditions(channels=("Portal e-mail",)), True),
        (Conditions(states=("TX", "FL"), postal_prefixes=("787",), languages=("es",), temperatures=("hot",)), True),
        (Conditions(postal_prefixes=("336",)), False),
        (Conditions(languages=("en",)), False),
        (Conditions(min_score=84, max_score=84), True),
        (Conditions(min_score=85), False),
        (Conditions(max_score=83), False),
    ],
)
def test_all_conditions_of_a_rule_must_hold(when: Conditions, holds: bool) -> None:
    asked = lead(source="Realtor.com", channel="portal_email", language="es")

    assert when.hold(asked) is holds


def test_what_is_not_known_of_a_lead_holds_in_no_condition() -> None:
    asked = lead(state=None, postal_code=None, language=None, interest=None)

    for when in (Conditions(states=("TX",)), Conditions(postal_prefixes=("7",)), Conditions(languages=("en",))):
        assert not when.hold(asked)


def test_a_decision_is_told_in_words() -> None:
    team = [
        agent("Ana", licences=("TX",), languages=("en", "es"), load=2),
        agent("Ben", licences=("TX",), paused=True),
        agent("Cy", licences=("FL",)),
    ]
    told = route(lead(language="es"), team, STANDARD, NOON).as_json()
    names = {each.id: each.name for each in team}

    text, why = routing_words.routed(told, names, 84)

    assert text == "Routed to Ana: speaks Spanish, licensed TX, 2 open, on shift, score 84"
    assert why == "the best fit of everyone; skipped 2: Ben (paused), Cy (not licensed in TX)"


def test_what_is_stored_names_nobody() -> None:
    trace = route(lead(), [agent("Ana Lopez"), agent("Ben Ode", paused=True)], STANDARD, NOON)

    assert "name" not in trace.as_json()["eligible"][0]
    assert trace.as_json(names=True)["skipped"][0]["name"] == "Ben Ode"
