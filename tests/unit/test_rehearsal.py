"""A lead's way under a virtual clock: deferred, blocked, answered, at an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.sequence.model import Sequence
from leadwake.domain.sequence.progress import Known, Touch
from leadwake.domain.sequence.rehearsal import Rehearsed, Sign, Ticks, Verdict, rehearse
from sequence_case import EAST, MONDAY, sequences

FAR = MONDAY + timedelta(days=400)
HOLD = timedelta(hours=13)
#: what may become of a message, one after the other
VERDICTS = st.lists(st.sampled_from(["sent", "blocked", "deferred", "expired", "dead"]), min_size=1, max_size=12)


def a_way(sequence: Sequence, verdicts: list[str], *, stop: Sign | None = None, until: datetime = FAR) -> Rehearsed:
    """A message is held at most once; then it leaves."""
    given_, held = iter(verdicts * 40), set[tuple[int, bool]]()

    def judge(touch: Touch, planned_at: datetime, now: datetime) -> Verdict:
        assert planned_at <= now
        state, key = next(given_), (touch.step, touch.is_instead)
        if state == "deferred":
            if key in held:
                return Verdict("sent")
            held.add(key)
            return Verdict("deferred", "quiet_hours", until=now + HOLD)
        return Verdict(state, state)

    known = Known({"temperature": "hot", "score": 50, "phone": True}, (EAST,))
    return rehearse(
        sequence, b"seed", MONDAY, until, ticks=Ticks(MONDAY), known=lambda _: known, hindrance=lambda _: None,
        judge=judge, stop=stop,
    )  # fmt: skip


@given(sequences(), VERDICTS, st.integers(1, 60 * 24 * 60))
def test_nothing_happens_after_a_sign_of_life(sequence: Sequence, verdicts: list[str], minutes: int) -> None:
    sign = Sign(MONDAY + timedelta(minutes=minutes), "reply")
    whole, cut = a_way(sequence, verdicts), a_way(sequence, verdicts, stop=sign)
    before = [each for each in whole.foreseen if each.at < sign.at]
    assert [each for each in cut.foreseen if each.decision != "cancel"] == before
    assert all(each.at == sign.at for each in cut.foreseen if each.decision == "cancel")
    assert whole.ended_at is not None
    assert (cut.ended_at, cut.because) == min((whole.ended_at, "finished"), (sign.at, "reply"))


@given(sequences(), VERDICTS)
def test_every_way_ends_and_its_order_holds(sequence: Sequence, verdicts: list[str]) -> None:
    found = a_way(sequence, verdicts)
    assert found.because == "finished"
    own = [each.step for each in found.foreseen if not each.is_instead]
    assert own == sorted(set(own))
    for one, other in zip(found.foreseen, found.foreseen[1:], strict=False):
        assert one.at <= other.planned_at <= other.at


@given(sequences(), VERDICTS)
def test_what_was_held_leaves_when_it_may_and_says_why_it_waited(sequence: Sequence, verdicts: list[str]) -> None:
    for each in a_way(sequence, verdicts).foreseen:
        if each.decision == "defer":
            assert each.leaves
            assert (each.at - each.planned_at, each.reason) == (HOLD, "quiet_hours")
        elif each.leaves:
            assert each.at == each.planned_at


@given(sequences(), VERDICTS, st.integers(0, 40))
def test_what_lies_beyond_the_horizon_is_left_out_and_nothing_else(
    sequence: Sequence, verdicts: list[str], days: int
) -> None:
    until = MONDAY + timedelta(days=days)
    whole, so_far = a_way(sequence, verdicts), a_way(sequence, verdicts, until=until)
    assert list(so_far.foreseen) == [each for each in whole.foreseen if each.at <= until]
    assert (so_far.because == "finished") is (whole.ended_at is not None and whole.ended_at <= until)


def test_ticks_are_as_far_apart_as_they_are_said_to_be_also_before_their_first() -> None:
    ticks = Ticks(MONDAY)
    assert ticks.first(MONDAY) == MONDAY
    assert ticks.first(MONDAY + timedelta(seconds=1)) == MONDAY + timedelta(minutes=15)
    assert ticks.first(datetime(2026, 11, 20, 0, 1, tzinfo=UTC)) == datetime(2026, 11, 20, 0, 15, tzinfo=UTC)
