"""A score learned from past leads: trained, kept as JSON, applied. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from leadwake.domain.learning.boosting import Plan, Tree, added, grow, probability
from leadwake.domain.learning.columns import Feature, features_of, steps_of
from leadwake.domain.learning.fairness import stands_for
from leadwake.domain.learning.judging import Judgement, auc, judge

FORMAT: Final = 1
#: with fewer rows of either outcome nothing is learned
LEAST_OUTCOMES: Final = 20
#: a column that tells the outcome so well by itself was filled in afterwards, more likely than not
TELLS_ALL: Final = 0.9
_PLAN: Final = Plan()
_SEED: Final = 20_261_129

Columns = Mapping[str, Sequence[str]]


class TooLittle(Exception):
    """Nothing can be learned of the table; the message says what it lacks."""


class Model(msgspec.Struct, frozen=True):
    """What was learned: the outcome it is about, the columns it looks at, and the trees."""

    format: int
    label: str
    positive: str
    rows: int
    positives: int
    features: list[Feature]
    base: float
    trees: list[Tree]

    def score(self, columns: Columns, rows: int) -> list[float]:
        """The probability of the positive outcome in each row; a column that is absent is blank in all rows."""
        blank = [""] * rows
        steps = steps_of(
            self.features, {feature.column: columns.get(feature.column, blank) for feature in self.features}
        )
        return [probability(self.base + sum(added(tree, steps, row) for tree in self.trees)) for row in range(rows)]


@dataclass(frozen=True, slots=True)
class Training:
    """
    A model and what to know of it. judged: on rows it never saw, before it was trained once more on all.

    refused: columns nothing was learned from, and what they stand for. telling: columns that alone tell the outcome
    (AUC). used: columns by how much the probabilities hang on them, the weightiest first, shares of 1.
    """

    model: Model
    judged: Judgement
    refused: Mapping[str, str] = field(default_factory=dict)
    telling: Mapping[str, float] = field(default_factory=dict)
    used: Mapping[str, float] = field(default_factory=dict)


def train(
    columns: Columns, outcomes: Sequence[int], *, label: str, positive: str, allowed: frozenset[str] = frozenset(),
    say: Callable[[str], None] = lambda _: None,
) -> Training:  # fmt: skip
    """
    What the columns say of the outcomes (1 positive, 0 not). allowed: columns learned from whatever they stand for.

    say: told what is being done. Raises TooLittle. The same table gives the same model.
    """
    positives = sum(outcomes)
    if min(positives, len(outcomes) - positives) < LEAST_OUTCOMES:
        found = f"{positives} of {len(outcomes)} rows are {label} = {positive}"
        raise TooLittle(f"{found}: at least {LEAST_OUTCOMES} that are and as many that are not are needed")
    refused = {name: what for name in columns if name not in allowed and (what := stands_for(name))}
    features = [
        feature
        for name, cells in columns.items()
        if name not in refused
        for feature in features_of(name, cells, outcomes)
    ]
    if not features:
        raise TooLittle("no column says anything: each holds one value only, or as many as there are rows")
    steps = steps_of(features, columns)
    say(f"learning from {len(outcomes):,} rows and {len({f.column for f in features})} columns …")
    fit, stop, apart = _parts(len(outcomes))
    base, trees = grow(*_rows(steps, outcomes, fit), _PLAN, _SEED, held=_rows(steps, outcomes, stop))
    unseen, truth = _rows(steps, outcomes, apart)
    judged = judge(
        [probability(base + sum(added(tree, unseen, n) for tree in trees)) for n in range(len(truth))], truth
    )
    say(f"{len(trees)} trees; once more on all rows …")
    count = max(10, round(len(trees) * 1.15))  # as many more as there are more rows to learn from
    base, trees = grow(steps, outcomes, _PLAN, _SEED, trees=count)
    model = Model(FORMAT, label, positive, len(outcomes), positives, features, base, trees)
    return Training(model, judged, refused, _telling(features, steps, outcomes), _used(features, trees, steps))


def _parts(rows: int) -> tuple[list[int], list[int], list[int]]:
    """Three fifths to learn from, one to know when to stop, one to judge by."""
    order = list(range(rows))
    random.Random(_SEED).shuffle(order)  # noqa: S311 - no secret
    return order[: rows * 3 // 5], order[rows * 3 // 5 : rows * 4 // 5], order[rows * 4 // 5 :]


def _rows(steps: Sequence[bytes], outcomes: Sequence[int], wanted: Sequence[int]) -> tuple[list[bytes], list[int]]:
    return [bytes([column[n] for n in wanted]) for column in steps], [outcomes[n] for n in wanted]


def _telling(features: Sequence[Feature], steps: Sequence[bytes], outcomes: Sequence[int]) -> dict[str, float]:
    found: dict[str, float] = {}
    for feature, column in zip(features, steps, strict=True):
        one = auc(list(column), outcomes)
        found[feature.column] = max(found.get(feature.column, 0.0), one, 1 - one)
    return {name: value for name, value in found.items() if value >= TELLS_ALL}


def _used(features: Sequence[Feature], trees: Sequence[Tree], steps: Sequence[bytes]) -> dict[str, float]:
    """By how far the two sides of each question are apart, weighted by how evenly the rows fall."""
    weights: dict[str, float] = {}

    def walk(tree: Tree | float) -> float:
        if not isinstance(tree, Tree):
            return tree
        left, right = walk(tree.left), walk(tree.right)
        column = steps[tree.feature]
        share = sum(step < tree.below for step in column[:1000]) / len(column[:1000])
        name = features[tree.feature].column
        weights[name] = weights.get(name, 0.0) + abs(left - right) * share * (1 - share)
        return left * share + right * (1 - share)

    for tree in trees:
        walk(tree)
    whole = sum(weights.values()) or 1.0
    return {name: value / whole for name, value in sorted(weights.items(), key=lambda item: -item[1])}


def encode(model: Model) -> bytes:
    """The model's file."""
    return msgspec.json.encode(model)


def decode(raw: bytes) -> Model:
    """The model in a file. Raises ValueError when it is none of ours."""
    try:
        model = msgspec.json.decode(raw, type=Model)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"it is no model: {error}") from error
    if model.format != FORMAT:
        raise ValueError(f"it is of format {model.format}, this Leadwake reads {FORMAT}: train it again")
    _check(model)
    return model


def _check(model: Model) -> None:
    """Every question asks about a feature that is there, and no tree is deeper than any that was grown."""

    def walk(tree: Tree | float, depth: int) -> None:
        if isinstance(tree, Tree):
            if not 0 <= tree.feature < len(model.features) or depth > 8:
                raise ValueError("it is no model: a tree asks about a column that is not there")
            walk(tree.left, depth + 1)
            walk(tree.right, depth + 1)

    for tree in model.trees:
        walk(tree, 0)
    if any(max([f.other, *f.levels.values()]) > 255 or len(f.edges) > 250 for f in model.features):
        raise ValueError("it is no model: a column has too many steps")
