"""What a sequence as a whole has to keep to: nothing too early, nothing too often, every step on somebody's way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from leadwake.domain.sequence.amounts import said_length
from leadwake.domain.sequence.model import LANGUAGES, Branch, Message, Sequence, Start, Step, Stop, Wait
from leadwake.domain.sequence.tree import Findings

#: the instant reply is there already: what comes sooner is a second message to somebody who has not read the first
SOONEST: Final = timedelta(minutes=10)
_LANGUAGE_NAMES: Final = {"en": "English", "es": "Spanish"}
_WEEK: Final = timedelta(days=7)
_MOST_A_WEEK: Final = 7


def check(sequence: Sequence, spoken: Mapping[int, tuple[str, ...]], findings: Findings, *, is_draft: bool) -> None:
    """
    Finds what no single line shows. spoken: the line of each message → its languages.

    is_draft: also what is only unwise.
    """
    if not is_draft or not sequence.steps:
        return
    soonest = earliest(sequence)
    _too_early(sequence, soonest, findings)
    _unreachable(sequence, soonest, findings)
    _waits(sequence, soonest, findings)
    _too_many(sequence, soonest, findings)
    _languages(spoken, findings)


def ways(sequence: Sequence, position: int) -> Iterator[int]:
    """Where it goes on behind a step; the number of steps for its end."""
    act, below = sequence.steps[position].act, position + 1
    if isinstance(act, Stop):
        return
    if not isinstance(act, Branch):
        yield below
        return
    places = {step.name: place for place, step in enumerate(sequence.steps) if place > position}
    yield places.get(act.then or "", below)
    if act.conditions:
        yield places.get(act.otherwise or "", below)


def earliest(sequence: Sequence) -> dict[int, timedelta]:
    """For each step that can be reached, how soon after the enrollment."""
    found = {0: timedelta()}
    for position, step in enumerate(sequence.steps):
        if position not in found:
            continue
        after = found[position]
        if isinstance(step.act, Wait):
            after = max(after, _ends(step.act, after))
        for place in ways(sequence, position):
            found[place] = min(after, found.get(place, after))
    return found


def most_messages(sequence: Sequence) -> tuple[int, int]:
    """How many messages one lead may get at most, and within how many days."""
    soonest = earliest(sequence)
    counts = _counts(sequence, lambda place: isinstance(sequence.steps[place].act, Message))
    days = [soonest[place].days for place, _ in _messages(sequence) if place in soonest]
    return max(counts.values(), default=0), max(1, max(days, default=1))


def _counts(sequence: Sequence, counted: Callable[[int], bool]) -> dict[int, int]:
    """For each place that can be reached, how many steps of a kind lie before it and on it, on the way with most."""
    before: dict[int, int] = {0: 0}
    found: dict[int, int] = {}
    for place in range(len(sequence.steps)):
        if place in before:
            found[place] = before[place] + counted(place)
            for way in ways(sequence, place):
                before[way] = max(found[place], before.get(way, 0))
    return found


def _ends(wait: Wait, begins: timedelta) -> timedelta:
    return begins + wait.for_ if wait.for_ else timedelta(days=wait.until_day or 0)


def _messages(sequence: Sequence) -> Iterator[tuple[int, Step]]:
    return ((place, step) for place, step in enumerate(sequence.steps) if isinstance(step.act, Message))


def _too_early(sequence: Sequence, soonest: Mapping[int, timedelta], findings: Findings) -> None:
    if sequence.start is not Start.NEW_LEAD:
        return
    for place, step in _messages(sequence):
        if soonest.get(place, SOONEST) < SOONEST:
            findings.error(
                step.line,
                f"{said_length(soonest[place])} after the inquiry, when the instant reply has just gone out: "
                f"wait at least {said_length(SOONEST)} before it",
            )


def _unreachable(sequence: Sequence, soonest: Mapping[int, timedelta], findings: Findings) -> None:
    for place, step in enumerate(sequence.steps):
        if place not in soonest and (place == 0 or place - 1 in soonest):
            findings.warn(step.line, "nobody gets here: what stands above always goes elsewhere")


def _waits(sequence: Sequence, soonest: Mapping[int, timedelta], findings: Findings) -> None:
    before: Step | None = None
    for place, step in enumerate(sequence.steps):
        if isinstance(step.act, Wait) and place in soonest and _ends(step.act, soonest[place]) <= soonest[place]:
            findings.warn(step.line, f"day {step.act.until_day} is over by then; this waits for nothing")
        if before and isinstance(before.act, Message) and isinstance(step.act, Message):
            findings.warn(step.line, "follows the message above at once; put a wait between them")
        before = step
    if before and isinstance(before.act, Wait) and sequence.then is None:
        findings.warn(before.line, "nothing comes behind this wait")


def _too_many(sequence: Sequence, soonest: Mapping[int, timedelta], findings: Findings) -> None:
    early = {place for place, _ in _messages(sequence) if soonest.get(place, _WEEK) < _WEEK}
    for place, count in _counts(sequence, early.__contains__).items():
        if place in early and count > _MOST_A_WEEK:
            findings.warn(
                sequence.steps[place].line,
                f"message {count} within a week of the inquiry: more than one a day drives people away",
            )
            return


def _languages(spoken: Mapping[int, tuple[str, ...]], findings: Findings) -> None:
    for language in LANGUAGES:
        lacking = [at for at, languages in spoken.items() if language not in languages]
        name = _LANGUAGE_NAMES[language]
        if lacking and len(lacking) == len(spoken):
            findings.warn(
                min(lacking), f"no message is in {name} ({language}): whoever speaks it is written to in another"
            )
        else:
            for at in lacking:
                findings.warn(at, f"is not in {name} ({language}), while other messages are")
