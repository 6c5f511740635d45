"""Outgoing webhooks on their way: a dispatcher of their own, so that a slow endpoint slows no message to a lead.

The database plans a delivery where something happens (`webhook_publish`), and says so; whoever listens takes what is
due.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

from leadwake import log
from leadwake.actions.circuit import Circuit
from leadwake.actions.claims import Claimed, Judgement
from leadwake.actions.dispatch import ClaimMany, Dispatcher
from leadwake.actions.limits import Permit
from leadwake.actions.outcomes import WEBHOOKS_PATIENCE
from leadwake.actions.settle import Settler
from leadwake.actions.states import State
from leadwake.domain.webhook_types import TEST, WITHOUT_LEAD
from leadwake.errors import DatabaseAway, ProviderError, Throttled
from leadwake.metrics import VENDOR_REQUEST
from leadwake.providers.ports import WebhookDelivery
from leadwake.providers.webhook import SLOTS
from leadwake.storage.db import is_refusal
from leadwake.tasks import end
from leadwake.workflows.composing import Errand
from leadwake.workflows.office import Office
from leadwake.workflows.webhook_deliveries import Deliveries

_log = log.get(__name__)

#: retries are looked for this often; what is new is told at once
TICK_S: Final = 2.0
#: a test event is of no use any more (business time), and no dead letter
TEST_FOR: Final = timedelta(minutes=15)
#: an endpoint that asks us to slow down is looked at again after this long at most
LONGEST_HOLD_S: Final = 300.0
#: of one endpoint in one look
_LOOK: Final = 200
#: the lane of an endpoint, and its name where vendors have one
_LANE: Final = "webhook "


def judge(errand: Errand) -> Judgement:
    """Whether the endpoint still wants to hear of it, and may."""
    row = errand.row
    about = row["webhook"]
    if about is None or not about["has_endpoint"]:
        return Judgement(State.CANCELLED, "endpoint_gone")
    if about["is_paused"] and about["type"] != TEST:
        return Judgement(State.SKIPPED, "endpoint_paused")
    if about["type"] == TEST and errand.now - row["created_at"] > TEST_FOR:
        return Judgement(State.EXPIRED, "too_late")
    if about["type"] not in WITHOUT_LEAD:
        if about["is_erased"]:
            return Judgement(State.CANCELLED, "erased")
        if about["is_restricted"]:
            return Judgement(State.BLOCKED, "restricted")
    return Judgement(State.SENDING, outgoing=WebhookDelivery(row["cause_id"], UUID(row["recipient"])))


class _Unlimited:
    """Endpoints have no limits that we knew of beforehand; they say so when they have."""

    async def take(self, vendor: str, wanted: int) -> Permit:
        del vendor
        return Permit(wanted)

    async def give_back(self, vendor: str, unused: int) -> None:
        del vendor, unused

    async def owe(self, vendor: str, more: int) -> None:
        del vendor, more


class Webhooks:
    """Takes what is due to the endpoints' own slots. claim: of the workers; heard: something was planned."""

    def __init__(self, office: Office, settler: Settler, claim: ClaimMany) -> None:
        self._office = office
        self._deliveries = Deliveries(office)
        self._planned = asyncio.Event()
        self.dispatcher = Dispatcher(
            office.clock, settler, claim, self._deliveries, _Unlimited(), circuit_changed=lambda _: None,
            called=_called, slots=SLOTS, failed=_judge_endpoint, patience=WEBHOOKS_PATIENCE,
        )  # fmt: skip

    def heard(self, payload: str | None = None) -> None:
        """Something may be due."""
        del payload
        self._planned.set()

    async def run(self) -> None:
        """Delivers until cancelled."""
        delivering = asyncio.create_task(self.dispatcher.run(), name="deliveries")
        try:
            while not delivering.done():
                await self._look()
            delivering.result()  # it never ends by itself: the process is taken down, and supervised
        finally:
            await end([delivering])

    async def stop(self, seconds: float) -> None:
        """Nothing new is begun; deliveries under way have ended, or `seconds` are over."""
        await self.dispatcher.stop(seconds)
        await self._deliveries.aclose()

    async def _look(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(TICK_S * random.uniform(0.8, 1.2)):  # noqa: S311 - spreads several processes
                await self._planned.wait()
        self._planned.clear()
        try:
            await self.look()
        except DatabaseAway:
            await asyncio.sleep(0.5)
        except Exception as error:
            if not is_refusal(error):
                _log.exception("webhooks_not_looked_for")

    async def look(self) -> int:
        """What is due is handed over; how many there were. Raises DatabaseAway."""
        found = await self._office.db.all("webhooks_due", now=self._office.clock.now(), limit=_LOOK)
        for row in found:
            self.dispatcher.offer(f"{_LANE}{row['recipient']}", [row["id"]])
        if len(found) >= _LOOK > self.dispatcher.load - len(found):
            self._planned.set()  # there is more, and they keep pace
        return len(found)


def _called(claimed: Claimed, outcome: str, seconds: float) -> None:
    del claimed
    VENDOR_REQUEST.labels("webhook", outcome).observe(seconds)


def _judge_endpoint(circuit: Circuit, error: ProviderError) -> None:
    """A failure speaks of one delivery, which has its own patience; a wish to slow down holds for them all."""
    if isinstance(error, Throttled):
        circuit.hold("asks us to slow down", min(error.retry_after_s or 1.0, LONGEST_HOLD_S))
    else:
        circuit.succeeded()
