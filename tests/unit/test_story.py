"""What happened, in plain words: every code has some, none makes a page fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain import wording
from leadwake.domain.story import Entry, Teller, in_order

NOW = datetime(2026, 11, 28, 14, 5, tzinfo=UTC)
DANA = UUID(int=7)
TELL = Teller(ZoneInfo("America/New_York"), {DANA: "Dana Reyes"}, NOW)
SEND = {
    "outcome": "send", "sentence": "Text may go now", "rule": "R-CASE-8", "consent": "inquiry",
    "local_times": ["9:05 Sat America/New_York"], "table_version": "2026-11-22.abc", "zones": ["America/New_York"],
}  # fmt: skip
HELD = {**SEND, "outcome": "defer", "sentence": "Text waits until Mon 30 Nov, 9:00 (Pennsylvania hours)"}


def an_action(**changes: Any) -> dict[str, Any]:
    return {
        "id": uuid4(), "kind": "sms", "purpose": "instant_reply", "state": "sent", "agent_id": None, "created_at": NOW,
        "vendor": "twilio", "reason": None, "decision": SEND, "asked_at": NOW - timedelta(seconds=0.4),
    } | changes  # fmt: skip


def a_step(event: str, state: str, *, attempt: UUID | None = None, **detail: Any) -> dict[str, Any]:
    return {"at": NOW, "event": event, "state": state, "attempt_id": attempt, "detail": detail or None}


def told(
    action: dict[str, Any], *steps: dict[str, Any], sent: dict[str, str] | None = None
) -> list[tuple[str, str | None]]:
    return [(entry.text, entry.why) for entry in TELL.action(action, steps, sent or {})]


def test_a_text_says_how_fast_it_left_and_what_allowed_it() -> None:
    attempt = uuid4()
    steps = [a_step("claimed", "sending", attempt=attempt), a_step("accepted", "sent", attempt=attempt, ref="SM1")]

    assert told(an_action(), *steps) == [("Text sent 0.4 s after the lead asked", "Allowed: they asked us; 9:05 there")]


def test_a_text_under_way_says_so() -> None:
    steps = [a_step("claimed", "sending", attempt=uuid4(), vendor="twilio")]

    assert told(an_action(state="sending"), *steps)[0][0] == "Text is being handed to Twilio"


def test_a_deferral_is_told_in_the_words_of_the_gate() -> None:
    steps = [a_step("decided", "deferred", reason="quiet_hours", due_at="2026-11-30T14:00:00+00:00")]

    assert told(an_action(state="deferred", decision=HELD), *steps) == [(HELD["sentence"], None)]


def test_an_earlier_deferral_keeps_its_time_after_the_text_went() -> None:
    steps = [
        a_step("decided", "deferred", reason="quiet_hours", due_at="2026-11-30T14:00:00+00:00"),
        a_step("accepted", "sent"),
    ]

    first, _ = told(an_action(), *steps)
    assert first == ("Text waits until Mon 30 Nov, 9:00", "outside the hours in which it may be sent")


def test_a_block_gives_its_reason() -> None:
    decision = {**SEND, "outcome": "block", "sentence": "Text is not sent: they asked us to stop"}
    steps = [a_step("decided", "blocked", reason="opted_out")]

    assert told(an_action(state="blocked", decision=decision), *steps) == [("Text not sent", "They asked us to stop")]


@pytest.mark.parametrize(
    ("event", "state", "words"),
    [
        ("found", "sent", "Twilio did not answer; looked it up: sent"),
        ("resend", "planned", "possible duplicate"),
        ("unknown", "unknown", "a person decides"),
        ("gave_up", "dead", "a person decides"),
        ("rejected", "dead", "Twilio refused the text"),
        ("failed", "planned", "tried again"),
        ("replayed", "planned", "tried again by hand"),
    ],
)
def test_what_went_wrong_is_said(event: str, state: str, words: str) -> None:
    ((text, _),) = told(an_action(), a_step(event, state, reason="as the vendor said"))
    assert words in text


def test_a_report_that_says_nothing_new_is_no_entry() -> None:
    steps = [
        a_step("accepted", "sent"), a_step("reported", "sent", status="sent"),
        a_step("reported", "delivered", status="delivered"), a_step("reported", "delivered", status="delivered"),
    ]  # fmt: skip

    assert [text for text, _ in told(an_action(), *steps)] == ["Text sent 0.4 s after the lead asked", "Text delivered"]


def test_a_skipped_action_without_attempts_says_why() -> None:
    action = an_action(kind="email", state="skipped", reason="no_address", decision=None)

    assert told(action) == [("E-mail skipped", "there is no e-mail address")]


def test_the_agent_is_named_in_their_alert() -> None:
    action = an_action(kind="alert_sms", purpose="staff", agent_id=DANA, decision=None)

    assert told(action, a_step("accepted", "sent")) == [("Text to Dana Reyes sent", None)]


def test_what_was_sent_stands_with_the_sending() -> None:
    entries = list(TELL.action(an_action(), [a_step("accepted", "sent")], {"to": "+1", "body": "Hi Maria"}))

    assert [entry.body for entry in entries] == ["Hi Maria"]
    assert entries[0].proof is not None
    assert "rule R-CASE-8" in entries[0].proof


codes = st.text(max_size=20) | st.sampled_from(["accepted", "decided", "reported", "found", "cancelled", "deferred"])


@given(kind=codes, event=codes, state=codes, reason=st.none() | codes, status=st.none() | codes)
def test_codes_nobody_foresaw_are_shown_and_never_an_error(
    kind: str, event: str, state: str, reason: str | None, status: str | None
) -> None:
    action = an_action(kind=kind, state=state, reason=reason, decision=None)
    entries = [
        *TELL.action(action, [a_step(event, state, reason=reason, status=status)], {}),
        *TELL.action(action, [], {}),
        TELL.event({"at": NOW, "kind": event, "data": {"by": reason}}),
        TELL.message({"at": NOW, "intent": status, "channel": kind}, "Hello"),
    ]

    for entry in in_order(entries):
        assert entry.as_json()["text"] or not event or not kind


def test_cause_stands_before_effect_at_one_instant() -> None:
    kinds = ["sms", "assigned", "score", "consent", "inquiry"]

    assert [entry.kind for entry in in_order(Entry(NOW, kind, "") for kind in kinds)] == [*reversed(kinds)]


# Words.


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0.0 s"), (0.44, "0.4 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (60, "1 min"),
     (200, "3 min 20 s"), (7500, "2 h 5 min"), (86_400, "24 h"), (3 * 86_400, "3 days")],
)  # fmt: skip
def test_stretches_of_time_are_said_as_people_do(seconds: float, words: str) -> None:
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "9:05"),
        (NOW + timedelta(days=2), "Mon 30 Nov, 9:05"),
        (NOW - timedelta(days=400), "24 Oct 2025, 10:05"),
    ],
)
def test_a_moment_has_its_day_where_it_needs_one(at: datetime, words: str) -> None:
    assert wording.moment(at, ZoneInfo("America/New_York"), NOW) == words


@given(st.floats(0, 10**9))
def test_a_duration_is_never_blank(seconds: float) -> None:
    assert wording.duration(seconds)


def test_words_that_are_text_already_stay_as_they_are() -> None:
    assert wording.reason("twilio 21614: not a mobile number") == "Twilio 21614: not a mobile number"
    assert wording.reason("No answer, asked twice") == "No answer, asked twice"
    assert wording.humanised("circuit_opened") == "circuit opened"
    assert wording.humanised("EverQuote") == "EverQuote"
