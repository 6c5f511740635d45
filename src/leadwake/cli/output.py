"""What commands print: tables for people, JSON for programs; nothing hostile reaches a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import click

json_option = click.option("--json", "as_json", is_flag=True, help="print JSON, for programs")


def print_json(value: Any) -> None:
    """The value as one JSON document, ASCII only: it can go through any terminal, pipe or encoding."""
    click.echo(json.dumps(value, indent=2, default=_plain))


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str, to_stderr: bool = False) -> None:
    """The rows in columns as wide as their widest cell; without rows `empty`, on standard error."""
    cells = [[printable(cell) for cell in row] for row in rows]
    if not cells:
        click.echo(empty, err=True)
        return
    widths = [max(len(row[column]) for row in [list(head), *cells]) for column in range(len(head))]
    click.echo(_line(head, widths), err=to_stderr)
    for row in cells:
        click.echo(_line(row, widths), err=to_stderr)


def printable(value: object, *, lines: bool = False) -> str:
    """The text as a terminal may show it: control characters and direction marks become "?". lines: breaks stay."""
    text = "" if value is None else value.isoformat(" ", "seconds") if isinstance(value, datetime) else str(value)
    return "".join(one if one.isprintable() or (lines and one == "\n") else _replaced(one) for one in text)


def painted(text: str, colour: str) -> str:
    """The text in a colour, where a person looks at a terminal that did not say NO_COLOR."""
    return click.style(text, fg=colour) if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text


def _replaced(character: str) -> str:
    return " " if character in "\t\r\n" else "?"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
