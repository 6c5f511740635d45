"""The gate against a second implementation, and what it always or never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from gate_oracle import CODES, STATES, judge, shut, utc, zip_sample
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from leadwake.compliance.decision import Decision, Facts, Message
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.compliance.hours import SHUT, Hours
from leadwake.compliance.tables import Tables
from leadwake.domain.values import Channel, ConsentLevel, Purpose

TABLES = Tables.load()
ZIP_SAMPLE = zip_sample()
US_CODES = sorted(npa for npa, row in CODES.items() if row["country"] == "US")
CLOSING_CODES = sorted(
    npa
    for npa in US_CODES
    if "none" in (STATES[CODES[npa]["state"]]["sunday_rule"], STATES[CODES[npa]["state"]]["holiday_rule"])
)
SPLIT_CODES = sorted(npa for npa in US_CODES if "|" in CODES[npa]["zones"])
FIRST, LAST = utc(2026, 11, 20), utc(2028, 12, 1)
AUTOMATED = [Purpose.INSTANT_REPLY, Purpose.TRANSACTIONAL, Purpose.MARKETING]
PHONE_CHANNELS = [Channel.SMS, Channel.VOICE]

settings.register_profile(
    "gate", max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
gate_settings = settings.get_profile("gate")


def random_case(random: Random) -> dict[str, Any]:
    """A case anywhere in the US: half of the instants near a holiday, a weekend, a clock change or an hour's edge."""
    now = FIRST + timedelta(minutes=random.randrange(int((LAST - FIRST).total_seconds() // 60)))
    if random.random() < 0.5:
        edge = random.choice(
            [utc(2026, 11, 26), utc(2026, 12, 25), utc(2027, 3, 14), utc(2027, 7, 4), utc(2027, 11, 7), utc(2028, 1, 1)]
        )
        now = edge + timedelta(minutes=random.randrange(-2880, 2880))
    if random.random() < 0.5:
        now = now.replace(minute=0) + timedelta(seconds=random.choice([-1, 0, 1]))
    npa = random.choice(random.choice([US_CODES, CLOSING_CODES, SPLIT_CODES, sorted(CODES)]))
    home, address = CODES[npa], random.choice(ZIP_SAMPLE)
    if random.random() < 0.4:
        address = random.choice([row for row in ZIP_SAMPLE if row["state"] == home["state"]] or ZIP_SAMPLE)
    declared = random.choice(["", "", address["state"], random.choice(sorted(STATES))])
    ages = [timedelta(seconds=1), timedelta(minutes=4), timedelta(minutes=5), timedelta(minutes=6), timedelta(hours=40)]
    ages += [timedelta(hours=72), timedelta(hours=73), timedelta(days=80), timedelta(days=100)]
    inquiry = random.choice([None, *(now - age for age in ages)])
    prior = [
        now.replace(second=0) - timedelta(minutes=random.randrange(1, 1600)) for _ in range(random.choice([0, 0, 2, 5]))
    ]
    return {
        "digits": f"{npa}555{random.randrange(100, 200):04}",
        "state": declared,
        "zip": random.choice(["", address["zip"], "00000"]),
        "now": now,
        "channel": random.choice(["sms", "sms", "voice"]),
        "purpose": random.choice(["marketing", "marketing", "instant_reply", "transactional"]),
        "consent": random.choice(["written"] * 5 + ["inquiry"] * 3 + ["oral", "none", "revoked"]),
        "inquiry": inquiry,
        "prior": prior,
        "dnc": random.choice(["none"] * 8 + ["national", "state", "internal"]),
    }


def ask(case: dict[str, Any]) -> Decision:
    message = Message(
        Channel(case["channel"]), Purpose(case["purpose"]), case["digits"], case["state"] or None, case["zip"] or None
    )
    facts = Facts(ConsentLevel(case["consent"]), case["inquiry"], tuple(case["prior"]), case["dnc"])
    return may_send(message, facts, TABLES, case["now"])


@pytest.mark.parametrize("seed", range(8))
def test_fifty_random_cases_a_seed_agree_with_the_minute_scan(seed: int) -> None:
    random = Random(seed)
    for _ in range(50):
        case = random_case(random)
        decision = ask(case)
        assert judge(case) == (decision.outcome, decision.at, decision.reason), case


def test_every_area_code_agrees_with_the_minute_scan() -> None:
    random = Random(9)
    for npa in sorted(CODES):
        case = random_case(random) | {"digits": f"{npa}5550100", "purpose": "marketing", "consent": "written"}
        decision = ask(case)
        assert judge(case) == (decision.outcome, decision.at, decision.reason), case


def test_every_sampled_zip_is_in_the_state_and_on_the_clock_its_source_says() -> None:
    for row in ZIP_SAMPLE:
        found = TABLES.zip_place(row["zip"])
        assert found is not None
        assert row["state"] == found.state
        if found.zone is None:
            assert not row["zone"]
            continue
        theirs = ZoneInfo(row["zone"])
        for month in range(1, 13):
            at = utc(2027, month, 15)
            assert at.astimezone(theirs).utcoffset() == at.astimezone(found.zone).utcoffset()


instants = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC))
addresses = st.one_of(
    st.just({}),
    st.sampled_from(ZIP_SAMPLE).map(lambda row: {"postal_code": row["zip"]}),
    st.sampled_from(ZIP_SAMPLE).map(lambda row: {"postal_code": row["zip"], "state": row["state"]}),
    st.sampled_from(sorted(STATES)).map(lambda state: {"state": state}),
)


@st.composite
def messages(draw: st.DrawFn, purposes: list[Purpose] = AUTOMATED, channels: list[Channel] = PHONE_CHANNELS) -> Message:
    npa = draw(st.sampled_from(US_CODES) | st.sampled_from(SPLIT_CODES))
    return Message(
        draw(st.sampled_from(channels)), draw(st.sampled_from(purposes)), f"+1{npa}5550123", **draw(addresses)
    )


@st.composite
def facts_at(draw: st.DrawFn, now: datetime, consent: ConsentLevel | None = None) -> Facts:
    ages = st.timedeltas(timedelta(0), timedelta(minutes=10)) | st.timedeltas(timedelta(0), timedelta(days=120))
    sends = st.lists(st.timedeltas(timedelta(0), timedelta(hours=30)), max_size=5)
    age = draw(st.none() | ages)
    return Facts(
        consent=consent or draw(st.sampled_from(ConsentLevel)),
        inquiry_at=None if age is None else now - age,
        prior_sends=tuple(now - since for since in draw(sends)),
        dnc=draw(st.sampled_from(["none", "none", "national", "state", "internal"])),
    )


@gate_settings
@given(st.data(), messages([Purpose.MARKETING]), instants)
def test_marketing_never_leaves_in_the_closed_hours_of_any_plausible_zone(data, message, now) -> None:
    decision = may_send(message, data.draw(facts_at(now, ConsentLevel.WRITTEN)), TABLES, now)

    assume(decision.at is not None)
    area, voice = CODES[message.recipient[2:5]], message.channel == Channel.VOICE
    # whatever the ZIP says: the area code's own state, on the clocks the decision names
    assert shut(decision.at, [area["state"]], list(decision.zones), voice, marketing=True) is None
    if message.state:
        assert shut(decision.at, [message.state], list(decision.zones), voice, marketing=True) is None
    if not message.postal_code and not message.state:
        assert area["zones"].split("|") == list(decision.zones)


@gate_settings
@given(st.data(), messages(list(Purpose), list(Channel)), instants)
def test_after_an_opt_out_nothing_leaves_but_its_confirmation_and_alerts_to_staff(data, message, now) -> None:
    facts = data.draw(facts_at(now, ConsentLevel.REVOKED))

    decision = may_send(message, facts, TABLES, now)

    if message.purpose in {Purpose.CONFIRMATION, Purpose.STAFF}:
        assert (decision.outcome, decision.reason) == ("send", "ok")
    else:
        assert (decision.outcome, decision.reason) == ("block", "opted_out")


@gate_settings
@given(st.data(), messages(), instants)
def test_a_deferral_ends_at_an_instant_at_which_the_message_is_sent(data, message, now) -> None:
    facts = replace(data.draw(facts_at(now, ConsentLevel.WRITTEN)), dnc="none")
    decision = may_send(message, facts, TABLES, now)

    assume(decision.outcome == "defer")
    assert now < decision.at <= now + timedelta(days=14)
    again = may_send(message, facts, TABLES, decision.at)
    if message.purpose == Purpose.INSTANT_REPLY and again.outcome == "block":
        # an answer that waits too long is none any more: that is the recheck's to say, R-CASE-4
        assert again.reason == "inquiry_stale"
        assert decision.at - facts.inquiry_at > timedelta(hours=72)
    elif message.purpose == Purpose.INSTANT_REPLY and again.outcome == "defer":
        # ... and to someone who agreed in writing it is marketing by then, which has a cap
        assert again.reason == "cap_24h"
    else:
        assert ("send", decision.at) == (again.outcome, again.at)


@gate_settings
@given(st.data(), messages(), instants)
def test_a_deferral_never_passes_over_an_open_instant(data, message, now) -> None:
    facts = replace(data.draw(facts_at(now, ConsentLevel.WRITTEN)), prior_sends=())
    decision = may_send(message, facts, TABLES, now)

    assume(decision.outcome == "defer")
    between = data.draw(
        st.datetimes(now.replace(tzinfo=None), decision.at.replace(tzinfo=None), timezones=st.just(UTC))
    )
    assume(between < decision.at)
    assert decision.at == may_send(message, facts, TABLES, between).at


@gate_settings
@given(st.data(), messages(list(Purpose), list(Channel)), instants)
def test_the_same_question_gets_the_same_answer_and_can_be_told_to_an_agent(data, message, now) -> None:
    facts = data.draw(facts_at(now))

    decision = may_send(message, facts, TABLES, now)

    assert decision == may_send(message, facts, TABLES, now.astimezone(ZoneInfo("Asia/Kolkata")))
    assert decision.as_json() == may_send(message, facts, TABLES, now).as_json()
    assert "{" not in explain(decision, message)
    assert (decision.outcome == "block") == (decision.at is None)


TIGHTER = {
    "opens later": lambda rule: replace(rule, week=tuple(_later(hours) for hours in rule.week)),
    "no Sundays": lambda rule: replace(rule, week=(*rule.week[:6], SHUT)),
    "no holidays": lambda rule: replace(rule, holiday=SHUT),
    "one in 24 hours": lambda rule: replace(rule, cap=1),
    "no exemption": lambda rule: replace(rule, reply_exempt=False),
}


def _later(hours: Hours) -> Hours:
    return SHUT if hours == SHUT else Hours(min(hours.opens + 90, hours.closes - 1), hours.closes)


@gate_settings
@given(st.data(), messages(), instants, st.sampled_from(sorted(TIGHTER)))
def test_a_tighter_rule_never_lets_more_through(data, message, now, change) -> None:
    facts = data.draw(facts_at(now))
    stricter = replace(
        TABLES, states=MappingProxyType({code: TIGHTER[change](rule) for code, rule in TABLES.states.items()})
    )

    before, after = may_send(message, facts, TABLES, now), may_send(message, facts, stricter, now)

    strictness = ["send", "defer", "block"]
    assert strictness.index(before.outcome) <= strictness.index(after.outcome)
    if before.at is not None and after.at is not None:
        assert before.at <= after.at


@gate_settings
@given(st.data(), messages(list(Purpose), list(Channel)), instants)
def test_a_tighter_fact_never_lets_more_through(data, message, now) -> None:
    facts = data.draw(facts_at(now))
    tightening = data.draw(
        st.sampled_from(
            [
                {"consent": ConsentLevel.REVOKED},
                {"dnc": "internal"},
                {"prior_sends": (now,) * 5},
                {"a2p_approved": False},
            ]
        )
    )

    before, after = may_send(message, facts, TABLES, now), may_send(message, replace(facts, **tightening), TABLES, now)

    strictness = ["send", "defer", "block"]
    assert strictness.index(before.outcome) <= strictness.index(after.outcome)


@gate_settings
@given(
    st.builds(
        Message,
        st.sampled_from(Channel),
        st.sampled_from(Purpose),
        st.text() | st.from_regex(r"\+?[0-9 ().-]{5,16}", fullmatch=True),
        st.none() | st.text(),
        st.none() | st.text() | st.from_regex(r"[0-9]{5}(-[0-9]{4})?", fullmatch=True),
        st.none() | st.text(),
    ),
    st.sampled_from(ConsentLevel),
    st.datetimes(timezones=st.just(UTC)),
)
def test_no_text_whatever_makes_the_gate_fail(message, consent, now) -> None:
    decision = may_send(message, Facts(consent, inquiry_at=now), TABLES, now)

    assert decision.outcome in {"send", "defer", "block"}
    assert explain(decision, message)
