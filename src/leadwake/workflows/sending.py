"""What is sent and whether: each action is judged at the moment of sending, with what is known then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.actions.claims import Judgement, Outgoing
from leadwake.actions.reconcile import SentContent
from leadwake.actions.states import State
from leadwake.compliance.decision import Decision, Facts, Message
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.config import Mode
from leadwake.domain.mail import html_mail
from leadwake.domain.template import render, render_subject, render_text
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.domain.variables import EXAMPLES, interest, interest_phrase
from leadwake.errors import LeadwakeError
from leadwake.providers.ports import CrmContact, OutgoingEmail, OutgoingText
from leadwake.storage import intake as rows
from leadwake.storage.staff import Person
from leadwake.storage.vault import DataKey
from leadwake.workflows.office import Office

#: an action that could not be carried out for so long is of no use any more (business time)
EXPIRES_AFTER: Mapping[str, timedelta] = {
    "sms": timedelta(days=14), "email": timedelta(days=3), "crm": timedelta(days=30), "alert_sms": timedelta(hours=12),
    "alert_email": timedelta(days=3), "test_sms": timedelta(minutes=15), "test_email": timedelta(minutes=15),
    "ops_email": timedelta(days=1),
}

_json = msgspec.json.Encoder()


def judge(office: Office, row: DictRow, attempt_id: UUID, vendor: str, now: datetime) -> Judgement:
    """
    What becomes of an action now: sent as composed here, later, or never, with the reason.

    row: of `claim_read`, under the contact point's lock. vendor: the one whose slot it has; "" when none is on.
    A fault in judging one action is its own dead letter and holds up no other.
    """
    try:
        return _judge(office, row, attempt_id, vendor, now)
    except LeadwakeError as error:
        return Judgement(State.DEAD, f"cannot be composed: {type(error).__name__}")


def _judge(office: Office, row: DictRow, attempt_id: UUID, vendor: str, now: datetime) -> Judgement:
    if not vendor:
        return Judgement(State.SKIPPED, "vendor_off")
    if row["practice"] and office.settings.mode(vendor) is not Mode.PRACTICE:
        return Judgement(State.CANCELLED, "planned_in_practice")
    if now - row["created_at"] > EXPIRES_AFTER[row["kind"]]:
        return Judgement(State.EXPIRED, "too_late")
    return _JUDGES[row["kind"]](office, row, attempt_id, vendor, now)


# To the lead -----------------------------------------------------------------------------------------------------------


def _to_lead(office: Office, row: DictRow, attempt_id: UUID, vendor: str, now: datetime) -> Judgement:
    key, profile = _opened(office, row)
    if row["sealed_value"] is None:
        return Judgement(State.CANCELLED, "contact_gone")
    recipient = key.open(row["sealed_value"], b"lead_contact.value").decode()
    message = Message(
        Channel(row["channel"]), Purpose(row["purpose"]), recipient, profile.get("state"), profile.get("postal_code"),
        profile.get("country"),
    )
    decision = may_send(message, _facts(office, row), office.tables, now)
    said = {**decision.as_json(), "sentence": explain(decision, message)}
    if decision.outcome == "block":
        return Judgement(State.BLOCKED, decision.reason, decision=said)
    if not office.settings.business_name:
        # R-TCPA-8: every first message names the business
        return Judgement(State.DEAD, "LEADWAKE_BUSINESS_NAME is not set: set it, then replay", decision=said)
    if decision.outcome == "defer":
        return Judgement(State.DEFERRED, decision.reason, due_at=decision.at, decision=said)
    agent = office.person(row["owner_id"] or row["inquiry_agent_id"])
    values = _values(office, row, profile, agent)
    if row["channel"] == "sms":
        was_held = now - row["created_at"] > timedelta(minutes=30)
        template = "instant_reply_held.sms" if was_held else "instant_reply.sms"
        return _text(office, row, attempt_id, vendor, recipient, template, values, key, said)
    return _mail(office, row, attempt_id, vendor, (recipient, profile.get("name")), "instant_reply", values, key, said, agent)


def _facts(office: Office, row: DictRow) -> Facts:
    level = ConsentLevel(row["consent"]) if row["consent"] else ConsentLevel.NONE
    return Facts(
        ConsentLevel.REVOKED if row["opted_out_at"] else level,
        inquiry_at=row["inquiry_at"],
        prior_sends=tuple(row["prior_sends"] or ()),
        already_answered_at=row["answered_at"],
        a2p_approved=office.settings.a2p_approved(),
    )


def _crm(office: Office, row: DictRow, attempt_id: UUID, vendor: str, now: datetime) -> Judgement:
    del attempt_id, vendor, now
    key, profile = _opened(office, row)
    contact = CrmContact(
        str(row["lead_id"]), profile.get("email"), profile.get("phone"), profile.get("first") or None,
        profile.get("last") or None,
    )
    content = key.seal(_json.encode({"to": contact.email or contact.phone or "", "body": ""}), b"action.content")
    return Judgement(State.SENDING, outgoing=contact, content=content, data_key_id=key.id)


# To the team -----------------------------------------------------------------------------------------------------------


def _alert(office: Office, row: DictRow, attempt_id: UUID, vendor: str, now: datetime) -> Judgement:
    del now
    agent = office.person(row["agent_id"])
    if agent is None or agent.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    key, profile = _opened(office, row)
    values = _values(office, row, profile, agent)
    if row["channel"] == "sms":
        if not agent.phone:
            return Judgement(State.SKIPPED, "no_number")
        return _text(office, row, attempt_id, vendor, agent.phone, "staff_alert.sms", values, key, None)
    return _mail(office, row, attempt_id, vendor, (agent.email, agent.name), "staff_alert", values, key, None, None)


def _trial(office: Office, row: DictRow, attempt_id: UUID, vendor: str, now: datetime) -> Judgement:
    """The message a lead would get, to a member of the team, with the example's values."""
    del now
    person = office.person(row["agent_id"])
    if person is None or (row["channel"] == "sms" and not person.phone):
        return Judgement(State.SKIPPED, "no_number")
    values = {**EXAMPLES, **_business(office), "agent.name": person.name, "agent.first_name": person.first_name,
              "lead.name": person.name, "lead.first_name": person.first_name}
    if row["channel"] == "sms":
        return _text(office, row, attempt_id, vendor, person.phone or "", "instant_reply.sms", values, None, None)
    return _mail(office, row, attempt_id, vendor, (person.email, person.name), "instant_reply", values, None, None, None)


def _ops(office: Office, row: DictRow, attempt_id: UUID, vendor: str, now: datetime) -> Judgement:
    """A vendor has failed for a while: the admins are told by mail."""
    person = office.person(row["agent_id"])
    if person is None or person.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    name = row["recipient"].partition("/")[2]
    text = (
        f"{name} has been failing since {now:%H:%M} UTC. Messages wait and go out by themselves when it is back; nothing is "
        f"lost.\n\nWhat to do: open the setup page and test {name} there.\n\n{office.settings.links_base}/setup"
    )
    return _sealed_mail(
        office, row, attempt_id, vendor, (person.email, person.name), f"{name} is failing", text, None, None, None
    )


# Composing -------------------------------------------------------------------------------------------------------------


def _text(
    office: Office, row: DictRow, attempt_id: UUID, vendor: str, to: str, template: str,
    values: Mapping[str, str | None], key: DataKey | None, said: Mapping[str, Any] | None,
) -> Judgement:
    body = render_text(office.templates[template], values)
    base = office.settings.callback_base(vendor)
    callback = f"{base}/hooks/twilio/status?action={row['id']}&attempt={attempt_id}" if base else None
    content = _sealed(office, row, {"to": to, "body": body}, key)
    return _go(OutgoingText(to, body, callback), content, key, _with_version(office, said, template))


def _mail(
    office: Office, row: DictRow, attempt_id: UUID, vendor: str, to: tuple[str, str | None], template: str,
    values: Mapping[str, str | None], key: DataKey | None, said: Mapping[str, Any] | None, agent: Person | None,
) -> Judgement:
    subject = render_subject(office.templates[f"{template}.subject"], values)
    text = render(office.templates[f"{template}.email"], values)
    return _sealed_mail(
        office, row, attempt_id, vendor, to, subject, text, key, _with_version(office, said, f"{template}.email"), agent
    )


def _sealed_mail(
    office: Office, row: DictRow, attempt_id: UUID, vendor: str, to: tuple[str, str | None], subject: str, text: str,
    key: DataKey | None, said: Mapping[str, Any] | None, agent: Person | None,
) -> Judgement:
    settings = office.settings
    sender = settings.mail_from
    if not sender:
        return Judgement(State.DEAD, "LEADWAKE_SENDGRID_FROM is not set: nobody to send mail as")
    business = settings.business_name
    foot = settings.postal_address
    mail = OutgoingEmail(
        to=to[0], to_name=to[1], subject=subject, text=f"{text}\n\n{business}\n{foot}".rstrip() if foot else text,
        html=html_mail(text, business=business, postal_address=foot, title=subject,
                       link=settings.booking_url if settings.booking_url in text else ""),
        message_id=f"<{row['id']}@{sender.partition('@')[2]}>", from_email=sender,
        from_name=f"{agent.first_name} at {business}" if agent else business,
        reply_to=agent.email if agent and not agent.practice else None,
        ids={"action_id": str(row["id"]), "attempt_id": str(attempt_id)},
    )
    return _go(mail, _sealed(office, row, {"to": to[0], "subject": subject, "text": mail.text}, key), key, said)


def _go(outgoing: Outgoing, content: bytes, key: DataKey | None, said: Mapping[str, Any] | None) -> Judgement:
    return Judgement(
        State.SENDING, outgoing=outgoing, content=content, data_key_id=key.id if key else None, decision=said
    )


def _with_version(office: Office, said: Mapping[str, Any] | None, template: str) -> Mapping[str, Any] | None:
    if said is None:
        return None
    return {**said, "template": template, "template_version": office.template_versions.get(template, 0)}


def _sealed(office: Office, row: DictRow, content: Mapping[str, str], key: DataKey | None) -> bytes:
    text = _json.encode(content)
    return key.seal(text, b"action.content") if key else office.vault.seal_setting(f"action {row['id']}", text.decode())


def content_of(office: Office, row: DictRow) -> SentContent:
    """What an attempt sent, from a row with id, content, data_key_id, kek_id and wrapped."""
    if row["data_key_id"] is None:
        text = office.vault.open_setting(f"action {row['id']}", row["content"]).encode()
    else:
        key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
        text = key.open(row["content"], b"action.content")
    content = msgspec.json.decode(text)
    return SentContent(content["to"], content.get("body", ""))


def _opened(office: Office, row: DictRow) -> tuple[DataKey, dict[str, Any]]:
    key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    return key, rows.open_profile(office.vault, row)


def _business(office: Office) -> dict[str, str]:
    settings = office.settings
    return {
        "business.name": settings.business_name, "business.postal_address": settings.postal_address,
        "booking_link": settings.booking_url,
    }


def _values(
    office: Office, row: DictRow, profile: Mapping[str, Any], agent: Person | None
) -> dict[str, str | None]:
    details = _details(office, row)
    kind = details.get("interest")
    base = office.settings.links_base
    return {
        **_business(office),
        "lead.first_name": profile.get("first"), "lead.name": profile.get("name"),
        "lead.phone": profile.get("phone") or profile.get("phone_raw"),
        "lead.email": profile.get("email") or profile.get("email_raw"),
        "lead.interest": interest(kind), "lead.interest_phrase": interest_phrase(kind),
        "lead.message": details.get("message"), "lead.timeline": details.get("timeline"),
        "lead.budget": details.get("budget"), "lead.source": details.get("source"),
        "lead.score": str(row["score"]), "lead.temperature": row["temperature"],
        "lead.link": f"{base}/leads/{row['lead_id']}" if base else "",
        "agent.first_name": agent.first_name if agent else "", "agent.name": agent.name if agent else "",
        "agent.phone": agent.phone if agent and not agent.practice else "",
    }


def _details(office: Office, row: DictRow) -> dict[str, Any]:
    if row["sealed_details"] is None:
        return {}
    return rows.open_details(
        office.vault, row["details_key_id"], row["details_kek_id"], row["details_wrapped"], row["sealed_details"]
    )


_JUDGES: Mapping[str, Callable[[Office, DictRow, UUID, str, datetime], Judgement]] = {
    "sms": _to_lead, "email": _to_lead, "crm": _crm, "alert_sms": _alert, "alert_email": _alert, "test_sms": _trial,
    "test_email": _trial, "ops_email": _ops,
}
