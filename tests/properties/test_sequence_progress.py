"""The engine of sequences: each step once, in order, never in a burst, and always to an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.sequence.model import Message, Sequence, Window
from leadwake.domain.sequence.progress import Ended, Known, Touch, opening
from sequence_case import EAST, MONDAY, TICK, Life, live, sequences

STATES = ["sent", "delivered", "bounced", "unknown", "blocked", "skipped", "expired", "dead", "cancelled"]
KNOWN = st.fixed_dictionaries(
    {"temperature": st.sampled_from(["hot", "cold"]), "score": st.integers(0, 100), "phone": st.booleans()}
).map(lambda facts: Known(facts, (EAST,)))
ENDS = st.lists(st.tuples(st.sampled_from(STATES), st.integers(0, 4000)), min_size=1, max_size=20)
FAR = MONDAY + timedelta(days=400)


def on_ticks(at: datetime) -> datetime:
    """The first tick at or after an instant."""
    return MONDAY + -(-(at - MONDAY) // TICK) * TICK


def a_life(sequence: Sequence, known: Known, ends: list[tuple[str, int]], *, outage: timedelta = timedelta(0)) -> Life:
    """How each touch ends, one after the other; nobody looks during an outage that begins on the third day."""
    planned = iter(ends * 20)

    def carry(touch: Touch, now: datetime) -> Ended:
        state, minutes = next(planned)
        return Ended(touch.channel, state, now + timedelta(minutes=minutes))

    def looks(at: datetime) -> datetime:
        begins = MONDAY + timedelta(days=3)
        return on_ticks(begins + outage if begins <= at < begins + outage else at)

    return live(sequence, known, carry, looks, until=FAR)


@given(sequences(), KNOWN, ENDS)
def test_every_way_comes_to_an_end(sequence: Sequence, known: Known, ends: list[tuple[str, int]]) -> None:
    assert a_life(sequence, known, ends).is_over


@given(sequences(), KNOWN, ENDS)
def test_no_step_comes_twice_and_none_before_one_above_it(
    sequence: Sequence, known: Known, ends: list[tuple[str, int]]
) -> None:
    life = a_life(sequence, known, ends)
    own = [step for _, step, _, is_instead in life.touches if not is_instead]
    assert own == sorted(set(own))
    instead = [step for _, step, _, is_instead in life.touches if is_instead]
    assert len(instead) == len(set(instead))
    assert set(instead) <= set(own)
    passed = [step for _, step, _ in life.passed]
    assert passed == sorted(set(passed))


@given(sequences(), KNOWN, ENDS)
def test_a_touch_never_begins_before_the_one_before_it_ended(
    sequence: Sequence, known: Known, ends: list[tuple[str, int]]
) -> None:
    life = a_life(sequence, known, ends)
    for (planned_at, *_), before in zip(life.touches[1:], life.ends, strict=False):
        assert planned_at >= before.at


@given(sequences(), KNOWN, ENDS)
def test_what_takes_a_texts_place_comes_only_where_the_text_did_not_leave(
    sequence: Sequence, known: Known, ends: list[tuple[str, int]]
) -> None:
    life = a_life(sequence, known, ends)
    for at, (_, step, channel, is_instead) in enumerate(life.touches):
        if is_instead:
            before = life.ends[at - 1]
            assert (life.touches[at - 1][1], before.channel, channel) == (step, "sms", "email")
            assert not before.is_out


@given(sequences(), KNOWN, st.timedeltas(timedelta(hours=1), timedelta(days=60)))
def test_after_an_outage_days_come_one_by_one(sequence: Sequence, known: Known, outage: timedelta) -> None:
    life = a_life(sequence, known, [("sent", 1)], outage=outage)
    calm = a_life(sequence, known, [("sent", 1)])
    assert [touch[1:] for touch in life.touches] == [touch[1:] for touch in calm.touches]
    for (earlier, first, *_), (later, second, *_), (was_earlier, *_), (was_later, *_) in zip(
        life.touches, life.touches[1:], calm.touches, calm.touches[1:], strict=False
    ):
        has_day = any(getattr(step.act, "until_day", None) is not None for step in sequence.steps[first + 1 : second])
        if has_day and not _has_branch(sequence, first, second):
            assert later - earlier >= min(sequence.gap, was_later - was_earlier - TICK * 2)


def _has_branch(sequence: Sequence, first: int, second: int) -> bool:
    """Days above a branch that jumped over others are no measure."""
    return any(hasattr(step.act, "otherwise") for step in sequence.steps[: second + 1])


@given(
    st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 20), st.integers(2, 3),
    st.lists(st.sampled_from(["America/New_York", "America/Chicago", "Pacific/Honolulu"]), min_size=1, max_size=2),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - made UTC below
)  # fmt: skip
def test_a_window_opens_where_it_is_open_by_every_clock(
    days: frozenset[int], opens: int, hours: int, names: list[str], at: datetime
) -> None:
    from datetime import time

    now = at.replace(tzinfo=UTC)
    window = Window(days, time(opens), time(opens + hours))
    zones = [ZoneInfo(name) for name in names]
    found = opening(window, zones, now)
    assert found >= now
    if found > now:
        for zone in zones:
            local = found.astimezone(zone)
            assert local.weekday() in days
            assert window.from_ <= local.time() < window.to


@given(sequences(), KNOWN, ENDS)
def test_every_message_begins_within_its_window(sequence: Sequence, known: Known, ends: list[tuple[str, int]]) -> None:
    for planned_at, step, _, is_instead in a_life(sequence, known, ends).touches:
        local = planned_at.astimezone(EAST)
        assert isinstance(sequence.steps[step].act, Message)
        if not is_instead:
            assert local.weekday() in sequence.window.days
            assert sequence.window.from_ <= local.time() < sequence.window.to
