"""The phrases of each meaning, over plain words; see phrases.txt. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def phrases() -> Mapping[str, re.Pattern[str]]:
    """Meaning → its phrases, in the order in which a busy person must act on them."""
    pieces, blocks, block = dict[str, str](), dict[str, list[str]](), ""
    for line in files("leadwake.domain.meaning").joinpath("phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            block = line[1:-1]
        elif line and not line.startswith("#"):
            if block:
                blocks.setdefault(block, []).append(f"(?:{line})")
            else:
                name, _, piece = line.partition(" = ")
                pieces[name] = piece
    return {name: _compiled("|".join(lines), pieces) for name, lines in blocks.items()}


def _compiled(spelt: str, pieces: Mapping[str, str]) -> re.Pattern[str]:
    for name, piece in pieces.items():
        spelt = spelt.replace("{" + name + "}", piece)
    return re.compile(rf"(?<![a-z0-9])(?:{spelt})(?![a-z0-9])")
