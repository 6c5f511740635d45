"""How well scores tell positives from the rest, and whether they are probabilities. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_EPSILON: Final = 1e-9
BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    auc: how often a positive scores above a negative. log_loss, brier: how wrong the probabilities are, less is better.

    calibration_error: mean distance between what was said and what came true, in ten equal parts (ECE). lift: how many
    times the average the best tenth holds.
    """

    auc: float
    log_loss: float
    brier: float
    calibration_error: float
    lift: float


def judge(scores: Sequence[float], outcomes: Sequence[int]) -> Judgement:
    """How good the probabilities are. Both outcomes have to be there."""
    pairs = sorted(zip(scores, outcomes, strict=True), key=lambda pair: pair[0])
    n, average = len(pairs), sum(outcomes) / len(outcomes)
    log_loss = -sum(math.log(max(p if y else 1 - p, _EPSILON)) for p, y in pairs) / n
    parts = [pairs[n * k // BINS : n * (k + 1) // BINS] for k in range(BINS)]
    error = sum(abs(sum(p for p, _ in part) - sum(y for _, y in part)) for part in parts) / n
    top = pairs[n - max(1, n // BINS) :]
    lift = sum(y for _, y in top) / len(top) / average if average else 0.0
    return Judgement(auc(scores, outcomes), log_loss, sum((p - y) ** 2 for p, y in pairs) / n, error, lift)


def auc(scores: Sequence[float], outcomes: Sequence[int]) -> float:
    """The area under the ROC curve, by ranks (Mann-Whitney), ties in the middle; 0.5 where one outcome is absent."""
    order = sorted(range(len(scores)), key=scores.__getitem__)
    positives = sum(outcomes)
    if not 0 < positives < len(outcomes):
        return 0.5
    total, at = 0.0, 0
    while at < len(order):
        end = at
        while end < len(order) and scores[order[end]] == scores[order[at]]:
            end += 1
        total += sum(outcomes[order[k]] for k in range(at, end)) * (at + end + 1) / 2
        at = end
    return (total - positives * (positives + 1) / 2) / (positives * (len(outcomes) - positives))
