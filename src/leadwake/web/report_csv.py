"""A report as a table for a spreadsheet: one figure a row, its n and definition beside it; no cell is a formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leadwake.domain.csv_cells import write_table
from leadwake.domain.kpis import ASKED, KPIS
from leadwake.domain.report import Line
from leadwake.web.report_view import View

HEAD = ("section", "of", "figure", "value", "unit", "n", "before", "before n", "note", "definition")
_BEGAN = "People who began it"
_COUNTS = ("leads", "conversations", "meetings", "sales")


def as_csv(view: View) -> bytes:
    """The report, UTF-8 with the mark by which spreadsheets know it."""
    rows = [HEAD, *_figures(view), *_tables(view), *_inputs(view)]
    return ("\ufeff" + write_table([[_cell(cell) for cell in row] for row in rows])).encode()


def file_name(view: View) -> str:
    """A name for the file that says which days are in it."""
    return f"leadwake-report-{view.period.first}-{view.period.last}.csv"


def _figures(view: View) -> Iterator[Sequence[object]]:
    for shown in view.values.values():
        now, before, kpi = shown.now, shown.before, shown.now.kpi
        note = now.words if now.missing or now.is_few else now.note
        yield "figures", "", kpi.label, now.plain, kpi.unit, now.n, before.plain, before.n, note, kpi.sentence


def _tables(view: View) -> Iterator[Sequence[object]]:
    tables = (("by source", view.now.sources), ("by sequence", view.now.sequences), ("by agent", view.agents))
    for section, lines in tables:
        for line in lines:
            yield from _line(section, line)


def _line(section: str, line: Line) -> Iterator[Sequence[object]]:
    """An agent's figures have neither leads nor costs."""
    for name in _COUNTS[section == "by agent" :]:
        n = getattr(line, name)
        label = _BEGAN if section == "by sequence" and name == "leads" else KPIS[name].label
        yield section, line.label, label, n, "count", n, None, None, "", KPIS[name].sentence
    for currency, cents in sorted(line.revenue.items()):
        yield (
            section,
            line.label,
            "Revenue",
            cents / 100,
            currency,
            line.sales,
            None,
            None,
            "",
            KPIS["revenue"].sentence,
        )
    if section != "by agent":
        cost = None if line.missing else round(float(line.cost), 4)
        yield section, line.label, "Cost", cost, "dollars", line.leads, None, None, "", KPIS["cost"].sentence


def _inputs(view: View) -> Iterator[Sequence[object]]:
    for (name, source), said in sorted(view.said.items()):
        hint = ASKED[name].hint if name in ASKED else ""
        yield "what you said", source, ASKED[name].label, said.plain, "", None, None, None, f"{said.at:%Y-%m-%d}", hint


def _cell(value: object) -> str:
    return "" if value is None else str(value)
