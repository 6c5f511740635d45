"""Messages put together at the moment of sending: what is said, to whom, sealed as it goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.actions.claims import Judgement, Outgoing
from leadwake.actions.reconcile import SentContent
from leadwake.actions.states import State
from leadwake.domain.interests import interest, interest_phrase
from leadwake.domain.mail import html_mail
from leadwake.domain.mail_words import ENGLISH, MailWords
from leadwake.domain.template import render, render_subject, render_text
from leadwake.domain.wording import humanised
from leadwake.providers.ports import CrmContact, OutgoingEmail, OutgoingText
from leadwake.storage import enrichment, links
from leadwake.storage import intake as rows
from leadwake.storage.links import Page, Tag
from leadwake.storage.staff import Person
from leadwake.storage.vault import DataKey
from leadwake.workflows import crm_fields
from leadwake.workflows.office import Office

_json = msgspec.json.Encoder()

Values = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Errand:
    """One action about to be judged. row: as a claim reads it; vendor: whose slot it has, "" when none is on."""

    office: Office
    row: DictRow
    attempt_id: UUID
    vendor: str
    now: datetime

    def opened(self) -> tuple[DataKey, dict[str, Any]]:
        """The lead's key and profile."""
        row, vault = self.row, self.office.vault
        key = vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
        return key, rows.open_profile(vault, row)

    def details(self) -> dict[str, Any]:
        """The inquiry that made it necessary, as understood; empty when there is none."""
        row = self.row
        if row["sealed_details"] is None:
            return {}
        return rows.open_details(
            self.office.vault,
            row["details_key_id"],
            row["details_kek_id"],
            row["details_wrapped"],
            row["sealed_details"],
        )

    def seal(self, key: DataKey | None, content: Mapping[str, str]) -> bytes:
        """What is sent, by the lead's key; by the settings key where there is no lead."""
        text = _json.encode(content)
        if key is not None:
            return key.seal(text, b"action.content")
        return self.office.vault.seal_setting(f"action {self.row['id']}", text.decode())


@dataclass(frozen=True, slots=True)
class Addressee:
    """
    Whom a message is for. key: of the lead it is about, None when it is about nobody. sender: who signs it.

    point: the contact point of a lead's own address, which gets links to stop what comes; None for the team's people.
    words: what stands around a mail's own.
    """

    address: str
    name: str | None
    key: DataKey | None
    sender: Person | None = None
    point: int | None = None
    words: MailWords = ENGLISH


def text(
    errand: Errand, to: Addressee, template: str, values: Values, decision: Mapping[str, Any] | None = None
) -> Judgement:
    """The text is to be sent. Raises TextTooLong, TemplateRefused."""
    body = render_text(errand.office.templates[template], values)
    return plain_text(errand, to, body, _versioned(errand.office, decision, template))


def plain_text(errand: Errand, to: Addressee, body: str, decision: Mapping[str, Any] | None = None) -> Judgement:
    """The text is to be sent, in these words."""
    office, row = errand.office, errand.row
    base = office.settings.callback_base(errand.vendor)
    callback = f"{base}/hooks/twilio/status?action={row['id']}&attempt={errand.attempt_id}" if base else None
    content = errand.seal(to.key, {"to": to.address, "body": body})
    return _go(OutgoingText(to.address, body, callback), content, to.key, decision)


def mail(
    errand: Errand,
    to: Addressee,
    template: str,
    values: Values,
    decision: Mapping[str, Any] | None = None,
    *,
    button: tuple[str, str] | None = None,
) -> Judgement:
    """
    The mail of the templates `<template>.subject` and `<template>.email` is to be sent. Raises TemplateRefused.

    button: (label, link), shown below.
    """
    templates = errand.office.templates
    subject = render_subject(templates[f"{template}.subject"], values)
    body = render(templates[f"{template}.email"], values)
    said = _versioned(errand.office, decision, f"{template}.email")
    return plain_mail(errand, to, subject, body, said, button=button)


def plain_mail(
    errand: Errand,
    to: Addressee,
    subject: str,
    body: str,
    decision: Mapping[str, Any] | None = None,
    *,
    button: tuple[str, str] | None = None,
    more_links: tuple[tuple[str, str], ...] = (),
    answers: UUID | None = None,
) -> Judgement:
    """
    The mail is to be sent; a dead letter when nobody said whom mail comes from. more_links: (label, URL) of ours.

    answers: the action of the mail that it stands below in the reader's mailbox.
    """
    settings, sender = errand.office.settings, to.sender
    if not settings.mail_from:
        return Judgement(State.DEAD, "LEADWAKE_SENDGRID_FROM is not set: set it, then replay")
    business, postal = settings.business_name, settings.postal_address
    label, link = button or (to.words.pick_a_time, _booking_link_in(body, errand))
    if button:
        body = f"{body.rstrip()}\n\n{link}"
    foot = [line for line in (business, postal) if line and line not in body]
    ends = [(name, url) for name, url in foot_links(errand, to) if url not in body]
    texts, privacy = texts_link(errand) if to.point is not None else "", settings.privacy_url
    outgoing = OutgoingEmail(
        to=to.address,
        to_name=to.name,
        subject=subject,
        text="\n\n".join(
            part for part in (body, "\n".join(foot), "\n".join(f"{label}: {url}" for label, url in ends)) if part
        ),
        html=html_mail(
            body,
            business=business,
            postal_address=postal,
            title=subject,
            link=link,
            link_label=label,
            more_links=((to.words.get_texts, texts), (to.words.privacy, privacy), *more_links),
            foot_links=tuple(ends),
            language=to.words.language,
        ),
        message_id=_message_id(errand, errand.row["id"]),
        from_email=settings.mail_from,
        from_name=f"{sender.first_name} at {business}" if sender else business,
        reply_to=answers_to(errand, to),
        headers={**unsubscribe_headers(errand, to), **_thread_headers(errand, answers)},
        ids={"action_id": str(errand.row["id"]), "attempt_id": str(errand.attempt_id)},
    )
    content = errand.seal(to.key, {"to": to.address, "subject": subject, "text": outgoing.text})
    return _go(outgoing, content, to.key, decision)


def _message_id(errand: Errand, action_id: UUID) -> str:
    """The RFC 5322 id of an action's mail, the same for every try."""
    return f"<{action_id}@{errand.office.settings.mail_from.partition('@')[2]}>"


def _thread_headers(errand: Errand, answers: UUID | None) -> dict[str, str]:
    """RFC 5322, 3.6.4: what makes a mailbox show a mail below the one before it."""
    before = _message_id(errand, answers) if answers else ""
    return {"In-Reply-To": before, "References": before} if before else {}


def answers_to(errand: Errand, to: Addressee) -> str | None:
    """Where an answer goes: a lead's to us, where mail can come in; else to whoever signed."""
    if tagged := _tagged(errand, Tag.REPLY, to.point):
        return tagged
    return to.sender.email if to.sender and not to.sender.practice else None


def unsubscribe_headers(errand: Errand, to: Addressee) -> dict[str, str]:
    """RFC 8058 and 2369: the mailbox's own button ends our mail, by link or by mail. Empty for the team's people."""
    url, address = page_link(errand, Page.UNSUBSCRIBE, to.point), _tagged(errand, Tag.UNSUBSCRIBE, to.point)
    ways = [f"<{url}>" if url else "", f"<mailto:{address}?subject=unsubscribe>" if address else ""]
    headers = {"List-Unsubscribe": ", ".join(filter(None, ways))} if any(ways) else {}
    return {**headers, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url else headers


def _tagged(errand: Errand, tag: Tag, point: int | None) -> str:
    """Our address for mail that comes in, made out to this person; "" when there is none, or it is no lead."""
    address = errand.office.settings.inbound_address
    return links.tagged(errand.office.vault, tag, point, address) if address and point is not None else ""


def foot_links(errand: Errand, to: Addressee) -> list[tuple[str, str]]:
    """What stands at the foot of every mail to a lead: (words, URL), those there are."""
    if to.point is None:
        return []
    links = (
        (to.words.stop, page_link(errand, Page.UNSUBSCRIBE, to.point)),
        (to.words.choose, page_link(errand, Page.PREFERENCES, to.point)),
        (to.words.privacy, errand.office.settings.privacy_url),
    )
    return [(label, url) for label, url in links if url]


def texts_link(errand: Errand) -> str:
    """Where the person can agree to texts; "" once they have, or said no, and without a public URL."""
    row = errand.row
    is_settled = row["texts_settled"] or row["person_stopped_at"] is not None
    return "" if is_settled else page_link(errand, Page.CONSENT, row["contact_point_id"])


def page_link(errand: Errand, page: Page, point: int | None) -> str:
    """The URL of a page for a lead; "" when there is no public URL."""
    base = errand.office.settings.links_base
    return f"{base}{links.path(errand.office.vault, page, point)}" if base and point is not None else ""


def booking_link(office: Office, lead_id: UUID | None) -> str:
    """Where a lead books a meeting: a page of their own where Calendly is used, else the team's own link."""
    settings = office.settings
    if lead_id is None or not settings.links_base or not settings.books_by_calendly:
        return settings.booking_url
    return f"{settings.links_base}{links.booking_path(office.vault, lead_id)}"


def _booking_link_in(body: str, errand: Errand) -> str:
    """The booking link that the body holds; "" for none."""
    known = (booking_link(errand.office, errand.row["lead_id"]), errand.office.settings.booking_url)
    return next((link for link in known if link and link in body), "")


def alert_link(errand: Errand, person: Person) -> str:
    """The URL by which this member of the team opens the lead, once; "" when there is no public URL."""
    base, row = errand.office.settings.links_base, errand.row
    if not base or row["lead_id"] is None:
        return ""
    expires_at = errand.now + links.ALERT_FOR
    return f"{base}{links.alert_path(errand.office.vault, row['id'], person.id, row['lead_id'], expires_at)}"


def contact(errand: Errand) -> Judgement:
    """The lead's record is to be written to the CRM."""
    key, profile = errand.opened()
    owner = errand.office.person(errand.row["owner_id"])
    details = errand.details()
    base = errand.office.settings.links_base
    values = {
        **{name: details.get(name) for name in ("source", "interest", "message", "budget", "timeline")},
        "state": profile.get("state"), "postal_code": profile.get("postal_code"), "score": str(errand.row["score"]),
        "temperature": errand.row["temperature"], "link": f"{base}/leads/{errand.row['lead_id']}" if base else None,
    }  # fmt: skip
    outgoing = CrmContact(
        str(errand.row["lead_id"]),
        profile.get("email"),
        profile.get("phone"),
        profile.get("first") or None,
        profile.get("last") or None,
        crm_fields.properties(errand.office, errand.vendor, values),
        known_as=errand.row["vendor_ref"] or _brought_by(errand),
        tags=(crm_fields.TAG,),
        owner_email=owner.email if owner and not owner.practice else None,
        is_keyed=(errand.vendor, "contacts") in errand.office.crm_keys,
    )
    content = errand.seal(key, {"to": outgoing.email or outgoing.phone or "", "body": ""})
    return _go(outgoing, content, key, None)


def _brought_by(errand: Errand) -> str | None:
    """The id in this CRM of somebody whom it told us of."""
    extra = errand.details().get("extra") or {}
    return extra.get("crm_ref") if extra.get("crm") == errand.vendor else None


def values_of(errand: Errand, profile: Mapping[str, Any], agent: Person | None, language: str | None = None) -> Values:
    """What templates may say about this lead, this agent and this business. language: of our own words in it."""
    row, base = errand.row, errand.office.settings.links_base
    business, booking = business_values(errand.office), booking_link(errand.office, row["lead_id"])
    return {
        **lead_values(business, booking, profile, errand.details(), agent, _looked_up(errand), language),
        "lead.score": str(row["score"]),
        "lead.temperature": row["temperature"],
        "lead.reasons": "; ".join(reason["text"] for reason in weightiest(row)),
        "lead.link": f"{base}/leads/{row['lead_id']}" if base else "",
    }


def lead_values(
    business: Values,
    booking: str,
    profile: Mapping[str, Any],
    details: Mapping[str, Any],
    agent: Person | None,
    found: Mapping[str, Any],
    language: str | None,
) -> Values:
    """
    What messages may say to a lead.

    booking: their link. details: of the inquiry. agent: who signs. found: by a data vendor. language: of our own words.
    """
    kind = details.get("interest")
    return {
        **business,
        "booking_link": booking,
        "lead.first_name": profile.get("first"),
        "lead.name": profile.get("name"),
        "lead.phone": profile.get("phone") or profile.get("phone_raw"),
        "lead.email": profile.get("email") or profile.get("email_raw"),
        "lead.interest": interest(kind, language),
        "lead.interest_phrase": interest_phrase(kind, language),
        "lead.message": details.get("message"),
        "lead.timeline": details.get("timeline"),
        "lead.budget": details.get("budget"),
        "lead.source": humanised(details.get("source") or ""),
        **{f"enrichment.{name}": found.get(name) for name in ("company", "title")},
        "agent.first_name": agent.first_name if agent else "",
        "agent.name": agent.name if agent else "",
        "agent.phone": agent.phone if agent and not agent.practice else "",
    }


def _looked_up(errand: Errand) -> Mapping[str, Any]:
    """What a data vendor says about the lead, where the row brings it sealed as `enriched`."""
    sealed = errand.row.get("enriched")
    return enrichment.opened(errand.opened()[0], sealed).facts if sealed else {}


def weightiest(row: DictRow) -> list[Mapping[str, Any]]:
    """The two reasons that weigh most in the lead's score, [{"text", "points"}]; the base, which all have, is none."""
    return list(row["reasons"] or ())[1:3]


def business_values(office: Office) -> dict[str, str]:
    """What templates may say about the business."""
    return {
        "business.name": office.settings.business_name,
        "business.postal_address": office.settings.postal_address,
        "booking_link": office.settings.booking_url,
        "privacy_link": office.settings.privacy_url,
    }


def content_of(office: Office, row: DictRow) -> SentContent:
    """What an attempt sent, from a row with id, content, data_key_id, kek_id and wrapped."""
    if row["data_key_id"] is None:
        sealed = office.vault.open_setting(f"action {row['id']}", row["content"]).encode()
    else:
        key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
        sealed = key.open(row["content"], b"action.content")
    content = msgspec.json.decode(sealed)
    return SentContent(content["to"], content.get("body", ""))


def _go(outgoing: Outgoing, content: bytes, key: DataKey | None, decision: Mapping[str, Any] | None) -> Judgement:
    return Judgement(
        State.SENDING,
        outgoing=outgoing,
        content=content,
        data_key_id=key.id if key else None,
        decision=decision,
    )


def _versioned(office: Office, decision: Mapping[str, Any] | None, template: str) -> Mapping[str, Any] | None:
    if decision is None:
        return None
    return {**decision, "template": template, "template_version": office.template_versions.get(template, 0)}
