"""A meeting's standing is the same in whatever order its words come, and never goes backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.meetings import MeetingState, Standing, Word, after, reminders

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
_WORDS = st.tuples(st.sampled_from(Word), st.integers(0, 3).map(lambda minutes: NOW + timedelta(minutes=minutes)))
_OVER = {MeetingState.CANCELLED, MeetingState.RESCHEDULED}


def heard(words: list[tuple[Word, datetime]], *, is_past: bool) -> Standing:
    standing = Standing()
    for word, at in words:
        standing = after(standing, word, at, is_past=is_past)
    return standing


@given(
    st.lists(_WORDS, max_size=8).flatmap(lambda words: st.tuples(st.just(words), st.permutations(words))), st.booleans()
)
def test_words_in_any_order_end_in_the_same_state(
    orders: tuple[list[tuple[Word, datetime]], list[tuple[Word, datetime]]], is_past: bool
) -> None:
    first, second = orders

    assert heard(first, is_past=is_past).state is heard(second, is_past=is_past).state


@given(st.lists(_WORDS, max_size=8), st.booleans())
def test_a_word_told_twice_changes_nothing(words: list[tuple[Word, datetime]], is_past: bool) -> None:
    once = heard(words, is_past=is_past)

    assert once == heard([*words, *words], is_past=is_past)


@given(st.lists(_WORDS, max_size=8), _WORDS, st.booleans())
def test_what_is_over_never_comes_back(
    words: list[tuple[Word, datetime]], last: tuple[Word, datetime], is_past: bool
) -> None:
    before = heard(words, is_past=is_past)
    then = after(before, *last, is_past=is_past)

    if before.state in _OVER:
        assert then.state in _OVER
        assert then.state is MeetingState.RESCHEDULED or before.state is MeetingState.CANCELLED


@given(st.integers(0, 5000).map(lambda minutes: timedelta(minutes=minutes)), st.booleans(), st.booleans())
def test_no_reminder_is_due_within_an_hour_of_the_booking_or_after_the_beginning(
    ahead: timedelta, phone: bool, email: bool
) -> None:
    found = reminders(NOW + ahead, NOW, phone=phone, email=email)

    assert all(NOW + timedelta(hours=1) <= one.due_at < NOW + ahead for one in found)
    assert len({(one.contact, one.ordinal) for one in found}) == len(found)


@given(st.lists(_WORDS, max_size=8), st.sampled_from((Word.NO_SHOW, Word.CAME)), st.lists(_WORDS, max_size=8))
def test_what_one_of_the_team_says_of_whether_they_came_no_vendor_changes(
    before: list[tuple[Word, datetime]], ours: Word, later: list[tuple[Word, datetime]]
) -> None:
    said = after(heard(before, is_past=True), ours, NOW, is_past=True, by_us=True)
    standing = said
    for word, at in later:
        standing = after(standing, word, at, is_past=True)

    if standing.state not in _OVER:
        assert standing.state is (MeetingState.NO_SHOW if ours is Word.NO_SHOW else MeetingState.HELD)
