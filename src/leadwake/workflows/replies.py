"""What people text us: read, obeyed in one transaction, and answered where an answer is due."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import psycopg

from leadwake.compliance.keywords import keyword_intent
from leadwake.compliance.reply import read_reply
from leadwake.domain.contact import normalise_phone
from leadwake.errors import DatabaseAway
from leadwake.providers.ports import InboundText
from leadwake.storage.db import AWAY, is_of_destroyed_kek, q
from leadwake.workflows import claims_by_text, obeying, suppression
from leadwake.workflows.obeying import Heard, Said
from leadwake.workflows.office import Office

#: Twilio waits 15 s for our answer and does not ask twice: a stop must not be lost to what is over in a moment
_PATIENCE_S = 8.0
#: a stop is acknowledged when its confirmation has gone, or without one after so long
_CONFIRM_S = 3.0


@dataclass(frozen=True, slots=True)
class _Stored:
    """A text taken in. point: the contact's id; confirmation: of a stop, planned with it."""

    point: int
    confirmation: UUID | None = None


async def text_received(office: Office, text: InboundText, vendor: str = "twilio") -> str:
    """
    The text is stored and what it asks for is done; its intent.

    One of stop, start, help, unsure, no_calls, wrong_number, reply; claim, when an agent answered an offer.

    A stop returns only when no text to that number is still under way (settled, or past its lease: at most 12 s) and
    its confirmation has gone or never will: nothing leaves after the acknowledgement. The same text again (by the
    vendor's id) changes nothing. Raises DatabaseAway.
    """
    number = normalise_phone(text.from_) or text.from_
    intent = _intent(text)
    if intent not in {"stop", "start", "help"} and await claims_by_text.answered(office, text, number):
        return "claim"
    stored = await _stored(office, text, number, intent, vendor)
    if intent in {"stop", "wrong_number"}:
        await suppression.in_flight_settled(office, stored.point)
        if stored.confirmation:
            await _confirmed(office, stored)
    return intent


def _intent(text: InboundText) -> str:
    said = (text.opt_out_type or "").lower()
    if said in {"stop", "start", "help"}:
        return said
    reading = read_reply(text.body)
    if reading.scope == "voice":
        return "no_calls"
    return reading.intent


async def _stored(office: Office, text: InboundText, number: str, intent: str, vendor: str) -> _Stored:
    """
    What came of storing; also when the database restarts meanwhile, or somebody holds the number locked for a moment.

    Raises DatabaseAway when that goes on.
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
            await asyncio.sleep(suppression.LOOK_S)


async def _store(office: Office, text: InboundText, number: str, intent: str, vendor: str) -> _Stored:
    async with office.db.transaction() as connection:
        point = await (
            await connection.execute(q("reply_lock"), {"hash": office.vault.blind("phone", number)})
        ).fetchone()
        assert point is not None
        now = office.clock.now()  # under the lock: a claim that was first must not look as if it came after
        leads = await (await connection.execute(q("reply_leads"), {"point": point["id"]})).fetchall()
        said = Said("sms", vendor, text.ref, text.body)
        message = await obeying.keep(office, connection, said, point["id"], leads, intent, now)
        if message is None:
            return _Stored(int(point["id"]))
        answered = bool(text.opt_out_type)
        by = "text" if answered or keyword_intent(text.body) is not None else "words"
        heard = Heard(office, connection, message, point, leads, now, by=by, answered=answered, words=text.body)
        confirmation = await heard.obey(intent)
        await connection.execute(q("leads_told"), {"point": point["id"]})
        return _Stored(int(point["id"]), confirmation)


async def _confirmed(office: Office, stored: _Stored) -> None:
    """The confirmation has gone; what could not go in time is dropped rather than sent after the acknowledgement."""
    deadline = asyncio.get_running_loop().time() + _CONFIRM_S
    while asyncio.get_running_loop().time() < deadline:
        row = await office.db.one("action_open", id=stored.confirmation)
        if row is None:
            return
        await asyncio.sleep(suppression.LOOK_S)
    await office.db.run("confirmation_drop", id=stored.confirmation, now=office.clock.now())
    await suppression.in_flight_settled(office, stored.point)
