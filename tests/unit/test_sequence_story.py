"""What a lead's timeline says of sequences."""

from __future__ import annotations

from leadwake.domain import sequence_story


def test_a_message_is_called_by_its_step_once_that_is_known() -> None:
    sent = {"kind": "nurture_sms", "decision": {"template": "new_buyer/step-5"}}
    named = {"kind": "nurture_email", "decision": {"template": "new_buyer/first-day"}}

    assert sequence_story.noun(sent) == "Text of “new buyer”, step 5"
    assert sequence_story.noun(named) == "E-mail of “new buyer”, first day"
    assert sequence_story.noun({"kind": "nurture_email", "decision": None}) == "E-mail of a sequence"
    assert sequence_story.noun({"kind": "sms", "decision": {"template": "instant_reply.sms"}}) is None


def test_a_code_nobody_foresaw_is_shown_as_itself() -> None:
    event = {"kind": "sequence_stopped", "data": {"sequence": "buyer", "because": "moon_phase"}}

    assert sequence_story.tell(event) == ("“buyer” stopped", "moon phase")
    assert sequence_story.tell({"kind": "claimed", "data": {}}) is None
