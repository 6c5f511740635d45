"""An agent calls a lead from the page: the agent's phone rings first, a key connects them, and our number is shown.

A human call: only stops and impossible numbers hold it (R-CASE-2); outside the hours the person is asked, and the
choice is on record. A call is placed once: whether an unknown one rang, the agent knows better than any vendor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.claims import Judgement
from leadwake.actions.planning import Planned, plan_now
from leadwake.actions.states import State
from leadwake.compliance.decision import Decision, Facts, Message
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.domain import wording
from leadwake.domain.calls import Outcome
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.errors import ProviderError, RuleError
from leadwake.providers import registry
from leadwake.providers.ports import CallStatus, Delivery, DeliveryStatus, OutgoingCall
from leadwake.providers.twiml import Dial, Gather, Hangup, Number, Say, Verb
from leadwake.storage.db import Connection, q
from leadwake.storage.decisions import evidence
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.intake import open_profile
from leadwake.storage.staff import Person
from leadwake.storage.vault import DataKey
from leadwake.workflows import confirming, reports, suppression, touching
from leadwake.workflows.composing import Errand
from leadwake.workflows.incoming_calls import HOOKS, KEY_S
from leadwake.workflows.instant_response import is_practice
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: how long the agent's phone rings, and then the lead's
AGENT_RING_S = 25
LEAD_RING_S = 30
#: an agent's call that nobody heard of for so long holds up the next one no more (business time)
ONE_AT_A_TIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What came of asking for a call.

    call_id: it is being placed. why_not: it cannot be, in a sentence; is_theirs: because of the lead, who is not to be
    called by any phone. warning: what the agent should know first, a sentence; the call goes when they ask once more,
    `anyway`.
    """

    call_id: UUID | None = None
    why_not: str | None = None
    warning: str | None = None
    is_theirs: bool = False


@dataclass(frozen=True, slots=True)
class _Target:
    """Whom a call would go to. point: the contact's id; number: E.164."""

    row: DictRow
    point: int
    number: str
    profile: dict[str, Any]
    key: DataKey


def unavailable(office: Office, person: Person) -> str | None:
    """Why this person cannot call from the page, in words that say what to do; None when they can."""
    settings = office.settings
    if not settings.voice_number:
        return "Calls from the page need a phone number at Twilio: an admin sets it on the setup page."
    if not settings.callback_base("twilio"):
        return "Calls from the page need this server's public address: an admin sets it on the setup page."
    if not person.phone:
        return "Write your own number into your profile: it rings first, then the lead's."
    if person.practice and not is_practice(settings, "voice"):
        return "Invented people are never called in earnest."
    return None


async def ask(office: Office, lead_id: UUID, person: Person, *, anyway: bool) -> Asked:
    """
    The agent's phone rings in a moment, or why not, or what speaks against it.

    Raises RuleError when there is no such lead, DatabaseAway.
    """
    if why_not := unavailable(office, person):
        return Asked(why_not=why_not)
    async with office.db.transaction() as connection:
        target = await _target(office, connection, lead_id)
        if target is None:
            return Asked(why_not="There is no number to call.")
        decision, message = _decide(office, target, office.clock.now())
        if decision.outcome != "send":
            return Asked(why_not=wording.sentence(explain(decision, message)) + ".", is_theirs=True)
        if decision.warnings and not anyway:
            return Asked(warning=_warning(decision, message))
        if await _is_calling(office, connection, person):
            return Asked(why_not="Your phone is ringing for another call already. End that one first.")
        return Asked(call_id=await _plan(office, connection, lead_id, person, target, decision))


async def _is_calling(office: Office, connection: Connection, person: Person) -> bool:
    """True while another call of theirs goes on; nobody else begins one for them before this transaction ends."""
    values = {"agent_id": person.id, "since": office.clock.now() - ONE_AT_A_TIME}
    await connection.execute(q("call_agent_lock"), values)
    return await (await connection.execute(q("call_agent_is_calling"), values)).fetchone() is not None


async def _plan(
    office: Office, connection: Connection, lead_id: UUID, person: Person, target: _Target, decision: Decision
) -> UUID:
    now, call_id = office.clock.now(), new_id()
    action = Planned(
        "call", str(person.id), Purpose.HUMAN, is_practice(office.settings, "voice"), contact_point_id=target.point,
        agent_id=person.id, id=call_id,
    )  # fmt: skip
    await plan_now(connection, [action], cause_id=call_id, now=now, lead_id=lead_id)
    values = {"id": call_id, "lead_id": lead_id, "point": target.point, "agent_id": person.id, "now": now}
    await connection.execute(q("call_place"), values)
    if decision.warnings:
        actor, warnings = f"user {person.id}", list(decision.warnings)
        await record(connection, now, actor, "called_anyway", lead_id=lead_id, call=str(call_id), warnings=warnings)
    await connection.execute(q("lead_told"), {"id": lead_id})
    return call_id


def judge(errand: Errand) -> Judgement:
    """The call is to be placed now, or not at all: asked again at the moment of placing it."""
    office, row = errand.office, errand.row
    person = office.person(row["agent_id"])
    if person is None or person.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    if not person.phone:
        return Judgement(State.SKIPPED, "no_number")
    base, sender = office.settings.callback_base(errand.vendor), office.settings.voice_number
    if not base or not sender:
        return Judgement(State.SKIPPED, "no_public_url" if sender else "no_voice")
    if row["sealed_value"] is None:
        return Judgement(State.CANCELLED, "contact_gone")
    key, profile = errand.opened()
    target = _Target(
        row, row["contact_point_id"], key.open(row["sealed_value"], b"lead_contact.value").decode(), profile, key
    )
    decision, message = _decide(office, target, errand.now)
    said = {**decision.as_json(), "sentence": explain(decision, message)}
    proof = evidence(message, _facts(office, target), key, sender)
    if decision.outcome != "send":
        return Judgement(State.BLOCKED, decision.reason, decision=said, evidence=proof)
    outgoing = OutgoingCall(
        person.phone, f"{base}{HOOKS}/agent?call={row['id']}", f"{base}{HOOKS}/status?call={row['id']}", AGENT_RING_S
    )
    content = errand.seal(key, {"to": target.number, "body": ""})
    return Judgement(
        State.SENDING, outgoing=outgoing, content=content, data_key_id=key.id, decision=said, evidence=proof
    )


# What the vendor asks and tells while it goes on.


async def agent_answered(office: Office, call_id: UUID, ref: str | None) -> Sequence[Verb]:
    """The agent's phone was answered: by the agent, who presses a key, or by a mailbox, which does not."""
    row = await office.db.one("call_read", id=call_id)
    if row is None or row["lead_id"] is None or row["state"] not in {"planned", "ringing"}:
        return [Hangup()]
    await _heard_of(office, row, ref)
    async with office.db.transaction() as connection:
        target = await _target(office, connection, row["lead_id"], row["contact_point_id"])
    if target is None:
        return [Hangup()]
    name = (target.profile.get("name") or "the lead")[:60]
    return [Gather(f"Leadwake. Press 1 to call {name}.", f"{HOOKS}/connect?call={call_id}", KEY_S), Hangup()]


async def connect(office: Office, call_id: UUID, digits: str) -> Sequence[Verb]:
    """The lead's phone rings, with our number shown (R-TCPA-8); not after a stop that came in the meantime."""
    row = await office.db.one("call_read", id=call_id)
    if digits != "1" or row is None or row["lead_id"] is None or row["state"] not in {"planned", "ringing"}:
        return [Hangup()]
    async with office.db.transaction() as connection:
        target = await _target(office, connection, row["lead_id"], row["contact_point_id"])
    decision = _decide(office, target, office.clock.now())[0] if target else None
    if target is None or decision is None or decision.outcome != "send":
        await _failed(office, call_id, Outcome.OPTED_OUT)
        return [Say("They asked us to stop a moment ago. They are not called."), Hangup()]
    await office.db.run("call_connects", id=call_id)
    await office.db.run("lead_told", id=row["lead_id"])
    base = office.settings.callback_base("twilio")
    lead = Number(target.number, status_callback=f"{base}{HOOKS}/lead?call={call_id}" if base else None)
    return [Dial([lead], f"{HOOKS}/done?call={call_id}", office.settings.voice_number, LEAD_RING_S)]


async def lead_answered(office: Office, call_id: UUID) -> None:
    """Both are on the line: a person of ours was in touch. Raises DatabaseAway."""
    async with office.db.transaction() as connection:
        now = office.clock.now()
        row = await (await connection.execute(q("call_read"), {"id": call_id})).fetchone()
        answered = await connection.execute(q("call_answered"), {"id": call_id, "now": now})
        if answered.rowcount == 1 and row and row["lead_id"] and row["agent_id"]:
            await touching.touched(connection, row["lead_id"], row["agent_id"], now, how="call")


async def done(office: Office, call_id: UUID, status: CallStatus, *, was_connected: bool) -> Sequence[Verb]:
    """The lead's phone rings no more and nobody talks. What the agent hears, if they are still there."""
    if was_connected:
        await lead_answered(office, call_id)
        await _over(office, call_id, Outcome.TALKED)
        return [Hangup()]
    outcome = {CallStatus.BUSY: Outcome.BUSY, CallStatus.FAILED: Outcome.FAILED}.get(status, Outcome.NO_ANSWER)
    await _over(office, call_id, outcome)
    said = {Outcome.BUSY: "The line is busy.", Outcome.FAILED: "Their number cannot be reached."}
    return [Say(said.get(outcome, "They did not answer.")), Hangup()]


async def told(office: Office, call_id: UUID, ref: str | None, status: CallStatus) -> None:
    """The vendor reports how the agent's leg stands; with its end, the whole call's. Raises DatabaseAway."""
    row = await office.db.one("call_read", id=call_id)
    if row is None or row["direction"] != "out":
        return
    await _heard_of(office, row, ref)
    if not status.is_over:
        return
    if row["state"] == "talking":
        await _over(office, call_id, Outcome.TALKED)
    elif row["outcome"] == Outcome.NO_ANSWER:
        await _over(office, call_id, Outcome.NO_ANSWER)
    else:
        await _failed(office, call_id, Outcome.FAILED if status is CallStatus.FAILED else Outcome.AGENT_AWAY)


async def not_placed(office: Office, call_id: UUID, reason: str) -> None:
    """Its action came to an end without a call: nobody's phone rings for it."""
    await _failed(office, call_id, reason)


async def call_off(office: Office, call_id: UUID, person: Person) -> UUID:
    """
    The agent's own phone stops ringing, and nobody is called; the lead it was for.

    Raises RuleError when there is no such call of theirs. A call that is over, or on which two people talk, stays.
    """
    row = await office.db.one("call_read", id=call_id)
    if row is None or row["direction"] != "out" or row["agent_id"] != person.id or row["lead_id"] is None:
        raise RuleError("there is no such call of yours")
    lead_id: UUID = row["lead_id"]
    if row["state"] not in {"planned", "ringing"}:
        return lead_id
    await office.db.run("call_action_off", id=call_id, now=office.clock.now())
    await _failed(office, call_id, Outcome.CANCELLED)
    if row["ref"] is not None:
        await _hang_up(office, row["ref"])
    return lead_id


async def _hang_up(office: Office, ref: str) -> None:
    """The vendor ends the call; where it cannot be asked, whoever answers is hung up on as soon as they do."""
    vendors = registry.build(office.settings, bearers=office.tokens.bearer)
    try:
        if vendors.phone is not None:
            await vendors.phone.hang_up(ref)
    except ProviderError as error:
        _log.warning("call_not_hung_up", reason=str(error))
    finally:
        await vendors.aclose()


# What the agent says of it.


async def came_of(office: Office, call_id: UUID, outcome: Outcome, person: Person) -> UUID:
    """
    What came of a call stands as the agent says; the lead it was with.

    Talked counts as being in touch; a wrong number is never called or written to again (R-TCPA-7). Raises RuleError
    when there is no such call, or it is not over.
    """
    async with office.db.transaction() as connection:
        row = await (await connection.execute(q("call_read"), {"id": call_id})).fetchone()
        if row is not None and row["contact_point_id"] is not None and outcome is Outcome.WRONG_NUMBER:
            # the contact before the call, as everybody locks them
            await connection.execute(q("choices_lock_one"), {"point": row["contact_point_id"]})
        now = office.clock.now()
        values = {"id": call_id, "outcome": outcome.value, "by": person.id, "now": now}
        found = await (await connection.execute(q("call_outcome"), values)).fetchone()
        if found is None:
            raise RuleError("there is no such call, or it is not over yet")
        lead_id: UUID = found["lead_id"]
        await follow_outcome(connection, call_id, lead_id, found["contact_point_id"], outcome, person, now)
        return lead_id


async def follow_outcome(
    connection: Connection, call_id: UUID, lead_id: UUID, point: int | None, outcome: Outcome, person: Person,
    now: datetime,
) -> None:  # fmt: skip
    """What follows from what an agent says came of a call. point: the number, locked."""
    actor = f"user {person.id}"
    await record(connection, now, actor, "call_outcome", lead_id=lead_id, call=str(call_id), outcome=outcome.value)
    if outcome is Outcome.TALKED:
        await touching.touched(connection, lead_id, person.id, now, how="call")
    elif outcome is Outcome.WRONG_NUMBER and point is not None:
        leads = await (await connection.execute(q("reply_leads"), {"point": point})).fetchall()
        await suppression.not_theirs(connection, point, leads, now)
    await connection.execute(q("lead_told"), {"id": lead_id})


# The gate.


async def _target(office: Office, connection: Connection, lead_id: UUID, point: int | None = None) -> _Target | None:
    row = await (await connection.execute(q("call_target"), {"lead_id": lead_id, "point": point})).fetchone()
    if row is None:
        return None
    key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    number = key.open(row["sealed_value"], b"lead_contact.value").decode()
    return _Target(row, row["point"], number, open_profile(office.vault, row), key)


def _decide(office: Office, target: _Target, now: datetime) -> tuple[Decision, Message]:
    profile = target.profile
    message = Message(
        Channel.VOICE, Purpose.HUMAN, target.number, profile.get("state"), profile.get("postal_code"),
        profile.get("country"),
    )  # fmt: skip
    return may_send(message, _facts(office, target), office.tables, now, office.policy), message


def _facts(office: Office, target: _Target) -> Facts:
    row = target.row
    level = ConsentLevel(row["consent"]) if row["consent"] else ConsentLevel.NONE
    return Facts(
        ConsentLevel.REVOKED if row["opted_out_at"] or row["voice_stopped_at"] else level,
        inquiry_at=row["inquiry_at"],
        confirmed_address=row["lives_at"] is not None and row["lives_at"] == confirming.place(office, target.profile),
    )


def _warning(decision: Decision, message: Message) -> str:
    """ "It is 22:10 there. …": the clock first, then what else speaks against it."""
    clocks = [" ".join(time.split()[:1]) for time in decision.local_times[:1]]
    said = explain(decision, message).partition(": ")[2]
    return (f"It is {clocks[0]} there. " if clocks else "") + wording.sentence(said) + "."


async def _heard_of(office: Office, row: DictRow, ref: str | None) -> None:
    """The vendor speaks of the call, so it has taken it: also where its answer was lost."""
    if row["state"] != "planned" or ref is None:
        return
    await office.db.run("call_rings", id=row["id"], ref=ref)
    taken = Delivery("twilio", f"{ref}:taken", DeliveryStatus.ACCEPTED, ref=ref, action_id=str(row["id"]))
    await reports.reported(office, [taken], lambda _: False)


async def _over(office: Office, call_id: UUID, outcome: Outcome) -> None:
    await _end(office, "call_ended", {"id": call_id, "outcome": outcome, "before": ["planned", "ringing", "talking"]})


async def _failed(office: Office, call_id: UUID, outcome: str) -> None:
    await _end(office, "call_failed", {"id": call_id, "outcome": outcome})


async def _end(office: Office, query: str, values: dict[str, Any]) -> None:
    async with office.db.transaction() as connection:
        row = await (await connection.execute(q(query), {**values, "now": office.clock.now()})).fetchone()
        if row and row["lead_id"]:
            await connection.execute(q("lead_told"), {"id": row["lead_id"]})
