"""How many calls a vendor may have now: by the second over all processes, by the day over restarts, too."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from leadwake.errors import Throttled
from leadwake.rates import Limit
from leadwake.settings import Settings
from leadwake.storage.buckets import Buckets, MemoryBuckets, shared
from leadwake.storage.db import Database, q
from leadwake.vendors import VENDORS

#: how many processes share the limits is asked this often
_COUNT_S: Final = 5.0
#: what questions that nobody waits for may have of a second's calls, and up to which part of a day's
READ_SHARE: Final = 0.5
READ_DAY_SHARE: Final = 0.8
_LEAST_WAIT_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Permit:
    """Calls that may be made now. wait_s: until one more may. used_up: the day's limit, when that is what ends them."""

    calls: int
    wait_s: float = 0.0
    used_up: int | None = None


class Limiter:
    """
    What each vendor's account and sender may be asked, as the settings say.

    settings: those in force now. now: business time; its date in the team's zone is the day.
    """

    def __init__(self, db: Database, settings: Callable[[], Settings], now: Callable[[], datetime]) -> None:
        self._db, self._settings, self._now = db, settings, now
        self._processes, self._counted_at = 1, float("-inf")
        self._redis_url = ""
        self._buckets: Buckets = MemoryBuckets(lambda: self._processes)

    async def take(self, vendor: str, wanted: int) -> Permit:
        """How many of the wanted calls may be made now. Raises DatabaseAway."""
        limit = self._settings().limit(vendor)
        permit = Permit(wanted)
        if limit.per_s is not None:
            buckets = await self._shared()
            taken = await buckets.take(self._account(vendor), limit.per_s, limit.burst, wanted)
            permit = Permit(taken.granted, taken.wait_s)
        if limit.per_day is None or permit.calls == 0:
            return permit
        today = await self._of_day(vendor, limit.per_day, permit.calls)
        if today == permit.calls:
            return permit
        await self._return(vendor, limit, permit.calls - today)
        return Permit(today, self._until_tomorrow_s(), limit.per_day)

    async def take_to_read(self, vendor: str) -> Permit:
        """
        Whether a question that nobody waits for may be asked now.

        Such questions get at most READ_SHARE of the calls a second, and of a day those that leave its last part to what
        is written: however much there is to ask, half of the rate and the end of the day are not theirs. Raises
        DatabaseAway.
        """
        limit = self._settings().limit(vendor)
        if limit.per_day is not None and await self._used(vendor) >= limit.per_day * READ_DAY_SHARE:
            return Permit(0, self._until_tomorrow_s(), limit.per_day)
        if limit.per_s is None:
            return await self.take(vendor, 1)
        share, key = Limit(limit.per_s * READ_SHARE), f"{self._account(vendor)}:reads"
        buckets = await self._shared()
        taken = await buckets.take(key, limit.per_s * READ_SHARE, share.burst, 1)
        if not taken.granted:
            return Permit(0, taken.wait_s)
        permit = await self.take(vendor, 1)
        if not permit.calls:
            await buckets.take(key, limit.per_s * READ_SHARE, share.burst, -1)
        return permit

    async def before_reading(self, vendor: str) -> None:
        """
        Returns once a question that nobody waits for may be asked.

        Raises Throttled when the day has no call left for it, DatabaseAway.
        """
        while not (permit := await self.take_to_read(vendor)).calls:
            if permit.used_up is not None:
                said = f"{vendor} has had today's calls, but for those that write"
                raise Throttled(said, vendor=vendor, code="DAILY", retry_after_s=permit.wait_s)
            await asyncio.sleep(max(_LEAST_WAIT_S, permit.wait_s))

    async def give_back(self, vendor: str, unused: int) -> None:
        """So many of those that were granted became no call after all. Raises DatabaseAway."""
        limit = self._settings().limit(vendor)
        await self._return(vendor, limit, unused)
        if limit.per_day is not None and unused:
            await self._db.run("vendor_day_count", account=self._account(vendor), day=self._today(), number=-unused)

    async def owe(self, vendor: str, more: int) -> None:
        """One call was so many requests more: the next ones wait for it. Raises DatabaseAway."""
        limit = self._settings().limit(vendor)
        if limit.per_s is not None:
            await (await self._shared()).owe(self._account(vendor), limit.per_s, limit.burst, more)
        if limit.per_day is not None:
            await self._db.run("vendor_day_count", account=self._account(vendor), day=self._today(), number=more)

    async def aclose(self) -> None:
        """Nothing is held any more."""
        await self._buckets.aclose()

    async def _return(self, vendor: str, limit: Limit, unused: int) -> None:
        if limit.per_s is not None and unused:
            await self._buckets.take(self._account(vendor), limit.per_s, limit.burst, -unused)

    async def _of_day(self, vendor: str, most: int, wanted: int) -> int:
        values = {"account": self._account(vendor), "day": self._today()}
        async with self._db.transaction() as connection:
            row = await (await connection.execute(q("vendor_day_lock"), values)).fetchone()
            granted = min(wanted, max(0, most - (row["used"] if row else 0)))
            if granted:
                await connection.execute(q("vendor_day_count"), values | {"number": granted})
        return granted

    async def _used(self, vendor: str) -> int:
        row = await self._db.one("vendor_day_used", account=self._account(vendor), day=self._today())
        return row["used"] if row else 0

    async def _shared(self) -> Buckets:
        """Redis's where there is one; else this process's, which knows how many others there are."""
        if (url := self._settings().get("REDIS_URL")) != self._redis_url:
            old, alone = self._buckets, MemoryBuckets(lambda: self._processes)
            self._redis_url = url
            self._buckets = shared(url, alone) if url else alone
            await old.aclose()
        if (now := asyncio.get_running_loop().time()) - self._counted_at > _COUNT_S:
            row = await self._db.one("worker_processes")
            self._processes, self._counted_at = max(1, row["n"] if row else 1), now
        return self._buckets

    def _account(self, vendor: str) -> str:
        """The vendor and what the limit is of: two teams on one Redis share it only where they share the account."""
        settings = self._settings()
        of = [settings.credential(vendor, name) for name in VENDORS[vendor].needs]
        return f"{vendor}:{hashlib.sha256(repr(of).encode()).hexdigest()[:16]}"

    def _today(self) -> date:
        return self._now().astimezone(self._settings().time_zone).date()

    def _until_tomorrow_s(self) -> float:
        begin = datetime.combine(self._today() + timedelta(days=1), time(), self._settings().time_zone)
        return max(1.0, (begin - self._now()).total_seconds())
