"""The states of an action and what may follow what; docs/lifecycle.md draws them."""

from __future__ import annotations

from enum import StrEnum

from leadwake.providers.ports import DeliveryStatus


class State(StrEnum):
    """Where an action stands."""

    PLANNED = "planned"
    DEFERRED = "deferred"  # the gate said later
    SENDING = "sending"  # one worker holds it, until its lease ends
    SENT = "sent"  # the vendor took it
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    BOUNCED = "bounced"
    BLOCKED = "blocked"  # the gate said no
    CANCELLED = "cancelled"  # a stop, or a newer fact
    SKIPPED = "skipped"  # nothing to send with, or nowhere to send it
    EXPIRED = "expired"  # too late to be of use
    UNKNOWN = "unknown"  # accepted or not? a person decides
    DEAD = "dead"  # a dead letter: a person decides


OPEN = frozenset({State.PLANNED, State.DEFERRED})
DEAD_LETTERS = frozenset({State.DEAD, State.UNKNOWN})
#: states in which the vendor has, or may have, the message
OUT = frozenset({State.SENDING, State.SENT, State.DELIVERED, State.UNDELIVERED, State.BOUNCED, State.UNKNOWN})

#: a delivery never moves a message back
_RANK = {
    State.PLANNED: 0,
    State.SENDING: 0,
    State.UNKNOWN: 0,
    State.SENT: 1,
    State.DELIVERED: 2,
    State.UNDELIVERED: 3,
    State.BOUNCED: 3,
}

_DELIVERY = {
    DeliveryStatus.ACCEPTED: State.SENT,
    DeliveryStatus.SENT: State.SENT,
    DeliveryStatus.DEFERRED: State.SENT,
    DeliveryStatus.DELIVERED: State.DELIVERED,
    DeliveryStatus.OPENED: State.DELIVERED,
    DeliveryStatus.CLICKED: State.DELIVERED,
    DeliveryStatus.COMPLAINED: State.DELIVERED,
    DeliveryStatus.UNSUBSCRIBED: State.DELIVERED,
    DeliveryStatus.UNDELIVERED: State.UNDELIVERED,
    DeliveryStatus.BOUNCED: State.BOUNCED,
}


def after_delivery(current: State, status: DeliveryStatus) -> State | None:
    """The state a vendor's report leads to; None when it is old news, or no news."""
    new = _DELIVERY.get(status)
    if new is None or current not in _RANK:
        return None
    return new if _RANK[new] > _RANK[current] else None
