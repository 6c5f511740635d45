"""One instant text to a number in ten minutes, whatever was asked in between: a rule of the house, not of law."""

from __future__ import annotations

from datetime import timedelta

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Refusal
from leadwake.domain.values import Purpose

PAUSE = timedelta(minutes=10)
ALREADY_ANSWERED = Refusal("already_answered", "ONE-IN-TEN")


def refuse_second_answer(case: Case) -> Refusal | None:
    """No second instant text until ten minutes after the last; later inquiries stand on the timeline for the agent."""
    answered_at = case.facts.already_answered_at
    if answered_at is None or not (case.is_sms and case.has_purpose(Purpose.INSTANT_REPLY)):
        return None
    return ALREADY_ANSWERED if case.now - answered_at <= PAUSE else None
