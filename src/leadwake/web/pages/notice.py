"""One line at the head of the page that somebody comes back to: what became of what they did, and how to undo it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from fastapi import Request

from leadwake.domain.calls import TAPS
from leadwake.web.read_api import parse_id
from leadwake.workflows.claiming import REFUSALS
from leadwake.workflows.office import Office

#: the names a notice travels under in a page's address
_SAID, _WHO, _TASK, _LEAD, _CALL, _MEETING = "said", "who", "task", "lead", "call", "meeting"

#: code → what is said; {who}: a member of the team
_WORDS: Final[Mapping[str, str]] = {
    "done": "Done.",
    "undone": "It waits for you again.",
    "call_talked": "Written down: you talked with them.",
    "call_voicemail": "Written down: you left a voicemail.",
    "call_no_answer": "Written down: nobody answered.",
    "call_again": "Written down. They are to be called again, at an hour that suits them better.",
    "call_over": "Written down. Three calls, and nobody answered: no more are planned.",
    "call_wrong_number": "Written down. That number is never used again.",
    "call_undone": "Taken back: it is as it was.",
    "recovery_on": "Saved. It goes on each morning between 8:00 and noon.",
    "recovery_off": "Saved. Nobody is woken.",
    "recovery_stopped": "Off. Whoever was woken today and has not answered is let be.",
    "came_held": "Written down: they came.",
    "came_no_show": "Written down: they did not come. Call them now; in ten minutes a message offers another time.",
    "came_undone": "Taken back: it is as it was.",
    "over": "Somebody did that already.",
    "too_late": "Too late to take that back. Open the person’s page and go on from there.",
    "hour": "Put off for an hour.",
    "tomorrow": "Put off until tomorrow, 9:00.",
    "monday": "Put off until Monday, 9:00.",
    "at": "Put off until then.",
    "claimed": "They are yours. Call or write now.",
    "taken": "{who} has them already.",
    "passed": "Passed on: somebody else is asked.",
    "not_passed": "They were not offered to you any more.",
    "finished": "You are done with them.",
    "said_in_crm": "You are done with them. The CRM says already how it ended: change it there.",
    "enrolled": "Enrolled. Each step comes by itself, and the first sign of life ends it.",
    "not_enrolled": "Not enrolled: they are in a sequence, asked us to stop, or automation is paused for them.",
    "way_stopped": "Stopped: nothing more of it is sent.",
    "no_amount": "Write the amount as a number, such as 9,500. Nothing was changed.",
    **{f"not_{why}": words for why, words in REFUSALS.items()},
}
#: what can be taken back of a call, and of a meeting
_OF_CALLS: Final = (*(f"call_{outcome}" for outcome in TAPS), "call_again", "call_over")
_OF_MEETINGS: Final = ("came_held", "came_no_show")
_QUIET: Final = frozenset(
    {
        "over",
        "no_amount",
        "not_enrolled",
        "said_in_crm",
        "too_late",
        "taken",
        "not_passed",
        *(f"not_{why}" for why in REFUSALS),
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    """
    What is said. undo: where "Undo" is posted to, a path of ours, None when there is nothing to take back. opens: the
    lead it is about, whose card is elsewhere now.

    is_quiet: not what whoever clicked had hoped for.
    """

    text: str
    undo: str | None = None
    opens: UUID | None = None
    is_quiet: bool = False


def address(
    place: str, said: str, *, who: UUID | None = None, undo: UUID | None = None, opens: UUID | None = None,
    call: UUID | None = None, meeting: UUID | None = None,
) -> str:  # fmt: skip
    """The place, a path of ours, with a notice at its head."""
    parts = urlsplit(place)
    told = {_SAID: said, _WHO: who, _TASK: undo, _LEAD: opens, _CALL: call, _MEETING: meeting}
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in told]
    query = urlencode([*kept, *((name, str(value)) for name, value in told.items() if value)])
    return f"{parts.path}?{query}" + (f"#{parts.fragment}" if parts.fragment else "")


def read(request: Request) -> Notice | None:
    """The notice of the page's address; None when it has none, or none of ours."""
    params = request.query_params
    said = params.get(_SAID, "")
    if said not in _WORDS:
        return None
    office: Office = request.app.state.office
    names = (_WHO, _TASK, _LEAD, _CALL, _MEETING)
    who, undo, opens, call, meeting = (parse_id(params.get(name, "")) for name in names)
    return notice(office, said, who=who, undo=undo, opens=opens, call=call, meeting=meeting)


def notice(
    office: Office, said: str, *, who: UUID | None = None, undo: UUID | None = None, opens: UUID | None = None,
    call: UUID | None = None, meeting: UUID | None = None,
) -> Notice:  # fmt: skip
    """
    The notice of a code. who: the colleague it names; undo: the task that was done; opens: the lead it is about.

    call, meeting: what was said of it can be taken back.
    """
    person = office.person(who)
    text = _WORDS[said].format(who=person.name if person else "Somebody else")
    taken_back = {
        "done": f"/tasks/{undo}/undone" if undo else None,
        **dict.fromkeys(_OF_CALLS, f"/calls/{call}/undone" if call else None),
        **dict.fromkeys(_OF_MEETINGS, f"/meetings/{meeting}/undone" if meeting else None),
    }
    return Notice(text, taken_back.get(said), opens if said == "claimed" else None, said in _QUIET)
