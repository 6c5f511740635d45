"""Mail that came in, by whatever way: a lead, a reply of somebody we know, a stop, or nothing of ours.

The same mail again changes nothing, for each ends under its own id: a capture, or a message on a lead's thread. Nothing
here answers a mail; what follows from an inquiry is planned as from any other, and machines never make one.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Final

import psycopg
from psycopg.rows import DictRow

from leadwake import log
from leadwake.compliance.keywords import keyword_intent
from leadwake.compliance.reply import read_reply
from leadwake.errors import InputError
from leadwake.intake.arrived import Arrived, arrived
from leadwake.intake.inbound_parse import Envelope
from leadwake.intake.written_mail import of_a_batch
from leadwake.providers.ports import Delivery, DeliveryStatus
from leadwake.storage.db import is_of_destroyed_kek, past_deadlocks, q
from leadwake.storage.intake import RawCapture
from leadwake.storage.links import Tag, tag_of
from leadwake.workflows import choices, intake, obeying, reports
from leadwake.workflows.obeying import Heard, Said
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: mails understood at once: a large one takes a core for a while, and memory while it lasts
_AT_ONCE: Final = 2
#: whoever wants us to stop says so at the beginning; below stand signatures, and other people's small print
_READ_CHARS: Final = 1_000
#: shown of a mail; more is an attachment
_KEPT_CHARS: Final = 20_000
#: kept of a mail that is nothing to us
_REJECTED_BYTES: Final = 64 * 1024
#: what a reading says of a mail without a lead that a person may have written all the same
_MAYBE_A_PERSON: Final = frozenset({"reply", "not_a_lead", "no_contact"})
#: intents that are about every number and address of a person
_OF_ALL: Final = frozenset({"stop", "no_calls"})


class Postbox:
    """Takes in mail for one office. Few at once, however many come."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def take(self, raw: bytes, envelope: Envelope = Envelope()) -> str:  # noqa: B008 - a value
        """
        What the mail was: lead, reply, unsubscribed, bounce, or why it was rejected; whatever it is, it is kept.

        Raises DatabaseAway: then nothing is promised, and the same mail may come again.
        """
        office = self._office
        domain = office.settings.mail_from.partition("@")[2].lower()
        async with self._slots:
            mail = await asyncio.to_thread(arrived, raw, envelope, domain)
        return await past_deadlocks(partial(_taken, office, mail))


async def _taken(office: Office, mail: Arrived) -> str:
    if mail.machine == "bounce":
        await _given_back(office, mail)
        return await _rejected(office, mail, "bounce")
    named = [*mail.answers, *([mail.own_id] if mail.own_id else [])]
    ours = await office.db.all("mail_points_of_actions", ids=named) if named else []
    if any(row["id"] == mail.own_id for row in ours):
        return await _rejected(office, mail, "sent by us")
    tags = [tag for address in mail.recipients if (tag := tag_of(office.vault, address))]
    for kind, point in tags:
        if kind is Tag.UNSUBSCRIBE and await _replied(office, mail, point, None, "unsubscribe"):
            return "unsubscribed"
    if mail.machine and (ours or tags):
        return await _rejected(office, mail, mail.machine)
    writer = await _point_of(office, mail.reading.from_address)
    meant = [point for kind, point in tags if kind is Tag.REPLY] + [
        row["contact_point_id"] for row in ours if row["contact_point_id"] is not None
    ]
    if meant and await _replied(office, mail, meant[0], writer):
        return "reply"
    if mail.reading.leads and not mail.is_personal:
        return await _leads(office, mail)
    return await _from_anybody(office, mail, writer)


async def _from_anybody(office: Office, mail: Arrived, writer: int | None) -> str:
    """A mail that answers nothing of ours, and holds no lead but whoever wrote it."""
    if mail.machine:
        return await _rejected(office, mail, mail.machine)
    if writer is not None and await _replied(office, mail, writer, writer):
        return "reply"
    if _is_of_the_team(office, mail.reading.from_address):
        return await _rejected(office, mail, "of the team")
    if mail.reading.leads:
        return await _leads(office, mail)
    is_inquiry = mail.has_person and mail.reading.why in _MAYBE_A_PERSON and (mail.text or mail.subject)
    if not is_inquiry:
        return await _rejected(office, mail, mail.reading.why or "not a lead")
    return await _received(office, _capture(mail, mail.kept))


# Leads.


async def _leads(office: Office, mail: Arrived) -> str:
    """One capture a lead: of several, each holds what the mail says of that one alone."""
    outcomes = []
    for part, lead in enumerate(mail.reading.leads):
        if len(mail.reading.leads) == 1:
            raw = _part_capture(mail, part, lead.source or "email")
        else:
            name = _part_capture(mail, part).id
            raw = RawCapture("mail_lead", of_a_batch(lead), {}, lead.source or "email", id=name)
        outcomes.append(await _received(office, raw))
    return "lead" if "lead" in outcomes else outcomes[0]


async def _received(office: Office, raw: RawCapture) -> str:
    try:
        await intake.receive(office, raw)
    except InputError as error:
        return ", ".join(sorted(error.reasons)) or "rejected"
    return "lead"


def _capture(mail: Arrived, body: bytes) -> RawCapture:
    return RawCapture.once("mail", mail.id, body, {}, "email")


def _part_capture(mail: Arrived, part: int, source: str = "") -> RawCapture:
    return RawCapture.once("portal_mail", f"{mail.id}/{part}", mail.kept, {"part": str(part)}, source)


async def _rejected(office: Office, mail: Arrived, reason: str) -> str:
    """Nothing of ours; it is kept for a while, so that somebody may look."""
    raw = _capture(mail, mail.kept[:_REJECTED_BYTES])
    await intake.keep(office, raw, "rejected", office.clock.now(), reason=reason)
    return reason


# Replies.


async def _replied(office: Office, mail: Arrived, point: int, writer: int | None, intent: str = "") -> bool:
    """
    The mail stands on the thread of whoever has this address, and is obeyed; False when nobody has it any more.

    writer: the contact point it came from, where that is one.
    """
    intent, said = intent or intent_of(mail), _said(mail, is_other=writer != point)
    for is_last in (False, True):
        try:
            return await past_deadlocks(partial(_store, office, said, point, intent))
        except psycopg.errors.ForeignKeyViolation as error:
            if is_last or not is_of_destroyed_kek(error):
                raise
            await office.refresh_keys()
    raise AssertionError


async def _store(office: Office, said: Said, point: int, intent: str) -> bool:
    async with office.db.transaction() as connection:
        # what is about every number and address of the person's locks them all, in the order of everybody
        locks = "choices_lock" if intent in _OF_ALL else "choices_lock_one"
        locked: Sequence[DictRow] = await (await connection.execute(q(locks), {"point": point})).fetchall()
        mine = next((row for row in locked if row["id"] == point and row["kind"] == "email"), None)
        leads = await (await connection.execute(q("reply_leads"), {"point": point})).fetchall()
        if mine is None or not leads:
            return False
        now = office.clock.now()
        message = await obeying.keep(office, connection, said, point, leads, intent, now)
        if message is not None:
            phones = [row["id"] for row in locked if row["kind"] == "phone"]
            heard = Heard(office, connection, message, mine, leads, now, by="mail", answered=True, words=said.body)
            await _obey(heard, intent, phones)
            await connection.execute(q("leads_told"), {"point": point})
    return True


async def _obey(heard: Heard, intent: str, phones: Sequence[int]) -> None:
    point = heard.point["id"]
    if intent == "no_calls":
        for phone in phones:
            await heard.connection.execute(q("stop_voice"), {"point": phone, "now": heard.now})
    if intent == "stop":
        await choices.end_everything(heard.connection, point, heard.now, by="mail")
    elif intent == "unsubscribe":
        await choices.end_mail(heard.connection, point, heard.now)
    else:
        await heard.obey(intent)


def _said(mail: Arrived, *, is_other: bool) -> Said:
    """What is kept of a mail on a thread. is_other: it came from another address than the one we know them by."""
    reading = mail.reading
    heading = {
        "subject": reading.subject[:500], "files": list(mail.files), "message_id": reading.message_id[:500],
        "from": reading.from_address[:320] if is_other else "",
    }  # fmt: skip
    ref = hashlib.sha256(mail.id.encode("utf-8", "replace")).hexdigest()
    body = mail.text[:_KEPT_CHARS] or mail.subject
    captured_as = (_capture(mail, b"").id, _part_capture(mail, 0).id)
    return Said("email", "mail", ref, body, heading, captured_as)


def intent_of(mail: Arrived) -> str:
    """
    What a person asks for in a mail: stop, unsubscribe, unsure, no_calls, wrong_number, or reply for all else.

    Nobody comes back by mail, for anybody can write in another's name: a start is a reply that a person reads. The
    same goes for "help", which is no keyword in a letter.
    """
    if mail.is_new_thread and keyword_intent(mail.subject) == "stop":
        return "unsubscribe" if "unsubscribe" in mail.subject.lower() else "stop"
    said = mail.text.partition("\n-- \n")[0].strip()[:_READ_CHARS]
    reading = read_reply(said or (mail.subject if mail.is_new_thread else ""))
    if reading.scope == "voice":
        return "no_calls"
    return reading.intent if reading.intent in {"stop", "unsure", "wrong_number"} else "reply"


async def _point_of(office: Office, address: str) -> int | None:
    """The contact point of somebody we know."""
    if not address:
        return None
    row = await office.db.one("mail_point_of_address", hash=office.vault.blind("email", address))
    return int(row["id"]) if row else None


# Machines and colleagues.


async def _given_back(office: Office, mail: Arrived) -> None:
    """Only a mail's recipient and the servers on its way know its id: who can name it may say that it came back."""
    name = hashlib.sha256(mail.id.encode("utf-8", "replace")).hexdigest()[:32]
    told = [
        Delivery("mail", f"{name}:{action_id}", DeliveryStatus.BOUNCED, action_id=str(action_id), code="bounce")
        for action_id in mail.gave_back
    ]
    await reports.reported(office, told, lambda _: False)


def _is_of_the_team(office: Office, address: str) -> bool:
    settings = office.settings
    own = {settings.mail_from.lower(), settings.inbound_address} - {""}
    return address in own or any(person.email.lower() == address for person in office.team)
