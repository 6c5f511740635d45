"""What each signal counts: the table that is shipped, and the team's own in its place. Pure.

The table names signals, never people's traits: a weight for a name, an address, a ZIP code, a language or whatever else
stands for a protected class is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Final

from leadwake.domain.learning.fairness import stands_for
from leadwake.domain.values import Temperature

#: the parts of the table, as they are shown
KINDS: Final[Mapping[str, str]] = {
    "inquiry": "What they asked, and how",
    "enrichment": "What was looked up",
    "behaviour": "What they did",
    "silence": "What they did not do",
}
MOST_POINTS: Final = 100
SHORTEST_DAYS, LONGEST_DAYS = 1, 3_650


class WrongWeights(ValueError):
    """Weights that cannot be used. reasons: {signal, or hot, warm: what is wrong}, to be read as a sentence."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in sorted(reasons.items())))
        self.reasons = dict(reasons)


@dataclass(frozen=True, slots=True)
class Weight:
    """
    What a signal counts.

    half_life_days: after so long it counts half; None: a fact, which stays. most: what all of its kind count together
    at most, never less than one of them.
    """

    kind: str
    text: str
    points: int
    half_life_days: int | None
    most: int


@dataclass(frozen=True, slots=True)
class Weights:
    """A version of the table. hot, warm: the lowest score of each; by_code: every signal there is."""

    version: int
    hot: int
    warm: int
    by_code: Mapping[str, Weight]

    @property
    def thresholds(self) -> tuple[tuple[int, Temperature], ...]:
        """The lowest score of each temperature, hottest first."""
        return (self.hot, Temperature.HOT), (self.warm, Temperature.WARM), (0, Temperature.COLD)

    def as_json(self) -> dict[str, Any]:
        """Plain values, as they are stored: what counts, not how it is called."""
        return {
            "hot": self.hot, "warm": self.warm,
            "weights": {
                code: {"points": one.points, "half_life_days": one.half_life_days, "most": one.most}
                for code, one in self.by_code.items()
            },
        }  # fmt: skip


def read(document: Mapping[str, Any], version: int, base: Weights) -> Weights:
    """
    The weights of a document as `as_json` makes it; what it does not speak of stays as in `base`.

    Raises WrongWeights, with a sentence for each signal that is unknown, refused or out of bounds.
    """
    wrong: dict[str, str] = {}
    changed: dict[str, Weight] = {}
    given = document.get("weights", {})
    if not isinstance(given, Mapping):
        raise WrongWeights({"weights": "a table of signals is wanted"})
    for code, values in given.items():
        if why := refused(code, base):
            wrong[code] = why
        elif isinstance(read_one := _weight(values, base.by_code[code]), str):
            wrong[code] = read_one
        else:
            changed[code] = read_one
    hot, warm = document.get("hot", base.hot), document.get("warm", base.warm)
    if not (_is_whole(hot) and _is_whole(warm) and 0 < warm < hot <= 100):
        wrong["hot"] = "hot and warm are whole numbers up to 100, and hot is the higher one"
    if wrong:
        raise WrongWeights(wrong)
    return Weights(version, hot, warm, {**base.by_code, **changed})


def refused(code: str, base: Weights) -> str | None:
    """Why nobody is scored by what this name says; None for a signal there is."""
    if code in base.by_code:
        return None
    if trait := stands_for(code):
        return (
            f"this stands for {trait}, and nobody is scored by that: fair housing, credit and insurance law forbid to "
            "sort people by protected classes or by what stands for them"
        )
    return "there is no such signal"


def _weight(values: Any, base: Weight) -> Weight | str:
    if not isinstance(values, Mapping) or not values.keys() <= {"points", "half_life_days", "most"}:
        return "points, half_life_days and most are wanted"
    points, half_life = values.get("points", base.points), values.get("half_life_days", base.half_life_days)
    most = values.get("most", max(base.most, abs(points)) if _is_whole(points) else 0)
    if not _is_whole(points) or abs(points) > MOST_POINTS:
        return f"points are a whole number from -{MOST_POINTS} to {MOST_POINTS}"
    if half_life is not None and not (_is_whole(half_life) and SHORTEST_DAYS <= half_life <= LONGEST_DAYS):
        return f"the half-life is a whole number of days from {SHORTEST_DAYS} to {LONGEST_DAYS}, or nothing"
    if not _is_whole(most) or not abs(points) <= most <= MOST_POINTS:
        return f"the most is a whole number from the points themselves to {MOST_POINTS}"
    return replace(base, points=points, half_life_days=half_life, most=most)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shipped() -> Weights:
    table = tomllib.loads(files("leadwake.domain.scoring").joinpath("weights.toml").read_text("utf-8"))
    by_code = {
        code: Weight(kind, one["text"], one["points"], one.get("half_life_days"), one.get("most", abs(one["points"])))
        for kind in KINDS
        for code, one in table[kind].items()
    }
    return Weights(0, table["hot"], table["warm"], by_code)


#: how Leadwake comes
SHIPPED: Final = _shipped()
