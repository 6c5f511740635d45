"""R-CASE-8: a text to someone who asked within five minutes may leave at any hour, where every state allows it.

FCC 2015 on on-demand texts, read onto web forms (R-TCPA-3, read 2026-11-22). Voice never uses this.
"""

from __future__ import annotations

from datetime import timedelta

from leadwake.compliance.case import Case
from leadwake.compliance.place import Place
from leadwake.compliance.policy import Loosened
from leadwake.compliance.tables import StateRule
from leadwake.domain.values import Purpose

FRESH = timedelta(minutes=5)


def may_answer_at_any_hour(case: Case, place: Place, purpose: Purpose) -> bool:
    """Whether the text answers a fresh inquiry and no state in question binds such answers. purpose: as judged."""
    if purpose != Purpose.INSTANT_REPLY or not case.is_sms or case.facts.inquiry_at is None:
        return False
    if not case.policy.fresh_replies:
        return False
    # an inquiry far in the future is a wrong clock, and would stay fresh until then
    is_fresh = -FRESH <= case.now - case.facts.inquiry_at <= FRESH
    return is_fresh and all(_is_exempt(rule, case) for rule in place.rules)


def _is_exempt(rule: StateRule, case: Case) -> bool:
    # R-STATE-5: "unverified" is treated as no
    return rule.reply_exempt or (rule.reply_unverified and case.policy.allows(Loosened.UNVERIFIED_REPLIES))
