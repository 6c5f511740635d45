"""Patterns of text told line by line: a table of phrases, one a line, made one pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator


def any_of(table: str) -> re.Pattern[str]:
    """Any of the phrases, regular expressions one a line, in whatever case; an indented line goes on with the last."""
    phrases = re.sub(r"\n\s+", "", table.strip()).split("\n")
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


def headed(table: str) -> Iterator[tuple[str, list[str]]]:
    """(heading, its lines) of a table whose headings begin at the margin and whose lines are indented."""
    heading, lines = "", list[str]()
    for line in table.strip("\n").splitlines():
        if line[:1].isspace():
            lines.append(line.strip())
            continue
        if heading:
            yield heading, lines
        heading, lines = line.strip(), []
    yield heading, lines


def words_in(table: str) -> frozenset[str]:
    """The words of a table."""
    return frozenset(table.split())
