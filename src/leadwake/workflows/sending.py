"""What is sent and whether: each action is judged at the moment of sending, with what is known then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.claims import Judgement
from leadwake.actions.states import State
from leadwake.compliance.decision import Decision, Facts, Message
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.config import Mode
from leadwake.domain import wording
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.domain.variables import EXAMPLES
from leadwake.errors import DatabaseAway, LeadwakeError
from leadwake.storage.decisions import evidence
from leadwake.storage.vault import DataKey, KekUnknown
from leadwake.workflows import composing, confirming, digest, forgetting, staff_news
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
    "confirmation_sms": timedelta(minutes=5),  # R-REV-6: one that comes later is presumed a violation
    "help_sms": timedelta(hours=1),
    "reply_alert_sms": timedelta(hours=12),
    "reply_alert_email": timedelta(days=3),
    "reply_alert_slack": timedelta(hours=12),
    "alert_slack": timedelta(hours=12),
    "alert_taken_sms": timedelta(minutes=30),
    "alert_taken_slack": timedelta(days=1),
    "claim_answer_sms": timedelta(minutes=30),
    "unattended_sms": timedelta(hours=12),
    "unattended_email": timedelta(days=3),
    "unattended_slack": timedelta(hours=12),
    "human_sms": timedelta(days=3),
    "human_email": timedelta(days=3),
    "call": timedelta(minutes=2),
    "digest_email": timedelta(hours=12),
    "digest_slack": timedelta(hours=12),
}
#: texts to a lead that are no answer to an inquiry → their template
_OWN_TEMPLATE: Mapping[str, str] = {"confirmation_sms": "stop_confirmation.sms", "help_sms": "help.sms"}
#: intent of a reply → what was done about it and what a person should do, for the agent who is asked
_MEANINGS: Mapping[str, str] = {
    "unsure": "It may mean stop, so automation is paused. Call them, or mark that they asked us to stop.",
    "no_calls": "They do not want calls. Automation is paused; a text from you is welcome.",
    "wrong_number": "The number is somebody else's and is never written to again. Look for another way to reach them.",
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
    if row["in_touch_at"] is not None and row["in_touch_at"] > row["created_at"]:
        return Judgement(State.CANCELLED, "in_touch")  # R-CASE-13: a late text is dropped when a person has been there
    if row["kind"] == "help_sms" and row["opted_out_at"]:
        return Judgement(State.CANCELLED, "opted_out")  # R-CTIA-3: in any state but revoked
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
    facts = _facts(errand, profile)
    decision = may_send(message, facts, office.tables, errand.now, office.policy)
    verdict = _carried_out(errand, decision, message, key, profile)
    return replace(verdict, evidence=evidence(message, facts, key, _sender(errand, message)))


def _carried_out(
    errand: Errand, decision: Decision, message: Message, key: DataKey, profile: Mapping[str, Any]
) -> Judgement:
    office, row = errand.office, errand.row
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
    to = Addressee(message.recipient, profile.get("name"), key, agent, row["contact_point_id"])
    if message.channel is Channel.EMAIL:
        values = {**values, "texts_link": composing.texts_link(errand)}
        return composing.mail(errand, to, "instant_reply", values, said)
    was_held = errand.now - row["created_at"] > HELD_AFTER
    own = _OWN_TEMPLATE.get(row["kind"]) or ("instant_reply_held.sms" if was_held else "instant_reply.sms")
    return composing.text(errand, to, own, values, said)


def _sender(errand: Errand, message: Message) -> str:
    """Our number, or Messaging Service, or address that the message would come from."""
    settings = errand.office.settings
    return settings.mail_from if message.channel is Channel.EMAIL else settings.credential("twilio", "TWILIO_FROM")


def _facts(errand: Errand, profile: Mapping[str, Any]) -> Facts:
    row, settings = errand.row, errand.office.settings
    level = ConsentLevel(row["consent"]) if row["consent"] else ConsentLevel.NONE
    return Facts(
        ConsentLevel.REVOKED if row["opted_out_at"] or _was_stopped(row, level) else level,
        inquiry_at=row["inquiry_at"],
        prior_sends=tuple(row["prior_sends"] or ()),
        already_answered_at=row["answered_at"],
        confirmed_address=row["lives_at"] is not None and row["lives_at"] == confirming.place(errand.office, profile),
        a2p_approved=settings.a2p_approved(),
        paused_at=row["paused_at"],
        address_bounced=_has_bounced(row),
        mail_paused=row["mail_paused"],
        has_postal_address=bool(settings.postal_address),
        has_unsubscribe_link=bool(settings.links_base),
    )


def _has_bounced(row: DictRow) -> bool:
    """Mail to the address came back, and its person has not asked from it since."""
    bounced_at, asked_at = row["bounced_at"], row["inquiry_at"]
    return bounced_at is not None and (asked_at is None or asked_at <= bounced_at)


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
    """A new lead, or a reply that needs a person, to the agent."""
    row, agent = errand.row, errand.office.person(errand.row["agent_id"])
    if agent is None or agent.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    if row["kind"].startswith("alert_") and _is_over(row):
        return Judgement(State.CANCELLED, "offer_over")
    key, profile = errand.opened()
    about = "reply_alert" if row["kind"].startswith("reply_alert") else "staff_alert"
    values = {**composing.values_of(errand, profile, agent), **_told(errand)}
    to = Addressee(agent.email, agent.name, key)
    if row["channel"] == "email":
        phone = profile.get("phone")
        call = (f"Call {wording.phone(phone)}", f"tel:{phone}") if phone else None
        return composing.mail(errand, to, about, values, button=call)
    if not agent.phone:
        return Judgement(State.SKIPPED, "no_number")
    return composing.text(errand, Addressee(agent.phone, agent.name, key), f"{about}.sms", values)


def _is_over(row: DictRow) -> bool:
    """The lead that the alert speaks of is somebody else's by now, or held out to somebody else."""
    is_taken = row["owner_id"] is not None and row["owner_id"] != row["agent_id"]
    return is_taken or row["offer_state"] not in {None, "open", "claimed"}


def _told(errand: Errand) -> composing.Values:
    """What an alert says beside the lead's own values: what became of the text to them, or what they wrote back."""
    row = errand.row
    if row["reply_body"] is not None:
        vault = errand.office.vault
        key = vault.open_data_key(row["reply_key_id"], row["reply_kek_id"], row["reply_wrapped"])
        said = key.open(row["reply_body"], b"message.body").decode("utf-8", "replace")
        return {"lead.reply": said, "lead.reply_meaning": _MEANINGS.get(row["reply_intent"])}
    return {"lead.reply_status": wording.answer(row["answer"])}


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
        "texts_link": "",  # the example's is nobody's
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
    "confirmation_sms": _to_lead,
    "help_sms": _to_lead,
    "reply_alert_sms": _alert,
    "reply_alert_email": _alert,
    "alert_sms": _alert,
    "alert_email": _alert,
    "alert_taken_sms": staff_news.taken,
    "claim_answer_sms": staff_news.claim_answer,
    "unattended_sms": staff_news.unattended,
    "unattended_email": staff_news.unattended,
    "test_sms": _trial,
    "test_email": _trial,
    "ops_email": _ops,
    "digest_email": digest.mail,
    "forget_texts": forgetting.texts,
    "forget_crm": forgetting.contact,
}
