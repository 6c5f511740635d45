"""Whose a lead was, told line by line: offered, claimed, passed, lost, finished. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from leadwake.domain import outcome_words, wording

Row = Mapping[str, Any]

_BY: Final[Mapping[str, str]] = {
    "page": "on the page", "sms": "by text", "slack": "in Slack", "link": "by the link of the alert",
    "call": "by taking the call",
}  # fmt: skip
_HOW: Final[Mapping[str, str]] = {
    "text": "by text", "email": "by e-mail", "chat": "in the chat", "call": "on the phone",
    "said": "as they say themselves",
}  # fmt: skip
_UNATTENDED: Final[Mapping[str, str]] = {
    "soon": "Management was told: nobody was in touch yet",
    "day": "Management was told once more: a day without a person",
    "nobody": "Management was told: nobody may have this lead",
}
_LOST: Final[Mapping[str, str]] = {"silent": "was not in touch in time and lost the lead", "left": "has left the team"}


def tell(row: Row, names: Mapping[UUID, str]) -> tuple[str, str | None] | None:
    """What happened and why, of an event about whose the lead is; None for other events."""
    line = _LINES.get(row["kind"])
    if line is None:
        return None
    actor = row["actor"]
    said_by = wording.vendor(actor[7:]) if actor.startswith("vendor ") else _name(actor.removeprefix("user "), names)
    return line(row["data"], said_by, names)


def _name(user_id: object, names: Mapping[UUID, str]) -> str:
    try:
        return names.get(UUID(str(user_id)), "a former colleague")
    except ValueError:
        return "Leadwake"


def _offered(data: Row, _: str, names: Mapping[UUID, str]) -> tuple[str, str | None]:
    return f"Offered to {_name(data.get('user'), names)}", wording.because(str(data.get("because")))


def _assigned(data: Row, actor: str, names: Mapping[UUID, str]) -> tuple[str, str | None]:
    if "user" not in data:
        return f"{actor} gave the lead back: somebody else is looked for", None
    name = _name(data["user"], names)
    if because := data.get("because"):
        return f"Given to {name}", wording.because(str(because))
    return (f"{actor} took the lead" if name == actor else f"{actor} gave the lead to {name}"), None


_Line = Callable[[Row, str, Mapping[UUID, str]], tuple[str, str | None]]
_LINES: Final[Mapping[str, _Line]] = {
    "offered": _offered,
    "assigned": _assigned,
    "claimed": lambda data, actor, _: (f"Claimed by {actor}", _BY.get(str(data.get("by")))),
    "passed": lambda data, actor, _: (f"{actor} passed", _BY.get(str(data.get("by")))),
    "offer_timed_out": lambda data, _, names: (f"{_name(data.get('user'), names)} did not answer in time", None),
    "owner_lost": lambda data, _, names: (
        f"{_name(data.get('user'), names)} {_LOST.get(str(data.get('why')), 'lost the lead')}",
        None,
    ),
    "unattended": lambda data, _, __: (_UNATTENDED.get(str(data.get("why")), _UNATTENDED["soon"]), None),
    "human_touch": lambda data, actor, _: (f"{actor} was in touch", _HOW.get(str(data.get("how")))),
    "outcome": lambda data, actor, _: (outcome_words.said(data), f"as {actor} has it"),
    "outcome_withdrawn": lambda data, actor, _: (
        f"No longer so in {actor}: {outcome_words.KINDS.get(str(data.get('outcome')), 'the deal')}",
        None,
    ),
    "finished": lambda _, actor, __: (f"{actor} is done with the lead", None),
}
