"""Leads of which a vendor only told the id: what they wrote is fetched, a few at a time, and then understood.

Apart from the jobs, so that a vendor that hangs holds up nothing else. What is under way here is in memory only: the
capture's row says that it waits, and the pump brings it back.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from leadwake import log
from leadwake.actions.circuit import Circuit
from leadwake.actions.outcomes import CREDENTIALS_PAUSE_S
from leadwake.errors import BadCredentials, DatabaseAway, ProviderError, Rejected, Throttled
from leadwake.intake.doors import FETCHED
from leadwake.metrics import VENDOR_REQUEST
from leadwake.providers.ports import LeadAds
from leadwake.storage.db import q
from leadwake.tasks import end
from leadwake.workflows import intake
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: calls under way, and leads that wait for one; more than that the pump brings back later
CALLS: Final = 8
_MOST_WAITING: Final = 1_000
#: the first look after a failure
AGAIN_S: Final = 5.0
#: a lead that the vendor says it does not have is asked for this long: it tells us of leads before it can show them
GONE_AFTER_S: Final = 600.0
#: any other refusal of one lead is given up before the ledger misses it
REFUSED_AFTER_S: Final = 20 * 3600.0
#: the vendor's word for "no such lead, or not for you"
_NO_SUCH_LEAD: Final = "100"


class Fetcher:
    """What fetches in this process. source: the adapter in use now, None while the vendor is off."""

    def __init__(
        self, office: Office, source: Callable[[], LeadAds | None], circuit_changed: Callable[[Circuit], None]
    ) -> None:
        self._office = office
        self._source = source
        self._circuit = Circuit("meta", changed=circuit_changed)
        self._waiting: asyncio.Queue[tuple[UUID, str]] = asyncio.Queue(_MOST_WAITING)
        self._known: set[UUID] = set()

    async def run(self) -> None:
        """Fetches until cancelled; what an earlier process could not fetch is tried at once."""
        with contextlib.suppress(DatabaseAway):
            await self._awaken()
        workers = [asyncio.create_task(self._work(), name="fetch") for _ in range(CALLS)]
        try:
            await asyncio.gather(*workers)
        finally:
            await end(workers)

    def offer(self, capture_id: UUID, door: str, lead_id: str) -> None:
        """The lead is fetched as soon as there is room; one that is under way already is not fetched twice."""
        del door  # one vendor so far
        if capture_id in self._known or self._waiting.full():
            return
        self._known.add(capture_id)
        self._waiting.put_nowait((capture_id, lead_id))

    async def settings_changed(self) -> None:
        """A token may have been entered or mended: nobody waits for the old one's pause."""
        self._circuit.succeeded()
        await self._awaken()

    async def _awaken(self) -> None:
        await self._office.db.run("captures_awaken", doors=list(FETCHED))

    async def _work(self) -> None:
        while True:
            capture_id, lead_id = await self._waiting.get()
            try:
                await self._fetch(capture_id, lead_id)
            except DatabaseAway:
                _log.warning("fetch_postponed", capture=str(capture_id), reason="database away")
            except Exception:
                _log.exception("fetch_failed", capture=str(capture_id))
            finally:
                self._known.discard(capture_id)

    async def _fetch(self, capture_id: UUID, lead_id: str) -> None:
        source = self._source()
        await self._ask(source, capture_id, lead_id)
        if self._source() is not source:
            await self.settings_changed()  # what the former token met counts no more

    async def _ask(self, source: LeadAds | None, capture_id: UUID, lead_id: str) -> None:
        if source is None:
            await self._wait(capture_id, "meta: no page token is set", CREDENTIALS_PAUSE_S)
            return
        if not self._circuit.free(1):
            await self._wait(capture_id, f"meta: {self._circuit.reason or 'it fails'}", self._circuit.wait_s + 0.5)
            return
        self._circuit.took()
        began = time.monotonic()
        try:
            found = await source.fetch_lead(lead_id)
        except ProviderError as error:
            VENDOR_REQUEST.labels("meta", type(error).__name__).observe(time.monotonic() - began)
            await self._failed(capture_id, error)
            return
        except BaseException:
            self._circuit.let_go()
            raise
        VENDOR_REQUEST.labels("meta", "ok").observe(time.monotonic() - began)
        self._circuit.succeeded()
        await intake.understand_again(self._office, capture_id, found=found)

    async def _failed(self, capture_id: UUID, error: ProviderError) -> None:
        """What the vendor said decides how long the lead waits, and whether the others wait with it."""
        _log.warning("lead_not_fetched", capture=str(capture_id), vendor="meta", reason=error.code)
        match error:
            case BadCredentials():
                self._circuit.failed("refused our credentials", at_once_s=CREDENTIALS_PAUSE_S)
            case Rejected():
                self._circuit.succeeded()  # it is there, and this one lead is the trouble
            case Throttled():
                self._circuit.failed("asks for patience", at_once_s=error.retry_after_s or AGAIN_S)
            case _:
                self._circuit.failed("is failing")
        age_s = await self._wait(capture_id, f"meta: {error}"[:200], max(AGAIN_S, self._circuit.wait_s))
        if isinstance(error, Rejected) and not isinstance(error, BadCredentials):
            patience_s = GONE_AFTER_S if error.code == _NO_SUCH_LEAD else REFUSED_AFTER_S
            if age_s is not None and age_s > patience_s:
                await self._office.db.run("capture_reject", id=capture_id, reason=f"meta: {error}"[:200])

    async def _wait(self, capture_id: UUID, reason: str, least_s: float) -> float | None:
        """The capture is looked at again later; how old it is, None when it is settled already."""
        values: dict[str, Any] = {"id": capture_id, "reason": reason, "least_s": least_s}
        async with self._office.db.transaction() as connection:
            row = await (await connection.execute(q("capture_waits"), values)).fetchone()
        return row["age_s"] if row else None
