"""`leadwake whatif history`: the past once more under other sequences or rules; writes nothing."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TextIO

import click

from leadwake import config
from leadwake.cli.database import office, run
from leadwake.cli.history_words import as_json, tell
from leadwake.cli.output import print_json
from leadwake.cli.whatif_given import policy_of, sequence_of, tables_of, weights_of, zone_of
from leadwake.cli.whatif_sequence import COLUMNS, WORDS, rows_of
from leadwake.compliance.policy import STANDARD, Policy
from leadwake.compliance.tables import Tables
from leadwake.domain.sequence.model import Sequence as Read
from leadwake.domain.sequence.reading import read_published
from leadwake.domain.sequence.shipped import shipped
from leadwake.intake.whatif import BadLine
from leadwake.workflows import history as past
from leadwake.workflows.history import Case, Lived, Report
from leadwake.workflows.rehearsal import Team, team_of
from leadwake.workflows.rehearsal_files import example_values, lives
from leadwake.workflows.rehearsal_tally import Tally

#: whoever reads a list of people looks at all of them, whenever they asked
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
#: progress is said after so many
_TOLD: Final = 1000


@click.command()
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 730), help="how far back")
@click.option("--sequence", "names", multiple=True, metavar="FILE.yaml", help="a changed or new sequence; repeatable")
@click.option("--policy", type=click.File("r", encoding="utf-8"), help="changed rules of the team, as JSON")
@click.option("--weights", type=click.File("r", encoding="utf-8"), help="changed weights of the score, as JSON")
@click.option("--tables", type=click.Path(path_type=Path), help="changed tables, a folder")
@click.option("--leads", type=click.File("r", encoding="utf-8-sig"), help="leads of a file instead; no database then")
@click.option("--business", metavar="NAME", help="with --leads: whose consent is asked for [anybody's]")
@click.option("--zone", default="America/New_York", show_default=True, help="with --leads: the team's own clock")
@click.option("--text-cents", type=click.FloatRange(0), help="what a segment costs; without it segments are counted")
@click.option("--mail-cents", type=click.FloatRange(0), help="what a mail costs")
@click.option("--json", "how", flag_value="json", help="print JSON, for programs")
@click.option("--csv", "how", flag_value="csv", help="print every touch of everybody")
def history(
    *, days: int, names: Sequence[str], policy: TextIO | None, weights: TextIO | None, tables: Path | None,
    leads: TextIO | None, business: str | None, zone: str, text_cents: float | None, mail_cents: float | None,
    how: str | None,
) -> None:  # fmt: skip
    """Who of the last 90 days' leads would have got what and when, and what is different from what did happen.

    \b
    leadwake whatif history --sequence new_buyer.yaml
    leadwake whatif history --leads leads.jsonl --json

    The team's own leads, sequences and rules, from its database, in transactions that cannot write. What people did
    (replies, bookings, stops) ends a sequence when they did it. With --leads: those of the file, through the sequences
    that Leadwake comes with, each followed for so many days after they asked.
    """
    tried = Tried([sequence_of(name) for name in names], policy_of(policy) if policy else None, _law(tables), weights)
    out = _printer() if how == "csv" else None
    if leads is not None:
        team = Team(Tables.load(), STANDARD, zone_of(zone), example_values(business))
        report = _of_file(leads, team, business, days, tried, out)
    else:
        report = _of_database(days, tried, out)
    if report.unused:
        click.echo(
            f"leadwake: nobody would be in {', '.join(report.unused)}: no lead fits, or another comes first", err=True
        )
    prices = {"sms": text_cents, "email": mail_cents}
    if how == "json":
        print_json(as_json(report, prices))
    elif how != "csv":
        tell(report, prices)


@dataclass(frozen=True, slots=True)
class Tried:
    """What is to be tried in the place of what is in force; blank or None where nothing is."""

    sequences: Sequence[Read]
    policy: Policy | None = None
    tables: Tables | None = None
    weights: TextIO | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the sequences."""
        return tuple(each.name for each in self.sequences)

    def beside(self, team: Team, sequences: Iterable[Read]) -> tuple[Case, Case | None]:
        """What is in force, and what it would be; None when nothing is tried."""
        given = list(sequences)
        now = Case(team, past.plan(given))
        if not (self.sequences or self.policy or self.tables or self.weights):
            return now, None
        changed = replace(
            team, policy=self.policy or team.policy, tables=self.tables or team.tables,
            weights=weights_of(self.weights, team.weights) if self.weights else team.weights,
        )  # fmt: skip
        return now, Case(changed, past.plan(given, self.sequences))


def _law(folder: Path | None) -> Tables | None:
    return tables_of(folder) if folder else None


def _printer() -> Callable[[Report, Lived], None]:
    """Writes each touch of a lead as a row of CSV."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("lead", *COLUMNS, *WORDS))

    def write(report: Report, lived: Lived) -> None:
        team = (report.changed or report.now).team
        for following in lived.ways:
            for row in rows_of(team, lived.lead, following, text=True):
                writer.writerow((lived.lead.id, *row))

    return write


_Out = Callable[[Report, Lived], None] | None


def _of_file(file: TextIO, team: Team, business: str | None, days: int, tried: Tried, out: _Out) -> Report:
    now = datetime.now(UTC)
    case, changed = tried.beside(team, (read_published(source) for source in shipped().values()))
    follow = timedelta(days=days)
    report = Report(_EVER, now + follow, case, changed, follow=follow, tried=tried.names)

    def on_bad(line: BadLine) -> None:
        click.echo(f"leadwake: {line}", err=True)

    for life in lives(file, now, team, business, on_bad):
        _added(report, report.add(life), out)
    return report


def _of_database(days: int, tried: Tried, out: _Out) -> Report:
    found: list[Report] = []

    async def read() -> None:
        async with office(config.load()) as opened:
            now = opened.clock.now()
            row = await opened.db.one("rehearsal_mail_paused")
            team = team_of(opened, mail_paused=bool(row and row["is_paused"]))
            case, changed = tried.beside(team, past.in_force(opened.sequences))
            report = Report(now - timedelta(days=days), now, case, changed, did=Tally(), tried=tried.names)
            async for life, did in past.lives(opened, report.since):
                _added(report, report.add(life, did), out)
            found.append(report)

    run(read())
    return found[0]


def _added(report: Report, lived: Lived, out: _Out) -> None:
    if out is not None:
        out(report, lived)
    people = report.now.tally.people
    if people % _TOLD == 0 and sys.stderr.isatty():
        click.echo(f"{people:,} people so far", err=True)
