"""Make src/leadwake/domain/meaning/weights.json from the texts in tests/data: python tools/train_meaning.py [--judge]

A softmax regression, trained word by word (AdaGrad), each text with a part of its signs left out, so that no single
word decides alone. --judge: five parts, each judged by what the others taught, and the texts held apart.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
from base64 import b85encode
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from leadwake.domain.meaning import reading
from leadwake.domain.meaning.reading import MEANINGS, SCALE, ZERO, signs

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
OUT = ROOT / "src" / "leadwake" / "domain" / "meaning" / "weights.json"
EPOCHS, RATE, SEEN, KEPT, PENALTY = 22, 0.08, 2, 0.8, 3e-5

Text = tuple[str, str]
Weights = dict[str, list[float]]


def texts(name: str) -> list[Text]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        return [(row["text"], row["meaning"]) for row in csv.DictReader(file)]


def trained(data: Sequence[Text], seed: int = 7) -> Weights:
    chance = random.Random(seed)  # noqa: S311 - no secret
    known = [(signs(text), MEANINGS.index(meaning)) for text, meaning in data]
    often = Counter(sign for found, _ in known for sign in found)
    known = [([sign for sign in found if often[sign] >= SEEN], meaning) for found, meaning in known]
    weights: Weights = {sign: [0.0] * len(MEANINGS) for found, _ in known for sign in found}
    steps: Weights = {sign: [1e-2] * len(MEANINGS) for sign in weights}
    for _ in range(EPOCHS):
        chance.shuffle(known)
        for found, meaning in known:
            _learn([sign for sign in found if chance.random() < KEPT], meaning, weights, steps)
    return weights


def _learn(found: Sequence[str], meaning: int, weights: Weights, steps: Weights) -> None:
    shares = _shares(found, weights)
    for n, share in enumerate(shares):
        slope = share - (n == meaning)
        if abs(slope) < 1e-3:
            continue
        for sign in found:
            pull = slope + PENALTY * weights[sign][n]
            steps[sign][n] += pull * pull
            weights[sign][n] -= RATE * pull / math.sqrt(steps[sign][n])


def _shares(found: Sequence[str], weights: Weights) -> list[float]:
    sums = [sum(weights[sign][n] for sign in found if sign in weights) for n in range(len(MEANINGS))]
    most = max(sums)
    parts = [math.exp(value - most) for value in sums]
    return [part / sum(parts) for part in parts]


def packed(weights: Weights) -> dict[str, str]:
    """Whole parts of SCALE, a byte each; what says next to nothing is left out."""
    found = {}
    for sign, values in sorted(weights.items()):
        whole = [max(-127, min(127, round(value * SCALE))) for value in values]
        if max(map(abs, whole)) > 1:
            found[sign] = b85encode(bytes(value + ZERO for value in whole)).decode()
    return found


def judge(data: Sequence[Text], parts: int = 5) -> None:
    shuffled = list(data)
    random.Random(3).shuffle(shuffled)  # noqa: S311 - no secret
    right, wrong = 0, Counter[tuple[str, str]]()
    for part in range(parts):
        weights = trained([one for n, one in enumerate(shuffled) if n % parts != part])
        for text, meaning in shuffled[part::parts]:
            shares = _shares(signs(text), weights)
            found = MEANINGS[shares.index(max(shares))]
            right += found == meaning
            wrong[meaning, found] += found != meaning
    print(f"five parts: {right} of {len(data)} right ({right / len(data):.1%})")  # noqa: T201
    print(wrong.most_common(12))  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", action="store_true")
    arguments = parser.parse_args()
    data = texts("replies_meaning.csv")
    if arguments.judge:
        judge(data)
    OUT.write_text(json.dumps(packed(trained(data)), indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    reading._weights.cache_clear()
    held = texts("replies_meaning_held.csv")
    right = sum(reading.read(text).code == meaning for text, meaning in held)
    print(f"{OUT.stat().st_size:,} bytes; held apart: {right} of {len(held)} right ({right / len(held):.1%})")  # noqa: T201


if __name__ == "__main__":
    main()
