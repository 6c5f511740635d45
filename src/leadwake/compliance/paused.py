"""R-REV-4, R-REV-5: where a reply may have been a "no", nothing automated goes out until a person has looked."""

from __future__ import annotations

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Refusal

PAUSED = Refusal("paused", "R-REV-5")


def refuse_paused(case: Case) -> Refusal | None:
    """No automated message to somebody for whom automation is paused; asking us again ends the pause."""
    facts = case.facts
    if facts.paused_at is None:
        return None
    asked_since = facts.inquiry_at is not None and facts.inquiry_at > facts.paused_at
    return None if asked_since else PAUSED
