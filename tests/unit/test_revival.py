"""Who of the quiet is worth waking: points that add up, in an order anybody can check, by nothing that is forbidden."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.learning.fairness import stands_for
from leadwake.domain.recovery import dollars
from leadwake.domain.revival import Quiet, chance, ranked, way

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
PLAIN = Quiet(UUID(int=1), NOW - timedelta(days=90), NOW - timedelta(days=90), "website", 40)
AGO = st.integers(60, 3000).map(lambda days: NOW - timedelta(days=days))
QUIET = st.builds(
    Quiet, st.uuids(), st.none() | AGO, st.none() | AGO, st.sampled_from(("website", "referral", "aged list")),
    st.integers(0, 100), st.none() | st.sampled_from(("ASAP", "6 months", "just browsing", "next year", "?")),
    st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.none() | AGO, st.integers(0, 9), st.booleans(),
)  # fmt: skip


def points(**more: object) -> int:
    return chance(replace(PLAIN, **more), NOW).points - chance(PLAIN, NOW).points  # type: ignore[arg-type]


@given(QUIET)
def test_the_points_always_add_up_and_none_is_nothing(quiet: Quiet) -> None:
    found = chance(quiet, NOW)

    assert found.points == sum(reason.points for reason in found.reasons)
    assert all(reason.points for reason in found.reasons)


@given(st.lists(QUIET, max_size=6))
def test_the_order_is_the_same_whoever_is_named_first(quiet: list[Quiet]) -> None:
    assert [each for each, _ in ranked(quiet, NOW)] == [each for each, _ in ranked(reversed(quiet), NOW)]


def test_what_they_did_counts_for_them_and_silence_against_them() -> None:
    assert points(replies=2) > 0
    assert points(talks=1) > 0
    assert points(seen_at=NOW - timedelta(days=3)) > points(seen_at=NOW - timedelta(days=90)) > 0
    assert points(woken=2) < points(woken=1) < 0
    assert points(quiet_since=NOW - timedelta(days=1500)) < points(quiet_since=NOW - timedelta(days=400)) < 0
    assert points(asked_at=None) < 0


def test_the_time_they_named_counts_when_it_is_about_now() -> None:
    half_a_year = {"asked_at": NOW - timedelta(days=190), "timeline": "6 months"}

    assert points(**half_a_year) - points(asked_at=half_a_year["asked_at"]) == 20
    assert points(timeline="next year") == -12
    assert points(asked_at=NOW - timedelta(days=900), timeline="6 months") == 0


def test_mail_is_first_and_a_call_is_where_mail_may_not_go() -> None:
    assert way(may_mail=True, may_call=True) == "email"
    assert way(may_mail=False, may_call=True) == "call"
    assert way(may_mail=False, may_call=False) is None


def test_nothing_is_looked_at_that_stands_for_a_protected_class() -> None:
    assert [field.name for field in fields(Quiet) if stands_for(field.name)] == []
    assert chance(replace(PLAIN, lead_id=uuid4()), NOW) == chance(PLAIN, NOW)


def test_money_is_told_only_where_every_price_that_counts_is_said() -> None:
    text, mail = ("segment_price", ""), ("mail_price", "")

    assert dollars(10, 0, {text: Decimal("0.0118")}) == Decimal("0.118")
    assert dollars(10, 3, {text: Decimal("0.0118")}) is None
    assert dollars(0, 0, {}) == 0
    assert dollars(1, 2, {text: Decimal(1), mail: Decimal(2)}) == 5
