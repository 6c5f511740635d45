"""A mail that somebody wrote to the team: who they are stands in its From, what they want in its text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.fields import LIMITS, clean_line, clean_text, inquiry
from leadwake.intake.mail.lead import MailLead
from leadwake.intake.mail.reading import read_mail

_decode_lead = msgspec.json.Decoder(MailLead).decode


def read_written(body: bytes, meta: Mapping[str, str], now: datetime) -> Inquiry:
    """The door "mail": body, a mail. Raises InputError when it says not who wrote it."""
    del meta
    mail = read_mail(body)
    if not mail.from_address:
        raise InputError({"from": "holds no address"})
    said = "\n\n".join(part for part in (mail.subject.strip(), mail.text.strip()) if part)
    fields = {
        "name": clean_line(mail.from_name, LIMITS["name"]) if mail.from_name else None,
        "email": clean_line(mail.from_address, LIMITS["email"]),
        "message": clean_text(said, LIMITS["message"]) if said else None,
    }
    return inquiry(fields, asked_at=now, channel="email", source="email")


def of_a_batch(lead: MailLead) -> bytes:
    """The body of a capture for one of several leads in a mail: what the mail says of this one, and of nobody else."""
    return msgspec.json.encode(lead)


def read_of_a_batch(body: bytes, meta: Mapping[str, str], now: datetime) -> Inquiry:
    """The door "mail_lead": body, as `of_a_batch` made it. Raises InputError."""
    del meta
    try:
        lead = _decode_lead(body)
    except msgspec.DecodeError as error:
        raise InputError({"mail": "is no lead of a batch"}) from error
    return lead.inquiry(now)
