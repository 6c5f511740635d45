"""What somebody who writes back wants: ten meanings, by words that people weighed and words that were learned. Pure.

A softmax over words, pairs of words, four letters in a row (which bear slips), the phrases of phrases.txt, and length;
weights.json is made by tools/train_meaning.py from texts of our own. Whether it is a stop in the law's sense is another
question, which `compliance.reply` answers first.
"""

from __future__ import annotations

import math
from base64 import b85decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from leadwake.domain.meaning.phrases import phrases
from leadwake.domain.meaning.plain import plain

#: in the order of the weights
MEANINGS: Final = (
    "stop", "interested", "question", "wants_call", "books", "not_now", "not_interested", "wrong_person",
    "complaint", "other",
)  # fmt: skip
#: below this nobody should act on it
SURE: Final = 0.5
#: weights are kept as whole numbers of this part
SCALE: Final = 16.0
ZERO: Final = 128
_MOST_WORDS, _MOST_LETTERS, _MOST_SAID = 200, 400, 1_500


@dataclass(frozen=True, slots=True)
class Meaning:
    """code: of MEANINGS; sure: 0-1; because: the words that decided most, as plain words, "" where none did."""

    code: str
    sure: float
    because: str = ""


def read(text: str) -> Meaning:
    """What the text means. Any text; its first 4,000 characters are read."""
    weights = _weights()
    known = [(sign, weights[sign]) for sign in signs(text) if sign in weights]
    sums = [sum(values[n] - ZERO for _, values in known) / SCALE for n in range(len(MEANINGS))]
    most = max(sums)
    shares = [math.exp(value - most) for value in sums]
    best = sums.index(most)
    said = [(values[best] - sum(values) / len(values), sign) for sign, values in known if _is_word(sign)]
    return Meaning(MEANINGS[best], shares[best] / sum(shares), max(said, default=(0.0, ""))[1])


def signs(text: str) -> Sequence[str]:
    """What is weighed of a text, each once."""
    said = plain(text)
    words = [_word(word) for word in said.split()[:_MOST_WORDS]]
    pairs = [f"{a} {b}" for a, b in zip(["^", *words], [*words, "$"], strict=True)]
    letters = f" {said[:_MOST_LETTERS]} "
    matching = [code for code, pattern in phrases().items() if pattern.search(said[:_MOST_SAID])]
    found = [
        "=always", *words, *pairs,
        *(f"={word[:5]}*" for word in words if len(word) > 5),
        *(f"={letters[n : n + 4]}~" for n in range(len(letters) - 3)),
        *(f"={code}" for code in matching),
        f"=first {(matching or ['none'])[0]}", f"=last {words[-1] if words else ''}",
        f"=long {min(5, len(words) // 3)}",
    ]  # fmt: skip
    return list(dict.fromkeys(found))


def _word(word: str) -> str:
    if word.isdigit():
        return "#"
    return "#:#" if ":" in word and word.replace(":", "").rstrip("apm").isdigit() else word


def _is_word(sign: str) -> bool:
    return not sign.startswith(("=", "^")) and any(letter.isalpha() for letter in sign)


@cache
def _weights() -> Mapping[str, bytes]:
    """Sign → its weight for each meaning, ZERO and more or less, in parts of SCALE."""
    raw = files("leadwake.domain.meaning").joinpath("weights.json").read_bytes()
    return {sign: b85decode(value) for sign, value in msgspec.json.decode(raw, type=dict[str, str]).items()}
