"""The error budget: what burns it so fast that somebody must hear of it, and what is a quiet night's chance."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.budget import LEAST_LATE, PAIRS, WINDOWS_MIN, Window, burning

QUIET = {minutes: Window(0, 40) for minutes in WINDOWS_MIN}
windows = st.builds(
    lambda late, more: Window(late, late + more), st.integers(0, 400), st.integers(0, 4000)
)  # fmt: skip


def test_nothing_late_burns_nothing() -> None:
    assert burning(QUIET) is None
    assert burning({minutes: Window(0, 0) for minutes in WINDOWS_MIN}) is None


def test_one_late_lead_of_two_in_a_quiet_night_is_chance() -> None:
    assert burning(QUIET | {5: Window(1, 1), 30: Window(1, 2), 60: Window(1, 2), 360: Window(1, 2)}) is None


def test_a_fifth_of_an_hour_s_leads_burns_and_says_when_all_is_gone() -> None:
    burn = burning(QUIET | {5: Window(2, 4), 60: Window(20, 100)})

    assert burn is not None
    assert (burn.minutes, burn.late, burn.total) == (60, 20, 100)
    assert round(burn.gone_in_h, 1) == 33.6, "28 days at twenty times the rate"


def test_what_is_over_for_five_minutes_burns_no_more() -> None:
    assert burning(QUIET | {5: Window(0, 4), 60: Window(20, 100), 30: Window(0, 30), 360: Window(20, 400)}) is None


def test_a_slow_burn_is_seen_over_six_hours() -> None:
    burn = burning(QUIET | {30: Window(2, 25), 60: Window(4, 60), 360: Window(28, 400)})

    assert burn is not None
    assert burn.minutes == 360


@given(st.fixed_dictionaries(dict.fromkeys(WINDOWS_MIN, windows)))
def test_what_burns_is_always_late_in_both_windows_and_more_than_chance(found: dict[int, Window]) -> None:
    burn = burning(found)
    if burn is None:
        return
    short = next(short for long, short, _ in PAIRS if long == burn.minutes)
    assert burn.late >= LEAST_LATE
    assert found[short].late > 0
    assert 0 < burn.gone_in_h <= 28 * 24
