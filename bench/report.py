"""The figures as a table and as a file."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. values: one a run, in `unit`; at_most, at_least: its goal; n8n: measured once, quoted."""

    figure: str
    unit: str
    values: Sequence[float]
    n8n: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def median(self) -> float:
        """The middle one of the runs."""
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """met, missed, or nothing where there is no goal."""
        if self.at_most is None and self.at_least is None:
            return ""
        met = self.median <= self.at_most if self.at_most is not None else self.median >= (self.at_least or 0)
        return "met" if met else "MISSED"

    @property
    def goal(self) -> str:
        """The goal in words."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g} {self.unit}"
        return f"≥ {self.at_least:g} {self.unit}" if self.at_least is not None else ""

    @property
    def shown(self) -> str:
        """The median, and in brackets the least and the most."""
        text = f"{_short(self.median)} {self.unit}"
        return text if len(self.values) == 1 else f"{text} ({_short(min(self.values))}-{_short(max(self.values))})"


@dataclass(slots=True)
class Report:
    """All that was measured. notes: lines under the table; raw: whatever else the file should hold."""

    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)

    def table(self) -> str:
        """The table, as Markdown that can be read as it is."""
        head = ("figure", "here: median (spread)", "goal", "", "n8n 2.41, quoted")
        lines = [(row.figure, row.shown, row.goal, row.verdict, row.n8n) for row in self.rows]
        widths = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]
        drawn = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
            for line in [head, tuple("-" * width for width in widths), *lines]
        ]
        return "\n".join([self.title, "", *drawn, "", *self.notes])

    def save(self) -> Path:
        """Written to bench/results; where."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.json"
        rows = [asdict(row) | {"median": row.median, "verdict": row.verdict} for row in self.rows]
        path.write_text(
            json.dumps({"title": self.title, "rows": rows, "notes": self.notes, **self.raw}, indent=1, default=str)
        )
        return path


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
