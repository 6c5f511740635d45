"""One mail, or one XML document, into the leads in it: any bytes give a reading, in bounded time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.mail_lead import MailLead
from leadwake.intake.mail_parts import Mail, take_apart

#: leads taken from one mail; more is a file, and files are imported
MAX_LEADS = 200


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
    return _about(mail, (), "not_a_lead")


def read_part(body: bytes, meta: Mapping[str, str], now: datetime) -> Inquiry:
    """The door: body, a mail; meta["part"], which of its leads ("0", …). Raises InputError."""
    part = meta.get("part") or "0"
    return read_mail(body).inquiry(int(part) if part.isascii() and part.isdecimal() else -1, now)


def _about(mail: Mail, leads: tuple[MailLead, ...], why: str) -> MailReading:
    sender = next(iter(mail.mailboxes("from")), None)
    ids = {name: mail.ids(name) for name in ("message-id", "in-reply-to", "references")}
    return MailReading(
        leads=leads[:MAX_LEADS],
        why="" if leads else why,
        message_id=next(iter(ids["message-id"]), ""),
        from_address=sender.address if sender else "",
        from_name=sender.name if sender else "",
        to_addresses=tuple(dict.fromkeys(box.address for box in mail.mailboxes("to", "cc", "delivered-to"))),
        subject=mail.line("subject"),
        in_reply_to=next(iter(ids["in-reply-to"]), ""),
        references=ids["references"],
        text="\n".join(mail.texts("text/plain")),
    )
