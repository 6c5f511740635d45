"""What stands in each column of a table, and into which steps its values fall. Pure.

A column is numbers, dates, words or categories, as its values show. Each becomes one feature or a few, whose values are
small whole numbers (steps) in an order: of size for numbers, of how often the outcome was positive for categories. What
is blank is a step of its own; what was never seen while training falls where nothing is known.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

#: steps of a numeric feature, besides blank
STEPS: Final = 40
#: a category seen less often is one of the rare ones, which share a step
LEAST_SEEN: Final = 8
#: as if so many rows of average outcome had been seen of each category: few rows prove little
PRIOR_ROWS: Final = 15.0
#: most categories with a step of their own; most words looked for in a text
MOST_LEVELS, MOST_WORDS = 60, 40
_SURE: Final = 0.95
_BLANK: Final = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "--", "?", "select", "please select"})
_NUMBER: Final = re.compile(r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?%?")
_DATES: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y", "%m/%d/%Y %H:%M")
_WORD: Final = re.compile(r"[^\W\d_]{3,20}")
_LOOKED_AT: Final = 2_000
_CHARS: Final = 2_000


class Feature(msgspec.Struct, frozen=True):
    """
    One feature of a column. part: "value", "day", "weekday", "hour", "length", "word <w>", "level".

    edges: where numeric steps end. levels: category → step; other: the step of what was never seen, or seldom.
    """

    column: str
    part: str
    edges: tuple[float, ...] = ()
    levels: dict[str, int] = {}
    other: int = 0

    @property
    def steps(self) -> int:
        """How many different steps there are."""
        return max(self.levels.values(), default=self.other) + 1 if self.part == "level" else len(self.edges) + 2

    def step(self, cell: str) -> int:
        """The step of a cell."""
        text = cell.strip()
        if self.part == "level":
            key = _key(text)
            return self.levels.get(key, self.other)
        value = _value(self.part, text)
        return 0 if value is None else 1 + bisect_right(self.edges, value)


def features_of(column: str, cells: Sequence[str], outcomes: Sequence[int]) -> list[Feature]:
    """What can be learned from a column, nothing where all its cells are alike."""
    kind = kind_of(cells)
    if kind == "category":
        found = [_levels(column, cells, outcomes)]
    else:
        parts = {
            "number": ("value",),
            "date": ("day", "weekday", "hour"),
            "words": ("length", *_words(cells, outcomes)),
        }
        found = [_numeric(column, part, cells) for part in parts[kind]]
    return [feature for feature in found if feature is not None]


def kind_of(cells: Sequence[str]) -> str:
    """number, date, words or category."""
    given = [
        text for cell in cells[:: max(1, len(cells) // _LOOKED_AT)] if (text := cell.strip()).lower() not in _BLANK
    ]
    if not given:
        return "category"
    if sum(number(text) is not None for text in given) >= _SURE * len(given):
        return "number"
    if sum(_instant(text) is not None for text in given) >= _SURE * len(given):
        return "date"
    are_sentences = sum(len(text.split()) for text in given) >= 4 * len(given)
    return "words" if are_sentences and len(set(given)) > 0.3 * len(given) else "category"


def number(text: str) -> float | None:
    """The number in a cell; None for what is none. "1,200", "12%" and "3e5" are numbers, "inf" is none."""
    if len(text) > 40 or not _NUMBER.fullmatch(text.lower()):
        return None
    value = float(text.replace(",", "").rstrip("%"))
    return value if math.isfinite(value) else None


def _value(part: str, text: str) -> float | None:
    if part == "value":
        return None if text.lower() in _BLANK else number(text)
    if part == "length":
        return float(min(len(text), _CHARS))
    if part.startswith("word "):
        return float(part[5:] in _words_in(text))
    at = _instant(text)
    if at is None:
        return None
    return float({"day": at.toordinal(), "weekday": at.weekday(), "hour": at.hour}[part])


def _instant(text: str) -> datetime | None:
    for form in _DATES if 8 <= len(text) <= 19 and text[0].isdigit() else ():
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - of one table; only compared with each other
        except ValueError:
            continue
    return None


def _numeric(column: str, part: str, cells: Sequence[str]) -> Feature | None:
    values = sorted(value for cell in cells if (value := _value(part, cell.strip())) is not None)
    distinct = sorted(set(values))
    if len(distinct) < 2:
        is_told_by_blank = bool(distinct) and len(values) < len(cells)
        return Feature(column, part) if is_told_by_blank else None
    if len(distinct) <= STEPS:
        edges = distinct[1:]
    else:
        edges = sorted({values[len(values) * n // STEPS] for n in range(1, STEPS)} - {distinct[0]})
    return Feature(column, part, tuple(edges))


def _levels(column: str, cells: Sequence[str], outcomes: Sequence[int]) -> Feature | None:
    seen, positive = Counter[str](), Counter[str]()
    for cell, outcome in zip(cells, outcomes, strict=True):
        key = _key(cell.strip())
        seen[key] += 1
        positive[key] += outcome
    kept = [key for key, n in seen.most_common(MOST_LEVELS) if n >= LEAST_SEEN]
    if not kept or len(seen) < 2:
        return None
    average = sum(outcomes) / len(outcomes)
    rare = set(seen) - set(kept)
    rates = {key: (positive[key] + PRIOR_ROWS * average) / (seen[key] + PRIOR_ROWS) for key in kept}
    others = sum(seen[key] for key in rare)
    rate_of_rare = (sum(positive[key] for key in rare) + PRIOR_ROWS * average) / (others + PRIOR_ROWS)
    order = sorted([*rates.items(), (None, rate_of_rare)], key=lambda item: (item[1], item[0] or ""))
    places = {key: step for step, (key, _) in enumerate(order)}
    return Feature(column, "level", levels={key: places[key] for key in kept}, other=places[None])


def _key(text: str) -> str:
    lowered = text.lower()
    return "" if lowered in _BLANK else lowered[:200]


def _words(cells: Sequence[str], outcomes: Sequence[int]) -> list[str]:
    """The words that tell the outcomes apart best, as parts."""
    seen, positive = Counter[str](), Counter[str]()
    for cell, outcome in zip(cells, outcomes, strict=True):
        for word in _words_in(cell):
            seen[word] += 1
            positive[word] += outcome
    average, rows = sum(outcomes) / len(outcomes), len(outcomes)

    def tells(word: str) -> float:
        expected = seen[word] * average
        return (positive[word] - expected) ** 2 / max(expected * (1 - average), 1e-9)

    often = [word for word, n in seen.items() if LEAST_SEEN <= n <= rows * 0.95]
    return [f"word {word}" for word in sorted(often, key=tells, reverse=True)[:MOST_WORDS]]


def _words_in(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text[:_CHARS].lower()))


def steps_of(features: Sequence[Feature], columns: Mapping[str, Iterable[str]]) -> list[bytes]:
    """Each feature's step in each row; a column that is not there is blank. At most 256 steps a feature."""
    return [bytes(map(feature.step, columns[feature.column])) for feature in features]
