"""The gate: may this message be sent now, later, or not at all?

The rules are asked in the order of R-CASE-1 to R-CASE-12; the first that matches decides. Everything it looks at is an
argument, so the same question always gets the same answer and any decision can be replayed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

from leadwake.compliance.answered import refuse_second_answer
from leadwake.compliance.bounced import refuse_bounced
from leadwake.compliance.caps import cap_clears_at
from leadwake.compliance.carrier import refuse_unregistered
from leadwake.compliance.case import Case
from leadwake.compliance.chat import refuse_in_chat
from leadwake.compliance.complaints import refuse_paused_marketing
from leadwake.compliance.consent_rules import (
    NEEDS_WRITTEN,
    is_word_enough,
    judged_purpose,
    refuse_declined,
    refuse_without_consent,
)
from leadwake.compliance.decision import Decision, Facts, Message, Missing, Outcome, Refusal, Registry
from leadwake.compliance.fresh import may_answer_at_any_hour
from leadwake.compliance.marketing_mail import refuse_incomplete_marketing
from leadwake.compliance.number import INVALID, judge_number
from leadwake.compliance.paused import refuse_paused
from leadwake.compliance.place import Place, locate, locate_held_address
from leadwake.compliance.policy import STANDARD, Policy
from leadwake.compliance.registries import is_registered, refuse_registered
from leadwake.compliance.stop_lists import refuse_stop_listed
from leadwake.compliance.switches import refuse_switched_off
from leadwake.compliance.tables import Tables
from leadwake.compliance.windows import Windows
from leadwake.domain.values import Channel, ConsentLevel, Purpose

#: further ahead nothing is deferred (R-CASE-10)
HORIZON = timedelta(days=14)

_WORDS: tuple[frozenset[str], ...] = (
    frozenset(Channel),
    frozenset(Purpose),
    frozenset(ConsentLevel),
    frozenset(get_args(Registry)),
)

#: what may refuse an automated message, after its number and before its place is looked at
_AUTOMATED = (
    refuse_stop_listed,
    refuse_paused,
    refuse_bounced,
    refuse_unregistered,
    refuse_declined,
    refuse_switched_off,
    refuse_second_answer,
    refuse_registered,
    refuse_without_consent,
    refuse_paused_marketing,
    refuse_incomplete_marketing,
)


def may_send(message: Message, facts: Facts, tables: Tables, now: datetime, policy: Policy = STANDARD) -> Decision:
    """The decision on one message at one instant; asked again when a deferral is due and before the vendor is called.

    policy: what this team changed. What a table does not cover never goes: it is blocked as `fail_closed` (R-CASE-12).
    Raises ValueError when an instant is naive, or a word is none of its kind.
    """
    _check_arguments(message, facts, now)
    case = Case(message, facts, tables, now.astimezone(UTC), policy)
    try:
        return _decide(case)
    except Missing as missing:
        return _answer(case, "block", "fail_closed", "R-CASE-12", missing=str(missing))
    except OverflowError:
        # an instant at the end of the calendar: nobody can say what follows it
        return _answer(case, "block", "fail_closed", "R-CASE-12", missing="the calendar ends here")


def _check_arguments(message: Message, facts: Facts, now: datetime) -> None:
    for instant in (now, facts.inquiry_at, facts.already_answered_at, facts.paused_at, *facts.prior_sends):
        if instant is not None and instant.utcoffset() is None:
            raise ValueError("the gate takes aware instants only")
    # an unknown word must not slip past rules that ask for a known one
    for word, kind in zip((message.channel, message.purpose, facts.consent, facts.dnc), _WORDS, strict=True):
        if word not in kind:
            raise ValueError(f"the gate does not know {word!r}")


def _decide(case: Case) -> Decision:
    purpose = case.message.purpose
    if purpose == Purpose.STAFF:
        return _send_unless(case, refuse_unregistered(case), "R-STAFF")
    if case.is_chat:
        return _send_unless(case, refuse_in_chat(case), "R-CHAT")
    npa = None if case.is_email else judge_number(case.message.recipient, case.message.country, case.tables)
    if purpose == Purpose.HUMAN:
        return _decide_human(case, npa)
    if isinstance(npa, Refusal):
        return _refuse(case, npa)
    if purpose == Purpose.CONFIRMATION:
        return _send_unless(case, refuse_unregistered(case), "R-REV-7")
    for rule in _AUTOMATED:
        if refusal := rule(case):
            if refusal is NEEDS_WRITTEN and npa is not None and is_word_enough(case, npa):
                continue
            return _refuse(case, refusal)
    if npa is None:
        return _decide_mail(case)
    return _decide_when(case, locate(case, npa))


def _decide_mail(case: Case) -> Decision:
    """R-CASE-5: at any hour, but for marketing where the team holds it (R-STATE-6)."""
    place = locate_held_address(case) if judged_purpose(case) == Purpose.MARKETING else None
    until = case.policy.held_until(place.states, case.now) if place else None
    if until is None:
        return _answer(case, "send", "ok", "R-CASE-5")
    if until > case.now + HORIZON:
        return _answer(case, "block", "held_state", "R-STATE-6", place)
    return _answer(case, "defer", "held_state", "R-STATE-6", place, at=until)


def _decide_when(case: Case, place: Place) -> Decision:
    """R-CASE-7 to R-CASE-10 and R-STATE-6, for a text or an automated call that may be sent at all."""
    purpose = judged_purpose(case)
    windows = Windows(place, case.tables, purpose != Purpose.TRANSACTIONAL, case.is_voice, case.policy)
    closure = windows.closure(case.now)
    if may_answer_at_any_hour(case, place, purpose):
        return _answer(case, "send", "ok_fresh_inquiry" if closure else "ok", "R-CASE-8", place)
    is_marketing = purpose == Purpose.MARKETING
    clears_at = cap_clears_at(case, place) if is_marketing else None
    held_until = case.policy.held_until(place.states, case.now) if is_marketing else None
    if clears_at is None and closure is None and held_until is None:
        return _answer(case, "send", "ok", "R-CASE-7", place)
    at = windows.next_open(max(clears_at or case.now, held_until or case.now), case.now + HORIZON)
    if held_until is not None:
        return _answer(case, "defer" if at else "block", "held_state", "R-STATE-6", place, at=at)
    if at is None:
        return _answer(case, "block", "no_common_window", "R-CASE-10", place)
    if clears_at is not None:
        return _answer(case, "defer", "cap_24h", "R-CASE-9", place, at=at)
    assert closure is not None
    return _answer(case, "defer", closure, "R-CASE-7", place, at=at)


def _decide_human(case: Case, npa: str | Refusal | None) -> Decision:
    """A person's own message: only stop lists and impossible numbers hold it; all else is said and left to them.

    R-INTL-1 keeps texts in the US for people too; a call abroad is theirs to make (R-CASE-13: it becomes a call task).
    """
    if isinstance(npa, Refusal) and (npa == INVALID or case.is_sms):
        return _refuse(case, npa)
    if refusal := refuse_stop_listed(case) or refuse_unregistered(case):
        return _refuse(case, refusal)
    warnings = []
    if case.facts.consent == ConsentLevel.DECLINED:
        warnings.append("declined")
    if case.is_email and case.facts.address_bounced:
        warnings.append("address_bounced")
    if npa is None:
        return _answer(case, "send", "ok", "R-HUMAN", warnings=tuple(warnings))
    if is_registered(case):
        warnings.append("dnc_registry")
    if isinstance(npa, Refusal):
        return _answer(case, "send", "ok", "R-HUMAN", warnings=(*warnings, npa.reason))
    try:
        place = locate(case, npa)
        windows = Windows(place, case.tables, solicitation=True, automated_voice=False, policy=case.policy)
        closure = windows.closure(case.now)
        opens_at = windows.next_open(case.now, case.now + HORIZON) if closure else None
    except Missing as missing:
        return _answer(case, "send", "ok", "R-HUMAN", warnings=(*warnings, "hours_unknown"), missing=str(missing))
    if closure:
        warnings.append(closure)
    if case.policy.held_until(place.states, case.now):
        warnings.append("held_state")
    return _answer(case, "send", "ok", "R-HUMAN", place, warnings=tuple(warnings), opens_at=opens_at)


def _send_unless(case: Case, refusal: Refusal | None, rule: str) -> Decision:
    return _refuse(case, refusal) if refusal else _answer(case, "send", "ok", rule)


def _refuse(case: Case, refusal: Refusal) -> Decision:
    return _answer(case, "block", refusal.reason, refusal.rule)


def _answer(
    case: Case,
    outcome: Outcome,
    reason: str,
    rule: str,
    place: Place | None = None,
    *,
    at: datetime | None = None,
    warnings: tuple[str, ...] = (),
    opens_at: datetime | None = None,
    missing: str = "",
) -> Decision:
    return Decision(
        outcome=outcome,
        at=case.now if outcome == "send" else at,
        reason=reason,
        rule=rule,
        table_version=case.tables.version,
        consent=case.facts.consent,
        states=place.states if place else (),
        zones=place.zone_names if place else (),
        local_times=place.local_times(case.now) if place else (),
        warnings=warnings,
        opens_at=opens_at,
        missing=missing,
        policy_version=case.policy.version,
    )
