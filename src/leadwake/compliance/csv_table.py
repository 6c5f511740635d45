"""A CSV table read with suspicion: a row that cannot be trusted is left out, and its key remembered."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Row = Mapping[str, str]
Problems = list[str]
T = TypeVar("T")


@dataclass(slots=True)
class CsvTable:
    """The readable rows, and the keys (first column) of the others."""

    name: str
    key: str
    rows: list[Row] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def parse(self, parser: Callable[[Row], T], problems: Problems) -> dict[str, T]:
        """Each row's value by its key; a row the parser refuses is broken."""
        parsed: dict[str, T] = {}
        for row in self.rows:
            key = row[self.key]
            if key in self.broken:
                continue
            try:
                parsed[key] = parser(row)
            except (ValueError, KeyError) as error:
                problems.append(f"{self.name}: {key}: {error}")
                self.broken.add(key)
        return parsed


def read_table(
    name: str, raw: bytes | None, columns: Sequence[str], problems: Problems, *, unique: bool = True
) -> CsvTable:
    """The table's rows; what is unreadable stands in `problems`. columns: those needed, the first is the key.

    A row with more or fewer cells than the header is broken: a stray comma moves every cell after it.
    With `unique`, a key that stands twice is broken too: nobody can say which row is meant.
    """
    table = CsvTable(name, columns[0])
    if raw is None:
        return table
    try:
        lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{name}: {error}")
        return table
    header = lines[0] if lines else []
    if absent := [column for column in columns if column not in header]:
        problems.append(f"{name}: no column {', '.join(absent)}")
        return table
    key_at, seen = header.index(columns[0]), set[str]()
    for number, cells in enumerate(lines[1:], start=2):
        if not cells:
            continue
        key = cells[key_at].strip() if key_at < len(cells) else ""
        if len(cells) != len(header):
            problems.append(f"{name}: line {number} ({key}): {len(cells)} cells, the header has {len(header)}")
            table.broken.add(key)
        elif unique and key in seen:
            problems.append(f"{name}: line {number}: {key} stands twice")
            table.broken.add(key)
        else:
            table.rows.append({column: cell.strip() for column, cell in zip(header, cells, strict=True)})
        seen.add(key)
    return table
