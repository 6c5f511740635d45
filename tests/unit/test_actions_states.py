from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.actions.states import DEAD_LETTERS, OPEN, OUT, State, after_delivery
from leadwake.providers.ports import DeliveryStatus

FINAL = set(State) - OPEN - OUT - DEAD_LETTERS


def _after(begin: State, reports: list[DeliveryStatus]) -> State:
    state = begin
    for report in reports:
        state = after_delivery(state, report) or state
    return state


@given(st.lists(st.sampled_from(list(DeliveryStatus)), max_size=5), st.sampled_from([State.SENDING, State.SENT]))
def test_reports_end_in_the_same_state_in_any_order_and_number(reports: list[DeliveryStatus], begin: State) -> None:
    ends = {
        _after(begin, list(order) + list(order)) for order in permutations(reports)
        if not {DeliveryStatus.UNDELIVERED, DeliveryStatus.BOUNCED} <= set(reports)
    }  # fmt: skip

    assert len(ends) <= 1


@given(st.sampled_from(list(State)), st.lists(st.sampled_from(list(DeliveryStatus))))
def test_a_report_never_makes_a_message_less_far_than_it_was(begin: State, reports: list[DeliveryStatus]) -> None:
    rank = {State.SENT: 1, State.DELIVERED: 2, State.UNDELIVERED: 3, State.BOUNCED: 3}
    state = begin
    for report in reports:
        moved = after_delivery(state, report)
        assert moved is None or rank[moved] > rank.get(state, 0)
        state = moved or state


@pytest.mark.parametrize("state", sorted(FINAL | {State.DEAD, State.DEFERRED}))
@pytest.mark.parametrize("report", list(DeliveryStatus))
def test_what_was_stopped_blocked_or_given_up_is_not_moved_by_reports(state: State, report: DeliveryStatus) -> None:
    assert after_delivery(state, report) is None


def test_every_state_is_open_out_final_or_a_persons() -> None:
    assert set(State) == OPEN | OUT | DEAD_LETTERS | FINAL
    assert not OPEN & OUT
    assert {State.BLOCKED, State.CANCELLED, State.SKIPPED, State.EXPIRED} == FINAL
