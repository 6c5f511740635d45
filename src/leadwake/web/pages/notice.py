"""One line at the head of the page that somebody comes back to: what became of what they did, and how to undo it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from fastapi import Request

from leadwake.web.read_api import parse_id
from leadwake.workflows.claiming import REFUSALS
from leadwake.workflows.office import Office

#: the names a notice travels under in a page's address
_SAID, _WHO, _TASK, _LEAD = "said", "who", "task", "lead"

#: code → what is said; {who}: a member of the team
_WORDS: Final[Mapping[str, str]] = {
    "done": "Done.",
    "undone": "It waits for you again.",
    "over": "Somebody did that already.",
    "too_late": "Too late to take that back. Open the person’s page and go on from there.",
    "hour": "Put off for an hour.",
    "tomorrow": "Put off until tomorrow, 9:00.",
    "monday": "Put off until Monday, 9:00.",
    "claimed": "They are yours. Call or write now.",
    "taken": "{who} has them already.",
    "passed": "Passed on: somebody else is asked.",
    "not_passed": "They were not offered to you any more.",
    "finished": "You are done with them.",
    "said_in_crm": "You are done with them. The CRM says already how it ended: change it there.",
    "no_amount": "Write the amount as a number, such as 9,500. Nothing was changed.",
    **{f"not_{why}": words for why, words in REFUSALS.items()},
}
_QUIET: Final = frozenset(
    {"over", "no_amount", "said_in_crm", "too_late", "taken", "not_passed", *(f"not_{why}" for why in REFUSALS)}
)


@dataclass(frozen=True, slots=True)
class Notice:
    """
    What is said. undo: the task that "Undo" brings back. opens: the lead it is about, whose card is elsewhere now.

    is_quiet: not what whoever clicked had hoped for.
    """

    text: str
    undo: UUID | None = None
    opens: UUID | None = None
    is_quiet: bool = False


def address(
    place: str, said: str, *, who: UUID | None = None, undo: UUID | None = None, opens: UUID | None = None
) -> str:
    """The place, a path of ours, with a notice at its head."""
    parts = urlsplit(place)
    told = {_SAID: said, _WHO: who, _TASK: undo, _LEAD: opens}
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in told]
    return f"{parts.path}?{urlencode([*kept, *((name, str(value)) for name, value in told.items() if value)])}"


def read(request: Request) -> Notice | None:
    """The notice of the page's address; None when it has none, or none of ours."""
    params = request.query_params
    said = params.get(_SAID, "")
    if said not in _WORDS:
        return None
    office: Office = request.app.state.office
    who, undo, opens = (parse_id(params.get(name, "")) for name in (_WHO, _TASK, _LEAD))
    return notice(office, said, who=who, undo=undo, opens=opens)


def notice(
    office: Office, said: str, *, who: UUID | None = None, undo: UUID | None = None, opens: UUID | None = None
) -> Notice:
    """The notice of a code. who: the colleague it names; undo: the task that was done; opens: the lead it is about."""
    person = office.person(who)
    text = _WORDS[said].format(who=person.name if person else "Somebody else")
    return Notice(text, undo if said == "done" else None, opens if said == "claimed" else None, said in _QUIET)
