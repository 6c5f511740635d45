"""Calls as a timeline tells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leadwake.domain.calls import spoken, told

AT = datetime(2026, 11, 24, 17, tzinfo=UTC)


def call(direction: str, state: str, **more: Any) -> dict[str, Any]:
    return {
        "direction": direction, "state": state, "answered_at": None, "ended_at": None, "outcome": None,
        "text_state": None,
    } | more  # fmt: skip


TALKED = {"answered_at": AT, "ended_at": AT + timedelta(seconds=200)}


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (call("out", "ended", outcome="talked", **TALKED), "Dana called Maria, 3 min 20 s"),
        (call("out", "ended", outcome="voicemail", **TALKED), "Dana called Maria: left a voicemail"),
        (call("out", "ended", outcome="no_answer"), "Dana called Maria: no answer"),
        (call("out", "ended", outcome="busy"), "Dana called Maria: the line was busy"),
        (call("out", "ended", outcome="talked"), "Dana called Maria and talked with them"),
        (call("out", "failed", outcome="agent_away"), "Dana did not get through to Maria"),
        (call("out", "planned"), "Dana is calling Maria"),
        (call("out", "talking", answered_at=AT), "Dana is talking with Maria"),
        (call("in", "missed", outcome="no_answer", text_state="sent"), "Missed call from Maria; texted back"),
        (call("in", "missed", outcome="no_answer", text_state="blocked"), "Missed call from Maria"),
        (call("in", "ended", outcome="talked", **TALKED), "Maria called, Dana took it, 3 min 20 s"),
        (call("in", "ringing"), "Maria is calling"),
    ],
)
def test_a_call_is_told_in_plain_words(row: dict[str, Any], line: str) -> None:
    assert told(row, "Maria", "Dana")[0] == line


def test_a_word_nobody_foresaw_is_shown_as_itself() -> None:
    assert (
        told(call("out", "ended", outcome="lost_in_fog"), "Maria", None)[0] == "A colleague called Maria: lost in fog"
    )


def test_why_a_call_did_not_come_about_stands_beside_it() -> None:
    why = told(call("out", "failed", outcome="agent_away"), "Maria", "Dana")[1]

    assert why == "Dana's own phone was not answered, or 1 not pressed"


def test_a_number_is_spoken_digit_by_digit() -> None:
    assert spoken("+18135550142") == "8 1 3, 5 5 5, 0 1 4 2"
    assert spoken("+442079460600") == "4 4 2 0 7 9 4 6 0 6 0 0"
