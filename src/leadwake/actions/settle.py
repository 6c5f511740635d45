"""Results are written together: those of a few milliseconds, then whatever came in while a statement was under way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.outcomes import Result
from leadwake.clock import Clock
from leadwake.errors import DatabaseAway
from leadwake.storage.db import Database, is_refusal

_log = log.get(__name__)

#: the first result of a batch waits this long for others: the vendors of one lead answer within a few milliseconds
TOGETHER_S = 0.004
#: results in one statement at most; the live notice names each lead and has 8,000 bytes
BATCH = 150


class Settler:
    """
    Writes results, each only where the attempt is still ours.

    settled: called with the rows that were written (id, lead_id, kind, channel, purpose, state, claimed_at, asked_at)
    and the results. A result outlives a database that is away: it is kept and written when it is back.
    """

    def __init__(
        self, db: Database, clock: Clock, settled: Callable[[Sequence[DictRow], Sequence[Result]], Awaitable[None]]
    ) -> None:
        self._db = db
        self._clock = clock
        self._settled = settled
        self._waiting: list[Result] = []
        self._kick = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, result: Result) -> None:
        """The result will be written as soon as the database takes it."""
        self._waiting.append(result)
        self._idle.clear()
        self._kick.set()

    async def drained(self) -> None:
        """Returns when every result has been written."""
        await self._idle.wait()

    async def run(self) -> None:
        """Writes until cancelled."""
        while True:
            await self._kick.wait()
            self._kick.clear()
            await asyncio.sleep(TOGETHER_S)
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._write(batch)
            self._idle.set()

    async def _write(self, batch: Sequence[Result]) -> None:
        while True:
            try:
                rows = await self._db.all("settle", now=self._clock.now(), **_columns(batch))
                break
            except DatabaseAway:
                await asyncio.sleep(0.5)
            except Exception as error:
                if not is_refusal(error):
                    raise
                await asyncio.sleep(0.05)
        try:
            await self._settled(rows, batch)
        except Exception as error:
            if not isinstance(error, DatabaseAway) and not is_refusal(error):
                raise
            _log.warning("settled_unnoticed", actions=len(rows), reason=type(error).__name__)


def _columns(batch: Sequence[Result]) -> dict[str, list[object]]:
    return {
        "ids": [r.action_id for r in batch],
        "attempt_ids": [r.attempt_id for r in batch],
        "states": [r.state.value for r in batch],
        "due_ats": [r.due_at for r in batch],
        "failures": [r.failures for r in batch],
        "resends": [r.resends for r in batch],
        "duplicates": [r.possible_duplicate for r in batch],
        "refs": [r.ref for r in batch],
        "reasons": [r.reason for r in batch],
        "events": [r.event for r in batch],
    }
