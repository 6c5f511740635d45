"""What the team has switched off is not sent: a rule of the team's own."""

from __future__ import annotations

from leadwake.compliance.case import Case
from leadwake.compliance.consent_rules import judged_purpose
from leadwake.compliance.decision import Refusal

SWITCHED_OFF = Refusal("switched_off", "TEAM")


def refuse_switched_off(case: Case) -> Refusal | None:
    """No automated message of a purpose that is off on this channel, nor one that is judged as such."""
    channel, off = case.message.channel, case.policy.off
    if not off:
        return None
    return SWITCHED_OFF if {(channel, case.message.purpose), (channel, judged_purpose(case))} & off else None
