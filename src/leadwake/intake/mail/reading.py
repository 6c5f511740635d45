"""One mail, or one XML document, into the leads in it: any bytes give a reading, in bounded time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.adf import read_adf
from leadwake.intake.lead_list import read_lead_list
from leadwake.intake.mail import noise
from leadwake.intake.mail.fields import find_lead, sent_at
from leadwake.intake.mail.lead import MAX_LEADS, MailLead
from leadwake.intake.mail.letter import Letter, letter_of
from leadwake.intake.mail.lines import Body, html_body, text_body
from leadwake.intake.mail.parts import Mail, take_apart
from leadwake.intake.mail.quotes import forwarded, new_lines, without_signature
from leadwake.intake.mail.source import EMAIL, WEBSITE, source_of
from leadwake.intake.mail.verdict import refusal
from leadwake.intake.mail.wish import is_wish

#: mails within mails that are looked into
_DEPTH = 3
_PROSE_CHARS, _ESCAPED_CHARS = 5_000, 100_000


@dataclass(frozen=True, slots=True)
class MailReading:
    """
    A mail understood.

    leads: in their order; a capture's part is an index into them. why: a code, why there is none ("newsletter",
    "bounce", "reply", …), "" when there is. message_id, in_reply_to, references: without brackets, empty when absent.
    text: what the sender wrote new, without the history below it.
    """

    leads: tuple[MailLead, ...] = ()
    why: str = ""
    message_id: str = ""
    from_address: str = ""
    from_name: str = ""
    to_addresses: tuple[str, ...] = ()
    subject: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    text: str = ""

    def inquiry(self, index: int, now: datetime) -> Inquiry:
        """The inquiry in one of the leads. Raises InputError when there is no such lead."""
        if not 0 <= index < len(self.leads):
            raise InputError({"mail": f"holds no lead {index}: {self.why or f'{len(self.leads)} in all'}"})
        return self.leads[index].inquiry(now)


def read_mail(raw: bytes) -> MailReading:
    """The leads in the bytes of a mail (RFC 822), of an ADF document or of a LeadList of iHomefinder."""
    mail = take_apart(raw)
    leads, why = _leads(mail, _DEPTH)
    sent = sent_at(mail.line("date"))
    leads = [lead if lead.requested_at else replace(lead, requested_at=sent) for lead in leads[:MAX_LEADS]]
    return _about(mail, tuple(leads), why)


def read_part(body: bytes, meta: Mapping[str, str], now: datetime) -> Inquiry:
    """The door: body, a mail; meta["part"], which of its leads ("0", …). Raises InputError."""
    part = meta.get("part") or "0"
    return read_mail(body).inquiry(int(part) if part.isascii() and part.isdecimal() else -1, now)


def _leads(mail: Mail, depth: int) -> tuple[list[MailLead], str]:
    """(the leads, why there is none)."""
    if why := noise.structural(mail):
        return [], why
    letter = letter_of(mail, is_bulk=noise.is_bulk(mail))
    if leads := _documents(mail):
        source, via = source_of(letter) if letter.sender.address else (None, None)
        return [replace(lead, source=lead.source or source, via=lead.via or via) for lead in leads], ""
    lead, why = _of_letter(letter, is_invitation=noise.is_invitation(mail))
    if lead:
        return [lead], ""
    inside = [part.text.encode("utf-8", "replace") for part in mail.parts if part.kind.startswith("message/")]
    for raw in inside[:3] if depth else ():
        leads, inner_why = _leads(take_apart(raw), depth - 1)
        if leads:
            return leads, ""
        why = inner_why if why == "empty" else why
    return [], why


def _documents(mail: Mail) -> list[MailLead]:
    """The leads of the XML in any part: as it stands, or escaped in a page."""
    for part in mail.parts:
        if part.kind.startswith("message/"):
            continue
        texts = [part.text]
        if "&lt;" in part.text[:_ESCAPED_CHARS]:
            texts.append(html_body(part.text).text)
        for text in texts:
            if leads := read_adf(text) or read_lead_list(text):
                return leads
    return []


def _of_letter(letter: Letter, *, is_invitation: bool) -> tuple[MailLead | None, str]:
    for body in letter.bodies:
        if not letter.is_answer and (inner := forwarded(body.lines, letter.subject)):
            inside = Letter(inner.sender, inner.reply_to, inner.subject, [Body(inner.lines)], letter.own)
            return _of_letter(inside, is_invitation=False)
    if not letter.text.strip() and not letter.meta:
        return None, "empty"
    found = find_lead(letter, *source_of(letter))
    why = refusal(letter, found, is_invitation=is_invitation)
    if why in {"", "not_a_lead", "no_contact"} and letter.is_from_person and not found.is_of_another:
        return _of_person(letter, found.lead) if why or not found.is_named else (_of_form(found.lead), "")
    return (None, why) if why else (found.lead, "")


def _of_form(found: MailLead) -> MailLead:
    """The lead of a form that writes in its visitor's name."""
    return replace(found, source=WEBSITE, via=None)


def _of_person(letter: Letter, found: MailLead) -> tuple[MailLead | None, str]:
    """The lead in a person's own mail, when it asks for something. found: what else it says of them."""
    lines = without_signature(new_lines(letter.lines))
    text = "\n".join(line.text for line in lines)[:_PROSE_CHARS].strip()
    if not is_wish(letter.subject, text):
        return None, "not_a_lead"
    sender = letter.sender
    name = sender.name or found.name
    return replace(found, email=sender.address, relay_email=None, name=name, message=text, source=EMAIL, via=None), ""


def _about(mail: Mail, leads: tuple[MailLead, ...], why: str) -> MailReading:
    sender = next(iter(mail.mailboxes("from")), None)
    ids = {name: mail.ids(name) for name in ("message-id", "in-reply-to", "references")}
    return MailReading(
        leads=leads,
        why="" if leads else why,
        message_id=next(iter(ids["message-id"]), ""),
        from_address=sender.address if sender else "",
        from_name=sender.name if sender else "",
        to_addresses=tuple(dict.fromkeys(box.address for box in mail.mailboxes("to", "cc", "delivered-to"))),
        subject=mail.line("subject"),
        in_reply_to=next(iter(ids["in-reply-to"]), ""),
        references=ids["references"],
        text=_readable(mail),
    )


def _readable(mail: Mail) -> str:
    """The new words of a mail, out of its plain text or else its page."""
    bodies = [text_body(text) for text in mail.texts("text/plain")]
    bodies += [html_body(html) for html in mail.texts("text/html")]
    body = next((body for body in bodies if body.text.strip()), None)
    return "\n".join(line.text for line in new_lines(body.lines)).strip() if body else ""
