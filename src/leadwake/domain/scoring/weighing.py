"""The sum of what is known of a lead at an instant, in named contributions that add up; and when it changes. Pure.

Any past score can be worked out again: only what had happened by then counts, weighed by the table of then.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class _Part:
    """A contribution. exact: before it is rounded and bounded; times: of how many signals."""

    code: str
    weight: Weight
    exact: float
    times: int

    @property
    def points(self) -> int:
        return _rounded(self.exact, self.weight.most)


def score_at(signals: Iterable[Signal], weights: Weights, at: datetime) -> Score:
    """The score at that instant: of what had happened by then, as much as is left of it. at: aware."""
    parts = _parts(signals, weights, at)
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


def changes_at(signals: Iterable[Signal], weights: Weights, at: datetime) -> datetime | None:
    """When the score is to be worked out again though nothing happens: something has faded. None: it stays."""
    known = _known(signals, at)
    waits = [
        wait for part in _parts(known, weights, at)
        if part.weight.half_life_days and (wait := _days_until_less(part)) is not None
    ]  # fmt: skip
    heard = _last_heard(known)
    if heard is not None and not _is_expected(known):
        quiet = (at - heard).total_seconds() / _DAY_S
        waits += [days - quiet for code, days in _SILENCES if days > quiet and weights.by_code[code].points]
    if not waits:
        return None
    return max(at + timedelta(days=min(waits), seconds=1), at + LEAST_APART)


def _parts(signals: Iterable[Signal], weights: Weights, at: datetime) -> list[_Part]:
    known = _known(signals, at)
    by_code: dict[str, list[Signal]] = defaultdict(list)
    for signal in _standing(known):
        if signal.code in weights.by_code and weights.by_code[signal.code].kind in {"enrichment", "behaviour"}:
            by_code[signal.code].append(signal)
    parts = [_part(code, found, weights, at) for code, found in by_code.items()]
    inquiries = _inquiries(known, weights)
    asked = sorted(min(signal.at for signal in found) for found in inquiries if _is_asked(found))
    if again := asked[1:]:
        parts.append(
            _part("asked_again", [Signal("asked_again", one, inquiries[0][0].cause) for one in again], weights, at)
        )
    parts += _strongest(inquiries, weights, at)
    parts += _silence(known, weights, at)
    return parts


def _known(signals: Iterable[Signal], at: datetime) -> list[Signal]:
    return [signal for signal in signals if signal.at <= at]


def _standing(known: Sequence[Signal]) -> list[Signal]:
    """Without what was said before of the same thing."""
    last: dict[tuple[str, UUID], Signal] = {}
    others = []
    for signal in known:  # in the order they were told: of one instant, the later word holds
        if family := next((one for one in _STANDING if signal.code.startswith(one)), None):
            before = last.get((family, signal.cause))
            if before is None or signal.at >= before.at:
                last[family, signal.cause] = signal
        else:
            others.append(signal)
    return [*others, *last.values()]


def _inquiries(known: Iterable[Signal], weights: Weights) -> list[list[Signal]]:
    """The signals of each inquiry."""
    found: Mapping[UUID, list[Signal]] = defaultdict(list)
    for signal in known:
        if signal.code in weights.by_code and weights.by_code[signal.code].kind == "inquiry":
            found[signal.cause].append(signal)
    return list(found.values())


def _is_asked(inquiry: Iterable[Signal]) -> bool:
    return any(signal.code == "asked" for signal in inquiry)


def _strongest(inquiries: Iterable[Sequence[Signal]], weights: Weights, at: datetime) -> list[_Part]:
    """Of several inquiries the one that counts most now, of equals the latest."""
    weighed = []
    for signals in inquiries:
        parts = [_part(code, [one], weights, at) for code, one in {signal.code: signal for signal in signals}.items()]
        weighed.append((sum(part.points for part in parts), max(signal.at for signal in signals), parts))
    return max(weighed, key=lambda one: one[:2])[2] if weighed else []


def _silence(known: Sequence[Signal], weights: Weights, at: datetime) -> list[_Part]:
    heard = _last_heard(known)
    if heard is None or _is_expected(known):
        return []
    days = (at - heard).total_seconds() / _DAY_S
    code = next((code for code, least in _SILENCES if days >= least), None)
    return [_Part(code, weights.by_code[code], weights.by_code[code].points, 1)] if code else []


def _last_heard(known: Iterable[Signal]) -> datetime | None:
    return max((signal.at for signal in known if _is_theirs(signal.code)), default=None)


def _is_theirs(code: str) -> bool:
    return code not in _NOT_THEIRS and not code.startswith("outcome_") and code not in _LOOKED_UP


#: what we found out ourselves
_LOOKED_UP: Final = frozenset({"job_known", "company_known", "senior"})


def _is_expected(known: Sequence[Signal]) -> bool:
    """True while a meeting is to come: nobody has to be heard of before it."""
    return any(signal.code == "meeting_booked" for signal in _standing(known))


def _part(code: str, signals: Sequence[Signal], weights: Weights, at: datetime) -> _Part:
    weight = weights.by_code[code]
    exact = math.fsum(weight.points * _left(weight, at - signal.at) for signal in signals)
    return _Part(code, weight, exact, len(signals))


def _left(weight: Weight, age: timedelta) -> float:
    if weight.half_life_days is None:
        return 1.0
    return math.exp2(-age.total_seconds() / (weight.half_life_days * _DAY_S))


def _rounded(exact: float, most: int) -> int:
    bounded = min(abs(exact), most)
    return int(math.copysign(math.floor(bounded + 0.5), exact))


def _days_until_less(part: _Part) -> float | None:
    """Days until its points are one fewer; None once nothing is left of it."""
    points = abs(part.points)
    if points == 0 or part.weight.half_life_days is None:
        return None
    return part.weight.half_life_days * math.log2(abs(part.exact) / (points - 0.5))


def _reason(part: _Part) -> Reason:
    times = "" if part.times == 1 else " (twice)" if part.times == 2 else f" ({part.times} times)"
    return Reason(part.weight.text + times, part.points, part.code)
