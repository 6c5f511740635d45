"""A lead's way through sequences, told line by line: enrolled, what was sent by which step, ended and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadwake.domain.wording import humanised

Row = Mapping[str, Any]

_CAUSES: Final[Mapping[str, str]] = {
    "new_lead": "they asked",
    "missed_call": "they called and nobody answered",
    "no_show": "they did not come to the meeting",
    "after_meeting": "they came to a meeting",
    "dormant": "they had gone quiet",
    "by_hand": "somebody chose it for them",
    "list": "a list was taken in with it",
    "then": "the one before came to its end",
}
_BECAUSE: Final[Mapping[str, str]] = {
    "finished": "it came to its end",
    "reply": "they wrote to us",
    "asked_again": "they asked again",
    "booking": "they booked a meeting",
    "came": "they came to the meeting after all",
    "opt_out": "they asked us to stop",
    "outcome": "it was won or lost",
    "person": "a colleague stepped in",
    "paused": "automation was paused for them",
    "restricted": "their data is kept and not used",
    "finished_with": "a colleague was done with them",
    "practice_over": "it began in practice",
    "import_undone": "the list they came with was taken back",
}


def because(code: str | None) -> str:
    """Why somebody's way ended."""
    return _BECAUSE.get(code or "") or humanised(code or "nobody said why")


def cause(code: str) -> str:
    """Why somebody's way began."""
    return _CAUSES.get(code) or humanised(code)


def called(name: str) -> str:
    """A sequence in a sentence: “new buyer”."""
    return f"“{humanised(name)}”"


def tell(row: Row) -> tuple[str, str | None] | None:
    """What happened and why, of an event about a sequence; None for other events."""
    data = row["data"]
    match row["kind"]:
        case "enrolled":
            return f"Enrolled in {called(data['sequence'])}", cause(data.get("cause", ""))
        case "sequence_stopped":
            return f"{called(data['sequence'])} stopped", because(data.get("because"))
        case "sequence_done":
            return f"{called(data['sequence'])} came to its end", "they did not answer"
        case _:
            return None


def noun(action: Row) -> str | None:
    """How a message of a sequence is called, by its step where that is known; None for other actions."""
    if action["kind"] not in {"nurture_sms", "nurture_email"}:
        return None
    what = "Text" if action["kind"] == "nurture_sms" else "E-mail"
    sequence, _, step = str((action["decision"] or {}).get("template") or "").partition("/")
    if not sequence:
        return f"{what} of a sequence"
    number = step.removeprefix("step-")
    return f"{what} of {called(sequence)}, {f'step {number}' if number.isdecimal() else humanised(number)}"
