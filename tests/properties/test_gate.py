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
from leadwake.compliance.policy import SWITCHES, Loosened, Loosening, Policy
from leadwake.compliance.policy_json import parse_policy, policy_json
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


EDGES = [
    utc(2026, 11, 26), utc(2026, 12, 25), utc(2027, 3, 14, 10), utc(2027, 7, 4), utc(2027, 11, 7, 9), utc(2028, 1, 1),
    utc(2028, 2, 29), utc(2028, 3, 12, 10), utc(2028, 11, 5, 9),
]  # fmt: skip
TERRITORY_CODES = sorted(npa for npa in US_CODES if CODES[npa]["state"] in {"AS", "GU", "MP", "PR", "VI"})
SPANS = ["08:00-12:00", "09:00-17:00", "10:30-18:45", "12:00-24:00", "00:00-09:00"]
WHY = {"by": "user 1", "reason": "the lawyer said so", "at": "2026-11-22T00:00:00Z"}
LOOSER = [
    {"name": "product_cap", "limit": 5, **WHY},
    *({"name": name, **WHY} for name in ("unverified_replies", "oral_consent_texts", "confirmed_address")),
    {"name": "uk_soft_opt_in", **WHY},
]


def random_now(random: Random) -> datetime:
    """Half of the instants near a holiday, a weekend, a clock change or an hour's edge."""
    now = FIRST + timedelta(minutes=random.randrange(int((LAST - FIRST).total_seconds() // 60)))
    if random.random() < 0.5:
        now = random.choice(EDGES) + timedelta(minutes=random.randrange(-2880, 2880))
    if random.random() < 0.5:
        now = now.replace(minute=0) + timedelta(seconds=random.choice([-1, 0, 1]))
    return now


def random_case(random: Random) -> dict[str, Any]:
    """A case anywhere in the US and, rarely, elsewhere."""
    now = random_now(random)
    npa = random.choice(
        random.choice([US_CODES] * 3 + [CLOSING_CODES, SPLIT_CODES, SPLIT_CODES, TERRITORY_CODES, sorted(CODES)])
    )
    home, address = CODES[npa], random.choice(ZIP_SAMPLE)
    if random.random() < 0.4:
        address = random.choice([row for row in ZIP_SAMPLE if row["state"] == home["state"]] or ZIP_SAMPLE)
    ages = [timedelta(seconds=1), timedelta(minutes=4), timedelta(minutes=5), timedelta(minutes=6), timedelta(hours=40)]
    ages += [timedelta(hours=72), timedelta(hours=73), timedelta(days=80), timedelta(days=100), timedelta(minutes=-3)]
    ages += [timedelta(days=days) for days in (88, 89, 90, 91, 92, 93)]
    minute = now.replace(second=0)
    return {
        "digits": f"{npa}555{random.randrange(100, 200):04}" if random.random() < 0.97 else f"{npa}9110100",
        "state": random.choice(["", "", address["state"], random.choice(sorted(STATES))]),
        "zip": random.choice(["", address["zip"], "00000"]),
        "country": random.choice([""] * 30 + ["US", "PR", "GB", "CA", "DE"]),
        "now": now,
        "channel": random.choice(["sms"] * 5 + ["voice", "voice", "email"]),
        "purpose": random.choice(["marketing", "marketing", "instant_reply", "transactional"]),
        "consent": random.choice(["written"] * 12 + ["inquiry"] * 4 + ["oral"] * 3 + ["none", "declined", "revoked"]),
        "inquiry": random.choice([None, *(now - age for age in ages[: random.choice([4, len(ages)])])]),
        "prior": [minute - timedelta(minutes=random.randrange(0, 1600)) for _ in range(random.choice([0, 0, 2, 3, 5]))],
        "dnc": random.choice(["none"] * 24 + ["national", "state", "internal"]),
        "confirmed": random.random() < 0.3,
        "answered": random.choice([None] * 8 + [now - timedelta(minutes=10), now - timedelta(seconds=601)]),
        "a2p": random.random() < 0.97,
    }


def random_policy(random: Random, now: datetime) -> dict[str, Any]:
    """What a team may have changed, as JSON; often nothing."""
    if random.random() < 0.4:
        return {}
    policy: dict[str, Any] = {
        "hours": random.choice([None, None, *SPANS]),
        "state_hours": {state: random.choice(SPANS) for state in random.sample(sorted(STATES), random.choice([0, 9]))},
        "closed_days": random.sample(["Mon", "Wed", "Sat", "Sun"], random.choice([0, 0, 1, 3])),
        "cap": random.choice([None, None, 1, 2, 3]),
        "fresh_replies": random.choice([None, False]),
        "holds": {
            state: (now + timedelta(minutes=random.choice([-9, 1, 500, 3000, 20_161]))).isoformat()
            for state in random.sample(sorted(STATES), random.choice([0, 0, 20]))
        },
        "off": random.sample(["sms/marketing", "voice/marketing", "email/marketing"], random.choice([0, 0, 0, 1])),
        "loosenings": random.sample(LOOSER, random.choice([0, 0, 2, 5])),
    }
    return {name: value for name, value in policy.items() if value not in (None, {}, [])}


def written(random: Random, digits: str) -> str:
    """The number as people write it."""
    area, exchange, line = digits[:3], digits[3:6], digits[6:]
    forms = (
        f"+1{digits}",
        digits,
        f"({area}) {exchange}-{line}",
        f"1-{area}-{exchange}-{line}",
        f"{area}.{exchange}.{line}",
    )
    return random.choice(forms)


def ask(case: dict[str, Any], policy: Any = None, recipient: str | None = None) -> Decision:
    message = Message(
        Channel(case["channel"]), Purpose(case["purpose"]),
        recipient or ("ann@example.com" if case["channel"] == "email" else case["digits"]),
        case["state"] or None, case["zip"] or None, case["country"] or None,
    )  # fmt: skip
    facts = Facts(
        ConsentLevel(case["consent"]), case["inquiry"], tuple(case["prior"]), case["dnc"], case["confirmed"],
        case["answered"], case["a2p"],
    )  # fmt: skip
    return may_send(message, facts, TABLES, case["now"], parse_policy(policy or {}))


@pytest.mark.parametrize("seed", range(20))
def test_random_cases_agree_with_the_scan_of_the_clock(seed: int, request: pytest.FixtureRequest) -> None:
    # --gate-cases 100000: the long form
    random = Random(seed)
    for _ in range(request.config.getoption("--gate-cases") // 20):
        case = random_case(random)
        policy = random_policy(random, case["now"])
        recipient = None if case["channel"] == "email" else written(random, case["digits"])
        decision = ask(case, policy, recipient)
        assert judge(case, policy) == (decision.outcome, decision.at, decision.reason), (seed, case, policy)


def test_every_area_code_agrees_with_the_minute_scan() -> None:
    random = Random(9)
    for npa in sorted(CODES):
        case = random_case(random) | {"digits": f"{npa}5550100", "purpose": "marketing", "consent": "written"}
        case |= {"channel": random.choice(["sms", "voice"])}
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
        chat_open=draw(st.booleans()),
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
        is_over = message.channel == Channel.CHAT and message.purpose != Purpose.STAFF and not facts.chat_open
        assert (decision.outcome, decision.reason) == (("block", "chat_over") if is_over else ("send", "ok"))
    else:
        assert (decision.outcome, decision.reason) == ("block", "opted_out")


@gate_settings
@given(st.data(), messages(list(Purpose), [Channel.CHAT]), instants)
def test_in_a_chat_nothing_stands_but_what_answers_them_and_only_while_it_is_open(data, message, now) -> None:
    facts = data.draw(facts_at(now, ConsentLevel.INQUIRY))

    decision = may_send(message, facts, TABLES, now)

    answers = message.purpose in {Purpose.CONFIRMATION, Purpose.HUMAN}
    assert (decision.outcome == "send") <= ((answers and facts.chat_open) or message.purpose == Purpose.STAFF)
    if decision.outcome == "block":
        assert decision.rule in {"R-CHAT", "R-CASE-2"}


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


# What a team changes.


spans = st.sampled_from([Hours(480, 720), Hours(540, 1080), Hours(600, 601), Hours(0, 1440), Hours(720, 1260)])
switches = st.sampled_from(SWITCHES)


@st.composite
def tighter(draw: st.DrawFn, now: datetime) -> Policy:
    """A policy that only tightens."""
    ends = st.timedeltas(timedelta(-1), timedelta(days=20)).map(lambda wait: now + wait)
    states = st.sampled_from(sorted(STATES))
    return Policy(
        version=1,
        hours=draw(st.none() | spans),
        state_hours=draw(st.dictionaries(states, spans, max_size=8)),
        closed_days=draw(st.frozensets(st.integers(0, 6), max_size=3)),
        cap=draw(st.none() | st.integers(1, 3)),
        fresh_replies=draw(st.booleans()),
        holds=draw(st.dictionaries(states, ends, max_size=20)),
        off=draw(st.frozensets(switches, max_size=1)),
    )


@st.composite
def any_policy(draw: st.DrawFn, now: datetime) -> Policy:
    """A policy that tightens and loosens."""
    names = draw(st.sets(st.sampled_from(Loosened)))
    loosenings = tuple(
        Loosening(name, "user 1", "the lawyer said so", now, 7 if name is Loosened.PRODUCT_CAP else None)
        for name in names
    )
    return replace(draw(tighter(now)), loosenings=loosenings)


def assert_no_laxer(before: Decision, after: Decision) -> None:
    strictness = ["send", "defer", "block"]
    assert strictness.index(before.outcome) <= strictness.index(after.outcome)
    if before.at is not None and after.at is not None:
        assert before.at <= after.at


@gate_settings
@given(st.data(), messages(list(Purpose), list(Channel)), instants)
def test_without_a_loosening_nothing_goes_that_the_default_holds_nor_earlier(data, message, now) -> None:
    facts = data.draw(facts_at(now))
    policy = data.draw(tighter(now))

    assert_no_laxer(may_send(message, facts, TABLES, now), may_send(message, facts, TABLES, now, policy))


@gate_settings
@given(st.data(), messages(), instants)
def test_tightening_a_policy_further_never_lets_more_through_nor_earlier(data, message, now) -> None:
    facts = data.draw(facts_at(now))
    policy = data.draw(any_policy(now))
    more = data.draw(
        st.sampled_from(
            [
                {"hours": Hours(600, 900) if policy.hours is None else Hours(600, 601)},
                {"closed_days": policy.closed_days | {data.draw(st.integers(0, 6))}},
                {"cap": min(policy.cap or 3, data.draw(st.integers(1, 3)))},
                {"fresh_replies": False},
                {"holds": {**policy.holds, **{state: now + timedelta(days=16) for state in ("TX", "PA", "FL", "CA")}}},
                {"off": policy.off | {data.draw(switches)}},
                {"loosenings": ()},
            ]
        )
    )
    assume("hours" not in more or policy.hours is None or policy.hours.opens <= 600 < policy.hours.closes)

    before = may_send(message, facts, TABLES, now, policy)
    assert_no_laxer(before, may_send(message, facts, TABLES, now, replace(policy, **more)))


@gate_settings
@given(st.data(), messages([Purpose.MARKETING]), instants)
def test_whatever_a_team_changes_marketing_leaves_in_no_plausible_zones_closed_hours(data, message, now) -> None:
    facts = data.draw(facts_at(now, data.draw(st.sampled_from([ConsentLevel.WRITTEN, ConsentLevel.ORAL]))))
    decision = may_send(message, facts, TABLES, now, data.draw(any_policy(now)))

    assume(decision.at is not None)
    area, voice = CODES[message.recipient[2:5]], message.channel == Channel.VOICE
    assert shut(decision.at, [area["state"]], list(decision.zones), voice, marketing=True) is None
    if message.state:
        assert shut(decision.at, [message.state], list(decision.zones), voice, marketing=True) is None


@gate_settings
@given(st.data(), messages(AUTOMATED, list(Channel)), instants)
def test_whatever_a_team_changes_a_deferral_ends_at_an_open_instant(data, message, now) -> None:
    facts = replace(data.draw(facts_at(now, ConsentLevel.WRITTEN)), dnc="none")
    policy = data.draw(any_policy(now))
    decision = may_send(message, facts, TABLES, now, policy)

    assume(decision.outcome == "defer")
    assert now < decision.at <= now + timedelta(days=14)
    again = may_send(message, facts, TABLES, decision.at, policy)
    if message.purpose == Purpose.INSTANT_REPLY and again.outcome != "send":
        # it has become stale meanwhile, and is judged as the marketing it then is: R-CASE-4
        assert decision.at - facts.inquiry_at > timedelta(hours=72)
    else:
        assert ("send", decision.at) == (again.outcome, again.at)


@gate_settings
@given(st.data(), messages(AUTOMATED, list(Channel)), instants)
def test_whatever_a_team_changes_nothing_automated_leaves_after_an_opt_out(data, message, now) -> None:
    facts = data.draw(facts_at(now, ConsentLevel.REVOKED))

    decision = may_send(message, facts, TABLES, now, data.draw(any_policy(now)))

    assert (decision.outcome, decision.reason) == ("block", "opted_out")


@gate_settings
@given(st.data(), messages(list(Purpose), list(Channel)), instants)
def test_whatever_a_team_changes_every_decision_can_be_told_to_an_agent(data, message, now) -> None:
    policy = data.draw(any_policy(now))
    decision = may_send(message, data.draw(facts_at(now)), TABLES, now, policy)

    assert "{" not in explain(decision, message)
    assert parse_policy(policy_json(policy), 1) == policy
