"""The one engine: where a lead stands in a sequence, and what comes next; for production and rehearsals. Pure.

A lead has one touch under way at most; waits count from the end of the step before. So the order holds, and what an
outage or a pause held up comes one by one, never in a burst.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from leadwake.domain.sequence.model import (
    Alert,
    Branch,
    CallTask,
    Condition,
    Else,
    Message,
    Sequence,
    Stop,
    Variant,
    Wait,
    Window,
    variant_of,
)

#: a wait shorter than this is part of a live conversation: it does not wait for the next tick
LIVE: Final = timedelta(hours=1)

Fact = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a lead now. facts: by the names of model.FACTS; zones: every zone they may be in."""

    facts: Mapping[str, Fact]
    zones: tuple[ZoneInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lead stands. step: the one that is next; since: when the one before ended. All instants aware UTC."""

    step: int
    since: datetime
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that is over at once. outcome: then, else (a branch), task (a call), told (an alert)."""

    step: int
    kind: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing until then. is_urgent: not with the next tick, at that very time."""

    at: datetime
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Touch:
    """A message is to be planned now; variant: its words. is_instead: it takes the place of a text."""

    step: int
    channel: str
    variant: Variant
    is_instead: bool = False


@dataclass(frozen=True, slots=True)
class Over:
    """The end of the sequence."""


@dataclass(frozen=True, slots=True)
class Moves:
    """How far a lead got. passed: on the way, in order; standing: at `rest`; rest: what happens there."""

    passed: tuple[Passed, ...]
    standing: Standing
    rest: Later | Touch | Over


@dataclass(frozen=True, slots=True)
class Ended:
    """How a touch came out. state, reason: of its action; at: when it left, or when it was clear that it does not."""

    channel: str
    state: str
    at: datetime
    reason: str | None = None

    @property
    def is_out(self) -> bool:
        """True when it left, as far as anybody knows."""
        return self.state in {"sent", "delivered", "undelivered", "bounced", "unknown"}


@dataclass(frozen=True, slots=True)
class After:
    """
    What follows a touch. instead: a message that takes its place now; is_call: a call task does.

    standing: what is next, when nothing takes its place any more.
    """

    standing: Standing
    instead: Touch | None = None
    is_call: bool = False


def begin(now: datetime) -> Standing:
    """Enrolled now."""
    return Standing(0, now, now)


def advance(sequence: Sequence, standing: Standing, known: Known, now: datetime, seed: bytes) -> Moves:
    """How far the lead gets by now. seed: the enrollment's id, which decides between wordings."""
    passed: list[Passed] = []
    while standing.step < len(sequence.steps):
        step = sequence.steps[standing.step]
        match step.act:
            case Wait() as wait:
                due = until(sequence, standing, wait)
                if due > now:
                    return Moves(tuple(passed), standing, Later(due, is_urgent=due - standing.since < LIVE))
                standing = replace(standing, step=standing.step + 1, since=now)
            case Message() as message:
                opens = opening(sequence.window, known.zones, now)
                if opens > now:
                    return Moves(tuple(passed), standing, Later(opens))
                variant = variant_of(message, step.name, seed)
                return Moves(tuple(passed), standing, Touch(standing.step, message.channel, variant))
            case Branch() as branch:
                is_so = holds(branch.conditions, known.facts)
                passed.append(Passed(standing.step, "branch", "then" if is_so else "else"))
                target = branch.then if is_so else branch.otherwise
                at = sequence.index(target) if target else standing.step + 1
                standing = replace(standing, step=at, since=now)
            case CallTask() | Alert() as act:
                kind, outcome = ("call", "task") if isinstance(act, CallTask) else ("alert", "told")
                passed.append(Passed(standing.step, kind, outcome))
                standing = replace(standing, step=standing.step + 1, since=now)
            case Stop():
                break
    return Moves(tuple(passed), standing, Over())


def after(sequence: Sequence, standing: Standing, ended: Ended, *, was_instead: bool = False) -> After:
    """What follows the touch of the step where the lead stands, now that it came to its end."""
    on = replace(standing, step=standing.step + 1, since=ended.at)
    act = sequence.steps[standing.step].act
    assert isinstance(act, Message)
    if ended.is_out or was_instead or ended.state == "cancelled":
        return After(on)
    if act.instead is Else.CALL_TASK:
        return After(on, is_call=True)
    if act.instead is Else.EMAIL and act.instead_words is not None:
        return After(standing, instead=Touch(standing.step, "email", act.instead_words, is_instead=True))
    return After(on)


def resume(sequence: Sequence, follow: After, known: Known, now: datetime, seed: bytes) -> Moves:
    """How far the lead gets after a touch that came to its end."""
    if follow.instead is not None:
        return Moves((), follow.standing, follow.instead)
    return advance(sequence, follow.standing, known, now, seed)


def until(sequence: Sequence, standing: Standing, wait: Wait) -> datetime:
    """When a wait is over: so long after the step before, or on a day of the enrollment, but never in a burst."""
    if wait.for_ is not None:
        return standing.since + wait.for_
    assert wait.until_day is not None
    day = timedelta(days=wait.until_day)
    before = timedelta(days=_day_before(sequence, standing.step))
    return max(standing.started_at + day, standing.since + min(sequence.gap, day - before))


def _day_before(sequence: Sequence, step: int) -> int:
    """The last `until day` above a step; 0 without one."""
    waits = (each.act.until_day for each in sequence.steps[:step] if isinstance(each.act, Wait))
    return max((day for day in waits if day is not None), default=0)


def opening(window: Window, zones: Iterable[ZoneInfo], now: datetime) -> datetime:
    """The first instant from now on that lies in the window by every one of these clocks; now, where it is open."""
    zones = tuple(zones)
    at = now
    for _ in range(64):  # each round moves on to an opening of some clock's; a week has few
        nexts = [_next_open(window, zone, at) for zone in zones]
        latest = max(nexts, default=at)
        if latest == at:
            return at
        at = latest
    return now  # windows that never open together: the law's hours are all that is left


def _next_open(window: Window, zone: ZoneInfo, at: datetime) -> datetime:
    local = at.astimezone(zone)
    if local.weekday() in window.days and window.from_ <= local.time() < window.to:
        return at
    day = local.date()
    for ahead in range(9):
        candidate = datetime.combine(day + timedelta(days=ahead), window.from_, zone).astimezone(at.tzinfo)
        if candidate > at and candidate.astimezone(zone).weekday() in window.days:
            return candidate
    return at


def holds(conditions: Iterable[Condition], facts: Mapping[str, Fact]) -> bool:
    """True when every condition does; a fact nobody knows is no number and not any of the values."""
    return all(_holds(condition, facts.get(condition.fact)) for condition in conditions)


def _holds(condition: Condition, fact: Fact) -> bool:
    match condition.op:
        case "has":
            return bool(fact)
        case "lacks":
            return not fact
        case "is":
            return _is_any(condition, fact)
        case "is_not":
            return not _is_any(condition, fact)
        case "at_least":
            return isinstance(fact, int) and fact >= int(condition.values[0])
        case "below":
            return isinstance(fact, int) and fact < int(condition.values[0])
    raise AssertionError(f"unknown condition {condition.op}")


def _is_any(condition: Condition, fact: Fact) -> bool:
    return str(fact or "").casefold() in {value.casefold() for value in condition.values}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which sequence a lead is enrolled in, of those published; the last of several that fit alike."""

    sequences: tuple[Sequence, ...] = field(default=())

    def of(self, start: str, facts: Mapping[str, Fact]) -> Sequence | None:
        """The one of the highest rank, then of the narrowest audience, that starts so and is for this lead."""
        fit = [each for each in self.sequences if each.start == start and holds(each.audience, facts)]
        return max(reversed(fit), key=lambda each: (each.rank, len(each.audience)), default=None)
