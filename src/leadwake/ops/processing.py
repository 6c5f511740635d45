"""The record of processing: what is done with people's data, by what right, and who else gets it (R-GDPR-1, -10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from leadwake.errors import InputError
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.vendors import Mode
from leadwake.workflows import webhook_endpoints
from leadwake.workflows.office import Office

#: Art. 33: the authority is told within 72 hours of becoming aware
TELL_WITHIN: Final = timedelta(hours=72)
_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why data is processed, by what right, and of whom."""

    what: str
    basis: str
    data: str


PURPOSES: Final = (
    Purpose("Answering an inquiry, arranging a meeting", "steps at the person's own request, Art. 6(1)(b)",
            "name, number, address, what they asked"),
    Purpose("Marketing: anything beyond that answer", "consent, Art. 6(1)(a), with its proof",
            "the same, and when they agreed to what"),
    Purpose("Putting the agent's work in order (score)", "legitimate interest, Art. 6(1)(f); nobody is refused by it",
            "what they asked and did since (replies, calls, meetings, your pages), and when; never names or places"),
    Purpose("Looking people up at a data vendor", "legitimate interest, Art. 6(1)(f); in Europe not done unless your "
            "rules say so", "job, company, place; numbers and addresses found, which are never written to"),
    Purpose("Keeping an opt-out, and proof of consent", "legal duty and defence, Art. 6(1)(c) and (f)",
            "a keyed code of the number or address; when and how"),
    Purpose("The log of what was done", "legal duty and defence, Art. 6(1)(c) and (f)", "numbers for people, no names"),
)  # fmt: skip

#: vendor → what it gets; shown for those that are on
_GETS: Final = {
    "twilio": "the number, and each text both ways",
    "sendgrid": "the address and name, and each e-mail",
    "smtp": "the address and name, and each e-mail",
    "hubspot": "name, number and address, and what was said, as notes",
    "gohighlevel": "name, number and address, and what was said, as notes",
    "slack": "name and number, in alerts to your team, and what they wrote back",
    "apollo": "address, name and company, to look the person up; not of people in Europe, unless your rules say so",
    "calendly": "name and address of whoever opens their booking link, and what they book",
}
_BY_WEBHOOK: Final = "by webhook, with each event: name, number, address, what they asked and wrote back"


@dataclass(frozen=True, slots=True)
class Processor:
    """Somebody else who gets data of ours. practice: the sandbox on this machine stands in."""

    label: str
    gets: str
    practice: bool


@dataclass(frozen=True, slots=True)
class Breach:
    """An entry of the register. due_at: until when the authority is to be told."""

    id: UUID
    aware_at: datetime
    due_at: datetime
    told_at: datetime | None
    what: str
    people: str
    measures: str

    def is_late(self, now: datetime) -> bool:
        """True when nobody was told in time."""
        return (self.told_at or now) > self.due_at


async def processors(office: Office) -> list[Processor]:
    """Who gets data now: the vendors that are on, and whoever hears of it by webhook."""
    modes = {name: office.settings.mode(name) for name in _GETS}
    labels = {"twilio": "Twilio", "sendgrid": "SendGrid", "smtp": "Your mail server", "hubspot": "HubSpot",
              "gohighlevel": "GoHighLevel", "slack": "Slack", "apollo": "Apollo", "calendly": "Calendly"}  # fmt: skip
    vendors = [
        Processor(labels[name], gets, modes[name] is Mode.PRACTICE)
        for name, gets in _GETS.items()
        if modes[name] is not Mode.OFF
    ]
    heard = [one for one in await webhook_endpoints.everything(office) if one.paused_at is None]
    return vendors + [Processor(one.host, _BY_WEBHOOK, practice=False) for one in heard]


async def breaches(office: Office) -> list[Breach]:
    """The register, the latest first."""
    return [_breach(office, row) for row in await office.db.all("breaches")]


def _breach(office: Office, row: dict[str, Any]) -> Breach:
    text = msgspec.json.decode(office.vault.open_setting(f"breach {row['id']}", row["sealed_text"]))
    return Breach(row["id"], row["aware_at"], row["aware_at"] + TELL_WITHIN, row["told_at"], **text)


async def add_breach(office: Office, aware_at: datetime, text: dict[str, str], actor: str) -> UUID:
    """One more entry. aware_at: aware. text: {"what", "people", "measures"}. Raises InputError."""
    now = office.clock.now()
    wrong = {}
    if not text["what"].strip():
        wrong["what"] = "Say what happened."
    if aware_at > now + timedelta(minutes=5):
        wrong["aware_at"] = "That is in the future."
    if wrong:
        raise InputError(wrong)
    found = new_id()
    sealed = office.vault.seal_setting(f"breach {found}", _json.encode(text).decode())
    async with office.db.transaction() as connection:
        values = {"id": found, "aware_at": aware_at, "sealed": sealed, "actor": actor, "now": now}
        await connection.execute(q("breach_add"), values)
        await record(connection, now, actor, "breach_recorded", breach=str(found))
    return found


async def told_authority(office: Office, breach_id: UUID, actor: str) -> None:
    """The authority has been told, as of now; what stands there already stays."""
    now = office.clock.now()
    async with office.db.transaction() as connection:
        if (await connection.execute(q("breach_told"), {"id": breach_id, "now": now})).rowcount:
            await record(connection, now, actor, "breach_told", breach=str(breach_id))
