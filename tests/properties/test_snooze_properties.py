"""What is put off comes back: later, and in the morning of whoever put it off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.snooze import CHOICES, FARTHEST, at_a_time, choices, snoozed_until

ZONES = st.sampled_from(("America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/St_Johns", "UTC"))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.sampled_from(sorted(CHOICES)), INSTANTS, ZONES.map(ZoneInfo))
def test_it_always_comes_back_within_eight_days_and_never_at_once(choice: str, now: datetime, zone: ZoneInfo) -> None:
    until = snoozed_until(choice, now, zone)

    assert timedelta(minutes=59) < until - now < timedelta(days=8)


@given(st.sampled_from(("tomorrow", "monday")), INSTANTS, ZONES.map(ZoneInfo))
def test_mornings_are_nine_on_their_own_clock_whatever_the_clocks_do(
    choice: str, now: datetime, zone: ZoneInfo
) -> None:
    local, today = snoozed_until(choice, now, zone).astimezone(zone), now.astimezone(zone).date()

    assert (local.hour, local.minute, local.second) == (9, 0, 0)
    assert local.date() > today
    assert local.date() == today + timedelta(days=1) if choice == "tomorrow" else local.isoweekday() == 1


def test_said_on_a_monday_monday_is_the_next_one() -> None:
    now = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("America/New_York"))

    assert snoozed_until("monday", now, ZoneInfo("America/New_York")) == datetime(2026, 11, 30, 14, 0, tzinfo=UTC)


def test_a_time_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no such time"):
        snoozed_until("never", datetime.now(UTC), ZoneInfo("UTC"))


@given(now=INSTANTS, zone=ZONES.map(ZoneInfo))
def test_no_two_choices_are_ever_the_same_moment(now: datetime, zone: ZoneInfo) -> None:
    moments = [snoozed_until(choice, now, zone) for choice in choices(now, zone) if choice != "hour"]

    assert len(set(moments)) == len(moments) >= 1


@given(
    st.text(max_size=20) | st.datetimes().map(lambda at: at.isoformat(timespec="minutes")),
    INSTANTS,
    ZONES.map(ZoneInfo),
)
def test_a_time_of_ones_own_is_ahead_and_within_a_year_or_refused(text: str, now: datetime, zone: ZoneInfo) -> None:
    try:
        until = at_a_time(text, now, zone)
    except ValueError:
        return

    assert now < until <= now + FARTHEST


def test_a_time_of_ones_own_is_on_the_clock_of_whoever_types() -> None:
    now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    assert at_a_time("2026-12-01T15:00", now, ZoneInfo("America/New_York")) == datetime(2026, 12, 1, 20, 0, tzinfo=UTC)
