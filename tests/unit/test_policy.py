"""What a team may change about the rules, what it may not, and what a change does to a decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadwake.compliance.decision import Decision, Facts, Message
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.compliance.hours import FEDERAL, Hours
from leadwake.compliance.policy import STANDARD, Loosened, Loosening, Policy
from leadwake.compliance.policy_json import parse_policy, policy_json
from leadwake.compliance.policy_words import RISKS, changed, described
from leadwake.compliance.tables import Tables
from leadwake.domain.values import Channel, ConsentLevel, Purpose

TABLES = Tables.load()
NEW_YORK, TEXAS, LOUISIANA, PENNSYLVANIA, FLORIDA = (
    "+12125550100", "+12145550100", "+15045550100", "+12155550100", "+13055550100",
)  # fmt: skip
NOON = datetime(2026, 12, 1, 17, tzinfo=UTC)  # a Tuesday, noon in New York
NIGHT = datetime(2026, 12, 2, 4, tzinfo=UTC)  # 23:00 in New York
WRITTEN, ORAL = Facts(ConsentLevel.WRITTEN), Facts(ConsentLevel.ORAL)
MARKETING = Message(Channel.SMS, Purpose.MARKETING, NEW_YORK)
ANSWER = Message(Channel.SMS, Purpose.INSTANT_REPLY, NEW_YORK)
MAIL = Message(Channel.EMAIL, Purpose.MARKETING, "ann@example.com", state="LA")


def given_up(name: Loosened, **more: Any) -> Policy:
    """A policy with one loosening."""
    return Policy(loosenings=(Loosening(name, "user 1", "the lawyer said so", NOON, **more),))


def ask(policy: Policy, message: Message = MARKETING, facts: Facts = WRITTEN, now: datetime = NOON) -> Decision:
    return may_send(message, facts, TABLES, now, policy)


# Tighter


def test_own_hours_hold_marketing_and_say_whose_they_are() -> None:
    policy = Policy(version=4, hours=Hours(13 * 60, 18 * 60))

    decision = ask(policy)

    assert (decision.outcome, decision.reason, decision.at) == ("defer", "team_hours", NOON + timedelta(hours=1))
    assert decision.policy_version == 4
    assert explain(decision, MARKETING) == "Text waits until Tue 1 Dec, 13:00 (your team's own hours)"


def test_own_hours_never_open_what_the_law_closes() -> None:
    decision = ask(Policy(hours=Hours(0, 24 * 60)), now=NIGHT)

    assert (decision.outcome, decision.reason) == ("defer", "quiet_hours")


def test_hours_of_one_state_hold_there_only() -> None:
    policy = Policy(state_hours={"FL": Hours(15 * 60, 17 * 60)})

    assert ask(policy).outcome == "send"
    assert ask(policy, replace(MARKETING, recipient=FLORIDA)).reason == "team_hours"
    assert ask(policy, replace(MARKETING, state="FL")).reason == "team_hours"


def test_a_closed_weekday_waits_for_the_next() -> None:
    decision = ask(Policy(closed_days=frozenset({1})))

    assert (decision.reason, decision.at) == ("team_hours", datetime(2026, 12, 2, 13, tzinfo=UTC))


def test_a_lower_cap_holds() -> None:
    sent = replace(WRITTEN, prior_sends=(NOON - timedelta(hours=2),))

    assert ask(STANDARD, facts=sent).outcome == "send"
    assert (ask(Policy(cap=1), facts=sent).reason, ask(Policy(cap=1), facts=sent).at) == (
        "cap_24h",
        datetime(2026, 12, 2, 15, tzinfo=UTC),
    )


def test_without_fresh_replies_an_answer_at_night_waits() -> None:
    asked = Facts(ConsentLevel.INQUIRY, inquiry_at=NIGHT - timedelta(minutes=1))

    assert ask(STANDARD, ANSWER, asked, NIGHT).reason == "ok_fresh_inquiry"
    assert ask(Policy(fresh_replies=False), ANSWER, asked, NIGHT).outcome == "defer"


@pytest.mark.parametrize("message", [replace(MARKETING, recipient=LOUISIANA), replace(MARKETING, state="LA"), MAIL])
def test_a_held_state_waits_for_the_end_and_then_for_open_hours(message: Message) -> None:
    until = datetime(2026, 12, 3, 9, tzinfo=UTC)  # night there
    decision = ask(Policy(holds={"LA": until}), message)

    expected = until if message is MAIL else datetime(2026, 12, 3, 14, tzinfo=UTC)
    assert (decision.outcome, decision.reason, decision.rule) == ("defer", "held_state", "R-STATE-6")
    assert decision.at == expected
    assert "your team holds marketing in" in explain(decision, message)
    assert ask(Policy(holds={"LA": until}), message, now=decision.at).outcome == "send"


def test_a_hold_touches_neither_other_states_nor_what_is_no_marketing() -> None:
    policy = Policy(holds={"LA": NOON + timedelta(days=2)})
    appointment = Message(Channel.SMS, Purpose.TRANSACTIONAL, LOUISIANA)

    assert ask(policy).outcome == "send"
    assert ask(policy, appointment).outcome == "send"
    assert ask(policy, replace(MAIL, state="TX")).outcome == "send"
    assert ask(policy, replace(MAIL, state=None)).outcome == "send"


@pytest.mark.parametrize("message", [replace(MARKETING, recipient=LOUISIANA), MAIL])
def test_a_hold_beyond_fourteen_days_blocks(message: Message) -> None:
    decision = ask(Policy(holds={"LA": NOON + timedelta(days=15)}), message)

    assert (decision.outcome, decision.reason) == ("block", "held_state")
    assert "more than 14 days" in explain(decision, message)


def test_a_hold_that_is_over_is_none() -> None:
    assert ask(Policy(holds={"LA": NOON}), replace(MARKETING, recipient=LOUISIANA)).outcome == "send"


def test_what_is_switched_off_is_blocked_also_when_it_is_only_judged_as_such() -> None:
    policy = Policy(off=frozenset({(Channel.SMS, Purpose.MARKETING)}))
    late = replace(WRITTEN, inquiry_at=NOON - timedelta(days=4))

    assert ask(policy).reason == "switched_off"
    assert ask(policy, ANSWER, late).reason == "switched_off"
    assert ask(policy, replace(MARKETING, channel=Channel.EMAIL, recipient="a@example.com")).outcome == "send"
    assert ask(policy, facts=replace(WRITTEN, consent=ConsentLevel.REVOKED)).reason == "opted_out"


def test_a_persons_own_message_is_only_warned() -> None:
    policy = Policy(hours=Hours(8 * 60, 9 * 60), holds={"NY": NOON + timedelta(days=1)})
    decision = ask(policy, replace(MARKETING, purpose=Purpose.HUMAN))

    assert (decision.outcome, decision.warnings) == ("send", ("team_hours", "held_state"))
    assert "outside your team's own hours" in explain(decision, MARKETING)


# Looser


def test_a_looser_cap_never_beats_a_states() -> None:
    policy = given_up(Loosened.PRODUCT_CAP, limit=5)
    four = replace(WRITTEN, prior_sends=tuple(NOON - timedelta(hours=hours) for hours in (1, 2, 3, 4)))

    assert ask(STANDARD, facts=four).reason == "cap_24h"
    assert ask(policy, facts=four).outcome == "send"
    assert ask(policy, replace(MARKETING, recipient=FLORIDA), four).reason == "cap_24h"
    assert ask(policy, replace(MARKETING, state="FL"), four).reason == "cap_24h"
    assert ask(replace(policy, cap=2), facts=four).reason == "cap_24h"


def test_unverified_states_can_be_answered_at_night_and_those_that_say_no_cannot() -> None:
    policy = given_up(Loosened.UNVERIFIED_REPLIES)
    asked = Facts(ConsentLevel.INQUIRY, inquiry_at=NIGHT - timedelta(minutes=1))

    assert ask(STANDARD, replace(ANSWER, recipient=PENNSYLVANIA), asked, NIGHT).outcome == "defer"
    assert ask(policy, replace(ANSWER, recipient=PENNSYLVANIA), asked, NIGHT).reason == "ok_fresh_inquiry"
    assert ask(policy, replace(ANSWER, recipient=LOUISIANA), asked, NIGHT).outcome == "defer"


def test_a_spoken_word_is_enough_where_every_state_in_question_is_of_the_fifth_circuit() -> None:
    policy, texas = given_up(Loosened.ORAL_CONSENT_TEXTS), replace(MARKETING, recipient=TEXAS)

    assert ask(STANDARD, texas, ORAL).reason == "needs_written_consent"
    assert ask(policy, texas, ORAL).outcome == "send"
    assert ask(policy, replace(texas, state="LA"), ORAL).outcome == "send"
    assert ask(policy, replace(texas, state="OK"), ORAL).reason == "needs_written_consent"
    assert ask(policy, facts=ORAL).reason == "needs_written_consent"
    assert ask(policy, replace(texas, channel=Channel.VOICE), ORAL).reason == "needs_written_consent"
    assert ask(policy, texas, Facts(ConsentLevel.INQUIRY)).reason == "needs_written_consent"
    assert ask(policy, texas, replace(ORAL, dnc="national")).reason == "dnc_registry"


def test_a_confirmed_address_counts_alone_only_where_the_team_says_so() -> None:
    policy, facts = given_up(Loosened.CONFIRMED_ADDRESS), replace(WRITTEN, confirmed_address=True)
    in_california = replace(MARKETING, state="CA")

    assert ask(STANDARD, in_california, facts).states == ("NY", "CA")
    assert ask(policy, in_california, facts).states == ("CA",)
    assert ask(policy, in_california).states == ("NY", "CA")
    assert ask(policy, MARKETING, facts).states == ("NY",)


def test_who_asked_from_the_united_kingdom_may_be_mailed_if_the_team_says_so() -> None:
    policy, asked = given_up(Loosened.UK_SOFT_OPT_IN), Facts(ConsentLevel.INQUIRY, inquiry_at=NOON - timedelta(days=9))
    british = Message(Channel.EMAIL, Purpose.MARKETING, "ann@example.co.uk", country="GB")

    assert ask(STANDARD, british, asked).reason == "needs_written_consent"
    assert ask(policy, british, asked).outcome == "send"
    assert ask(policy, replace(british, country="DE"), asked).reason == "needs_written_consent"
    assert ask(policy, british, replace(asked, consent=ConsentLevel.NONE)).reason == "no_consent"
    assert ask(policy, british, replace(asked, inquiry_at=None)).reason == "needs_written_consent"


@pytest.mark.parametrize("facts", [replace(WRITTEN, consent=ConsentLevel.REVOKED), replace(WRITTEN, dnc="internal"),
                                   Facts(ConsentLevel.NONE)])  # fmt: skip
def test_nothing_given_up_reaches_whom_nobody_may_write_to(facts: Facts) -> None:
    everything = Policy(
        loosenings=tuple(
            Loosening(name, "user 1", "we want it all", NOON, 10 if name is Loosened.PRODUCT_CAP else None)
            for name in Loosened
        )
    )

    assert ask(everything, replace(MARKETING, recipient=TEXAS), facts).outcome == "block"
    assert ask(everything, replace(MARKETING, recipient="+15555550100")).reason == "invalid_number"
    assert ask(everything, now=NIGHT).reason == "quiet_hours"


# The value


@pytest.mark.parametrize(
    "change",
    [
        {"by": " "},
        {"reason": ""},
        {"reason": "because"},
        {"reason": "x" * 501},
        {"at": NOON.replace(tzinfo=None)},
        {"limit": None},
        {"limit": 3},
        {"limit": 11},
        {"name": "stop_lists"},
        {"name": Loosened.UK_SOFT_OPT_IN},
    ],
)
def test_a_loosening_without_who_why_and_when_cannot_be_made(change: dict[str, Any]) -> None:
    whole = {"name": Loosened.PRODUCT_CAP, "by": "user 1", "reason": "the lawyer said so", "at": NOON, "limit": 5}

    assert Loosening(**whole).limit == 5
    with pytest.raises(ValueError, match=r"loosening|default|cap|limit"):
        Loosening(**(whole | change))


TWICE = given_up(Loosened.UK_SOFT_OPT_IN).loosenings * 2


@pytest.mark.parametrize(
    "change",
    [
        {"hours": Hours(600, 600)},
        {"hours": Hours(22 * 60, 23 * 60)},
        {"state_hours": {"XX": FEDERAL}},
        {"holds": {"ON": NOON}},
        {"holds": {"LA": NOON.replace(tzinfo=None)}},
        {"closed_days": frozenset(range(7))},
        {"closed_days": frozenset({7})},
        {"cap": 0},
        {"cap": 4},
        {"off": frozenset({(Channel.SMS, Purpose.HUMAN)})},
        {"off": frozenset({(Channel.SMS, Purpose.CONFIRMATION)})},
        {"loosenings": TWICE},
    ],
)
def test_a_policy_that_makes_no_sense_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Policy(**change)


WHOLE = Policy(
    version=7,
    hours=Hours(9 * 60, 18 * 60),
    state_hours={"FL": Hours(600, 900)},
    closed_days=frozenset({5, 6}),
    cap=2,
    fresh_replies=False,
    holds={"LA": NOON, "NY": NIGHT},
    off=frozenset({(Channel.VOICE, Purpose.INSTANT_REPLY)}),
    loosenings=given_up(Loosened.PRODUCT_CAP, limit=4).loosenings + given_up(Loosened.UK_SOFT_OPT_IN).loosenings,
)


@pytest.mark.parametrize("policy", [STANDARD, WHOLE])
def test_a_policy_goes_through_json_and_comes_back(policy: Policy) -> None:
    assert parse_policy(policy_json(policy), policy.version) == policy
    assert policy_json(STANDARD) == {}


@pytest.mark.parametrize(
    "value",
    [
        [],
        "all",
        {"caps": 2},
        {"cap": True},
        {"cap": "2"},
        {"hours": 9},
        {"hours": "9-18"},
        {"state_hours": [1]},
        {"closed_days": ["Sunday"]},
        {"fresh_replies": "no"},
        {"holds": {"LA": "2026-12-01T00:00:00"}},
        {"holds": {"LA": "0001-01-01T00:00:00+14:00"}},
        {"off": ["sms"]},
        {"off": ["fax/marketing"]},
        {"loosenings": [{"name": "stop_lists", "by": "user 1", "reason": "the lawyer said so", "at": "2026-12-01"}]},
        {"loosenings": [{"name": "uk_soft_opt_in", "by": "user 1", "at": "2026-12-01T00:00:00Z"}]},
        {"loosenings": ["product_cap"]},
    ],
)
def test_a_policy_that_is_not_understood_whole_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_policy(value)


def test_every_loosening_names_its_risk_and_every_change_has_its_sentence() -> None:
    zone = ZoneInfo("America/New_York")
    assert set(RISKS) == set(Loosened)
    assert described(STANDARD, zone) == []
    assert described(WHOLE, zone) == [
        "Marketing and late answers only from 9:00 to 18:00, everywhere",
        "Marketing and late answers only from 10:00 to 15:00 in Florida",
        "No marketing and no late answers on Sat, Sun",
        "At most 2 automated messages to a number in 24 hours",
        "No instant answers outside permitted hours",
        "Off: first answers by call",
        "Marketing in Louisiana held until Tue 1 Dec 2026, 12:00",
        "Marketing in New York held until Tue 1 Dec 2026, 23:00",
        "Looser than the default: More automated messages a day: 4",
        f"Looser than the default: {RISKS[Loosened.UK_SOFT_OPT_IN].title}",
    ]
    assert changed(WHOLE, replace(WHOLE, cap=1), zone) == [
        "At most 1 automated message to a number in 24 hours",
        "No longer: At most 2 automated messages to a number in 24 hours",
    ]
