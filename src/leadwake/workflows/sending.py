"""What is sent and whether: each action is judged at the moment of sending, with what is known then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.claims import Judgement
from leadwake.actions.states import State
from leadwake.compliance.decision import Facts, Message
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.config import Mode
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.domain.variables import EXAMPLES
from leadwake.errors import DatabaseAway, LeadwakeError
from leadwake.storage.vault import KekUnknown
from leadwake.workflows import composing, forgetting
from leadwake.workflows.composing import Addressee, Errand

_log = log.get(__name__)

#: an action that could not be carried out for so long is of no use any more (business time)
EXPIRES_AFTER: Mapping[str, timedelta] = {
    "sms": timedelta(days=14),
    "email": timedelta(days=3),
    "crm": timedelta(days=30),
    "alert_sms": timedelta(hours=12),
    "alert_email": timedelta(days=3),
    "test_sms": timedelta(minutes=15),
    "test_email": timedelta(minutes=15),
    "ops_email": timedelta(days=1),
    "forget_texts": timedelta(days=365),
    "forget_crm": timedelta(days=365),
}
#: a text that waited longer than this is worded as a late answer
HELD_AFTER = timedelta(minutes=30)


def judge(errand: Errand) -> Judgement:
    """
    What becomes of an action now: sent as composed here, later, or never, with the reason.

    Asked under the contact point's lock. A fault in judging one action makes a dead letter of it and holds up no other.
    """
    try:
        return _judge(errand)
    except (KekUnknown, DatabaseAway):
        raise  # the key change that made it is a moment old: the claim is made again
    except Exception as error:
        if not isinstance(error, LeadwakeError):
            _log.exception("judging_failed", action=str(errand.row["id"]), kind=errand.row["kind"])
        return Judgement(State.DEAD, f"cannot be composed: {type(error).__name__}")


def _judge(errand: Errand) -> Judgement:
    row, settings = errand.row, errand.office.settings
    if row["lead_id"] is not None and row["sealed_profile"] is None:
        return Judgement(State.CANCELLED, "erased")
    if row["restricted_at"] is not None:
        return Judgement(State.BLOCKED, "restricted")
    if not errand.vendor:
        # a vendor that was never told to forget somebody needs a person
        return Judgement(State.DEAD if row["kind"] in forgetting.KINDS else State.SKIPPED, "vendor_off")
    if row["practice"] and settings.mode(errand.vendor) is not Mode.PRACTICE:
        return Judgement(State.CANCELLED, "planned_in_practice")
    if errand.now - row["created_at"] > EXPIRES_AFTER[row["kind"]]:
        return Judgement(State.EXPIRED, "too_late")
    is_text = row["channel"] == "sms" and row["kind"] not in forgetting.KINDS
    if row["purpose"] == Purpose.STAFF and is_text and not settings.a2p_approved():
        return Judgement(State.BLOCKED, "a2p_not_approved")  # R-10DLC-1 holds for every text; the gate sees only leads'
    return _JUDGES[row["kind"]](errand)


def _to_lead(errand: Errand) -> Judgement:
    office, row = errand.office, errand.row
    key, profile = errand.opened()
    if row["sealed_value"] is None:
        return Judgement(State.CANCELLED, "contact_gone")
    message = Message(
        Channel(row["channel"]),
        Purpose(row["purpose"]),
        key.open(row["sealed_value"], b"lead_contact.value").decode(),
        profile.get("state"),
        profile.get("postal_code"),
        profile.get("country"),
    )
    decision = may_send(message, _facts(errand), office.tables, errand.now)
    said = {**decision.as_json(), "sentence": explain(decision, message)}
    if decision.outcome == "block":
        return Judgement(State.BLOCKED, decision.reason, decision=said)
    if decision.outcome == "defer":
        return Judgement(State.DEFERRED, decision.reason, due_at=decision.at, decision=said)
    if not office.settings.business_name:
        # R-TCPA-8: every first message names the business
        return Judgement(State.DEAD, "LEADWAKE_BUSINESS_NAME is not set: set it, then replay", decision=said)
    agent = office.person(row["owner_id"] or row["inquiry_agent_id"])
    values = composing.values_of(errand, profile, agent)
    to = Addressee(message.recipient, profile.get("name"), key, agent)
    if message.channel is Channel.EMAIL:
        return composing.mail(errand, to, "instant_reply", values, said)
    was_held = errand.now - row["created_at"] > HELD_AFTER
    return composing.text(errand, to, "instant_reply_held.sms" if was_held else "instant_reply.sms", values, said)


def _facts(errand: Errand) -> Facts:
    row = errand.row
    level = ConsentLevel(row["consent"]) if row["consent"] else ConsentLevel.NONE
    return Facts(
        ConsentLevel.REVOKED if row["opted_out_at"] or _was_stopped(row, level) else level,
        inquiry_at=row["inquiry_at"],
        prior_sends=tuple(row["prior_sends"] or ()),
        already_answered_at=row["answered_at"],
        a2p_approved=errand.office.settings.a2p_approved(),
    )


def _was_stopped(row: DictRow, level: ConsentLevel) -> bool:
    """
    R-REV-7: a stop from one number ends the person's mail and other numbers, too, until they ask again or agreed in
    writing.

    Also of what was being sent when the stop came and is planned again since, so that nobody could cancel it.
    """
    stopped_at, asked_at = row["person_stopped_at"], row["inquiry_at"]
    if stopped_at is None:
        return False
    asked_since = asked_at is not None and asked_at > stopped_at
    return bool(row["created_at"] <= stopped_at) or not (asked_since or level is ConsentLevel.WRITTEN)


def _alert(errand: Errand) -> Judgement:
    """A new lead, to its agent."""
    row, agent = errand.row, errand.office.person(errand.row["agent_id"])
    if agent is None or agent.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    key, profile = errand.opened()
    values = composing.values_of(errand, profile, agent)
    if row["channel"] == "email":
        return composing.mail(errand, Addressee(agent.email, agent.name, key), "staff_alert", values)
    if not agent.phone:
        return Judgement(State.SKIPPED, "no_number")
    return composing.text(errand, Addressee(agent.phone, agent.name, key), "staff_alert.sms", values)


def _trial(errand: Errand) -> Judgement:
    """The message a lead would get, to a member of the team, with the example's values."""
    person = errand.office.person(errand.row["agent_id"])
    if person is None:
        return Judgement(State.CANCELLED, "agent_left")
    values = {
        **EXAMPLES,
        **composing.business_values(errand.office),
        "agent.name": person.name,
        "agent.first_name": person.first_name,
        "lead.name": person.name,
        "lead.first_name": person.first_name,
        "privacy_link": "",  # the example's is nobody's
    }
    if errand.row["channel"] == "email":
        return composing.mail(errand, Addressee(person.email, person.name, None), "instant_reply", values)
    if not person.phone:
        return Judgement(State.SKIPPED, "no_number")
    return composing.text(errand, Addressee(person.phone, person.name, None), "instant_reply.sms", values)


def _ops(errand: Errand) -> Judgement:
    """A vendor has failed for a while: the admins are told by mail."""
    person = errand.office.person(errand.row["agent_id"])
    if person is None or person.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    name = errand.row["recipient"].partition("/")[2]
    body = (
        f"{name} has been failing since {errand.row['created_at']:%H:%M} UTC. Messages wait and go out by themselves "
        f"when it is back; nothing is lost.\n\nWhat to do: open the setup page and test {name} there.\n\n"
        f"{errand.office.settings.links_base}/setup"
    )
    return composing.plain_mail(errand, Addressee(person.email, person.name, None), f"{name} is failing", body)


_JUDGES: Mapping[str, Callable[[Errand], Judgement]] = {
    "sms": _to_lead,
    "email": _to_lead,
    "crm": composing.contact,
    "alert_sms": _alert,
    "alert_email": _alert,
    "test_sms": _trial,
    "test_email": _trial,
    "ops_email": _ops,
    "forget_texts": forgetting.texts,
    "forget_crm": forgetting.contact,
}
