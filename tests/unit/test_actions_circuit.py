from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from leadwake.actions.circuit import OPEN_S, THRESHOLD, Circuit


@dataclass
class Watched:
    """A circuit with a clock of the test's own and its changes written down."""

    at: float = 1000.0
    told: list[bool] = field(default_factory=list)

    def circuit(self) -> Circuit:
        return Circuit("twilio", lambda circuit: self.told.append(circuit.is_open), lambda: self.at)


def _fail(circuit: Circuit, times: int) -> None:
    for _ in range(times):
        circuit.took()
        circuit.failed("is failing")


def test_a_few_failures_leave_it_closed_and_a_success_forgets_them() -> None:
    watched = Watched()
    circuit = watched.circuit()
    _fail(circuit, THRESHOLD - 1)
    circuit.succeeded()
    _fail(circuit, THRESHOLD - 1)

    assert not circuit.is_open
    assert circuit.free(64) == 64
    assert watched.told == []


def test_failures_in_a_row_open_it_and_the_first_success_after_the_wait_closes_it() -> None:
    watched = Watched()
    circuit = watched.circuit()
    _fail(circuit, THRESHOLD)

    assert circuit.is_open
    assert circuit.free(64) == 0
    watched.at += OPEN_S[0]
    assert circuit.free(64) == 1
    circuit.took()
    assert circuit.free(64) == 0, "one call at a time tries whether the vendor is back"
    circuit.succeeded()
    assert circuit.free(64) == 64
    assert watched.told == [True, False]


def test_it_stays_open_longer_each_time_in_a_row_up_to_a_limit() -> None:
    watched = Watched()
    circuit = watched.circuit()
    _fail(circuit, THRESHOLD)
    waits = []
    for _ in range(8):
        waits.append(circuit.wait_s)
        watched.at += circuit.wait_s
        _fail(circuit, 1)

    assert waits == [*OPEN_S, *[OPEN_S[-1]] * 3]


def test_late_failures_of_calls_made_before_do_not_lengthen_the_wait() -> None:
    watched = Watched()
    circuit = watched.circuit()
    _fail(circuit, THRESHOLD)
    wait = circuit.wait_s
    for _ in range(20):
        circuit.failed("is failing")

    assert circuit.wait_s == wait
    assert circuit.openings == 1


def test_a_vendor_that_names_its_wait_is_left_alone_for_it() -> None:
    watched = Watched()
    circuit = watched.circuit()
    circuit.failed("asks us to slow down", at_once_s=120.0)

    assert circuit.wait_s == 120.0
    circuit.failed("asks us to slow down", at_once_s=5.0)
    assert circuit.wait_s == 120.0


def test_a_probe_that_was_not_made_leaves_room_for_another() -> None:
    watched = Watched()
    circuit = watched.circuit()
    _fail(circuit, THRESHOLD)
    watched.at += OPEN_S[0]
    circuit.took()
    circuit.let_go()

    assert circuit.free(64) == 1


@given(st.lists(st.sampled_from(["took", "failed", "succeeded", "let_go", "wait"]), max_size=60), st.integers(0, 64))
def test_it_never_lets_through_more_than_is_free_and_always_lets_one_through_in_time(
    steps: list[str], slots: int
) -> None:
    watched = Watched()
    circuit = watched.circuit()
    for step in steps:
        if step == "wait":
            watched.at += 7.0
        elif step == "failed":
            circuit.failed("is failing")
        else:
            getattr(circuit, step)()
        assert 0 <= circuit.free(slots) <= slots
        assert circuit.wait_s <= OPEN_S[-1]
        if not circuit.is_open:
            assert circuit.free(slots) == slots
    circuit.let_go()
    watched.at += OPEN_S[-1]
    assert circuit.free(1) == 1


def test_who_is_held_stays_so_whatever_earlier_calls_come_back_with() -> None:
    now = [0.0]
    told: list[bool] = []
    circuit = Circuit("sendgrid", lambda one: told.append(one.is_open), lambda: now[0])
    circuit.hold("has had today's 3 calls", 60)
    circuit.succeeded()

    assert (circuit.is_open, circuit.free(5)) == (True, 0)

    now[0] = 61
    assert circuit.free(5) == 1
    circuit.took()
    circuit.succeeded()

    assert not circuit.is_open
    assert told == [True, False]
