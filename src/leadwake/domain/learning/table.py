"""The table that a score is learned from or given to. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from leadwake.domain.csv_cells import read_table
from leadwake.errors import InputError


@dataclass(frozen=True, slots=True)
class Table:
    """columns: name → its cells, in the rows' order; a row that ends early is blank from there on."""

    columns: dict[str, list[str]]
    rows: int

    @classmethod
    def read(cls, text: str) -> Table:
        """The table in a CSV file with a head. Raises InputError."""
        try:
            lines = read_table(text)
        except ValueError as error:
            raise InputError({"file": str(error)}) from error
        if len(lines) < 2:
            raise InputError({"file": "holds no rows below its head"})
        (_, head), *rows = lines
        names = [name.strip() for name in head]
        if twice := {name for name in names if names.count(name) > 1 and name}:
            raise InputError({"file": f"two columns are called {', '.join(sorted(twice))}: give each its own name"})
        cells = {name: [row[n] if n < len(row) else "" for _, row in rows] for n, name in enumerate(names) if name}
        return cls(cells, len(rows))

    def column(self, name: str, option: str) -> list[str]:
        """The cells of a column. option: that named it. Raises InputError where it is not there."""
        if name not in self.columns:
            raise InputError({option: f"there is no column {name!r}; there are: {', '.join(self.columns)}"})
        return self.columns[name]

    def without(self, names: Collection[str]) -> dict[str, list[str]]:
        """All other columns."""
        return {name: cells for name, cells in self.columns.items() if name not in names}


def outcomes(cells: Sequence[str], positive: str, option: str = "positive") -> list[int]:
    """1 where the cell is `positive`, whatever its capitals, else 0. Raises InputError when none is."""
    wanted = positive.strip().casefold()
    found = [int(cell.strip().casefold() == wanted) for cell in cells]
    if not any(found):
        seen = sorted(set(cells))[:6]
        raise InputError({option: f"no row is {positive!r}; there are: {', '.join(map(repr, seen))}"})
    return found
