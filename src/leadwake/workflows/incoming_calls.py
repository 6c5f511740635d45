"""Somebody calls us: agents' phones ring, the first key pressed takes the call, and nobody's call is lost.

One capture a call, made when its fate is known: taken by a colleague (then no text goes), or missed (then one does,
within seconds, and a task waits). Webhooks come twice, late and in any order; the call's row decides, and what follows
from it is written again until it stands. Until then the row keeps the webhook as it came, sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.planning import Planned, plan_now
from leadwake.domain.calls import spoken
from leadwake.domain.contact import normalise_phone
from leadwake.domain.values import Purpose
from leadwake.errors import DatabaseAway, InputError
from leadwake.providers.ports import CallStatus, InboundCall
from leadwake.providers.twiml import Dial, Gather, Hangup, Number, Say, Verb
from leadwake.storage import tasks
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.intake import RawCapture, Receipt, open_profile
from leadwake.storage.staff import Person
from leadwake.workflows import claiming, intake, ringing, touching
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: how long agents' phones ring before a call counts as missed
RING_S = 20
#: how long a colleague may think before their leg is hung up
KEY_S = 8
HOOKS = "/hooks/twilio/voice"


async def arrived(office: Office, call: InboundCall) -> Sequence[Verb]:
    """
    The call stands in the database, and phones ring, or the caller hears why nobody's does.

    The same call told again gets the same answer. Raises DatabaseAway: then nothing is promised.
    """
    number = normalise_phone(call.from_) if call.from_ else None
    if number and any(person.phone == number and not person.disabled for person in office.team):
        return _to_colleague(office)
    callers = await _callers(office, number)
    call_id = await _stored(office, call, callers)
    row = await office.db.one("call_read", id=call_id)
    if row is None or row["state"] != "ringing" or row["outcome"] is not None:
        return [Hangup()]
    first = callers[0] if callers else None
    now = office.clock.now()
    people = await ringing.whom(office, first, now)
    if not people:
        return await missed(office, call_id)
    phones = [
        Number(person.phone, url=f"{HOOKS}/whisper?call={call_id}&agent={person.id}")
        for person in people
        if person.phone
    ]
    # our own number is shown to colleagues: they know it for the team's, and the whisper says who it is
    return [Dial(phones, f"{HOOKS}/over?call={call_id}", office.settings.voice_number or call.to, RING_S)]


async def whisper(office: Office, call_id: UUID, agent_id: UUID) -> Sequence[Verb]:
    """What a colleague hears who answers; without a key their leg ends, so that no mailbox swallows a caller."""
    row = await office.db.one("call_read", id=call_id)
    if row is None or row["state"] != "ringing" or row["outcome"] is not None:
        return _too_late(office, row, agent_id)
    who = await _announced(office, row)
    action = f"{HOOKS}/take?call={call_id}&agent={agent_id}"
    return [Gather(f"Leadwake: call from {who}. Press 1 to take it.", action, KEY_S), Hangup()]


async def pressed(office: Office, call_id: UUID, agent_id: UUID, digits: str) -> Sequence[Verb]:
    """
    The first colleague to press 1 has the call, and the lead if nobody had them; everybody else hears who was faster.

    Raises DatabaseAway: then the key may be pressed again.
    """
    person = office.person(agent_id)
    if digits != "1" or person is None or person.disabled:
        return [Hangup()]
    await office.db.run("call_take", id=call_id, agent_id=agent_id, now=office.clock.now())
    row = await office.db.one("call_read", id=call_id)
    if row is None or row["state"] != "talking" or row["agent_id"] != agent_id or row["outcome"] is not None:
        return _too_late(office, row, agent_id)
    try:
        await follow(office, call_id)
    except DatabaseAway:
        _log.warning("call_followed_later", call=str(call_id))  # by the sweep; they can talk meanwhile
    return []


async def over(office: Office, call_id: UUID, *, was_connected: bool) -> Sequence[Verb]:
    """
    No phone rings any more and nobody talks: the call has ended, or it was missed.

    was_connected: as far as the vendor knows. Raises DatabaseAway.
    """
    row = await office.db.one("call_read", id=call_id)
    if row is None:
        return [Hangup()]
    if row["state"] == "talking" and was_connected:
        await follow(office, call_id)
        await _ended(office, row)
        return [Hangup()]
    if not was_connected:
        await office.db.run("call_let_down", id=call_id, now=office.clock.now())
    return await missed(office, call_id)


async def told(office: Office, ref: str, status: CallStatus) -> None:
    """The vendor reports how a whole call stands; only its end is news. Raises DatabaseAway."""
    row = await office.db.one("call_of_ref", ref=ref) if status.is_over else None
    if row is not None:
        await over(office, row["id"], was_connected=True)


async def missed(office: Office, call_id: UUID) -> Sequence[Verb]:
    """
    Nobody talked with the caller: a text goes back, a task waits; once, however often this is asked for.

    What the caller hears, if they are still there. Raises DatabaseAway.
    """
    await office.db.run("call_give_up", id=call_id, now=office.clock.now())
    await follow(office, call_id)
    row = await office.db.one("call_read", id=call_id)
    if row is None or row["state"] in {"talking", "ended"}:
        return [Hangup()]
    text = await office.db.one("call_text", id=call_id)
    is_texted = text is not None and office.settings.a2p_approved()
    return _sorry(office, has_lead=row["lead_id"] is not None, is_texted=is_texted)


async def follow(office: Office, call_id: UUID) -> None:
    """
    Whatever follows from the call's fate is written, once; what cannot be yet, the sweep comes back to.

    Raises DatabaseAway.
    """
    row = await office.db.one("call_read", id=call_id)
    if row is None or row["direction"] != "in" or row["state"] not in {"ringing", "talking"}:
        return
    is_missed = row["outcome"] is not None
    if not is_missed and (row["state"] == "ringing" or row["sealed_form"] is None):
        return
    lead_id = row["lead_id"]
    if row["sealed_form"] is not None:
        receipt = await _captured(office, row)
        if receipt is not None and receipt.lead_id is None:
            _log.warning("call_not_understood_yet", call=str(call_id))
            return
        lead_id = receipt.lead_id if receipt else None
    write = _write_missed if is_missed else _write_taken
    await past_deadlocks(partial(write, office, row, lead_id))


# What is said.


def _to_colleague(office: Office) -> Sequence[Verb]:
    """A colleague who calls our number back is nobody's lead."""
    name = office.settings.business_name or "your team"
    return [Say(f"This is the line for people who call {name}. To call a lead, open them in Leadwake."), Hangup()]


def _too_late(office: Office, row: DictRow | None, agent_id: UUID) -> Sequence[Verb]:
    taker = office.person(row["agent_id"]) if row and row["state"] in {"talking", "ended"} else None
    if taker and taker.id != agent_id:
        return [Say(f"{taker.first_name} has taken this call."), Hangup()]
    return [Say("The caller has hung up. We text them now."), Hangup()]


def _sorry(office: Office, *, has_lead: bool, is_texted: bool) -> Sequence[Verb]:
    name = office.settings.business_name or "the team"
    if is_texted:
        after = "We text you right away."
    elif has_lead:
        after = "We call you back as soon as we can."
    else:
        after = "Please call again a little later."
    return [Say(f"Thank you for calling {name}. Nobody can take your call just now. {after} Goodbye."), Hangup()]


async def _announced(office: Office, row: DictRow) -> str:
    """Who calls, for a colleague's ear: "Maria Lopez, hot", or the digits of a number nobody knows."""
    raw = _arrival(office, row)
    callers = await _callers(office, raw.number if raw else None)
    if callers:
        name = open_profile(office.vault, callers[0]).get("name")
        if name:
            return f"{name[:60]}, {callers[0]['temperature']}"
    return f"a new caller, {spoken(raw.number)}" if raw and raw.number else "a caller without a number"


# What is stored.


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What came with a call. number: E.164, blank when none was shown."""

    number: str
    form: bytes


def _arrival(office: Office, row: DictRow) -> _Arrival | None:
    """None once the call's capture holds it."""
    if row["sealed_form"] is None or row["wrapped"] is None:
        return None
    key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    number, _, form = key.open(row["sealed_form"], b"call.form").partition(b"\n")
    return _Arrival(number.decode(), form)


async def _callers(office: Office, number: str | None) -> list[DictRow]:
    if not number:
        return []
    return await office.db.all("call_callers", hash=office.vault.blind("phone", number))


async def _stored(office: Office, call: InboundCall, callers: Sequence[DictRow]) -> UUID:
    """The id of the call, stored now or before."""
    key = office.vault.new_data_key()
    number = normalise_phone(call.from_) or "" if call.from_ else ""
    first = callers[0] if callers else None
    values = {
        "id": new_id(), "ref": call.ref, "now": office.clock.now(), "lead_id": first["id"] if first else None,
        "point": first["point"] if first else None, "key_id": key.id, "kek_id": key.kek_id, "wrapped": key.wrapped,
        "form": key.seal(f"{number}\n".encode() + call.form, b"call.form"),
    }  # fmt: skip
    await office.db.run("call_arrives", **values)
    row = await office.db.one("call_of_ref", ref=call.ref)
    assert row is not None
    found: UUID = row["id"]
    return found


async def _captured(office: Office, row: DictRow) -> Receipt | None:
    """
    The caller's inquiry is taken in, once: its capture has the call's id. None for a caller without a number.

    Raises DatabaseAway.
    """
    came = _arrival(office, row)
    assert came is not None
    taker = str(row["agent_id"]) if row["outcome"] is None else ""
    meta = {"number": came.number, "at": row["at"].isoformat(), "taken_by": taker}
    try:
        return await intake.receive(office, RawCapture("call", came.form, meta, id=row["id"]))
    except InputError:
        return None


async def _write_missed(office: Office, row: DictRow, lead_id: UUID | None) -> None:
    async with office.db.transaction() as connection:
        now = office.clock.now()
        values: dict[str, Any] = {"id": row["id"], "lead_id": lead_id, "now": now, "is_missed": True}
        if (await connection.execute(q("call_missed"), values)).rowcount == 0:
            return
        await connection.execute(q("call_followed"), values)
        lead = await (await connection.execute(q("call_lead"), values)).fetchone() if lead_id else None
        if lead is None or lead_id is None:
            await record(connection, now, "system", "call_without_number", call=str(row["id"]))
            return
        await connection.execute(q("call_lead_replied"), values)
        await tasks.open_task(
            connection, lead_id, "call", now, due_at=now, agent_id=lead["agent_id"], reason="missed_call"
        )
        if await (await connection.execute(q("call_text_withheld"), values)).fetchone():
            await _text_back(office, connection, row["id"], lead_id, now)
        await connection.execute(q("lead_told"), {"id": lead_id})


async def _text_back(office: Office, connection: Connection, call_id: UUID, lead_id: UUID, now: datetime) -> None:
    """The text to somebody who hung up while a colleague took the call; its inquiry had planned none."""
    point = await (await connection.execute(q("call_target"), {"lead_id": lead_id, "point": None})).fetchone()
    if point is None or is_off(office.settings, "sms"):
        return
    action = Planned(
        "sms", "phone", Purpose.INSTANT_REPLY, is_practice(office.settings, "sms"), contact_point_id=point["point"],
        ordinal=1,
    )  # fmt: skip
    if await plan_now(connection, [action], cause_id=call_id, now=now, lead_id=lead_id):
        await connection.execute(q("call_text_more"), {"id": call_id})


async def _write_taken(office: Office, row: DictRow, lead_id: UUID | None) -> None:
    """Whoever took the call has the lead if nobody had, and was in touch."""
    person = office.person(row["agent_id"])
    if lead_id is not None and person is not None:
        await _claimed(office, lead_id, person)
    async with office.db.transaction() as connection:
        values = {"id": row["id"], "lead_id": lead_id, "is_missed": False}
        is_first = (await connection.execute(q("call_followed"), values)).rowcount == 1
        if is_first and lead_id is not None and person is not None:
            await touching.touched(connection, lead_id, person.id, row["answered_at"], how="call")


async def _claimed(office: Office, lead_id: UUID, person: Person) -> None:
    lead = await office.db.one("call_lead", lead_id=lead_id)
    if lead is not None and lead["agent_id"] is None:
        await claiming.claim(office, lead_id, person, by="call")


async def _ended(office: Office, row: DictRow) -> None:
    async with office.db.transaction() as connection:
        values = {"id": row["id"], "now": office.clock.now(), "outcome": "talked", "before": ["talking"]}
        ended = await (await connection.execute(q("call_ended"), values)).fetchone()
        if ended and ended["lead_id"]:
            await connection.execute(q("lead_told"), {"id": ended["lead_id"]})
