"""What is done by the clock and may take its time: retention, keys, the vault's copies, erasures' late news, and looks
at what others have to approve (the carriers' registration, the mail domain's records).

Apart from the pump, which must not wait for it. Every worker process looks; each chore is safe to be done by two at
once, and a lock of its own keeps them from doing so.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import psycopg

from leadwake import log
from leadwake.errors import ConfigError, DatabaseAway
from leadwake.ops import backups, erasure, key_change, kpi_metrics, proof_days, retention, watching
from leadwake.storage import vault_copy
from leadwake.workflows import calendly_hook, digest_planning, mail_domain, recovery, registration
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: how often it is looked whether something is to be done
TICK_S: Final = 30.0
_LOCK: Final = 7_230_006
#: of what takes minutes: the others do not wait for it
_SLOW_LOCK: Final = 7_230_007

Chore = Callable[[Office], Awaitable[object]]


class Chores:
    """The chores of one process. slow: those that may take minutes, on a lock and a loop of their own."""

    def __init__(self, office: Office, *, slow: bool = False) -> None:
        self._office = office
        self._lock, self._chores = (_SLOW_LOCK, _SLOW) if slow else (_LOCK, _QUICK)

    async def run(self) -> None:
        """Looks until cancelled; the first time at once, so that what a crash cut off goes on."""
        while True:
            await self.tick()
            await asyncio.sleep(self._tick_s() * random.uniform(0.8, 1.2))  # noqa: S311 - keeps several processes out of step

    def _tick_s(self) -> float:
        """Real seconds; where business time runs fast, within an hour of it: digests are due for three."""
        return min(TICK_S, max(1.0, self._office.clock.real_seconds(timedelta(hours=1))))

    async def tick(self) -> None:
        """Whatever is due is done; what fails is logged and tried again."""
        with suppress(DatabaseAway):
            await self._locked(self._all)

    async def _locked(self, work: Callable[[], Awaitable[None]]) -> None:
        """On a connection of its own: the lock is the session's, held while many short transactions are made."""
        try:
            connection = await psycopg.AsyncConnection.connect(self._office.db.url, autocommit=True, connect_timeout=3)
        except psycopg.OperationalError as error:
            raise DatabaseAway(str(error)) from error
        async with connection:
            row = await (await connection.execute("select pg_try_advisory_lock(%s)", [self._lock])).fetchone()
            if row and row[0]:
                await work()

    async def _all(self) -> None:
        office = self._office
        for name, chore in self._chores:
            try:
                await chore(office)
            except DatabaseAway:
                raise
            except ConfigError as error:
                _log.error("chore_refused", chore=name, reason=str(error))
            except Exception:
                _log.exception("chore_failed", chore=name)


async def _copy(office: Office) -> None:
    await vault_copy.keep(office.db, office.base_settings.vault_dir)


_QUICK: Final[tuple[tuple[str, Chore], ...]] = (
    ("erasures", erasure.follow_up),
    ("keys", key_change.change_if_due),
    ("vault_copy", _copy),
    ("retention", retention.run_if_due),
    ("proof", proof_days.keep),
    ("registration", registration.ask_if_due),
    ("mail_domain", mail_domain.check_if_due),
    ("calendly_hook", calendly_hook.check_if_due),
    ("digest", digest_planning.plan_due),
    ("recovery", recovery.run_if_due),
    ("operations", watching.watch),
    ("kpis", kpi_metrics.show_if_due),
)
_SLOW: Final[tuple[tuple[str, Chore], ...]] = (
    ("backup", backups.make_if_due),
    ("rehearsal", backups.rehearse_if_due),
)
