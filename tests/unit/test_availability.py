"""What a probe saw, as availability: what nobody saw is unknown, never up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.probe import DAYS, availability

NOW = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
LAST = (NOW, True, None, None)
days = st.dictionaries(
    st.integers(-3, DAYS + 3).map(lambda back: (NOW - timedelta(days=back)).date()),
    st.tuples(st.integers(0, 200_000), st.integers(0, 200_000)),
)  # fmt: skip


def test_a_week_seen_of_four_is_that_week_s_share_and_three_weeks_unknown() -> None:
    seen = {(NOW - timedelta(days=back)).date(): (86_400, 0) for back in range(1, 8)}
    seen[(NOW - timedelta(days=3)).date()] = (86_400 - 432, 432)
    found = availability("home", seen, NOW, LAST)

    assert found.down_s == 432
    assert found.share is not None
    assert round(found.share, 5) == round(1 - 432 / (7 * 86_400), 5)
    assert found.unknown_s == 21 * 86_400


def test_what_nobody_saw_has_no_share() -> None:
    assert availability("home", {}, NOW, LAST).share is None


@given(days)
def test_up_and_down_and_unknown_are_always_the_whole_time(seen: dict[date, tuple[int, int]]) -> None:
    found = availability("home", seen, NOW, LAST)

    assert found.up_s + found.down_s + found.unknown_s == DAYS * 86_400
    assert len(found.days) == DAYS + 1
    for day in found.days:
        up, down = seen.get(day.day, (0, 0))
        assert day.up_s <= up
        assert day.down_s <= down
        assert day.up_s + day.down_s <= 86_400
