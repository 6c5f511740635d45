"""Many small trees, each of which mends what the ones before it leave wrong: gradient boosting for a probability. Pure.

Friedman, "Greedy function approximation" (2001), with the second derivatives and the penalty of Chen and Guestrin,
"XGBoost" (2016), over histograms of steps. A tree of depth 2 says: if this, then if that; no reason names more.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import msgspec

#: nothing is decided by fewer rows
LEAST_ROWS: Final = 20
#: pulls what few rows say towards nothing
PENALTY: Final = 4.0
_NOTHING: Final = 1e-9


class Tree(msgspec.Struct, frozen=True):
    """A question, and what is added by its answer: step < below goes left. A side is a value or another tree."""

    feature: int
    below: int
    left: float | Tree
    right: float | Tree


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is learned. rate: what of each tree is believed; rows, features: the share that each tree looks at."""

    rate: float = 0.06
    depth: int = 3
    rows: float = 0.7
    features: float = 0.6
    most_trees: int = 400
    #: trees without anything gained before it is enough
    patience: int = 40


def grow(
    columns: Sequence[bytes], outcomes: Sequence[int], plan: Plan, seed: int, *, trees: int | None = None,
    held: tuple[Sequence[bytes], Sequence[int]] | None = None,
) -> tuple[float, list[Tree]]:  # fmt: skip
    """
    (log odds to begin with, the trees). columns: each feature's steps, a byte a row.

    trees: so many. held: rows apart, to stop when nothing is gained for them any more; one of the two is given.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    average = min(max(sum(outcomes) / len(outcomes), 1e-6), 1 - 1e-6)
    base = math.log(average / (1 - average))
    scores, found = [base] * len(outcomes), list[Tree]()
    watch = _Watch(held, base, plan.patience) if held else None
    steps = [max(column, default=0) + 1 for column in columns]
    for _ in range(trees if trees is not None else plan.most_trees):
        slopes, curves = _derivatives(scores, outcomes)
        rows = [row for row in range(len(outcomes)) if chance.random() < plan.rows]
        asked = [f for f in range(len(columns)) if chance.random() < plan.features] or [chance.randrange(len(columns))]
        grower = _Grower(columns, steps, slopes, curves, asked, plan.rate)
        tree = grower.tree(rows, plan.depth)
        if isinstance(tree, float):
            continue
        found.append(tree)
        _add(tree, columns, scores)
        if watch and watch.is_enough(tree):
            break
    return base, found[: watch.best] if watch else found


def added(tree: Tree | float, columns: Sequence[bytes], row: int) -> float:
    """What the tree adds for a row."""
    while isinstance(tree, Tree):
        tree = tree.left if columns[tree.feature][row] < tree.below else tree.right
    return tree


def _add(tree: Tree, columns: Sequence[bytes], scores: list[float]) -> None:
    for row in range(len(scores)):
        scores[row] += added(tree, columns, row)


def probability(log_odds: float) -> float:
    """0-1."""
    return 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0


def _derivatives(scores: Sequence[float], outcomes: Sequence[int]) -> tuple[list[float], list[float]]:
    chances = list(map(probability, scores))
    return [p - y for p, y in zip(chances, outcomes, strict=True)], [p * (1 - p) for p in chances]


@dataclass(slots=True)
class _Watch:
    """Whether rows apart still gain."""

    held: tuple[Sequence[bytes], Sequence[int]]
    base: float
    patience: int
    best: int = 0
    grown: int = 0
    least: float = math.inf
    scores: list[float] | None = None

    def is_enough(self, tree: Tree) -> bool:
        columns, outcomes = self.held
        self.scores = self.scores or [self.base] * len(outcomes)
        _add(tree, columns, self.scores)
        self.grown += 1
        loss = sum(map(_loss, self.scores, outcomes)) / len(outcomes)
        if loss < self.least - 1e-6:
            self.least, self.best = loss, self.grown
        return self.grown - self.best >= self.patience


def _loss(log_odds: float, outcome: int) -> float:
    signed = log_odds if outcome else -log_odds
    return math.log1p(math.exp(-signed)) if signed > -30 else -signed


@dataclass(frozen=True, slots=True)
class _Grower:
    columns: Sequence[bytes]
    steps: Sequence[int]
    slopes: Sequence[float]
    curves: Sequence[float]
    asked: Sequence[int]
    rate: float

    def tree(self, rows: list[int], depth: int) -> Tree | float:
        if len(rows) < 2:
            return 0.0
        pick = itemgetter(*rows)
        slopes: tuple[float, ...] = pick(self.slopes)
        curves: tuple[float, ...] = pick(self.curves)
        slope, curve = sum(slopes), sum(curves)
        if depth == 0 or len(rows) < 2 * LEAST_ROWS:
            return -self.rate * slope / (curve + PENALTY)
        best = (_NOTHING, -1, 0)
        for feature in self.asked:
            gain, below = self._split(pick(self.columns[feature]), slopes, curves, slope, curve, self.steps[feature])
            if gain > best[0]:
                best = (gain, feature, below)
        _, feature, below = best
        if feature < 0:
            return -self.rate * slope / (curve + PENALTY)
        column = self.columns[feature]
        left = [row for row in rows if column[row] < below]
        right = [row for row in rows if column[row] >= below]
        return Tree(feature, below, self.tree(left, depth - 1), self.tree(right, depth - 1))

    def _split(
        self,
        steps: Sequence[int],
        slopes: Sequence[float],
        curves: Sequence[float],
        slope: float,
        curve: float,
        size: int,
    ) -> tuple[float, int]:
        """(what the best question of a feature gains, the step it asks about)."""
        sums, weights, counts = [0.0] * size, [0.0] * size, [0] * size
        for step, s, c in zip(steps, slopes, curves, strict=True):
            sums[step] += s
            weights[step] += c
            counts[step] += 1
        whole, rows = slope * slope / (curve + PENALTY), len(steps)
        best, below, s, c, n = 0.0, 0, 0.0, 0.0, 0
        for step in range(size - 1):
            s += sums[step]
            c += weights[step]
            n += counts[step]
            if n < LEAST_ROWS or rows - n < LEAST_ROWS:
                continue
            rest = slope - s
            gain = s * s / (c + PENALTY) + rest * rest / (curve - c + PENALTY) - whole
            if gain > best:
                best, below = gain, step + 1
        return best, below
