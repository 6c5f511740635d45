"""What vendors say later: status callbacks and event webhooks settle what is open and move what was sent on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.actions.states import State, after_delivery
from leadwake.providers.http import Redaction
from leadwake.providers.ports import Delivery, DeliveryStatus
from leadwake.storage.db import Connection, q

#: a carrier's temporary failure is tried again this many times, this long after
RETRIES = 2
RETRY_AFTER = timedelta(minutes=10)

#: mailboxes and carriers put addresses and worse into their words
_clean = Redaction(())

#: states that nobody is working on, so that an earlier attempt may be sent again
_MAY_RETRY = frozenset({State.SENT, State.SENDING})


@dataclass(frozen=True, slots=True)
class Moved:
    """An action that a delivery moved on. asked_at: when its person had asked, None for other than instant replies."""

    action: DictRow
    state: State
    asked_at: datetime | None
    first_touch: bool


async def apply(
    connection: Connection, delivery: Delivery, now: datetime, is_temporary: Callable[[str], bool]
) -> Moved | None:
    """
    The action a delivery names stands where the vendor says; None when that is old news or no action of ours.

    Runs in the caller's transaction. is_temporary: says of a vendor's error code whether the same text may pass later.
    """
    action_id = own_id(delivery.action_id)
    if action_id is None:
        return None
    action = await (await connection.execute(q("action_for_delivery"), {"id": action_id})).fetchone()
    if action is None:
        return None
    current = State(action["state"])
    state = after_delivery(current, delivery.status)
    if state is None or not _speaks_of_this(action, delivery, current):
        await _note(connection, action, delivery, now, current)
        return None
    due_at = None
    if (
        state is State.UNDELIVERED
        and current in _MAY_RETRY
        and action["failures"] < RETRIES
        and is_temporary(delivery.code or "")
    ):
        state, due_at = State.PLANNED, now + RETRY_AFTER
    accepted = current in {State.SENDING, State.UNKNOWN, State.PLANNED}
    row = await (
        await connection.execute(
            q("action_delivery"),
            {
                "id": action_id,
                "state": state.value,
                "due_at": due_at,
                "now": now,
                "ref": _ref(delivery),
                "failures": 1 if due_at else 0,
                "reason": _clean(delivery.reason) if delivery.reason else None,
                "accepted": accepted,
            },
        )
    ).fetchone()
    await _note(connection, action, delivery, now, state)
    assert row is not None
    return Moved(action, state, row["asked_at"], row["answered_asked_at"] is not None)


def _speaks_of_this(action: DictRow, delivery: Delivery, current: State) -> bool:
    """
    Callbacks come late, doubled and in any order, about this attempt or an earlier one.

    That an earlier attempt is out after all counts: a resend is no longer wanted (never so for an action that is
    planned for the first time). That an earlier attempt did not get through says nothing of the one after it, and while
    a retry of it is planned, only its arrival is news.
    """
    is_failure = delivery.status is DeliveryStatus.UNDELIVERED
    if current is State.PLANNED:
        known_to_have_failed = delivery.ref is not None and delivery.ref == action["vendor_ref"]
        if known_to_have_failed and delivery.status is not DeliveryStatus.DELIVERED:
            return False
        return action["attempt_id"] is not None and not is_failure
    is_this_attempt = delivery.attempt_id is None or own_id(delivery.attempt_id) == action["attempt_id"]
    if current is State.SENDING:
        return is_this_attempt or delivery.status is DeliveryStatus.DELIVERED
    return is_this_attempt or not is_failure


async def _note(connection: Connection, action: DictRow, delivery: Delivery, now: datetime, state: State) -> None:
    detail = {
        "vendor": delivery.vendor,
        "event": _clean(delivery.event_id),
        "code": _clean(delivery.code) if delivery.code else None,
        "ref": _ref(delivery),
        "status": delivery.status.value,
    }
    await connection.execute(
        q("attempt_note"),
        {
            "id": action["id"],
            "attempt_id": own_id(delivery.attempt_id),
            "now": now,
            "event": "reported",
            "state": state.value,
            "detail": Jsonb({key: value for key, value in detail.items() if value is not None}),
        },
    )


def _ref(delivery: Delivery) -> str | None:
    """The vendor's id of the message, if it is one that can be kept."""
    ref = delivery.ref
    return ref[:200] if ref and ref.isascii() and ref.isprintable() else None


def own_id(text: str | None) -> UUID | None:
    """An id of ours as a vendor gave it back; None for anything else."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
