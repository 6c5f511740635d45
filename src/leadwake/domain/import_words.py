"""What became of a row of a list, in words; codes stand in the rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_REFUSED: Final[Mapping[str, str]] = {
    "too_large": "larger than 256 KiB",
    "open_quote": "a quote is opened and never closed",
    "suppressed": "this person was erased at their request; only they themselves may come back",
    "restricted": "this person's data is restricted: kept, never used",
    "fault": "a fault of ours, and logged; import the file again later",
}
_NOTED: Final[Mapping[str, str]] = {
    "bad_phone": "the phone number cannot be read",
    "bad_email": "the e-mail address cannot be read",
    "unread_date": "the date cannot be read and counts as old",
    "future_date": "the date has not come yet and counts as old",
    "ambiguous_date": "the date was read with the month first",
    "unknown_owner": "the owner is nobody of the team",
}
_OUTCOMES: Final[Mapping[str, str]] = {
    "duplicate": "this very row was imported before",
    "known": "somebody who is here already",
}
_KEPT: Final[Mapping[str, str]] = {
    "gone": "taken back",
    "asked": "stays: they asked themselves, too",
    "listed_again": "stays: another list names them, too",
    "wrote": "stays: they wrote to us",
    "called": "stays: there was a call",
    "booked": "stays: they had a link to book by, or a meeting",
    "in_crm": "stays: they stand in the CRM",
    "written_to": "stays: somebody wrote to them",
    "worked_on": "stays: somebody of the team did something about them",
    "erased": "erased meanwhile",
}


def reason(outcome: str, code: str | None, kept: str | None = None) -> str:
    """Why a row came to what it did; blank where there is nothing to say."""
    said = [_OUTCOMES[outcome]] if outcome in _OUTCOMES else []
    if outcome == "refused" and code:
        wrong = code.removeprefix("wrong: ")
        said.append(f"cannot be read: {wrong}" if wrong != code else _REFUSED.get(code, code))
    elif code:
        said.extend(_NOTED.get(one, one) for one in code.split(","))
    return "; ".join([*said, why_kept(kept)] if kept else said)


def why_kept(code: str) -> str:
    """What an undo did with a lead, and why."""
    return _KEPT.get(code, code)
