from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.actions.outcomes import LONGEST_RETRY_S, MAX_FAILURES, Result, accepted, backoff_s, of_error
from leadwake.actions.states import State
from leadwake.errors import BadCredentials, OutcomeUnknown, ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers.ports import Accepted

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


def _after(error: ProviderError, failures: int = 0) -> Result | None:
    return of_error(uuid4(), uuid4(), failures, error, NOW)


def test_what_the_vendor_took_is_sent_with_its_id() -> None:
    result = accepted(uuid4(), uuid4(), Accepted("SM1"))

    assert (result.state, result.ref, result.due_at) == (State.SENT, "SM1", None)


@pytest.mark.parametrize("failures", [0, MAX_FAILURES - 1, MAX_FAILURES + 5])
def test_an_outcome_nobody_knows_is_never_a_reason_to_try_again(failures: int) -> None:
    assert _after(OutcomeUnknown("no answer", vendor="twilio"), failures) is None


def test_a_refusal_for_good_is_a_dead_letter_with_its_reason() -> None:
    result = _after(Rejected("not a mobile number", vendor="twilio", code="21614"))

    assert result is not None
    assert (result.state, result.reason, result.due_at) == (State.DEAD, "twilio 21614: not a mobile number", None)


def test_a_refusal_because_of_an_opt_out_says_so() -> None:
    result = _after(Rejected("unsubscribed", vendor="twilio", code="21610", opted_out=True))

    assert result is not None
    assert result.opted_out


@given(st.floats(0, 86_400), st.integers(0, 50))
def test_the_wait_a_throttling_vendor_names_is_kept_and_costs_no_try(wait: float, failures: int) -> None:
    result = _after(Throttled("slow down", vendor="twilio", retry_after_s=wait), failures)

    assert result is not None
    assert (result.state, result.failures) == (State.PLANNED, 0)
    assert result.due_at == NOW + timedelta(seconds=wait)


def test_a_lease_that_ended_before_anything_was_sent_costs_no_try() -> None:
    result = _after(Unavailable("lease", vendor="twilio", code="lease"), MAX_FAILURES)

    assert result is not None
    assert (result.state, result.failures, result.due_at) == (State.PLANNED, 0, NOW)


@given(st.integers(0, 40), st.sampled_from([Unavailable, BadCredentials]))
def test_failures_are_tried_again_within_bounds_until_a_person_has_to_look(
    failures: int, kind: type[ProviderError]
) -> None:
    result = _after(kind("down", vendor="sendgrid", code="503"), failures)

    assert result is not None
    if failures + 1 >= MAX_FAILURES:
        assert (result.state, result.due_at) == (State.DEAD, None)
    else:
        assert result.state is State.PLANNED
        assert result.due_at is not None
        assert NOW < result.due_at <= NOW + timedelta(seconds=LONGEST_RETRY_S)
        assert result.failures == 1


@given(st.integers(0, 10_000))
def test_waits_grow_and_stay_bounded(failures: int) -> None:
    assert 0.5 <= backoff_s(failures) <= LONGEST_RETRY_S
    if failures >= 10:
        assert backoff_s(failures) >= LONGEST_RETRY_S / 2
