"""How far a lead is, and which stage of a CRM's pipeline says so: guessed by its name, forwards only. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

#: how far a lead is → in words; the later, the further
MILESTONES: Final[Mapping[str, str]] = {
    "new": "New", "contacted": "In touch", "meeting": "Meeting", "lost": "Lost", "won": "Won",
}  # fmt: skip
ENDS: Final = ("won", "lost")
#: the first that fits: "Closed lost" is lost, "Appointment with new client" a meeting
_WORDS: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(rf"\b(?:{words})", re.IGNORECASE)
    for name, words in {
        "lost": r"(?:closed ?)?lost|dead\b|abandon|not interested|disqualif|unqualif|cancel|declin",
        "won": r"(?:closed ?)?won\b|sold\b|closed\b|bound\b|policy issued|in force|signed\b",
        "meeting": r"appointment|appt\b|meeting|showing|viewing|tour|demo\b|presentation|consultation|booked",
        "contacted": r"contacted|in touch|connected|reached|engaged|qualif|working|conversation|responded|replied|talk",
        "new": r"new\b|inquir|enquir|inbound|fresh|uncontacted|unclaimed|to do\b|lead in\b|leads?$",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Stage:
    """
    A stage of one pipeline, by the CRM's ids. position: over all of the account's, in the CRM's own order.

    closed: what the CRM itself says of it: won, lost, "". means: a milestone, "" for none of them.
    """

    pipeline: str
    stage: str
    pipeline_label: str
    label: str
    position: int
    closed: str = ""
    means: str = ""


def guessed(stages: Iterable[Stage]) -> list[Stage]:
    """The stages with what each means, as far as its name tells; none is before what it comes after."""
    furthest: dict[str, int] = {}
    found = []
    for one in sorted(stages, key=lambda one: one.position):
        means = _guess(one)
        rank = list(MILESTONES).index(means) if means and means not in ENDS else None
        if rank is not None and rank < furthest.setdefault(one.pipeline, rank):
            means = ""  # "Qualified" after "Appointment" is further than in touch, not back to it
        elif rank is not None:
            furthest[one.pipeline] = rank
        found.append(replace(one, means=means))
    return found


def _guess(stage: Stage) -> str:
    if stage.closed:
        return stage.closed
    return next((name for name, words in _WORDS.items() if words.search(stage.label)), "")


def meaning(stages: Iterable[Stage], stage: str, pipeline: str | None = None) -> str:
    """What a stage means; "" for none. One that nobody has told us of is guessed by its id: some speak."""
    mine = (one for one in stages if one.stage == stage and pipeline in (None, one.pipeline))
    return next((one.means for one in mine), _guess(Stage("", stage, "", stage, 0)))


def pipeline_of(stages: Sequence[Stage], chosen: str | None) -> str | None:
    """The pipeline that deals of ours stand in: the chosen one where it is still there, else the account's first."""
    there = [one.pipeline for one in sorted(stages, key=lambda one: one.position)]
    return chosen if chosen in there else next(iter(there), None)


def stage_of(stages: Iterable[Stage], pipeline: str | None, milestone: str) -> Stage | None:
    """
    The stage of that pipeline which says so, of several the first; None where none does.

    Where none says "In touch", the lead stays where it is new: no deal is moved further than the lead is.
    """
    mine = [one for one in stages if one.pipeline == pipeline]
    open_ones = [name for name in MILESTONES if name not in ENDS]
    wanted = [milestone] if milestone in ENDS else open_ones[open_ones.index(milestone) :: -1]
    for name in wanted:
        if found := min((one for one in mine if one.means == name), key=lambda one: one.position, default=None):
            return found
    return None


def may_leave(stages: Iterable[Stage], to: Stage) -> frozenset[str]:
    """
    The stages out of which a move to this one is a move forwards: those before it that are no end.

    An end may be come to from every open stage: a deal is lost wherever it stands.
    """
    mine = [one for one in stages if one.pipeline == to.pipeline and one.means not in ENDS and not one.closed]
    is_end = to.means in ENDS
    return frozenset(one.stage for one in mine if one.stage != to.stage and (is_end or one.position < to.position))
