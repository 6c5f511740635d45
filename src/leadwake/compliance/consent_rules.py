"""R-CASE-4 and the inquiry's own "no": what must have been allowed before anything automated is sent.

47 CFR 64.1200(a)(1)-(3), (f)(9): prior express written consent; artificial voices need it too (R-TCPA-2, R-TCPA-6).
Marketing e-mail outside the US: prior consent by the ePrivacy rules and CASL (R-MAIL-5, R-INTL-1). Read 2026-11-22.
"""

from __future__ import annotations

from datetime import timedelta

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Missing, Refusal
from leadwake.compliance.place import locate
from leadwake.compliance.policy import FIFTH_CIRCUIT, Loosened
from leadwake.compliance.states import country_code, is_us
from leadwake.domain.values import ConsentLevel, Purpose

RULE = "R-CASE-4"
DECLINED = Refusal("declined", "R-CONSENT")
NO_CONSENT = Refusal("no_consent", RULE)
STALE = Refusal("inquiry_stale", RULE)
NEEDS_WRITTEN = Refusal("needs_written_consent", RULE)

#: after this a reply is no answer any more
ANSWER_WITHIN = timedelta(hours=72)


def refuse_declined(case: Case) -> Refusal | None:
    """No automated message on a channel the inquiry itself said no to, except what the person arranged."""
    if case.facts.consent == ConsentLevel.DECLINED and not case.has_purpose(Purpose.TRANSACTIONAL):
        return DECLINED
    return None


def judged_purpose(case: Case) -> Purpose:
    """The purpose it is judged by: an answer that comes too late, to someone who agreed in writing, is marketing."""
    is_late = case.has_purpose(Purpose.INSTANT_REPLY) and is_stale(case)
    return Purpose.MARKETING if is_late and case.facts.consent == ConsentLevel.WRITTEN else case.message.purpose


def is_stale(case: Case) -> bool:
    """Whether there is no inquiry, or only one of more than 72 hours ago."""
    return case.facts.inquiry_at is None or case.now - case.facts.inquiry_at > ANSWER_WITHIN


def refuse_without_consent(case: Case) -> Refusal | None:
    """No automated message without the consent its purpose and channel need; not asked for a person's own messages."""
    consent, purpose = case.facts.consent, judged_purpose(case)
    if consent == ConsentLevel.NONE:
        return NO_CONSENT
    if purpose == Purpose.INSTANT_REPLY and is_stale(case):
        return STALE
    needs_written = (purpose == Purpose.MARKETING and (not case.is_email or _is_abroad(case))) or (
        purpose == Purpose.INSTANT_REPLY and case.is_voice
    )
    if not needs_written or consent == ConsentLevel.WRITTEN or _is_soft_opt_in(case, purpose):
        return None
    return NEEDS_WRITTEN


def is_word_enough(case: Case, npa: str) -> bool:
    """
    Whether somebody's spoken word is enough for a marketing text to this area code.

    Only where the team says so and every state in question is of the Fifth Circuit, which held on 2026-02-25 that the
    TCPA asks for no writing (R-TCPA-2, read 2026-11-22).
    """
    if not (case.is_sms and case.has_purpose(Purpose.MARKETING) and case.facts.consent == ConsentLevel.ORAL):
        return False
    if not case.policy.allows(Loosened.ORAL_CONSENT_TEXTS):
        return False
    try:
        return FIFTH_CIRCUIT.issuperset(locate(case, npa).states)
    except Missing:
        return False  # a state nobody knows is none of theirs


def _is_soft_opt_in(case: Case, purpose: Purpose) -> bool:
    """R-MAIL-5: who asked us in the United Kingdom may be mailed about the same kind of thing, if the team says so."""
    if not (case.is_email and purpose == Purpose.MARKETING and case.policy.allows(Loosened.UK_SOFT_OPT_IN)):
        return False
    return country_code(case.message.country) in {"GB", "UK"} and case.facts.inquiry_at is not None


def _is_abroad(case: Case) -> bool:
    # the rule names EEA, UK, CH and CA; what it does not name gets the stricter reading
    return not is_us(country_code(case.message.country))
