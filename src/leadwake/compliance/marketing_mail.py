"""R-MAIL-2, R-MAIL-3: marketing mail says where the sender is, and how to end it (15 U.S.C. 7704(a)(3), (5))."""

from __future__ import annotations

from leadwake.compliance.case import Case
from leadwake.compliance.consent_rules import judged_purpose
from leadwake.compliance.decision import Refusal
from leadwake.domain.values import Purpose

NO_ADDRESS = Refusal("no_postal_address", "R-MAIL-2")
NO_WAY_OUT = Refusal("no_unsubscribe_link", "R-MAIL-3")


def refuse_incomplete_marketing(case: Case) -> Refusal | None:
    """No marketing mail of a team without a postal address, or that cannot put a link to unsubscribe into it."""
    if not case.is_email or judged_purpose(case) != Purpose.MARKETING:
        return None
    if not case.facts.has_postal_address:
        return NO_ADDRESS
    return None if case.facts.has_unsubscribe_link else NO_WAY_OUT
