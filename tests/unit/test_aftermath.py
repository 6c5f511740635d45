"""After a restore: what may have been sent before the disaster waits, and what came in since is answered at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.actions.planning import CHANNELS
from leadwake.domain.aftermath import Aftermath, Fate

RESTORED = datetime(2026, 11, 30, 12, tzinfo=UTC)
BEFORE, AFTER = RESTORED - timedelta(hours=3), RESTORED + timedelta(hours=3)


def row(**changes: Any) -> dict[str, Any]:
    """A text that was planned before, to a lead of before."""
    return {
        "kind": "sms", "channel": "sms", "purpose": "instant_reply", "was_because": None, "created_at": BEFORE,
        "due_at": BEFORE, "attempts": 0, "lead_created_at": BEFORE, "captured_at": BEFORE, "enrolled_by": None,
        "enrolled_at": None, "meeting_starts_at": None,
    } | changes  # fmt: skip


HELD: dict[str, dict[str, Any]] = {
    "an answer that was due": {},
    "one that was tried and is due again": {"due_at": AFTER, "attempts": 1},
    "one that was held already": {"due_at": AFTER, "was_because": "restored"},
    "an answer to a capture of before that is understood only now": {"created_at": AFTER, "due_at": AFTER},
    "a letter of an agent": {"kind": "human_email", "channel": "email", "purpose": "human", "captured_at": None},
    "a step of a sequence": {
        "kind": "nurture_sms", "purpose": "marketing", "created_at": AFTER, "due_at": AFTER, "enrolled_at": BEFORE,
    },
    "a step of one that a machine began since": {
        "kind": "nurture_email", "channel": "email", "purpose": "marketing", "created_at": AFTER, "due_at": AFTER,
        "enrolled_at": AFTER,
    },
    "a word about a meeting they missed before": {
        "kind": "no_show_sms", "purpose": "transactional", "created_at": AFTER, "due_at": AFTER, "captured_at": None,
        "meeting_starts_at": BEFORE,
    },
    "a note in the CRM": {"kind": "crm_note", "channel": "crm", "purpose": "staff"},
}  # fmt: skip
FREE: dict[str, dict[str, Any]] = {
    "somebody new": {"created_at": AFTER, "due_at": AFTER, "lead_created_at": AFTER, "captured_at": AFTER},
    "an answer to somebody of before who asks again": {"created_at": AFTER, "due_at": AFTER, "captured_at": AFTER},
    "a reminder that was not due yet": {"kind": "meeting_reminder_sms", "purpose": "transactional", "due_at": AFTER},
    "a letter that an agent writes now": {
        "kind": "human_sms", "purpose": "human", "created_at": AFTER, "due_at": AFTER, "captured_at": None,
    },
    "the confirmation of a stop": {
        "kind": "confirmation_sms", "purpose": "confirmation", "created_at": AFTER, "due_at": AFTER,
    },
    "a sequence that a person began since": {
        "kind": "nurture_sms", "purpose": "marketing", "created_at": AFTER, "due_at": AFTER, "enrolled_at": AFTER,
        "enrolled_by": "somebody",
    },
    "an order to forget": {"kind": "forget_texts"},
    "a record in the CRM": {"kind": "crm", "channel": "crm", "purpose": "staff"},
    "a webhook": {"kind": "webhook", "channel": "webhook", "purpose": "staff"},
    "an alert of now": {"kind": "alert_sms", "purpose": "staff", "created_at": AFTER, "due_at": AFTER},
}  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_what_may_have_gone_before_waits_for_a_look(name: str) -> None:
    found, after = row(**HELD[name]), Aftermath(RESTORED)

    assert after.fate(found) is Fate.HELD
    held = {**found, "was_because": "restored", "due_at": AFTER}
    assert after.fate(held) is Fate.HELD
    assert Aftermath(RESTORED, looked=True).fate(held) is Fate.OVER
    assert Aftermath(RESTORED, looked=True, sends=True).fate(held) is Fate.FREE


@pytest.mark.parametrize("name", FREE)
def test_what_came_in_since_or_hurts_nobody_goes_on(name: str) -> None:
    assert Aftermath(RESTORED).fate(row(**FREE[name])) is Fate.FREE
    assert Aftermath(RESTORED, looked=True).fate(row(**FREE[name])) is Fate.FREE


def test_an_alert_of_before_is_over() -> None:
    assert Aftermath(RESTORED).fate(row(kind="alert_sms", purpose="staff")) is Fate.OVER


@given(
    st.sampled_from(sorted(CHANNELS)), st.sampled_from(["instant_reply", "transactional", "marketing", "human"]),
    st.integers(min_value=0, max_value=3), st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=90)),
)  # fmt: skip
def test_no_message_to_somebody_of_the_backup_that_was_due_before_ever_goes_without_a_look(
    kind: str, purpose: str, attempts: int, ago: timedelta
) -> None:
    due_at = RESTORED - ago
    found = row(kind=kind, channel=CHANNELS[kind], purpose=purpose, attempts=attempts, due_at=due_at)
    if CHANNELS[kind] in {"sms", "email", "voice", "slack"} and not kind.startswith("forget_"):
        assert Aftermath(RESTORED).fate(found) is Fate.HELD
