"""One mail, or one XML document, into the leads in it: any bytes give a reading, in bounded time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake import mail_noise as noise
from leadwake.intake.adf import read_adf
from leadwake.intake.lead_list import read_lead_list
from leadwake.intake.mail_fields import Found, find_lead, sent_at
from leadwake.intake.mail_lead import MailLead
from leadwake.intake.mail_letter import Letter, letter_of
from leadwake.intake.mail_lines import Body, Line, html_body, text_body
from leadwake.intake.mail_parts import Mail, take_apart
from leadwake.intake.mail_quotes import forwarded, is_reply, new_lines, without_signature
from leadwake.intake.mail_source import EMAIL, source_of
from leadwake.intake.mail_words import asks, asks_first, is_wish

#: leads taken from one mail; more is a file, and files are imported
MAX_LEADS = 200
#: mails within mails that are looked into
_DEPTH = 3
_PROSE_CHARS = 5_000


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
        if part.kind == "text/html" or "&lt;" in part.text[:100_000]:
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
    why = _refusal(letter, found, is_invitation=is_invitation)
    if not why:
        return found.lead, ""
    if why in {"not_a_lead", "no_contact"} and (prose := _of_person(letter)):
        return prose, ""
    return None, why


def _refusal(letter: Letter, found: Found, *, is_invitation: bool) -> str:
    """The code why a letter is no lead; "" when it is one."""
    lead, subject = found.lead, letter.subject
    is_asked = asks(subject) or any(asks(line) for line in letter.opening.splitlines())
    code, is_hard = noise.subject_code(subject)
    is_plain_lead = asks_first(subject) and found.is_labelled and bool(lead.name) and not found.is_list
    if code and not is_plain_lead and (is_hard or not (asks(subject) and (found.is_labelled or lead.relay_email))):
        return code
    if is_invitation and not (is_asked and found.is_labelled):
        return "calendar"
    if found.is_list:
        return "hot_sheet"
    if is_reply(subject) or (letter.is_answer and not letter.known and not found.is_labelled):
        return "internal" if letter.is_ours else "reply"
    if noise.is_of_known_person(letter.opening) and not asks(subject):
        return "activity"
    if not found.can_be_reached:
        is_named = bool(lead.name) and is_asked and letter.known is not None
        return "" if is_named and not letter.is_bulk else "no_contact"
    if lead.relay_email and not letter.is_bulk:
        return ""
    if (
        is_asked
        and (found.is_labelled or letter.known or letter.is_from_role)
        and (found.is_labelled or not letter.is_bulk)
    ):
        return "internal" if letter.is_ours and not letter.is_from_role and not asks(subject) else ""
    if found.is_labelled and (lead.name or lead.message) and not letter.is_bulk:
        return "" if letter.known or letter.is_from_role else "not_a_lead"
    return "newsletter" if letter.is_bulk else "internal" if letter.is_ours else "not_a_lead"


def _of_person(letter: Letter) -> MailLead | None:
    """The lead in a person's own mail: nobody's machine, no answer, and asking for something."""
    sender = letter.sender
    if (
        not sender.address
        or letter.is_from_role
        or letter.is_ours
        or letter.known
        or letter.is_bulk
        or letter.is_answer
    ):
        return None
    lines: list[Line] = list(without_signature(new_lines(letter.lines)))
    text = "\n".join(line.text for line in lines)[:_PROSE_CHARS].strip()
    if not is_wish(f"{letter.subject}\n{text}"):
        return None
    found = find_lead(letter, EMAIL, None).lead
    return replace(
        found, email=sender.address, relay_email=None, name=sender.name or found.name, message=text, source=EMAIL
    )


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
