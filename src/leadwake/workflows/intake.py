"""An arrival becomes a capture, an inquiry, a lead and its first actions: one transaction, then acknowledged.

What cannot be understood is stored alone and tried again; what is refused for its content is stored, too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from leadwake import log
from leadwake.domain.values import Inquiry
from leadwake.errors import DatabaseAway, InputError
from leadwake.intake import doors
from leadwake.metrics import CAPTURES
from leadwake.storage import intake as rows
from leadwake.storage.db import Connection, is_of_destroyed_kek, q, was_unreachable
from leadwake.storage.ids import new_id
from leadwake.storage.intake import RawCapture, Receipt
from leadwake.workflows import admission
from leadwake.workflows.offering import refusal_of
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: how often storing is tried when the connection breaks in the middle
_TRIES = 3


async def receive_lead(office: Office, body: bytes, *, door: str = "api", source_ip: str | None = None) -> Receipt:
    """A lead in the shape of POST /v1/leads is taken in. Raises InputError, DatabaseAway."""
    return await receive(office, RawCapture(door, body, {"ip": source_ip} if source_ip else {}))


async def receive(office: Office, raw: RawCapture) -> Receipt:
    """
    The capture is stored durably, with all that follows from it if it was understood.

    Raises InputError and Unparsable (stored as rejected), KeyReused, and DatabaseAway: then nothing is promised.
    """
    now = office.clock.now()
    try:
        inquiry = understand(raw, now)
    except InputError as error:
        await keep(office, raw, "rejected", now, reason=f"refused: {', '.join(sorted(error.reasons))}"[:200])
        raise
    except Exception:
        _log.exception("not_understood", capture=str(raw.id))
        return await keep(office, raw, "pending", now, reason="understanding failed")
    try:
        return await _durably(office, raw, inquiry, now)
    except admission.Suppressed:
        # counted, and nothing else: the bytes would bring the person back
        await keep(office, dataclasses.replace(raw, body=b"", meta={}, source=""), "rejected", now, reason="suppressed")
        raise
    except (DatabaseAway, KeyReused):
        raise
    except Exception:
        _log.exception("not_admitted", capture=str(raw.id))
        return await keep(office, raw, "pending", now, reason="storing failed")


class KeyReused(InputError):
    """The Idempotency-Key came before with another body."""

    def __init__(self) -> None:
        super().__init__({"Idempotency-Key": "was used with another body; use a new key for a new lead"})


def understand(raw: RawCapture, now: datetime) -> Inquiry:
    """The inquiry in a capture. Raises InputError; anything else is a fault of ours."""
    return doors.understand(raw.door, raw.body, raw.meta, now)


async def keep(office: Office, raw: RawCapture, outcome: str, now: datetime, *, reason: str) -> Receipt:
    """The raw capture alone is stored: rejected, spam, or pending (then a job tries to understand it again)."""
    try:
        await _keep(office, raw, outcome, now, reason)
    except psycopg.errors.ForeignKeyViolation as error:
        if not is_of_destroyed_kek(error):
            raise
        await office.refresh_keys()
        await _keep(office, raw, outcome, now, reason)
    except psycopg.errors.UniqueViolation:
        return await _stored(office, raw.id) or await _told_before(office, raw)
    CAPTURES.labels(raw.door, outcome).inc()
    return Receipt(raw.id, None, duplicate=False)


async def _keep(office: Office, raw: RawCapture, outcome: str, now: datetime, reason: str) -> None:
    key = office.vault.new_data_key()
    await office.db.run(
        "capture_only",
        key_id=key.id,
        kek_id=key.kek_id,
        wrapped=key.wrapped,
        capture_id=raw.id,
        now=now,
        door=raw.door,
        source=raw.source,
        outcome=outcome,
        reason=reason,
        body=raw.sealed(key),
        api_key_id=raw.api_key_id,
        idempotency_hash=raw.idempotency_hash if outcome == "pending" else None,
        body_hash=raw.body_hash,
    )


#: (capture, door, what has to be fetched before it can be understood)
Fetch = Callable[[UUID, str, str], None]


async def understand_again(
    office: Office, capture_id: UUID, *, fetch: Fetch | None = None, found: Mapping[str, Any] | None = None
) -> Receipt | None:
    """
    A pending capture is understood now, or waits for the next try; None when another worker has it or it is done.

    fetch: told what is missing where the sender only named its lead; nothing is asked of a vendor here, under a lock.
    found: what was fetched, kept with the capture from now on.
    """
    now = office.clock.now()
    async with office.db.transaction() as connection:
        row = await (await connection.execute(q("capture_for_understanding"), {"id": capture_id})).fetchone()
        if row is None:
            return None
        key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
        raw = rows.opened_capture(key, row["body"], capture_id=capture_id, door=row["door"], source=row["source"])
        if found is not None:
            raw = dataclasses.replace(raw, body=doors.completed(raw.door, raw.body, found))
            await connection.execute(q("capture_fetched"), {"id": capture_id, "body": raw.sealed(key)})
        if missing := doors.wanted(raw.door, raw.body):
            if fetch is not None:
                fetch(capture_id, raw.door, missing)
            return None
        try:
            inquiry = understand(raw, row["at"])
            async with connection.transaction():
                return await admission.admit(
                    office, connection, raw, inquiry, now, key, is_first=False, unrouted=row["tries"] > 0
                )
        except admission.Suppressed:
            await connection.execute(q("capture_suppress"), {"id": capture_id, "now": now})
        except InputError as error:
            reason = f"refused: {', '.join(sorted(error.reasons))}"[:200]
            await connection.execute(q("capture_reject"), {"id": capture_id, "reason": reason})
        except psycopg.OperationalError:
            raise
        except Exception:
            _log.exception("not_understood_again", capture=str(capture_id), tries=row["tries"])
            await connection.execute(q("capture_try_again"), {"id": capture_id, "reason": "understanding failed"})
    return None


async def _durably(office: Office, raw: RawCapture, inquiry: Inquiry, now: datetime) -> Receipt:
    """Stored once, also when the connection breaks and nobody knows whether the commit went through."""
    unrouted = False
    for attempt in range(_TRIES):
        try:
            if attempt and (receipt := await _stored(office, raw.id)):
                return receipt
            if raw.idempotency_hash is None and (contacts := rows.contacts_of(office.vault, inquiry)):
                async with office.db.transaction_after("intake_lock", **rows.lock_parameters(contacts)) as (
                    connection,
                    found,
                ):
                    key = office.vault.new_data_key()
                    return await admission.admit(
                        office, connection, raw, inquiry, now, key, is_first=True, found=found, unrouted=unrouted
                    )
            async with office.db.transaction() as connection:
                if raw.idempotency_hash and (known := await _claimed_before(connection, raw)):
                    return known
                key = office.vault.new_data_key()
                return await admission.admit(
                    office, connection, raw, inquiry, now, key, is_first=True, unrouted=unrouted
                )
        except psycopg.errors.RestrictViolation as error:
            if refusal_of(error) is None:
                raise
            await office.refresh()  # they may have paused a moment ago
            unrouted = (
                attempt > 0
            )  # whose turn it was may not have it: the next try asks anew, then nobody waits for it
        except psycopg.errors.UniqueViolation as error:
            if receipt := await _stored(office, raw.id):
                return receipt  # by the try before, whose commit was still under way when we looked
            if error.diag.constraint_name != "idempotency_pkey":
                raise
            return await _told_before(office, raw)
        except psycopg.errors.DeadlockDetected:
            continue
        except psycopg.errors.ForeignKeyViolation as error:
            if attempt == _TRIES - 1 or not is_of_destroyed_kek(error):
                raise
            await office.refresh_keys()  # the keys were changed, and we had not heard
        except DatabaseAway as error:
            if attempt == _TRIES - 1 or was_unreachable(error):
                raise
    raise DatabaseAway("the capture could not be stored")


async def _stored(office: Office, capture_id: UUID) -> Receipt | None:
    row = await office.db.one("capture_receipt", id=capture_id)
    return Receipt(row["id"], row["lead_id"], duplicate=row["outcome"] == "known") if row else None


async def _claimed_before(connection: Connection, raw: RawCapture) -> Receipt | None:
    """What the sender was told when this Idempotency-Key came first. Raises KeyReused."""
    row = await (
        await connection.execute(
            q("idempotency_claim"), {"api_key_id": raw.api_key_id, "key_hash": raw.idempotency_hash}
        )
    ).fetchone()
    if row is None:
        return None
    if row["body_hash"] != raw.body_hash:
        raise KeyReused
    first = await (await connection.execute(q("capture_receipt"), {"id": row["capture_id"]})).fetchone()
    assert first is not None
    return Receipt(first["id"], first["lead_id"], duplicate=first["outcome"] == "known")


async def _told_before(office: Office, raw: RawCapture) -> Receipt:
    """Another request with the same key was first by a moment, or the key's day is over: then it is free again."""
    async with office.db.transaction() as connection:
        if known := await _claimed_before(connection, raw):
            return known
    await office.db.run("idempotency_forget")
    return await receive(office, dataclasses.replace(raw, id=new_id()))
