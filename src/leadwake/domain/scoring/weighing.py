"""The sum of what is known of a lead at an instant, in named contributions that add up; and when it changes. Pure.

Any past score can be worked out again: only what had happened by then counts, weighed by the table of then.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from leadwake.domain.scoring.signals import Reason, Score, Signal
from leadwake.domain.scoring.weights import Weight, Weights
from leadwake.domain.values import Temperature

_DAY_S: Final = 86_400.0
_CLAMP: Final = "A score goes from 0 to 100"
#: the codes an inquiry begins with
_BASES: Final = frozenset({"asked", "on_a_list"})
#: of one call, one meeting, one outcome or one number, what was said last holds
_STANDING: Final = ("meeting_", "call_", "outcome_", "opted_")
#: no sign of life of theirs
_NOT_THEIRS: Final = frozenset({
    "call_voicemail", "call_no_answer", "call_wrong_number", "meeting_no_show", "opted_out", "on_a_list",
})  # fmt: skip
#: longest first
_SILENCES: Final = (("silent_120_days", 120), ("silent_45_days", 45), ("silent_14_days", 14))
#: what fades alone is looked at this often at most
LEAST_APART: Final = timedelta(days=1)


class _Part:
    """A contribution. exact: before it is rounded and bounded; times: of how many signals."""

    __slots__ = ("code", "exact", "points", "times", "weight")

    def __init__(self, code: str, weight: Weight, exact: float, times: int) -> None:
        self.code, self.weight, self.exact, self.times = code, weight, exact, times
        self.points = int(math.copysign(math.floor(min(abs(exact), weight.most) + 0.5), exact))


def score_at(signals: Iterable[Signal], weights: Weights, at: datetime) -> Score:
    """The score at that instant: of what had happened by then, as much as is left of it. at: aware."""
    return weighed(signals, weights, at)[0]


def weighed(signals: Iterable[Signal], weights: Weights, at: datetime) -> tuple[Score, datetime | None]:
    """
    The score at that instant, and when it is to be worked out again though nothing happens: something has faded.

    None: it stays.
    """
    known = _Known.of(signals, weights, at)
    parts = known.parts(weights)
    return _sum(parts, weights), known.changes_at(parts, weights)


def _sum(parts: Sequence[_Part], weights: Weights) -> Score:
    base = next((part for part in parts if part.code in _BASES), None)
    counted = [part for part in parts if part is not base and part.points]
    counted.sort(key=lambda part: (-abs(part.points), part.code))
    reasons = [_reason(part) for part in ((base, *counted) if base else counted)]
    total = sum(reason.points for reason in reasons)
    value = min(max(total, 0), 100)
    if value != total:
        reasons.append(Reason(_CLAMP, value - total))
    is_enriched = any(part.weight.kind == "enrichment" for part in parts)
    return Score(value, temperature_of(value, weights), tuple(reasons), is_enriched)


def temperature_of(value: int, weights: Weights) -> Temperature:
    """Hot from one threshold on, warm from the other, else cold."""
    return next((degree for lowest, degree in weights.thresholds if value >= lowest), Temperature.COLD)


@dataclass(frozen=True, slots=True)
class _Known:
    """
    What had happened by an instant. inquiries: signals of each; others: of one thing only what was said last.

    heard_at: their last sign of life; is_expected: a meeting is to come, before which nobody has to be heard of.
    """

    at: datetime
    inquiries: Sequence[Sequence[Signal]]
    others: Sequence[Signal]
    heard_at: datetime | None
    is_expected: bool

    @classmethod
    def of(cls, signals: Iterable[Signal], weights: Weights, at: datetime) -> _Known:
        """All of it, in one pass: signals come in the order in which they were told."""
        inquiries: dict[UUID, list[Signal]] = defaultdict(list)
        last: dict[tuple[str, UUID], Signal] = {}
        others: list[Signal] = []
        heard_at: datetime | None = None
        for signal in signals:
            if signal.at > at:
                continue
            code, weight = signal.code, weights.by_code.get(signal.code)
            if weight is not None and weight.kind == "inquiry":
                inquiries[signal.cause].append(signal)
            elif family := next((one for one in _STANDING if code.startswith(one)), None):
                before = last.get((family, signal.cause))
                if before is None or signal.at >= before.at:
                    last[family, signal.cause] = signal
            elif weight is not None and weight.kind != "silence" and code != "asked_again":  # these follow from others
                others.append(signal)
            is_theirs = weight is not None and weight.kind in {"inquiry", "behaviour"} and code not in _NOT_THEIRS
            if is_theirs and (heard_at is None or signal.at > heard_at):
                heard_at = signal.at
        is_expected = any(signal.code == "meeting_booked" for signal in last.values())
        standing = [signal for signal in last.values() if signal.code in weights.by_code]
        return cls(at, list(inquiries.values()), [*others, *standing], heard_at, is_expected)

    def parts(self, weights: Weights) -> list[_Part]:
        """The contributions, each signal's code once."""
        by_code: dict[str, list[datetime]] = defaultdict(list)
        for signal in self.others:
            by_code[signal.code].append(signal.at)
        asked = sorted(found[0].at for found in self.inquiries if any(one.code == "asked" for one in found))
        if len(asked) > 1:
            by_code["asked_again"] = asked[1:]
        parts = [self._part(code, instants, weights) for code, instants in by_code.items()]
        return [*parts, *self._strongest(weights), *self._silence(weights)]

    def changes_at(self, parts: Iterable[_Part], weights: Weights) -> datetime | None:
        """When one of the parts is a point less, or silence has lasted longer."""
        waits = [wait for part in parts if (wait := _days_until_less(part)) is not None]
        if self.heard_at is not None and not self.is_expected:
            quiet = self._quiet_days(self.heard_at)
            waits += [days - quiet for code, days in _SILENCES if days > quiet and weights.by_code[code].points]
        return max(self.at + timedelta(days=min(waits), seconds=1), self.at + LEAST_APART) if waits else None

    def _strongest(self, weights: Weights) -> list[_Part]:
        """Of several inquiries the one that counts most now, of equals the latest."""
        weighed_ones = []
        for found in self.inquiries:
            parts = [self._part(one.code, [one.at], weights) for one in {one.code: one for one in found}.values()]
            weighed_ones.append((sum(part.points for part in parts), found[-1].at, parts))
        return max(weighed_ones, key=lambda one: one[:2])[2] if weighed_ones else []

    def _silence(self, weights: Weights) -> list[_Part]:
        if self.heard_at is None or self.is_expected:
            return []
        quiet = self._quiet_days(self.heard_at)
        code = next((code for code, least in _SILENCES if quiet >= least), None)
        return [_Part(code, weights.by_code[code], float(weights.by_code[code].points), 1)] if code else []

    def _quiet_days(self, heard_at: datetime) -> float:
        return (self.at - heard_at).total_seconds() / _DAY_S

    def _part(self, code: str, instants: Sequence[datetime], weights: Weights) -> _Part:
        weight = weights.by_code[code]
        exact = math.fsum(weight.points * _left(weight, self.at - at) for at in instants)
        return _Part(code, weight, exact, len(instants))


def _left(weight: Weight, age: timedelta) -> float:
    if weight.half_life_days is None:
        return 1.0
    return math.exp2(-age.total_seconds() / (weight.half_life_days * _DAY_S))


def _days_until_less(part: _Part) -> float | None:
    """Days until its points are one fewer; None once nothing is left of it."""
    points = abs(part.points)
    if points == 0 or part.weight.half_life_days is None:
        return None
    return part.weight.half_life_days * math.log2(abs(part.exact) / (points - 0.5))


def _reason(part: _Part) -> Reason:
    times = "" if part.times == 1 else " (twice)" if part.times == 2 else f" ({part.times} times)"
    return Reason(part.weight.text + times, part.points, part.code)
