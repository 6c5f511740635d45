"""`whatif email`: what each mail would be taken for, a line of JSON a file. Pure."""

from __future__ import annotations

from typing import Any

from leadwake.intake.mail.lead import MailLead
from leadwake.intake.mail.reading import read_mail


def answer(name: str, raw: bytes) -> dict[str, Any]:
    """
    What the file says: its first lead with every key of `MailLead.as_json`, all empty when it is none.

    "more" holds the further leads of a document with several; "why" the code of a mail that is no lead.
    """
    reading = read_mail(raw)
    first, *more = reading.leads or (MailLead(),)
    said: dict[str, Any] = {"file": name, "is_lead": bool(reading.leads), **first.as_json()}
    if more:
        said["more"] = [lead.as_json() for lead in more]
    if reading.why:
        said["why"] = reading.why
    return said
