"""What people text us: read, obeyed in one transaction, and answered where an answer is due.

A stop ends everything automated; what may be one pauses it and asks a person; all else stands on the timeline.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

from leadwake.actions.planning import Planned, plan_now
from leadwake.compliance.keywords import keyword_intent
from leadwake.compliance.reply import read_reply
from leadwake.domain.contact import normalise_phone
from leadwake.domain.values import Purpose
from leadwake.errors import DatabaseAway
from leadwake.providers.ports import InboundText
from leadwake.storage.db import AWAY, Connection, is_of_destroyed_kek, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.workflows import claims_by_text, suppression, waiting
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office
from leadwake.workflows.routing import alert

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
        message = await _add_message(office, connection, text, point["id"], leads, intent, vendor, now)
        if message is None:
            return _Stored(int(point["id"]))
        answered = bool(text.opt_out_type)
        by_keyword = answered or keyword_intent(text.body) is not None
        heard = _Heard(office, connection, message, point, leads, now, answered=answered, by_keyword=by_keyword)
        confirmation = await heard.obey(intent)
        await connection.execute(q("leads_told"), {"point": point["id"]})
        return _Stored(int(point["id"]), confirmation)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A new text, in its transaction. message: its id; leads: who has the number, who was last in touch first.

    answered: the vendor has answered the person already (R-REV-6, R-CTIA-3). by_keyword: it is one of R-REV-3's words.
    """

    office: Office
    connection: Connection
    message: UUID
    point: DictRow
    leads: list[DictRow]
    now: datetime
    answered: bool
    by_keyword: bool

    async def obey(self, intent: str) -> UUID | None:
        """What the text asks for is done; the id of the confirmation, when one is due."""
        if intent == "stop":
            return await self._stop()
        if intent == "start":
            await self._start()
        elif intent == "wrong_number":
            await suppression.not_theirs(self.connection, self.point["id"], self.leads, self.now)
            await self._ask_a_person()
        else:
            await self._replied(intent)
        return None

    async def _stop(self) -> UUID | None:
        by = "text" if self.by_keyword else "words"
        was_new = await suppression.opt_out(self.connection, self.point["id"], self.leads, self.now, by=by)
        # R-REV-6: one, and only if the vendor has not said it
        return await self._answer("confirmation_sms") if was_new and not self.answered else None

    async def _start(self) -> None:
        if self.point["opted_out_at"] is None:
            return
        await self.connection.execute(q("opt_in"), {"point": self.point["id"]})
        await self.connection.execute(
            q("leads_status"), {"point": self.point["id"], "status": "replied", "now": self.now}
        )
        for lead in self.leads:
            await record(self.connection, self.now, "lead", "opted_in", lead_id=lead["id"], point=self.point["id"])

    async def _replied(self, intent: str) -> None:
        """A person spoke: the one last in touch by this number, as far as we know."""
        if intent == "no_calls":
            await self.connection.execute(q("stop_voice"), {"point": self.point["id"], "now": self.now})
        if not self.leads:
            return
        lead = self.leads[0]
        if lead["status"] in {"new", "answered"}:
            await self.connection.execute(
                q("leads_status"), {"point": self.point["id"], "status": "replied", "now": self.now}
            )
        await record(self.connection, self.now, "lead", "replied", lead_id=lead["id"], point=self.point["id"])
        if intent == "no_calls":
            await record(self.connection, self.now, "lead", "no_calls", lead_id=lead["id"], point=self.point["id"])
        in_doubt = intent in {"unsure", "no_calls"}
        if in_doubt:
            why = "unsure_reply" if intent == "unsure" else "no_calls"
            everybody = [each["id"] for each in self.leads]
            await suppression.pause(self.connection, everybody, self.now, why=why, actor="system")
        elif intent == "help" and not self.answered and self.point["opted_out_at"] is None:
            await self._answer("help_sms")  # R-CTIA-3: in any state but revoked
        tell = await waiting.replied(
            self.connection, lead["id"], self.message, self.now, pauses=not in_doubt, always_tell=in_doubt
        )
        await self._tell(tell)

    async def _answer(self, kind: str) -> UUID | None:
        """A text back to them is planned with the message; None when nobody we know has this number."""
        settings = self.office.settings
        if not self.leads or is_off(settings, "sms"):
            return None
        answer = Planned(
            kind, "phone", Purpose.CONFIRMATION, is_practice(settings, "sms"), contact_point_id=self.point["id"]
        )
        await self._plan([answer])
        return answer.id

    async def _ask_a_person(self) -> None:
        """Whose the lead is, or with nobody whoever is next to hear of them, hear that a reply needs them."""
        if self.leads:
            lead_id = self.leads[0]["id"]
            await self._tell(await waiting.hearers(self.connection, lead_id, self.message, self.now))

    async def _tell(self, hearers: waiting.Hearers | None) -> None:
        for person in hearers.people(self.office) if hearers else ():
            await self._plan(alert(self.office.settings, person, "reply_alert"))

    async def _plan(self, actions: Sequence[Planned]) -> None:
        lead_id = self.leads[0]["id"]
        await plan_now(self.connection, actions, cause_id=self.message, now=self.now, lead_id=lead_id)


async def _add_message(
    office: Office,
    connection: Connection,
    text: InboundText,
    point: int,
    leads: list[DictRow],
    intent: str,
    vendor: str,
    now: datetime,
) -> UUID | None:
    """The words are kept, sealed, under this id; None when this very text was stored before."""
    lead = leads[0] if leads else None
    if lead:
        key = office.vault.open_data_key(lead["data_key_id"], lead["kek_id"], lead["wrapped"])
    else:
        key = office.vault.new_data_key()
        await connection.execute(
            q("data_key_add"), {"id": key.id, "kek_id": key.kek_id, "wrapped": key.wrapped, "lead_id": None}
        )
    message_id: UUID = new_id()
    added = await connection.execute(
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
    return message_id if added.rowcount == 1 else None


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
