"""Endpoints of outgoing webhooks: made, changed, paused, deleted, tried, and sent again what they missed."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from leadwake.domain import webhook_signing
from leadwake.domain.webhook_types import TEST, TYPES
from leadwake.errors import InputError, RuleError
from leadwake.providers import guarded
from leadwake.storage import webhooks as rows
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.storage.webhooks import Endpoint
from leadwake.workflows.office import Office
from leadwake.workflows.webhook_deliveries import reach

#: each hears of everything: more than a team has programs
MOST: Final = 20
#: a new secret signs alone after this long
OLD_FOR: Final = timedelta(hours=24)
#: sent again by one press
AGAIN_AT_ONCE: Final = 1_000


async def everything(office: Office) -> list[Endpoint]:
    """Every endpoint, the oldest first."""
    return await rows.endpoints(office.db, office.vault)


async def one(office: Office, endpoint_id: UUID) -> Endpoint | None:
    """The endpoint of this id."""
    found = await rows.endpoints(office.db, office.vault, endpoint_id)
    return found[0] if found else None


async def add(office: Office, url: str, types: Sequence[str], person: Person) -> tuple[UUID, str]:
    """The endpoint hears of what happens from now on; its id, and its secret, shown this once. Raises InputError."""
    url, chosen = _checked(office, url, types)
    endpoint_id, secret, now = new_id(), _new_secret(), office.clock.now()
    values = {
        "id": endpoint_id, "types": chosen, "created_by": person.id, "now": now, "most": MOST,
        "url": rows.sealed(office.vault, endpoint_id, "url", url),
        "secret": rows.sealed(office.vault, endpoint_id, "secret", secret),
    }  # fmt: skip
    async with office.db.transaction() as connection:
        if not (await connection.execute(q("webhook_endpoint_add"), values)).rowcount:
            raise InputError({"url": f"There are {MOST} endpoints already: delete one first."})
        await _note(office, connection, person, "webhook_added", endpoint_id, types=chosen or ["all"])
    return endpoint_id, secret


async def change(office: Office, endpoint_id: UUID, url: str, types: Sequence[str], person: Person) -> None:
    """It counts from now on, for what waits too. Raises InputError."""
    url, chosen = _checked(office, url, types)
    values = {"url": rows.sealed(office.vault, endpoint_id, "url", url), "types": chosen}
    await _do(office, endpoint_id, person, "webhook_endpoint_change", "webhook_changed", values)


async def roll(office: Office, endpoint_id: UUID, person: Person) -> str:
    """A new secret, shown this once; for a day the old one signs beside it."""
    secret = _new_secret()
    values = {
        "secret": rows.sealed(office.vault, endpoint_id, "secret", secret), "until": office.clock.now() + OLD_FOR,
    }  # fmt: skip
    await _do(office, endpoint_id, person, "webhook_secret_roll", "webhook_secret_rolled", values)
    return secret


async def pause(office: Office, endpoint_id: UUID, person: Person) -> None:
    """Nothing is sent to it; what happens is written down, to be sent later."""
    values = {"why": "admin", "now": office.clock.now()}
    await _do(office, endpoint_id, person, "webhook_endpoint_pause", "webhook_paused", values)


async def resume(office: Office, endpoint_id: UUID, person: Person) -> None:
    """It hears of what happens again, and not by itself of what it missed."""
    await _do(office, endpoint_id, person, "webhook_endpoint_resume", "webhook_resumed", {})


async def delete(office: Office, endpoint_id: UUID, person: Person) -> None:
    """It is gone, with what waited for it. Raises RuleError when it is not paused: that is the step back."""
    values = {"now": office.clock.now()}
    if not await _do(office, endpoint_id, person, "webhook_endpoint_delete", "webhook_deleted", values):
        raise RuleError("pause the endpoint first, then delete it")


async def test(office: Office, endpoint_id: UUID, person: Person) -> None:
    """A test event is on its way, to a paused endpoint too."""
    values: dict[str, Any] = {
        "action": new_id(), "event": new_id(), "type": TEST, "now": office.clock.now(), "endpoint": endpoint_id,
    }  # fmt: skip
    async with office.db.transaction() as connection:
        await connection.execute(q("webhook_test"), values)
        await _note(office, connection, person, "webhook_tested", endpoint_id)
        await connection.execute(q("webhooks_tell"))


async def send_again(office: Office, endpoint_id: UUID, person: Person, delivery: UUID) -> bool:
    """The delivery goes once more, under the same id; False when it is on its way, or its lead is erased."""
    return await _again(office, endpoint_id, person, delivery=delivery) == 1


async def send_missed(office: Office, endpoint_id: UUID, person: Person, since: datetime) -> int:
    """What failed, or was not sent, since then goes again, the oldest first; how many. At most AGAIN_AT_ONCE."""
    return await _again(office, endpoint_id, person, since=since)


async def take_back(office: Office, endpoint_id: UUID, person: Person) -> int:
    """What waits is not sent; how many that were."""
    async with office.db.transaction() as connection:
        values = {"endpoint": str(endpoint_id), "now": office.clock.now()}
        count = (await connection.execute(q("webhook_take_back"), values)).rowcount
        await _note(office, connection, person, "webhook_changed", endpoint_id, taken_back=count)
    return count


async def _again(
    office: Office, endpoint_id: UUID, person: Person, *, delivery: UUID | None = None, since: datetime | None = None
) -> int:
    async with office.db.transaction() as connection:
        values = {
            "endpoint": str(endpoint_id), "id": delivery, "since": since, "now": office.clock.now(),
            "limit": AGAIN_AT_ONCE, "actor": f"user {person.id}",
        }  # fmt: skip
        row = await (await connection.execute(q("webhook_send_again"), values)).fetchone()
        count = int(row["n"]) if row else 0
        if count:
            await _note(office, connection, person, "webhook_replayed", endpoint_id, count=count)
            await connection.execute(q("webhooks_tell"))
    return count


async def _do(office: Office, endpoint_id: UUID, person: Person, query: str, kind: str, values: dict[str, Any]) -> bool:
    async with office.db.transaction() as connection:
        done = (await connection.execute(q(query), {"id": endpoint_id, **values})).rowcount
        if done:
            await _note(office, connection, person, kind, endpoint_id)
    return bool(done)


async def _note(office: Office, connection: Connection, person: Person, kind: str, endpoint: UUID, **data: Any) -> None:
    await record(connection, office.clock.now(), f"user {person.id}", kind, endpoint=str(endpoint), **data)
    await connection.execute("select pg_notify('leadwake_live', '')")


def _checked(office: Office, url: str, types: Sequence[str]) -> tuple[str, list[str]]:
    url, chosen = url.strip(), [name for name in TYPES if name in types]
    wrong = guarded.problem(url, reach(office.settings, is_practice=office.is_practice))
    if wrong:
        raise InputError({"url": wrong})
    return url, [] if len(chosen) == len(TYPES) else chosen


def _new_secret() -> str:
    """256 random bits as Standard Webhooks has it, spelled as text: tools whose keys are text verify with it, too."""
    return webhook_signing.PREFIX + base64.b64encode(secrets.token_urlsafe(32).encode("ascii")).decode("ascii")
