"""Proof as a table for a spreadsheet: one figure a row, its definition and n beside it; no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from leadwake.domain import proof as figures
from leadwake.domain import proof_words as words
from leadwake.domain.proof import Times
from leadwake.web.proof_report import Report

HEAD = ("section", "of", "figure", "value", "unit", "n", "definition")
Row = tuple[str, str, str, object, str, object, str]


def as_csv(report: Report) -> bytes:
    """The report, UTF-8 with the mark by which spreadsheets know it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    for row in _rows(report):
        writer.writerow(["" if cell is None else harmless(cell) for cell in row])
    return ("\ufeff" + out.getvalue()).encode()


def harmless(cell: object) -> object:
    """The cell, never a formula: a source is whatever its sender wrote. Numbers stay numbers."""
    if isinstance(cell, str) and cell.lstrip()[:1] in {"=", "+", "-", "@", "|", "%"}:
        return f"'{cell}"
    return cell.replace("\t", " ").replace("\r", " ").replace("\n", " ") if isinstance(cell, str) else cell


def _rows(report: Report) -> Iterator[Row]:
    now, told = report.now, words.DEFINITIONS
    yield "captures", "", "received", now.received, "captures", now.received, told["captures"]
    yield "captures", "", "accounted for", now.accounted, "captures", now.received, told["captures"]
    for outcome, (label, meaning) in words.OUTCOMES.items():
        yield "captures", "", label, now.captures[outcome], "captures", now.received, meaning
    for line in report.lines:
        yield from _times("response", line.label, line.times, told[line.name])
        yield "response", line.label, line.missing_words, line.missing, "inquiries", line.times.n, told[line.name]
        yield "response", line.label, "median before", line.before, "seconds", line.before_n, told["before"]
    for share in report.shares:
        yield "response", share.label, "share", share.percent, "percent", share.whole, told[share.name]
    for source in now.sources:
        for name in ("leads", "reached", "replied", "human", "inquiries"):
            n = source.counts["inquiries" if name == "inquiries" else "leads"]
            yield "sources", source.name, name, source.counts[name], "people", n, told["sources"]
        for name, times in (("machine", source.machine), ("human", source.human)):
            yield "sources", source.name, f"median {name}", times.median, "seconds", times.n, told[name]
    for row in (*report.agents, report.team):
        of = row.name or "Whole team"
        yield "agents", of, "offers", row.agent.offered, "leads", row.agent.offered, told["agents"]
        for state in ("claimed", "passed", "timed_out", "open", "retracted"):
            yield "agents", of, state, row.agent.offers[state], "leads", row.agent.offered, told["agents"]
        yield "agents", of, "median response", row.agent.times.median, "seconds", row.agent.times.n, told["agents"]
    for what, why, n in report.held:
        yield "held or refused", what, why, n, "messages", n, told["held"]
    for channel, states in now.channels:
        for state, n in sorted(states.items()):
            label = words.CHANNELS.get(channel, channel)
            yield "messages", label, state, n, "messages", states.total(), told["messages"]


def _times(section: str, of: str, times: Times, told: str) -> Iterator[Row]:
    for percentile in figures.PERCENTILES:
        yield section, of, f"p{percentile}", times.percentile(percentile), "seconds", times.n, told


def file_name(report: Report) -> str:
    """A name for the file that says which days are in it."""
    days: Sequence[object] = (report.period.first, report.period.last)
    return f"leadwake-proof-{days[0]}-{days[1]}.csv"
