"""docs/reports.md says of each figure what the table of definitions says, and each is made and counted somewhere."""

from __future__ import annotations

from pathlib import Path

from leadwake.domain.kpis import ASKED, KPIS
from leadwake.domain.report_values import FIGURES
from leadwake.storage.db import queries
from leadwake.web.report_view import GROUPS

PAGE = (Path(__file__).parents[2] / "docs" / "reports.md").read_text("utf-8")


def test_the_page_holds_every_definition_and_none_of_its_own() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]

    assert rows == [
        f"| `{kpi.name}` | {kpi.label} | {kpi.unit} | {kpi.goal or '–'} | `{kpi.query}` | {kpi.sentence} |"
        for kpi in KPIS.values()
    ]
    assert all(f"| {asked.label} | {asked.hint} |" in PAGE for asked in ASKED.values())


def test_every_figure_is_made_shown_once_and_has_its_query() -> None:
    assert list(FIGURES) == list(KPIS)
    assert sorted(name for _, _, names in GROUPS for name in names) == sorted(KPIS)
    assert {kpi.query for kpi in KPIS.values()} <= set(queries())
