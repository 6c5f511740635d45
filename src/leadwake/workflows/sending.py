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
from leadwake.compliance.decision import Decision, Message
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.domain import aftermath, wording
from leadwake.domain.aftermath import Fate
from leadwake.domain.values import Channel, Purpose
from leadwake.domain.variables import EXAMPLES
from leadwake.errors import DatabaseAway, LeadwakeError
from leadwake.storage.decisions import evidence
from leadwake.storage.vault import DataKey, KekUnknown
from leadwake.vendors import Mode
from leadwake.workflows import (
    chat_messages,
    composing,
    crm_deals,
    crm_notes,
    digest,
    enrichment,
    forgetting,
    gate_facts,
    hot_leads,
    human_messages,
    mail_for_text,
    meeting_messages,
    nurture_messages,
    ops_mail,
    ops_notices,
    paging,
    phone_calls,
    slack_alerts,
    staff_news,
    telling,
    webhook_sending,
)
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
    "ops_slack": timedelta(days=1),
    "page_sms": timedelta(hours=1),
    "page_email": timedelta(hours=6),
    "page_slack": timedelta(hours=6),
    "forget_texts": timedelta(days=365),
    "forget_crm": timedelta(days=365),
    "forget_slack": timedelta(days=365),
    "forget_gohighlevel": timedelta(days=365),
    "crm_note": timedelta(days=30),
    "crm_deal": timedelta(days=30),
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
    "hot_alert_sms": timedelta(hours=12),
    "hot_alert_email": timedelta(days=3),
    "hot_alert_slack": timedelta(hours=12),
    "meeting_alert_sms": timedelta(hours=12),
    "meeting_alert_email": timedelta(days=3),
    "meeting_alert_slack": timedelta(hours=12),
    "call_reminder_sms": timedelta(hours=2),
    "call_reminder_email": timedelta(hours=2),
    "call_reminder_slack": timedelta(hours=2),
    "meeting_reminder_sms": timedelta(0),  # of the meeting's beginning
    "meeting_reminder_email": timedelta(0),
    "no_show_sms": timedelta(days=3),
    "no_show_email": timedelta(days=3),
    "nurture_sms": timedelta(days=7),
    "nurture_email": timedelta(days=7),
    "nurture_alert_sms": timedelta(hours=12),
    "nurture_alert_email": timedelta(days=3),
    "nurture_alert_slack": timedelta(hours=12),
    "human_sms": timedelta(days=3),
    "human_email": timedelta(days=3),
    "human_chat": timedelta(days=1),
    "chat": timedelta(minutes=15),
    "call": timedelta(minutes=2),
    "digest_email": timedelta(hours=12),
    "digest_slack": timedelta(hours=12),
    "enrich": timedelta(days=7),
    "webhook": timedelta(days=30),
}
#: texts to a lead that are no answer to an inquiry → their template
_OWN_TEMPLATE: Mapping[str, str] = {"confirmation_sms": "stop_confirmation.sms", "help_sms": "help.sms"}
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
    meant_at = row["letter_send_at"] or row["reminds_of"] or row["created_at"]
    if errand.now - meant_at > EXPIRES_AFTER[row["kind"]]:
        return Judgement(State.EXPIRED, "too_late")
    if (held := _held_back(errand)) is not None:
        return held
    is_text = row["channel"] == "sms" and row["kind"] not in forgetting.KINDS
    if row["purpose"] == Purpose.STAFF and is_text and not settings.a2p_approved():
        return Judgement(State.BLOCKED, "a2p_not_approved")  # R-10DLC-1 holds for every text; the gate sees only leads'
    return _JUDGES[row["kind"]](errand)


def _held_back(errand: Errand) -> Judgement | None:
    """In a house restored from a backup: what may have been sent before the disaster waits for a look."""
    after = errand.office.aftermath
    match after.fate(errand.row) if after else Fate.FREE:
        case Fate.HELD:
            return Judgement(State.DEFERRED, aftermath.REASON, due_at=errand.now + aftermath.LOOK_AGAIN)
        case Fate.OVER:
            return Judgement(State.CANCELLED, aftermath.REASON)
    return None


def _to_lead(errand: Errand) -> Judgement:
    office, row = errand.office, errand.row
    if row["in_touch_at"] is not None and row["in_touch_at"] > row["created_at"]:
        return Judgement(State.CANCELLED, "in_touch")  # R-CASE-13: a late text is dropped when a person has been there
    if row["kind"] == "help_sms" and row["opted_out_at"]:
        return Judgement(State.CANCELLED, "opted_out")  # R-CTIA-3: in any state but revoked
    if (turn := mail_for_text.judge(errand)) is not None:
        return turn
    if over := meeting_messages.is_over(row):
        return Judgement(State.CANCELLED, over)
    key, profile = errand.opened()
    if row["sealed_value"] is None:
        return Judgement(State.CANCELLED, "contact_gone")
    channel, purpose = Channel(row["channel"]), Purpose(row["purpose"])
    address = key.open(row["sealed_value"], b"lead_contact.value").decode()
    message = gate_facts.message(channel, purpose, address, profile)
    facts = meeting_messages.arranged(row, gate_facts.facts(office, row, profile))
    decision = may_send(message, facts, office.tables, errand.now, office.policy)
    verdict = _carried_out(errand, decision, message, key, profile)
    return replace(verdict, evidence=evidence(message, facts, key, gate_facts.sender(office, channel)))


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
    if row["meeting_state"] is not None:
        return meeting_messages.to_lead(errand, to, values, said)
    if message.channel is Channel.EMAIL:
        values = {**values, "texts_link": composing.texts_link(errand)}
        return composing.mail(errand, to, "instant_reply", values, said)
    was_held = errand.now - row["created_at"] > HELD_AFTER
    return composing.text(errand, to, _OWN_TEMPLATE.get(row["kind"]) or _answer(row, was_held), values, said)


def _answer(row: DictRow, was_held: bool) -> str:
    """The template of an instant text."""
    if row["door"] == "call":
        return "missed_call.sms"
    return "instant_reply_held.sms" if was_held else "instant_reply.sms"


def _alert(errand: Errand) -> Judgement:
    """A new lead, or a reply that needs a person, to the agent."""
    row, agent = errand.row, errand.office.person(errand.row["agent_id"])
    if agent is None or agent.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    if row["kind"].startswith("alert_") and telling.is_over(row):
        return Judgement(State.CANCELLED, "offer_over")
    key, profile = errand.opened()
    about = "reply_alert" if row["kind"].startswith("reply_alert") else "staff_alert"
    values = {
        **composing.values_of(errand, profile, agent),
        **telling.told(errand),
        "lead.alert_link": composing.alert_link(errand, agent),
        "offer.code": str(row["offer_code"]) if row["offer_code"] else None,
    }
    to = Addressee(agent.email, agent.name, key)
    if row["channel"] == "email":
        phone = profile.get("phone")
        call = (f"Call {wording.phone(phone)}", f"tel:{phone}") if phone else None
        return composing.mail(errand, to, about, values, button=call)
    if not agent.phone:
        return Judgement(State.SKIPPED, "no_number")
    return composing.text(errand, Addressee(agent.phone, agent.name, key), f"{about}.sms", values)


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
    "alert_slack": slack_alerts.lead_alert,
    "reply_alert_slack": slack_alerts.reply_alert,
    "alert_taken_slack": slack_alerts.taken,
    "unattended_slack": slack_alerts.unattended,
    "alert_taken_sms": staff_news.taken,
    "claim_answer_sms": staff_news.claim_answer,
    "unattended_sms": staff_news.unattended,
    "unattended_email": staff_news.unattended,
    "test_sms": _trial,
    "test_email": _trial,
    "ops_email": ops_mail.judge,
    "ops_slack": ops_notices.judge,
    "page_sms": paging.judge,
    "page_email": paging.judge,
    "page_slack": paging.judge,
    "call": phone_calls.judge,
    "digest_email": digest.mail,
    "digest_slack": digest.slack,
    "forget_texts": forgetting.texts,
    "forget_crm": forgetting.contact,
    "forget_slack": forgetting.messages,
    "forget_gohighlevel": forgetting.contact,
    "crm_note": crm_notes.judge,
    "crm_deal": crm_deals.judge,
    "hot_alert_sms": hot_leads.judge,
    "hot_alert_email": hot_leads.judge,
    "hot_alert_slack": slack_alerts.hot_alert,
    "meeting_alert_sms": meeting_messages.alert,
    "meeting_alert_email": meeting_messages.alert,
    "meeting_alert_slack": slack_alerts.meeting_alert,
    "call_reminder_sms": staff_news.call_reminder,
    "call_reminder_email": staff_news.call_reminder,
    "call_reminder_slack": slack_alerts.call_reminder,
    "meeting_reminder_sms": _to_lead,
    "meeting_reminder_email": _to_lead,
    "no_show_sms": _to_lead,
    "no_show_email": _to_lead,
    "nurture_sms": nurture_messages.judge,
    "nurture_email": nurture_messages.judge,
    "nurture_alert_sms": nurture_messages.alert,
    "nurture_alert_email": nurture_messages.alert,
    "nurture_alert_slack": nurture_messages.alert,
    "human_sms": human_messages.judge,
    "human_email": human_messages.judge,
    "human_chat": chat_messages.judge,
    "chat": chat_messages.judge,
    "enrich": enrichment.judge,
    "webhook": webhook_sending.judge,
}
