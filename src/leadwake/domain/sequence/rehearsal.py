"""A lead's whole way through a sequence under a virtual clock: what would leave, what would not, and when. Pure.

The steps are taken by production's own loop (way.Way). Whether a message leaves is asked of a `Judge`, as the gate is
asked at its claim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leadwake.domain.sequence.model import Message, Said, Sequence
from leadwake.domain.sequence.progress import Ended, Known, Later, Over, Passed, Standing, Touch, begin
from leadwake.domain.sequence.way import Way


@dataclass(frozen=True, slots=True)
class Ticks:
    """When it is looked who is due. anchor: one of these instants; every: the time between two."""

    anchor: datetime
    every: timedelta = timedelta(minutes=15)

    def first(self, at: datetime) -> datetime:
        """The first one at or after an instant."""
        return self.anchor + -(-(at - self.anchor) // self.every) * self.every


@dataclass(frozen=True, slots=True)
class Sign:
    """What ends a way: an instant, and a word for it (reply, booking, opt_out, …)."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What becomes of a message that is due. state: of its action: sent, deferred (then `until`), blocked, expired, dead.

    said: its words, where it leaves.
    """

    state: str
    reason: str = "ok"
    until: datetime | None = None
    said: Said | None = None


#: (what is to leave, when it was planned, now) → what becomes of it
Judge = Callable[[Touch, datetime, datetime], Verdict]

#: state of an action → what the rehearsal says was decided
_DECISIONS = {"sent": "send", "blocked": "block", "expired": "expire", "dead": "fail", "skipped": "skip"}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """
    One thing that would happen. at: when it does, or when it is clear that it does not; planned_at: its turn.

    channel: sms, email, call, alert. decision: send; defer: it leaves at `at`, later than at its turn, for the reason;
    block, skip, expire, fail, cancel: it does not leave; task, alert: a person is asked for. said: its words.
    """

    at: datetime
    planned_at: datetime
    step: int
    channel: str
    decision: str
    reason: str
    is_instead: bool = False
    said: Said | None = None

    @property
    def leaves(self) -> bool:
        """True for a message that the lead gets."""
        return self.decision in {"send", "defer"}


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A whole way. ended_at: None when it goes on beyond the horizon; because: finished, or the sign that ended it."""

    foreseen: tuple[Foreseen, ...]
    ended_at: datetime | None = None
    because: str = "goes_on"


def rehearse(
    sequence: Sequence,
    seed: bytes,
    start: datetime,
    until: datetime,
    *,
    ticks: Ticks,
    known: Callable[[datetime], Known],
    hindrance: Callable[[Touch], str | None],
    judge: Judge,
    stop: Sign | None = None,
) -> Rehearsed:
    """
    The way of a lead that is enrolled at `start`, up to the horizon `until`.

    known: what the engine sees of the lead at an instant. hindrance: why a message cannot be sent at all. stop: the
    first sign of life there will be after the start; what was not sent by then is not sent.
    """
    rehearsal = _Rehearsal(sequence, seed, until, ticks, known, hindrance, judge, stop, start)
    rehearsal.way.go(begin(start))
    while rehearsal.goes_on():
        pass
    return rehearsal.result()


@dataclass(slots=True)
class _Rehearsal:
    """The record of a way that nobody goes."""

    sequence: Sequence
    seed: bytes
    until: datetime
    ticks: Ticks
    known: Callable[[datetime], Known]
    hindrance: Callable[[Touch], str | None]
    judge: Judge
    stop: Sign | None
    now: datetime
    foreseen: list[Foreseen] = field(default_factory=list)
    standing: Standing = field(init=False)
    rest: Later | Touch | Over = field(init=False)
    ended: tuple[datetime, str] | None = None

    @property
    def way(self) -> Way:
        """On from here, now."""
        now = self.now
        return Way(self.sequence, self.seed, now, lambda: self.known(now), self.hindrance, self)

    def goes_on(self) -> bool:
        """One rest further; False at the end, and at the horizon."""
        match self.rest:
            case Over():
                self.ended = (self.now, "finished")
                return False
            case Later(at=at, is_urgent=is_urgent):
                if not self._comes(max(self.now, at) if is_urgent else self.ticks.first(at)):
                    return False
                self.way.go(self.standing)
            case Touch() as touch:
                ended = self._carried(touch)
                if ended is None:
                    return False
                self.way.go_on(self.standing, ended, was_instead=touch.is_instead)
        return True

    def result(self) -> Rehearsed:
        """All of it."""
        return Rehearsed(tuple(self.foreseen), *(self.ended or ()))

    def _comes(self, at: datetime) -> bool:
        """Now it is then; False when the way is over before, or it lies beyond the horizon."""
        if self.stop is not None and self.stop.at <= min(at, self.until):
            self.ended = (self.stop.at, self.stop.why)
            return False
        self.now = at
        return at <= self.until

    def _carried(self, touch: Touch) -> Ended | None:
        """How a message that is planned now comes out; None when it does not within the horizon."""
        planned_at, waited_for = self.now, ""
        while (verdict := self.judge(touch, planned_at, self.now)).state == "deferred":
            assert verdict.until is not None
            waited_for = waited_for or verdict.reason
            if not self._comes(verdict.until):
                if self.ended is not None:
                    self._note(touch, planned_at, "cancel", "sequence_stopped", at=self.ended[0])
                return None
        decision = _DECISIONS[verdict.state]
        if decision == "send" and waited_for:
            self._note(touch, planned_at, "defer", waited_for, said=verdict.said)
        else:
            self._note(touch, planned_at, decision, verdict.reason, said=verdict.said)
        return Ended(touch.channel, verdict.state, self.now, verdict.reason)

    def _note(
        self,
        touch: Touch,
        planned_at: datetime,
        decision: str,
        reason: str,
        *,
        said: Said | None = None,
        at: datetime | None = None,
    ) -> None:
        self.foreseen.append(
            Foreseen(
                at or self.now, planned_at, touch.step, touch.channel, decision, reason, touch.is_instead, said
            )
        )  # fmt: skip

    def passed(self, step: Passed) -> None:
        """A branch is no touch; a call or an alert is a person's."""
        if step.kind in {"call", "alert"}:
            decision = "task" if step.kind == "call" else "alert"
            self.foreseen.append(Foreseen(self.now, self.now, step.step, step.kind, decision, "sequence"))

    def planned(self, touch: Touch, hindrance: str | None) -> None:
        """What cannot be sent at all is told at once; the rest when it is clear what becomes of it."""
        if hindrance is not None:
            self._note(touch, self.now, "skip", hindrance)

    def over(self, step: int, outcome: str, instead: str | None) -> None:
        """A call may take a text's place."""
        assert isinstance(self.sequence.steps[step].act, Message)
        if instead == "call":
            self.foreseen.append(Foreseen(self.now, self.now, step, "call", "task", outcome, is_instead=True))

    def rests(self, standing: Standing, rest: Later | Touch | Over) -> None:
        """Nothing more until then."""
        self.standing, self.rest = standing, rest
