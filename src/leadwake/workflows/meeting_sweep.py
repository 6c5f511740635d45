"""Meetings that nobody told us enough about: when they are, whether their time has passed, who came.

Webhooks say less than the booking itself (an older shape has no time, no-shows may be told to nobody) and get lost.
So the scheduler is asked: at once for a time that was not told, and twice after each meeting.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from psycopg.rows import DictRow

from leadwake import log
from leadwake.domain.meetings import Booking, Word
from leadwake.errors import AnomalousPayload, DatabaseAway, ProviderError, Rejected, Throttled
from leadwake.intake.calendly import read_booking, read_time
from leadwake.providers.ports import Scheduler
from leadwake.workflows import meetings
from leadwake.workflows.office import Office

_log = log.get(__name__)

TICK_S: Final = 2.0
#: what could not be asked is asked again after (business time)
AGAIN_AFTER: Final = timedelta(minutes=5)
_BATCH: Final = 5


class MeetingSweep:
    """scheduler: who can be asked, None while Calendly is off."""

    def __init__(self, office: Office, scheduler: Callable[[], Scheduler | None]) -> None:
        self._office = office
        self._scheduler = scheduler

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            try:
                await self.tick()
            except DatabaseAway:
                _log.warning("meetings_wait", reason="database away")
            except Exception:
                _log.exception("meetings_failed")
            await asyncio.sleep(TICK_S * random.uniform(0.8, 1.2))  # noqa: S311 - keeps several processes out of step

    async def tick(self) -> None:
        """What is over counts as held, and whatever is due to be asked has been. Raises DatabaseAway."""
        await meetings.pass_over(self._office)
        scheduler, now = self._scheduler(), self._office.clock.now()
        if scheduler is None:
            return
        values = {"now": now, "again_at": now + AGAIN_AFTER, "limit": _BATCH}
        for row in await self._office.db.all("meetings_to_look_at", **values):
            try:
                await self._look(scheduler, row)
            except (Rejected, AnomalousPayload) as error:
                _log.warning("meeting_not_there", meeting=str(row["id"]), reason=str(error))
                await self._office.db.run("meeting_looked", id=row["id"], look_at=None)
            except Throttled:
                return
            except ProviderError as error:
                _log.warning("meeting_not_asked", meeting=str(row["id"]), reason=error.code)

    async def _look(self, scheduler: Scheduler, row: DictRow) -> None:
        asked_at = datetime.now(UTC)  # by the vendor's clock, which business time is not
        if row["starts_at"] is None:
            time = read_time(await scheduler.event(row["event_ref"]))
            booking = Booking(row["vendor"], row["ref"], Word.BOOKED, asked_at, asked_at, time=time)
        else:
            booking = read_booking(await scheduler.booking(row["ref"]), asked_at)
        await meetings.told(self._office, booking)
