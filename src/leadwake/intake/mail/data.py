"""Bodies that are data, not letters: JSON, XML of no standard, a table parted by commas."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence

from leadwake.intake.mail.labels import field_of
from leadwake.intake.markup import tokens

_COLUMNS, _ROWS = 40, 100


def as_lines(text: str) -> str:
    """The text; one that is a JSON object or an XML document, as labels and values a line."""
    begin = text.lstrip()[:1]
    if begin == "<":
        return "\n".join(_leaves(text)) or text
    if begin != "{":
        return text
    try:
        return "\n".join(_members(json.loads(text)))
    except (ValueError, RecursionError):
        return text


def _members(value: object, name: str = "") -> Iterator[str]:
    """The members of an object that say something, however deep, by their names."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _members(inner, str(key))
        case list():
            for inner in value:
                yield from _members(inner, name)
        case None | bool():
            return
        case _:
            yield f"{name}: {value}".encode("utf-8", "replace").decode()  # half a pair of surrogates is no text


def _leaves(text: str) -> Iterator[str]:
    """What stands between a tag and its own end, by the tag's name."""
    name, said = "", ""
    for token in tokens(text):
        if not token.name:
            said += token.text
        elif not token.is_end:
            name, said = token.name, ""
        elif name:
            if token.name == name and said.strip():
                yield f"{name}: {' '.join(said.split())}"
            name = ""


def comma_rows(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """The rows of a table parted by commas; none when the first line does not name three columns that we know."""
    names = [cell.strip(' "') for cell in texts[0].split(",")] if texts else []
    if not 3 <= len(names) <= _COLUMNS or sum(field_of(name) is not None for name in names) < 3:
        return []
    try:
        rows = [tuple(cell.strip() for cell in row) for row in csv.reader(texts[:_ROWS])]
    except csv.Error:
        return []
    return [row for row in rows if row] if all(len(row) in {0, len(names)} for row in rows) else []
