"""What CRMs said, done, and what they are to be told, planned.

Each CRM by itself, so that one that hangs keeps the other's news waiting for nothing.

A row of `crm_event` is the truth; whoever takes it has it for a while, and when they die somebody else takes it.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Mapping
from typing import Final

from psycopg.rows import DictRow

from leadwake import log
from leadwake.errors import DatabaseAway, ProviderError, Throttled
from leadwake.providers.ports import Crm
from leadwake.storage.db import q
from leadwake.vendors import CRMS
from leadwake.workflows import crm_deals, crm_notes, crm_poll, crm_stages
from leadwake.workflows.crm_doing import Doing
from leadwake.workflows.office import Office

_log = log.get(__name__)

TICK_S: Final = 1.0
#: each so many looks it is looked what the CRM is to be told
PUSH_TURNS: Final = 5
#: what was taken is done by then, or somebody else takes it; a batch of slow answers fits
LEASE_S: Final = 300.0
#: after so many tries a person has to look; the page says so and offers to try again
MAX_TRIES: Final = 12
LONGEST_WAIT_S: Final = 3600.0
_BATCH: Final = 10


class CrmSync:
    """The news of every CRM. crms: those that are on now, by name."""

    def __init__(self, office: Office, crms: Callable[[], Mapping[str, Crm]]) -> None:
        self._office = office
        self._crms = crms

    async def run(self) -> None:
        """Looks until cancelled."""
        async with asyncio.TaskGroup() as group:
            for vendor in CRMS:
                group.create_task(self._follow(vendor), name=f"{vendor} news")

    async def _follow(self, vendor: str) -> None:
        turns = itertools.count()
        while True:
            try:
                if await self._is_waiting(vendor):
                    while await self.tick(vendor) == _BATCH:
                        pass
                if next(turns) % PUSH_TURNS == 0:
                    await crm_notes.plan_due(self._office, vendor)
                    await crm_deals.plan_due(self._office, vendor)
                    if crm := self._crms().get(vendor):
                        await crm_stages.read_due(self._office, vendor, crm)
                        await crm_poll.poll_due(self._office, vendor, crm)
            except DatabaseAway:
                _log.warning("crm_news_wait", vendor=vendor, reason="database away")
            except Exception:
                _log.exception("crm_news_failed", vendor=vendor)
            await asyncio.sleep(TICK_S * random.uniform(0.8, 1.2))  # noqa: S311 - keeps several processes out of step

    async def _is_waiting(self, vendor: str) -> bool:
        """True when a look will find something: most find nothing, and cost one small query, no transaction."""
        row = await self._office.db.one("crm_events_waiting", vendor=vendor)
        return row is not None and row["any"]

    async def tick(self, vendor: str) -> int:
        """What is due of this CRM was done, or waits for its next try; how much there was. Raises DatabaseAway."""
        async with self._office.db.transaction() as connection:
            values = {"vendor": vendor, "limit": _BATCH, "lease_s": LEASE_S}
            rows = await (await connection.execute(q("crm_events_take"), values)).fetchall()
        doing = Doing(self._office, vendor, self._crms().get(vendor))
        for row in sorted(rows, key=lambda row: row["id"]):
            await self._try(doing, row)
        return len(rows)

    async def _try(self, doing: Doing, row: DictRow) -> None:
        db = self._office.db
        try:
            reason = await doing.do(row)
        except DatabaseAway:
            raise
        except Throttled as error:
            wait_s = error.retry_after_s or 10.0
            await db.run("crm_events_wait", vendor=row["vendor"], wait_s=wait_s)
            await db.run("crm_event_later", id=row["id"], wait_s=wait_s, reason=str(error)[:200])
        except Exception as error:
            if not isinstance(error, ProviderError):
                _log.exception("crm_event_failed", vendor=row["vendor"], event=row["id"])
            await self._later(row, str(error)[:200] if isinstance(error, ProviderError) else type(error).__name__)
        else:
            await db.run("crm_event_done", id=row["id"], state="done", reason=reason)

    async def _later(self, row: DictRow, reason: str) -> None:
        if row["tries"] >= MAX_TRIES:
            await self._office.db.run("crm_event_failed", id=row["id"], reason=reason)
        else:
            wait_s = min(2.0 ** row["tries"], LONGEST_WAIT_S)
            await self._office.db.run("crm_event_later", id=row["id"], wait_s=wait_s, reason=reason)
