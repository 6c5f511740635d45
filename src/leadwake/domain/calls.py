"""A call's life and how it is told. Pure.

out   planned ─► ringing ─► talking ─► ended          the agent's phone rings, then the lead's
          └─────────┴──────────────────────► failed   nobody was called
in               ringing ─► talking ─► ended
                    └──────────┴──► missed            nobody took it, or the caller hung up first
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from leadwake.domain import wording

Row = Mapping[str, Any]


class Outcome(StrEnum):
    """What came of a call, as the agent or the network says."""

    TALKED = "talked"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    BUSY = "busy"
    AGENT_AWAY = "agent_away"  # the agent's own phone was not answered, or no key pressed
    OPTED_OUT = "opted_out"  # a stop came while the agent's phone rang
    CANCELLED = "cancelled"
    FAILED = "failed"


#: what an agent can say of a call with one tap → on the button
TAPS: Final[Mapping[Outcome, str]] = {
    Outcome.TALKED: "Talked",
    Outcome.VOICEMAIL: "Left a voicemail",
    Outcome.NO_ANSWER: "No answer",
    Outcome.WRONG_NUMBER: "Wrong number",
}

_AFTER: Final[Mapping[str, str]] = {
    Outcome.VOICEMAIL: "left a voicemail",
    Outcome.NO_ANSWER: "no answer",
    Outcome.BUSY: "the line was busy",
    Outcome.WRONG_NUMBER: "wrong number",
    Outcome.FAILED: "the number could not be reached",
    Outcome.CANCELLED: "called off",
}
_NOT_MADE: Final[Mapping[str, str]] = {
    Outcome.AGENT_AWAY: "{agent}'s own phone was not answered, or 1 not pressed",
    Outcome.OPTED_OUT: "they asked us to stop meanwhile",
    Outcome.CANCELLED: "{agent} called it off",
}
_TEXTED: Final = frozenset({"planned", "deferred", "sending", "sent", "delivered"})


def told(call: Row, lead: str, agent: str | None) -> tuple[str, str | None, str]:
    """
    A call as a line of the timeline: (what happened, why or None, tone). lead, agent: how they are called.

    call: direction, state, answered_at, ended_at, outcome, and text_state, of the text that went back for a missed one.
    """
    colleague = agent or "A colleague"
    return _told_in(call, lead, colleague) if call["direction"] == "in" else _told_out(call, lead, colleague)


def _told_in(call: Row, lead: str, agent: str) -> tuple[str, str | None, str]:
    match call["state"]:
        case "missed":
            texted = "; texted back" if call["text_state"] in _TEXTED else ""
            return f"Missed call from {lead}{texted}", None, "wait"
        case "talking":
            return f"{lead} called and is talking with {agent}", None, "busy"
        case "ended":
            return f"{lead} called, {agent} took it{_lasted(call)}", None, "good"
        case _:
            return f"{lead} is calling", None, "busy"


def _told_out(call: Row, lead: str, agent: str) -> tuple[str, str | None, str]:
    outcome = call["outcome"] or ""
    match call["state"]:
        case "ended" if call["answered_at"] is not None and outcome in {"", Outcome.TALKED}:
            return f"{agent} called {lead}{_lasted(call)}", None, "good"
        case "ended" if outcome == Outcome.TALKED:
            return f"{agent} called {lead} and talked with them", None, "good"
        case "ended":
            return f"{agent} called {lead}: {_AFTER.get(outcome, wording.humanised(outcome))}", None, "quiet"
        case "failed" if outcome in TAPS:  # the agent knows better: they used their own phone
            return f"{agent} called {lead}: {TAPS[Outcome(outcome)].lower()}", None, "quiet"
        case "failed":
            why = _NOT_MADE.get(outcome) or wording.reason(outcome)
            return f"{agent} did not get through to {lead}", why.format(agent=agent) if why else None, "quiet"
        case "talking":
            return f"{agent} is talking with {lead}", None, "busy"
        case _:
            return f"{agent} is calling {lead}", None, "busy"


def _lasted(call: Row) -> str:
    began, ended = call["answered_at"], call["ended_at"]
    return f", {wording.duration(seconds(began, ended))}" if began and ended else ""


def seconds(answered_at: datetime, ended_at: datetime) -> float:
    """How long two people were on the line."""
    return max(0.0, (ended_at - answered_at).total_seconds())


def spoken(number: str) -> str:
    """A number as a voice says it, digit by digit: "8 1 3, 5 5 5, 0 1 4 2"."""
    digits = number.removeprefix("+")
    is_ours = number.startswith("+1") and len(digits) == 11
    parts = [digits[1:4], digits[4:7], digits[7:]] if is_ours else [digits]
    return ", ".join(" ".join(part) for part in parts)
