"""What an answer, an error or a silence means for an action."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadwake.actions.states import State
from leadwake.errors import BadCredentials, NotYet, OutcomeUnknown, ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers.ports import Accepted

#: failed attempts after which an action is a dead letter; waiting for an open circuit spends none
MAX_FAILURES = 10
#: seconds between attempts: doubled each time, to at most this, with jitter
FIRST_RETRY_S, LONGEST_RETRY_S = 1.0, 300.0
#: seconds until an endpoint of somebody else's is tried again, each a fifth more or less by chance: 27 hours in all
WEBHOOK_RETRY_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
#: what cannot be done yet is asked for again after this long (business time); that is no failure
NOT_YET_S = 30.0
#: how long a vendor that refuses our credentials is left alone
CREDENTIALS_PAUSE_S = 60.0


@dataclass(frozen=True, slots=True)
class Result:
    """What to write for one attempt. due_at: set when it is to be tried again."""

    action_id: UUID
    attempt_id: UUID
    state: State
    event: str
    reason: str | None = None
    ref: str | None = None
    due_at: datetime | None = None
    failures: int = 0
    resends: int = 0
    possible_duplicate: bool = False
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a failing call is tried. most: failures that make a dead letter; wait_s: after so many before."""

    most: int
    wait_s: Callable[[int], float]


def accepted(action_id: UUID, attempt_id: UUID, answer: Accepted) -> Result:
    """The vendor took it."""
    return Result(action_id, attempt_id, State.SENT, "accepted", ref=answer.ref)


def of_error(
    action_id: UUID,
    attempt_id: UUID,
    failures: int,
    error: ProviderError,
    now: datetime,
    *,
    spends: bool = True,
    patience: Patience | None = None,
) -> Result | None:
    """
    What a failed call leads to; None for an outcome nobody knows: the action stays `sending` until it is reconciled.

    failures: failed attempts before this one. now: business time.
    spends: False for the call that tries whether a failing vendor is back: its failure says nothing of the message that
    happened to be chosen for it. patience: as vendors need it, where nobody says.
    """
    patience = patience or VENDORS_PATIENCE
    if isinstance(error, OutcomeUnknown):
        return None
    reason = _said(error)
    if isinstance(error, Rejected) and not isinstance(error, BadCredentials):
        return Result(action_id, attempt_id, State.DEAD, "rejected", reason, opted_out=error.opted_out)
    if isinstance(error, NotYet):
        due_at = now + timedelta(seconds=NOT_YET_S)
        return Result(action_id, attempt_id, State.PLANNED, "not_yet", reason, due_at=due_at)
    if isinstance(error, Throttled):
        wait = error.retry_after_s if error.retry_after_s is not None else patience.wait_s(failures)
        return Result(action_id, attempt_id, State.PLANNED, "throttled", reason, due_at=now + timedelta(seconds=wait))
    if isinstance(error, Unavailable) and error.code == "lease":
        return Result(action_id, attempt_id, State.PLANNED, "lease_lost", reason, due_at=now)
    if spends and failures + 1 >= patience.most:
        return Result(action_id, attempt_id, State.DEAD, "gave_up", reason, failures=1)
    wait = (
        CREDENTIALS_PAUSE_S if isinstance(error, BadCredentials) else error.retry_after_s or patience.wait_s(failures)
    )
    return Result(
        action_id,
        attempt_id,
        State.PLANNED,
        "failed",
        reason,
        due_at=now + timedelta(seconds=wait),
        failures=int(spends),
    )


def backoff_s(failures: int) -> float:
    """Seconds to wait after so many failures: exponential, with jitter of a half, so that retries spread out."""
    longest = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(failures, 16))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret


def webhook_backoff_s(failures: int) -> float:
    """Seconds to wait after so many failures of a delivery."""
    return WEBHOOK_RETRY_S[min(failures, len(WEBHOOK_RETRY_S) - 1)] * random.uniform(0.8, 1.2)  # noqa: S311 - as above


VENDORS_PATIENCE = Patience(MAX_FAILURES, backoff_s)
WEBHOOKS_PATIENCE = Patience(len(WEBHOOK_RETRY_S) + 1, webhook_backoff_s)


def _said(error: ProviderError) -> str:
    """The vendor's code and words, short; adapters keep secrets and personal data out of them."""
    return f"{error.vendor} {error.code}: {error}"[:300] if error.code else f"{error.vendor}: {error}"[:300]
