"""The response promise: how it stands, what is left, and what is done by itself while it burns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.config import load
from leadwake.domain import slo
from leadwake.domain.budget import DAYS, Burn, Hour, Objective, objective, trail
from leadwake.domain.slo import HOLD, LONGEST, MAIL_FOR_TEXT, MAIL_SECOND, PAGE, PAGE_AGAIN, Cause, Going, Means
from leadwake.errors import ConfigError
from leadwake.setting_names import SLO_ACTS

NOW = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
BURN = Burn(60, 6, 20, 48.0)
ALL = frozenset(slo.ACTS)
MEANS = Means(ALL, ("sendgrid", "smtp"))
LATE_TEXTS, LATE_MAILS = Cause("sms", "twilio", 6, 6), Cause("email", "sendgrid", 6, 5)

causes = st.lists(
    st.builds(
        Cause, st.sampled_from(("sms", "email")), st.sampled_from(("twilio", "sendgrid", "smtp", "")),
        st.integers(0, 50), st.integers(0, 50),
    ),
    max_size=5,
)  # fmt: skip
means = st.builds(
    Means, st.frozensets(st.sampled_from(tuple(slo.ACTS))), st.sampled_from(((), ("sendgrid",), ("sendgrid", "smtp"))),
    st.frozensets(st.sampled_from(("twilio", "sendgrid", "smtp"))),
)  # fmt: skip


def test_the_names_that_are_switched_are_those_that_are_done() -> None:
    assert tuple(slo.ACTS) == SLO_ACTS
    assert load({}).slo_acts == ALL
    assert load({"LEADWAKE_SLO_ACTS": "off"}).slo_acts == frozenset()
    assert load({"LEADWAKE_SLO_ACTS": "page mail_second"}).slo_acts == {PAGE, MAIL_SECOND}
    with pytest.raises(ConfigError, match="LEADWAKE_SLO_ACTS"):
        load({"LEADWAKE_SLO_ACTS": "pager"})


@given(st.integers(0, 100_000), st.integers(0, 3_000))
def test_so_many_more_may_be_late_and_not_one_more(good: int, late: int) -> None:
    found = Objective(good, late)
    if found.is_kept:
        assert Objective(good, late + found.more).is_kept
        assert not Objective(good, late + found.more + 1).is_kept
        assert found.left >= -1e-9
    else:
        assert found.more == 0
        assert found.left < 0


def test_a_promise_without_inquiries_is_kept_and_whole() -> None:
    assert (Objective(0, 0).share, Objective(0, 0).left, Objective(0, 0).is_kept) == (None, 1.0, True)


def test_what_is_older_than_four_weeks_counts_no_more_and_the_trail_shows_it_leave() -> None:
    bad = Hour(NOW - timedelta(days=20), 0, 2)
    hours = [Hour(NOW - timedelta(days=back), 50, 0) for back in range(DAYS + 20, 20, -1)] + [bad]
    left = dict(trail(hours, NOW))

    assert len(left) == DAYS
    assert objective(hours, NOW).late == 2
    assert objective(hours, NOW + timedelta(days=9)).late == 0
    assert left[(NOW - timedelta(days=21)).date()] == 1.0
    assert left[(NOW - timedelta(days=20)).date()] < 1.0


@given(causes, means)
def test_nothing_is_ever_done_without_a_burn(found: list[Cause], can: Means) -> None:
    assert slo.wanted(None, found, can) == {}
    assert not slo.may_page(None, can, None, NOW)


@given(causes, means)
def test_what_is_done_is_switched_on_and_can_be_done_and_says_why(found: list[Cause], can: Means) -> None:
    for act, why in slo.wanted(BURN, found, can).items():
        assert act in can.on
        assert why["blamed"] >= 3
        assert slo.because(act, why).endswith(".")
        if act == MAIL_SECOND:
            assert why["instead"] == can.mailers[1]
            assert can.mailers[1] not in can.failing


@given(st.sampled_from((MAIL_SECOND, MAIL_FOR_TEXT)), st.integers(0, 40), means, st.none() | st.just(BURN))
def test_every_act_is_always_let_go(act: str, before: int, can: Means, burn: Burn | None) -> None:
    going = Going(act, NOW, before)

    assert slo.over(going, burn, can, NOW + LONGEST) is not None
    assert slo.over(going, None, can, going.held_until) is not None
    assert going.held_until <= NOW + LONGEST


def test_a_vendor_that_is_well_for_a_moment_is_gone_back_to_more_slowly_each_time() -> None:
    first, third = Going(MAIL_SECOND, NOW), Going(MAIL_SECOND, NOW, 2)

    assert slo.over(first, None, MEANS, NOW + HOLD) == "burn_over"
    assert slo.over(third, None, MEANS, NOW + HOLD) is None
    assert slo.over(third, None, MEANS, NOW + 4 * HOLD) == "burn_over"
    assert slo.over(first, BURN, MEANS, NOW + HOLD) is None


def test_each_vendor_is_blamed_for_its_own() -> None:
    assert set(slo.wanted(BURN, [LATE_TEXTS], MEANS)) == {MAIL_FOR_TEXT}
    assert set(slo.wanted(BURN, [LATE_MAILS], MEANS)) == {MAIL_SECOND}
    assert set(slo.wanted(BURN, [LATE_TEXTS, LATE_MAILS], MEANS)) == {MAIL_FOR_TEXT, MAIL_SECOND}


def test_our_own_slowness_is_no_vendors() -> None:
    never_tried = [Cause("sms", "", 20, 0), Cause("email", "", 20, 0)]
    taken_at_once = [Cause("sms", "twilio", 20, 1), Cause("email", "sendgrid", 20, 1)]

    assert slo.wanted(BURN, never_tried, MEANS) == {}
    assert slo.wanted(BURN, taken_at_once, MEANS) == {}


def test_a_second_provider_that_fails_or_is_not_there_is_not_turned_to() -> None:
    assert slo.wanted(BURN, [LATE_MAILS], Means(ALL, ("sendgrid",))) == {}
    assert slo.wanted(BURN, [LATE_MAILS], Means(ALL, ("sendgrid", "smtp"), frozenset({"smtp"}))) == {}
    failing = Means(ALL, ("sendgrid", "smtp"), frozenset({"smtp"}))
    assert slo.over(Going(MAIL_SECOND, NOW), BURN, failing, NOW + HOLD) == "no_second"


def test_the_manager_is_paged_once_an_hour_at_most() -> None:
    assert slo.may_page(BURN, MEANS, None, NOW)
    assert not slo.may_page(BURN, MEANS, NOW - PAGE_AGAIN + timedelta(seconds=1), NOW)
    assert slo.may_page(BURN, MEANS, NOW - PAGE_AGAIN, NOW)
    assert not slo.may_page(BURN, Means(frozenset(), ()), None, NOW)


class Pair:
    """A text that hangs and the mail in its place, each tried by processes whose clocks differ a little."""

    def __init__(self) -> None:
        self.text, self.mail = "planned", "planned"
        self.text_went = self.mail_went = False

    def try_text(self, now: datetime) -> None:
        if self.text == "planned":
            turn = slo.text_turn(self.mail, 0, NOW, now)
            self.text = {"go": "sending", "wait": "planned", "never": "cancelled"}[turn]
            self.text_went |= self.text == "sending"

    def try_mail(self, now: datetime) -> None:
        if self.mail == "planned":
            self.mail = "sending" if slo.mail_turn(self.text, 0, NOW, now) == "go" else "cancelled"
            self.mail_went |= self.mail == "sending"


steps = st.lists(
    st.tuples(
        st.sampled_from(("text", "mail", "text taken", "mail taken", "mail refused")),
        st.floats(0, 60), st.floats(-5, 5),
    ),
    max_size=40,
)  # fmt: skip


@given(steps)
def test_the_text_and_the_mail_in_its_place_are_never_both_taken(taken: list[tuple[str, float, float]]) -> None:
    pair, at = Pair(), NOW
    for what, later_s, skew_s in taken:
        at += timedelta(seconds=later_s)
        seen = at + timedelta(seconds=skew_s)
        match what:
            case "text":
                pair.try_text(seen)
            case "mail":
                pair.try_mail(seen)
            case "text taken" if pair.text == "sending":
                pair.text = "sent"
            case "mail taken" if pair.mail == "sending":
                pair.mail = "sent"
            case "mail refused" if pair.mail == "sending":
                pair.mail, pair.mail_went = "dead", False
    assert not (pair.text_went and pair.mail_went)


def test_a_mail_that_came_to_nothing_gives_the_text_its_turn_back() -> None:
    assert slo.text_turn("bounced", 0, NOW, NOW + timedelta(hours=1)) == "go"
    assert slo.text_turn("blocked", 0, NOW, NOW) == "go"
    assert slo.text_turn("planned", 0, NOW, NOW + timedelta(minutes=3)) == "go"
    assert slo.text_turn("planned", 1, NOW, NOW + timedelta(hours=3)) == "wait", "a resend: it may be there already"
