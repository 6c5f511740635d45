"""Calls whose end nobody told us: the vendor is asked, and in doubt a caller gets their text.

Webhooks get lost: ours was down, theirs was. An open call is looked at a minute after it began and every half minute
from then; the question is leased, so that two processes do not both ask.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from psycopg.rows import DictRow

from leadwake import log
from leadwake.errors import DatabaseAway, ProviderError
from leadwake.providers.ports import CallStatus, Phone
from leadwake.storage.db import Database
from leadwake.workflows import incoming_calls, phone_calls
from leadwake.workflows.office import Office

_log = log.get(__name__)

TICK_S: Final = 5.0
#: when the vendor cannot say how a call stands, it counts as over after this long (business time)
DOUBT_AFTER: Final = timedelta(minutes=5)
#: no call lasts longer, Twilio ends it (business time)
LONGEST: Final = timedelta(hours=4)
#: states of an action from which no call comes any more
_NOT_PLACED: Final = frozenset({"blocked", "cancelled", "skipped", "expired", "unknown", "dead"})
_BATCH: Final = 20


class CallSweep:
    """Settles what hangs open. phone: who can be asked, None while Twilio is off."""

    def __init__(self, office: Office, phone: Callable[[], Phone | None]) -> None:
        self._office = office
        self._phone = phone

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            try:
                await self.tick()
            except DatabaseAway:
                _log.warning("calls_wait", reason="database away")
            except Exception:
                _log.exception("calls_failed")
            await asyncio.sleep(TICK_S * random.uniform(0.8, 1.2))  # noqa: S311 - keeps several processes out of step

    async def tick(self) -> int:
        """Every call that is due to be looked at has been; how many there were. Raises DatabaseAway."""
        db: Database = self._office.db
        rows = await db.all("calls_to_look_at", limit=_BATCH)
        for row in rows:
            try:
                await self._look_at(row)
            except DatabaseAway:
                raise
            except Exception:
                _log.exception("call_not_settled", call=str(row["id"]))
        return len(rows)

    async def _look_at(self, row: DictRow) -> None:
        if row["direction"] == "in":
            await self._inbound(row)
        elif row["action_state"] in _NOT_PLACED and row["state"] == "planned":
            await phone_calls.not_placed(self._office, row["id"], row["action_reason"] or row["action_state"])
        elif await self._is_over(row):
            await phone_calls.told(self._office, row["id"], row["ref"], CallStatus.COMPLETED)

    async def _inbound(self, row: DictRow) -> None:
        await incoming_calls.follow(self._office, row["id"])  # what a process that died had begun
        if await self._is_over(row):
            await incoming_calls.over(self._office, row["id"], was_connected=row["state"] == "talking")

    async def _is_over(self, row: DictRow) -> bool:
        """True when the vendor says so, or nobody can say and it would be over by now."""
        age: timedelta = self._office.clock.now() - row["at"]
        phone, ref = self._phone(), row["ref"]
        status = CallStatus.UNKNOWN
        if phone is not None and ref is not None:
            try:
                status = await phone.call_status(ref)
            except ProviderError as error:
                _log.warning("call_not_asked", call=str(row["id"]), reason=str(error))
        if status.is_over:
            return True
        if status is CallStatus.UNKNOWN:
            return age > (LONGEST if row["state"] == "talking" else DOUBT_AFTER)
        return age > LONGEST
