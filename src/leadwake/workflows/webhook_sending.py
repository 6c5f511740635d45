"""Outgoing webhooks on their way: a dispatcher of their own, so that a slow endpoint slows no message to a lead.

The database plans a delivery where something happens (`webhook_publish`), and says so; whoever listens takes what is
due.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.circuit import Circuit
from leadwake.actions.claims import Claimed, Judgement
from leadwake.actions.dispatch import ClaimMany, Dispatcher
from leadwake.actions.limits import Permit
from leadwake.actions.outcomes import WEBHOOKS_PATIENCE
from leadwake.actions.settle import Settler
from leadwake.actions.states import State
from leadwake.config import Settings
from leadwake.domain import webhook_signing
from leadwake.domain.webhook_types import TEST, WITHOUT_LEAD
from leadwake.errors import DatabaseAway, NotYet, ProviderError, Throttled, Unavailable
from leadwake.metrics import VENDOR_REQUEST
from leadwake.providers.guarded import Reach
from leadwake.providers.ports import Accepted, WebhookDelivery
from leadwake.providers.webhook import GONE, SLOTS, WebhookSender
from leadwake.storage import webhooks as rows
from leadwake.storage.db import is_refusal, q
from leadwake.storage.events import record
from leadwake.tasks import end
from leadwake.workflows import ops_mail, webhook_payload
from leadwake.workflows.composing import Errand
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: retries are looked for this often; what is new is told at once
TICK_S: Final = 2.0
#: an endpoint that takes nothing for so long is paused, and the admins hear of it (business time)
PAUSE_AFTER: Final = timedelta(days=5)
#: an endpoint that asks us to slow down is looked at again after this long at most
LONGEST_HOLD_S: Final = 300.0
#: of one endpoint in one look
_LOOK: Final = 200
#: payloads read at once, so that messages find a connection
_READERS: Final = 2
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
    if about["type"] not in WITHOUT_LEAD:
        if about["is_erased"]:
            return Judgement(State.CANCELLED, "erased")
        if about["is_restricted"]:
            return Judgement(State.BLOCKED, "restricted")
    return Judgement(State.SENDING, outgoing=WebhookDelivery(row["cause_id"], UUID(row["recipient"])))


def reach(settings: Settings, *, is_practice: bool) -> Reach:
    """How far inside deliveries may go."""
    if settings.webhooks_allow_private:
        return Reach.PRIVATE
    return Reach.LOOPBACK if is_practice else Reach.PUBLIC


class Deliveries:
    """Signs and posts; what an endpoint's answers say of it stands with the endpoint. Every lane is a vendor's own."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._sender = WebhookSender(reach(office.settings, is_practice=office.is_practice))
        self._reading = asyncio.Semaphore(_READERS)

    def names(self, channel: str) -> Sequence[str]:
        """The endpoint of the lane."""
        return (channel,)

    async def send(self, claimed: Claimed) -> Accepted:
        """One attempt. Raises ProviderError."""
        delivery = claimed.outgoing
        assert isinstance(delivery, WebhookDelivery)
        try:
            async with self._reading:
                row, body = await self._read(delivery)
        except DatabaseAway:
            raise Unavailable("the database is away", vendor="endpoint", code="lease") from None
        office, endpoint = self._office, delivery.endpoint_id
        names = [name for name in ("sealed_secret", "sealed_old_secret") if row[name] is not None]
        secrets = [rows.opened(office.vault, endpoint, "secret", row[name]) for name in names]
        url = rows.opened(office.vault, endpoint, "url", row["sealed_url"])
        # real time: receivers hold it against their own clocks
        signed = webhook_signing.headers(secrets, str(delivery.event_id), int(time.time()), body)
        try:
            taken = await (await self._sender_now()).post(url, signed, body, claimed.call)
        except ProviderError as error:
            await _failed(office, endpoint, error, is_test=row["type"] == TEST)
            raise
        if row["failing_since"] is not None:
            with suppress(DatabaseAway):
                await office.db.run("webhook_took", id=endpoint)
        return taken

    async def aclose(self) -> None:
        """Connections are closed."""
        await self._sender.aclose()

    async def _sender_now(self) -> WebhookSender:
        """By the settings in force: they may have ended practice."""
        wanted = reach(self._office.settings, is_practice=self._office.is_practice)
        if self._sender.reach is not wanted:
            old, self._sender = self._sender, WebhookSender(wanted)
            await old.aclose()
        return self._sender

    async def _read(self, delivery: WebhookDelivery) -> tuple[DictRow, bytes]:
        values: dict[str, Any] = {"event": delivery.event_id, "endpoint": delivery.endpoint_id}
        row = await self._office.db.one("webhook_delivery", **values, now=self._office.clock.now())
        if row is None or row["sealed_url"] is None:
            raise NotYet("the endpoint was deleted meanwhile", vendor="endpoint")
        return row, await webhook_payload.body(self._office, row)


async def _failed(office: Office, endpoint_id: UUID, error: ProviderError, *, is_test: bool) -> None:
    """It stands with the endpoint; one that is gone, or took nothing for days, is paused, and the admins hear of it."""
    if is_test or error.code == "lease" or isinstance(error, Throttled):
        return
    now, why = office.clock.now(), f"{error.code}: {error}"[:200]
    try:
        row = await office.db.one("webhook_failed", id=endpoint_id, now=now, why=why)
        if row is None:
            return
        if error.code == GONE:
            await _pause(office, endpoint_id, "gone", now)
        elif now - row["failing_since"] > PAUSE_AFTER:
            await _pause(office, endpoint_id, "failing", now)
    except Exception as problem:
        if not isinstance(problem, DatabaseAway) and not is_refusal(problem):
            raise
        _log.warning("endpoint_unnoted", endpoint=str(endpoint_id))


async def _pause(office: Office, endpoint_id: UUID, why: str, now: datetime) -> None:
    async with office.db.transaction() as connection:
        values = {"id": endpoint_id, "why": why, "now": now}
        if (await connection.execute(q("webhook_endpoint_pause"), values)).rowcount:
            await record(connection, now, "system", "webhook_paused", endpoint=str(endpoint_id), why=why)
            await ops_mail.tell(office, connection, office.admins, f"webhook_{why}")


class _Unlimited:
    """Endpoints have no limits that we knew of beforehand; they say so when they have."""

    async def take(self, vendor: str, wanted: int) -> Permit:
        del vendor
        return Permit(wanted)

    async def give_back(self, vendor: str, unused: int) -> None:
        del vendor, unused


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
                raise
            self._planned.set()

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
