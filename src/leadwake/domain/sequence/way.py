"""A lead's way through a sequence, from one rest to the next: one loop, whether it is written or only rehearsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from leadwake.domain.sequence.model import Sequence
from leadwake.domain.sequence.progress import (
    Ended,
    Known,
    Later,
    Moves,
    Over,
    Passed,
    Standing,
    Touch,
    advance,
    after,
    resume,
)


class Record(Protocol):
    """Where it is kept what becomes of a way."""

    def passed(self, step: Passed) -> None:
        """A branch was taken; a call or an alert is asked for."""

    def planned(self, touch: Touch, hindrance: str | None) -> None:
        """A message is to leave; with a hindrance it is skipped for that reason."""

    def over(self, step: int, outcome: str, instead: str | None) -> None:
        """A message's step came to its end, or `instead`, a mail or a call, takes its place."""

    def rests(self, standing: Standing, rest: Later | Touch | Over) -> None:
        """Nothing more until then, until the touch came to its end, or ever."""


@dataclass(frozen=True, slots=True)
class Way:
    """
    One lead's way at one instant. seed: the enrollment's id, which decides between wordings.

    known: looks at the lead, when it is needed. hindrance: why a message cannot be sent at all, None when it can.
    """

    sequence: Sequence
    seed: bytes
    now: datetime
    known: Callable[[], Known]
    hindrance: Callable[[Touch], str | None]
    record: Record

    def go(self, standing: Standing) -> None:
        """One that was due gets as far as it can."""
        self._take(advance(self.sequence, standing, self.known(), self.now, self.seed))

    def go_on(self, standing: Standing, ended: Ended, *, was_instead: bool) -> None:
        """One whose touch came to its end gets as far as it can."""
        outcome = ended.state if ended.is_out else ended.reason or ended.state
        self._take(self._after(standing, ended, outcome, was_instead=was_instead))

    def _take(self, moves: Moves) -> None:
        while True:
            for step in moves.passed:
                self.record.passed(step)
            if not isinstance(moves.rest, Touch):
                break
            touch, reason = moves.rest, self.hindrance(moves.rest)
            self.record.planned(touch, reason)
            if reason is None:
                break
            ended = Ended(touch.channel, "skipped", self.now, reason)
            moves = self._after(moves.standing, ended, reason, was_instead=touch.is_instead)
        self.record.rests(moves.standing, moves.rest)

    def _after(self, standing: Standing, ended: Ended, outcome: str, *, was_instead: bool) -> Moves:
        follow = after(self.sequence, standing, ended, was_instead=was_instead)
        instead = "email" if follow.instead else "call" if follow.is_call else None
        self.record.over(standing.step, outcome, instead)
        if follow.instead is not None:
            return Moves((), follow.standing, follow.instead)
        return resume(self.sequence, follow, self.known(), self.now, self.seed)
