"""R-UNSUB-2: marketing mail stands still while too many mark it as spam.

Gmail asks for a spam rate below 0.1 % and never 0.3 % (sender guidelines, read 2026-11-22). The house pauses at 0.3 %
of the mail accepted in 28 days, for every team, whatever its size, until an admin lets it go on.
"""

from __future__ import annotations

from datetime import timedelta

from leadwake.compliance.case import Case
from leadwake.compliance.consent_rules import judged_purpose
from leadwake.compliance.decision import Refusal
from leadwake.domain.values import Purpose

PAUSED = Refusal("mail_paused", "R-UNSUB-2")
#: complaints in a thousand mails at which marketing stops
PAUSE_PER_MILLE = 3
COUNTED_FOR = timedelta(days=28)


def is_too_many(complaints: int, mails: int) -> bool:
    """Whether so many complaints about so many accepted mails stop marketing."""
    return complaints > 0 and complaints * 1000 >= PAUSE_PER_MILLE * mails


def refuse_paused_marketing(case: Case) -> Refusal | None:
    """No marketing mail while it is paused; answers and arrangements go on."""
    is_marketing = case.is_email and judged_purpose(case) == Purpose.MARKETING
    return PAUSED if is_marketing and case.facts.mail_paused else None
