"""R-CASE-3: the national and state do-not-call registries stop marketing by text and voice.

47 CFR 64.1200(c)(2), (f)(5): the exception for an inquiry lasts three months (R-TCPA-4, read 2026-11-22). Courts are
split on whether texts fall under it; they are treated as calls.
"""

from __future__ import annotations

import calendar
from datetime import datetime

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Refusal
from leadwake.domain.values import ConsentLevel, Purpose

REGISTERED = Refusal("dnc_registry", "R-CASE-3")


def refuse_registered(case: Case) -> Refusal | None:
    """No marketing text or call to a registered number without written consent.

    An inquiry less than three calendar months old lifts the national registry, not the need for consent.
    Replies to an inquiry, transactional messages and e-mail are not touched.
    """
    if case.is_email or not case.has_purpose(Purpose.MARKETING):
        return None
    return REGISTERED if is_registered(case) else None


def is_registered(case: Case) -> bool:
    """Whether a registry speaks against a solicitation to this number now, whoever makes it."""
    dnc, inquiry_at = case.facts.dnc, case.facts.inquiry_at
    if dnc not in {"national", "state"} or case.facts.consent == ConsentLevel.WRITTEN:
        return False
    return dnc == "state" or inquiry_at is None or case.now >= three_months_after(inquiry_at)


def three_months_after(at: datetime) -> datetime:
    """The same day and time three calendar months on, or the last day of that month where it has no such day."""
    years, month = divmod(at.month + 2, 12)
    year, month = at.year + years, month + 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))
