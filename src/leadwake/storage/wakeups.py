"""Wake-ups for workers, written in the transaction that makes work necessary: rows of the job library's table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from leadwake.storage.db import Connection, q

#: instant: answers to people; replies: what people said and vendors report; bulk: imports and campaigns
QUEUES = ("instant", "replies", "bulk")


async def defer(connection: Connection, queue: str, jobs: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """The jobs (task name, arguments) exist when the connection's transaction commits."""
    if not jobs:
        return
    await connection.execute(
        q("jobs_defer"),
        {
            "queues": [queue] * len(jobs),
            "tasks": [task for task, _ in jobs],
            "priorities": [0] * len(jobs),
            "args": [json.dumps(arguments) for _, arguments in jobs],
        },
    )


async def wake(connection: Connection, actions: Sequence[tuple[str, UUID]], queue: str = "instant") -> None:
    """Somebody looks at the actions, (channel, id) each, as soon as the connection's transaction commits."""
    if actions:
        await defer(connection, queue, [("attempt", {"actions": attempt_arguments(actions)})])


def attempt_arguments(actions: Iterable[tuple[str, UUID]]) -> dict[str, list[str]]:
    """The `actions` of an `attempt` job for (channel, action id): {"sms": ["…"], "email": […]}."""
    by_channel: dict[str, list[str]] = {}
    for channel, action_id in actions:
        by_channel.setdefault(channel, []).append(str(action_id))
    return by_channel
