"""What vendors say later: status callbacks and event webhooks settle what is open and move what was sent on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.actions.states import State, after_delivery
from leadwake.providers.ports import Delivery, DeliveryStatus
from leadwake.storage.db import Connection, q

#: a carrier's temporary failure is tried again this many times, this long after
RETRIES = 2
RETRY_AFTER = timedelta(minutes=10)

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
    action_id = _uuid(delivery.action_id)
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
                "ref": delivery.ref,
                "failures": 1 if due_at else 0,
                "reason": delivery.reason,
                "accepted": accepted,
            },
        )
    ).fetchone()
    await _note(connection, action, delivery, now, state)
    assert row is not None
    return Moved(action, state, row["asked_at"], row["answered_asked_at"] is not None)


def _speaks_of_this(action: DictRow, delivery: Delivery, current: State) -> bool:
    """
    A report on an earlier attempt still says that the message is out, so a resend is no longer wanted; but only a
    resend, never an action that is planned for the first time.
    """
    if current is State.PLANNED:
        return action["attempt_id"] is not None and delivery.status is not DeliveryStatus.UNDELIVERED
    if current is State.SENDING and delivery.attempt_id is not None:
        return _uuid(delivery.attempt_id) == action["attempt_id"] or delivery.status is DeliveryStatus.DELIVERED
    return True


async def _note(connection: Connection, action: DictRow, delivery: Delivery, now: datetime, state: State) -> None:
    detail = {
        "vendor": delivery.vendor,
        "event": delivery.event_id,
        "code": delivery.code,
        "ref": delivery.ref,
        "status": delivery.status.value,
    }
    await connection.execute(
        q("attempt_note"),
        {
            "id": action["id"],
            "attempt_id": _uuid(delivery.attempt_id),
            "now": now,
            "event": "reported",
            "state": state.value,
            "detail": Jsonb({key: value for key, value in detail.items() if value is not None}),
        },
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
