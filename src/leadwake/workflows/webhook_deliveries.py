"""One attempt at a webhook: read, signed, posted; and what an endpoint's answers say of the endpoint."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.claims import Claimed
from leadwake.domain import webhook_signing
from leadwake.domain.webhook_types import TEST
from leadwake.errors import DatabaseAway, NotYet, ProviderError, Throttled, Unavailable
from leadwake.providers.guarded import Reach
from leadwake.providers.ports import Accepted, WebhookDelivery
from leadwake.providers.webhook import GONE, WebhookSender
from leadwake.settings import Settings
from leadwake.storage import webhooks as rows
from leadwake.storage.db import is_refusal, q
from leadwake.storage.events import record
from leadwake.storage.vault import KekUnknown
from leadwake.workflows import ops_mail, webhook_payload
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: an endpoint that takes nothing for so long is paused, and the admins hear of it (business time)
PAUSE_AFTER: Final = timedelta(days=5)
#: payloads read at once, so that messages find a connection
_READERS: Final = 2


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
        row, body = await self._composed(delivery)
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

    async def _composed(self, delivery: WebhookDelivery) -> tuple[DictRow, bytes]:
        """Row and body. A fault of ours is tried again as a failing endpoint is, and holds up no other delivery."""
        try:
            async with self._reading:
                return await self._read(delivery)
        except (DatabaseAway, KekUnknown):
            raise Unavailable("it cannot be read just now", vendor="endpoint", code="lease") from None
        except ProviderError:
            raise
        except Exception as error:
            _log.exception("composing_failed", delivery=str(delivery.event_id))
            text = f"it cannot be composed: {type(error).__name__}"
            raise ProviderError(text, vendor="leadwake", code="fault") from None

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
