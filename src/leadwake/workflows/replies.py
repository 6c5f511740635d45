"""What people text us: a stop ends everything automated in one transaction, all else stands on the timeline."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

from leadwake import log
from leadwake.compliance.keywords import keyword_intent
from leadwake.domain.contact import normalise_phone
from leadwake.errors import DatabaseAway
from leadwake.providers.ports import LEASE_S, InboundText
from leadwake.storage.db import AWAY, Connection, is_of_destroyed_kek, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: looked at this often while texts in flight settle before a stop is acknowledged
_LOOK_S = 0.05
#: Twilio waits 15 s for our answer and does not ask twice: a stop must not be lost to what is over in a moment
_PATIENCE_S = 8.0


async def text_received(office: Office, text: InboundText, vendor: str = "twilio") -> str:
    """
    The text is stored and what it asks for is done; its intent: stop, start, help or reply.

    A stop returns only when no text to that number is still under way: settled, or past its lease (at most 12 s).
    The same text again (by the vendor's id) changes nothing. Raises DatabaseAway.
    """
    number = normalise_phone(text.from_) or text.from_
    intent = _intent(text)
    point = await _stored(office, text, number, intent, vendor)
    if intent == "stop":
        await _in_flight_settled(office, point)
    return intent


def _intent(text: InboundText) -> str:
    said = (text.opt_out_type or "").lower() or keyword_intent(text.body)
    return said if said in {"stop", "start", "help"} else "reply"


async def _stored(office: Office, text: InboundText, number: str, intent: str, vendor: str) -> int:
    """
    The contact point's id, once the text is stored; also when the database restarts meanwhile, or somebody holds the
    number locked for a moment. Raises DatabaseAway when that goes on.
    """
    deadline = asyncio.get_running_loop().time() + _PATIENCE_S
    while True:
        try:
            return await _store(office, text, number, intent, vendor)
        except psycopg.errors.ForeignKeyViolation as error:
            if not is_of_destroyed_kek(error) or asyncio.get_running_loop().time() >= deadline:
                raise
            await office.refresh_keys()
        except (DatabaseAway, *AWAY, psycopg.errors.IdleInTransactionSessionTimeout):
            if asyncio.get_running_loop().time() >= deadline:
                raise
            await asyncio.sleep(_LOOK_S)


async def _store(office: Office, text: InboundText, number: str, intent: str, vendor: str) -> int:
    async with office.db.transaction() as connection:
        point = await (
            await connection.execute(q("reply_lock"), {"hash": office.vault.blind("phone", number)})
        ).fetchone()
        assert point is not None
        now = office.clock.now()  # under the lock: a claim that was first must not look as if it came after
        leads = await (await connection.execute(q("reply_leads"), {"point": point["id"]})).fetchall()
        if not await _add_message(office, connection, text, point["id"], leads, intent, vendor, now):
            return int(point["id"])
        if intent == "stop":
            await opt_out(connection, point["id"], leads, now, by="text")
        elif intent == "start":
            await _opt_in(connection, point, leads, now)
        else:
            await _replied(connection, point["id"], leads, now)
        await connection.execute(q("leads_told"), {"point": point["id"]})
        return int(point["id"])


async def opt_out(connection: Connection, point: int, leads: list[DictRow], now: datetime, *, by: str) -> None:
    """The contact, locked, is suppressed for the whole team, and whatever was open for its people is cancelled."""
    await connection.execute(q("opt_out"), {"point": point, "now": now, "by": by})
    await connection.execute(q("cancel_for_contact"), {"point": point, "now": now})
    await connection.execute(q("leads_status"), {"point": point, "status": "opted_out", "now": now})
    for lead_id in [lead["id"] for lead in leads] or [None]:
        await record(connection, now, "lead", "opted_out", lead_id=lead_id, point=point, by=by)


async def _opt_in(connection: Connection, point: DictRow, leads: list[DictRow], now: datetime) -> None:
    if point["opted_out_at"] is None:
        return
    await connection.execute(q("opt_in"), {"point": point["id"]})
    await connection.execute(q("leads_status"), {"point": point["id"], "status": "replied", "now": now})
    for lead in leads:
        await record(connection, now, "lead", "opted_in", lead_id=lead["id"], point=point["id"])


async def _replied(connection: Connection, point: int, leads: list[DictRow], now: datetime) -> None:
    """A person spoke: the one last in touch by this number, as far as we know."""
    if not leads:
        return
    lead = leads[0]
    if lead["status"] in {"new", "answered"}:
        await connection.execute(q("leads_status"), {"point": point, "status": "replied", "now": now})
    await record(connection, now, "lead", "replied", lead_id=lead["id"], point=point)


async def _add_message(
    office: Office,
    connection: Connection,
    text: InboundText,
    point: int,
    leads: list[DictRow],
    intent: str,
    vendor: str,
    now: datetime,
) -> bool:
    """The words are kept, sealed; False when this very text was stored before."""
    lead = leads[0] if leads else None
    if lead:
        key = office.vault.open_data_key(lead["data_key_id"], lead["kek_id"], lead["wrapped"])
    else:
        key = office.vault.new_data_key()
        await connection.execute(
            q("data_key_add"), {"id": key.id, "kek_id": key.kek_id, "wrapped": key.wrapped, "lead_id": None}
        )
    message_id: UUID = new_id()
    return (
        await connection.execute(
            q("reply_add"),
            {
                "id": message_id,
                "vendor": vendor,
                "ref": text.ref,
                "lead_id": lead["id"] if lead else None,
                "point": point,
                "intent": intent,
                "key_id": key.id,
                "body": key.seal(text.body.encode("utf-8", "replace"), b"message.body"),
                "now": now,
            },
        )
    ).rowcount == 1


async def _in_flight_settled(office: Office, point: int) -> None:
    """Nothing to this number is under way any more: its result is known, or its worker may no longer write."""
    deadline = asyncio.get_running_loop().time() + LEASE_S + 0.5
    while asyncio.get_running_loop().time() < deadline:
        row = await office.db.one("in_flight", point=point)
        if row is None or row["n"] == 0:
            return
        await asyncio.sleep(_LOOK_S)
    _log.warning("stop_waited_out", point=point)
