"""R-10DLC-1: no text at all before the sending number's brand and campaign are approved by the carriers."""

from __future__ import annotations

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Refusal

NOT_APPROVED = Refusal("a2p_not_approved", "R-10DLC-1")


def refuse_unregistered(case: Case) -> Refusal | None:
    """No text, a person's or an alert to staff included: carriers look at the sender, not at the purpose."""
    return NOT_APPROVED if case.is_sms and not case.facts.a2p_approved else None
