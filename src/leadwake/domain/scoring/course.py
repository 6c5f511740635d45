"""A score over time: worked out again at each instant from signals and from the weights of then. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from leadwake.domain.scoring.signals import Score, Signal
from leadwake.domain.scoring.weighing import score_at
from leadwake.domain.scoring.weights import Weights

#: instants of signals that are looked at, the newest
_EVENTS: Final = 30
#: and instants in between, for what fades
_BETWEEN: Final = 16
#: moves that are told, the newest
MOST_MOVES: Final = 6
_JUST_BEFORE: Final = timedelta(microseconds=1)
#: what held before holds no more
_OTHERWISE: Final = "What counted before counts no more"


@dataclass(frozen=True, slots=True)
class Move:
    """A signal that moved the score. points: by how much; why: what changed most, in words."""

    at: datetime
    value: int
    points: int
    why: str


@dataclass(frozen=True, slots=True)
class Course:
    """points: (instant, score), oldest first, the last is now. moves: newest first."""

    points: Sequence[tuple[datetime, int]]
    moves: Sequence[Move]


def course(signals: Sequence[Signal], versions: Sequence[tuple[datetime, Weights]], now: datetime) -> Course:
    """
    How the score came to be what it is. versions: weights with the instant since when they held, oldest first.

    What happened at one instant is one move.
    """
    told = sorted({signal.at for signal in signals if signal.at <= now})[-_EVENTS:]
    if not told:
        return Course((), ())
    step = (now - told[0]) / _BETWEEN
    instants = {now, *told, *(told[0] + step * number for number in range(_BETWEEN))}
    instants |= {at - _JUST_BEFORE for at in told[1:]}
    found = {at: score_at(signals, _of(versions, at), at) for at in sorted(instants)}
    moves = [move for at in told[1:] if (move := _move(at, found[at - _JUST_BEFORE], found[at]))]
    return Course([(at, score.value) for at, score in found.items()], moves[::-1][:MOST_MOVES])


def _of(versions: Sequence[tuple[datetime, Weights]], at: datetime) -> Weights:
    place = bisect_right([since for since, _ in versions], at)
    return versions[max(place - 1, 0)][1]


def _move(at: datetime, before: Score, after: Score) -> Move | None:
    """What changed at the instant; None where nothing did."""
    if before.value == after.value:
        return None
    had = {reason.code: reason.points for reason in before.reasons}
    sign = 1 if after.value > before.value else -1
    gains = [((reason.points - had.get(reason.code, 0)) * sign, reason) for reason in after.reasons if reason.code]
    towards = sorted((gain for gain in gains if gain[0] > 0), key=lambda gain: -gain[0])
    why = "; ".join(reason.text for _, reason in towards[:2]) or _OTHERWISE
    return Move(at, after.value, after.value - before.value, why)
