"""House rule R-CHAT: what stands in a chat that the person began and has open on our team's own website.

No law on calls, texts or mail holds there: nothing is sent to a number or an address, nothing rings, and whoever closes
the page hears no more. So neither hours nor a stop by text keep an answer back: the person is asking just now (ADR
0043), and ends it by closing it. What they did not ask for has no place in it.
"""

from __future__ import annotations

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Refusal
from leadwake.compliance.stop_lists import refuse_stop_listed
from leadwake.domain.values import Purpose

CHAT_OVER = Refusal("chat_over", "R-CHAT")
NOT_ASKED_FOR = Refusal("chat_answers_only", "R-CHAT")


def refuse_in_chat(case: Case) -> Refusal | None:
    """Only a person's answer, and what confirms something, and only while the chat is open."""
    if not case.has_purpose(Purpose.CONFIRMATION) and (refusal := refuse_stop_listed(case)):
        return refusal
    if not case.has_purpose(Purpose.HUMAN, Purpose.CONFIRMATION):
        return NOT_ASKED_FOR
    return None if case.facts.chat_open else CHAT_OVER
