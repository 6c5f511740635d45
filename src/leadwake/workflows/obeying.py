"""A message from outside, in its transaction: kept on the thread it belongs to, and what it asks for is done.

A stop ends everything automated; what may be one pauses it and asks a person; all else stands on the timeline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.actions.planning import Planned, plan_now
from leadwake.domain.meaning import words as meanings
from leadwake.domain.values import Purpose
from leadwake.storage import tasks
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.workflows import suppression, waiting
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office
from leadwake.workflows.routing import alert

#: a day that somebody named begins then, and is over after
_MORNING: Final = time(9)
_FOLLOW_UP_DUE: Final = timedelta(hours=8)

_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Said:
    """
    What came. vendor, ref: of whom it came by, and their own id of it: the same again changes nothing.

    heading: of a mail, what stands beside its text. captured_as: ids under which the same mail would be a capture.
    """

    channel: str
    vendor: str
    ref: str
    body: str
    heading: Mapping[str, Any] = field(default_factory=dict)
    captured_as: Sequence[UUID] = ()


async def keep(
    office: Office, connection: Connection, said: Said, point: int, leads: Sequence[DictRow], intent: str, now: datetime
) -> UUID | None:
    """The words are kept, sealed, under this id; None when this very message was taken in before."""
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
            "vendor": said.vendor,
            "ref": said.ref,
            "lead_id": lead["id"] if lead else None,
            "point": point,
            "channel": said.channel,
            "intent": intent,
            "key_id": key.id,
            "body": key.seal(said.body.encode("utf-8", "replace"), b"message.body"),
            "heading": key.seal(_json.encode(said.heading), b"message.heading") if said.heading else None,
            "now": now,
            "captured_as": list(said.captured_as),
        },
    )
    return message_id if added.rowcount == 1 else None


@dataclass(frozen=True, slots=True)
class Heard:
    """
    A new message, in its transaction. id: its own; leads: who has the number or address, who was last in touch first.

    words: of the person. by: how a stop in it came about, for the record. answered: nothing is to be answered
    automatically: the vendor did (R-REV-6, R-CTIA-3), or it was a mail.
    """

    office: Office
    connection: Connection
    id: UUID
    point: DictRow
    leads: list[DictRow]
    now: datetime
    by: str
    answered: bool
    words: str = ""

    async def obey(self, intent: str) -> UUID | None:
        """What it asks for is done; the id of the confirmation, when one is due."""
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
        was_new = await suppression.opt_out(self.connection, self.point["id"], self.leads, self.now, by=self.by)
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
        """A person spoke: the one last in touch by this number or address, as far as we know."""
        if intent == "no_calls":
            await self.connection.execute(q("stop_voice"), {"point": self.point["id"], "now": self.now})
        if not self.leads:
            return
        lead = self.leads[0]
        if lead["status"] in {"new", "imported", "answered"}:
            await self.connection.execute(
                q("leads_status"), {"point": self.point["id"], "status": "replied", "now": self.now}
            )
        wants = meanings.facts(self.words, self.now.astimezone(self.office.settings.time_zone).date())
        await record(self.connection, self.now, "lead", "replied", lead_id=lead["id"], point=self.point["id"], **wants)
        if intent == "no_calls":
            await record(self.connection, self.now, "lead", "no_calls", lead_id=lead["id"], point=self.point["id"])
        in_doubt = intent in {"unsure", "no_calls"}
        if in_doubt:
            why = "unsure_reply" if intent == "unsure" else "no_calls"
            everybody = [each["id"] for each in self.leads]
            await suppression.pause(self.connection, everybody, self.now, why=why, actor="system")
        elif intent == "help" and not self.answered and self.point["opted_out_at"] is None:
            await self._answer("help_sms")  # R-CTIA-3: in any state but revoked
        if wants.get("until") and not in_doubt:
            await self._again_on(date.fromisoformat(wants["until"]), lead)
        tell = await waiting.replied(
            self.connection, lead["id"], self.id, self.now, pauses=not in_doubt, always_tell=in_doubt
        )
        await self._tell(tell)

    async def _again_on(self, day: date, lead: DictRow) -> None:
        """They said "not now": the lead waits for a person on that day, at nine."""
        at = datetime.combine(day, _MORNING, self.office.settings.time_zone).astimezone(UTC)
        await tasks.follow_up(
            self.connection, lead["id"], self.now, at=at, due_at=at + _FOLLOW_UP_DUE, agent_id=lead["agent_id"]
        )
        await record(self.connection, self.now, "system", "follow_up", lead_id=lead["id"], until=day.isoformat())

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
            await self._tell(await waiting.hearers(self.connection, lead_id, self.id, self.now))

    async def _tell(self, hearers: waiting.Hearers | None) -> None:
        for person in hearers.people(self.office) if hearers else ():
            await self._plan(alert(self.office.settings, person, "reply_alert"))

    async def _plan(self, actions: Sequence[Planned]) -> None:
        lead_id = self.leads[0]["id"]
        await plan_now(self.connection, actions, cause_id=self.id, now=self.now, lead_id=lead_id)
