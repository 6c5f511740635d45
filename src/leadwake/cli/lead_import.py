"""`leadwake lead import`: a list of leads taken in; nothing is sent, nobody is alerted, and it can be taken back."""

from __future__ import annotations

import asyncio
import csv
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TextIO
from uuid import UUID

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import json_option, print_json, print_table, printable
from leadwake.domain import import_words
from leadwake.domain.csv_cells import safe
from leadwake.errors import ConfigError, InputError, RuleError
from leadwake.intake.columns import mapped
from leadwake.intake.listed import Reading
from leadwake.intake.sheet import SheetRow, open_sheet
from leadwake.storage import imports
from leadwake.storage.imports import BATCH, Import, Options, Waiting
from leadwake.workflows import enrolling, import_undo, importing
from leadwake.workflows.import_look import Enrolls, Look, Looked
from leadwake.workflows.import_rows import Pace
from leadwake.workflows.office import Office

_COLUMNS: Final = ("row", "outcome", "reason", "lead_id")
_OUTCOMES: Final = ("new", "known", "duplicate", "refused")
#: refused rows that are told of without a report
_TOLD: Final = 10
#: another process is at it: looked again after so long
_WAIT_S: Final = 0.2


@click.command("import")
@click.argument("file", required=False, type=click.File("rb"))
@click.option("--source", default="", help="where these leads come from, for rows that do not say [import]")
@click.option(
    "--map", "columns", multiple=True, metavar="COLUMN=FIELD", help="what a column is; FIELD '-' leaves it out"
)
@click.option("--dry-run", is_flag=True, help="say what would come of each row; change nothing")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="a CSV to write, a line a row")
@click.option("--route", is_flag=True, help="give each new lead an owner by the team's rules")
@click.option("--crm", is_flag=True, help="write each lead into the CRM, too")
@click.option("--enroll", metavar="SEQUENCE", default="", help="each new or known lead begins this sequence")
@click.option("--undo", metavar="IMPORT", type=click.UUID, help="take an import back")
@click.option("--list", "is_list", is_flag=True, help="show the last imports")
@json_option
def import_(
    *, file: BinaryIO | None, source: str, columns: Sequence[str], dry_run: bool, report: Path | None,
    route: bool, crm: bool, enroll: str, undo: UUID | None, is_list: bool, as_json: bool,
) -> None:  # fmt: skip
    """Take a list of leads from a CSV or JSONL file (- is standard input).

    Nothing is sent and nobody is alerted, unless --enroll says which sequence they begin. A row that does not say when
    somebody asked counts as old. The same rows again add nothing. Columns are known by their usual names, English or
    Spanish; others are kept as they are.

    Outcomes: new, known (somebody who is here already), duplicate (this very row came before), refused. Exit code 1
    when every row was refused.

    \b
    leadwake lead import old-crm.csv --source "old CRM" --dry-run --report look.csv
    leadwake lead import old-crm.csv --source "old CRM" --map "Handy=phone" --report rows.csv
    leadwake lead import --undo 0193…
    """
    if is_list:
        _list(as_json=as_json)
    elif undo is not None:
        _undo(undo, report, as_json=as_json)
    elif file is None:
        raise click.UsageError("Missing argument 'FILE' (- is standard input)")
    else:
        given = _Given(file, Path(str(getattr(file, "name", ""))).name.strip("<>"), source, _said(columns))
        if dry_run:
            _look(given, enroll, report, as_json=as_json)
        else:
            _take(given, Options(crm, route, enroll), report, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Given:
    """A file, and what was said about it. said: head → field."""

    file: BinaryIO
    name: str
    source: str
    said: Mapping[str, str]


@with_office
async def _take(office: Office, given: _Given, options: Options, report: Path | None, *, as_json: bool) -> int:
    if options.enroll:
        enrolling.may_begin(office, options.enroll)
    with _telling_how():
        import_id = await importing.begin(
            office, given.file, given.name, actor=ACTOR, source=given.source, columns=given.said, options=options
        )
    await importing.start(office, import_id, ACTOR, by_workers=False)
    done = await _worked_off(office, import_id)
    await _write_report(office, import_id, report)
    await _tell(office, done, as_json=as_json)
    return 1 if done.rows and done.counts["refused"] == done.rows else 0


@contextmanager
def _telling_how() -> Iterator[None]:
    """Columns that lead to nobody are named by an option here."""
    try:
        yield
    except InputError as error:
        if "columns" not in error.reasons:
            raise
        raise ConfigError(f"{error.reasons['columns']}. Say which: --map 'THEIR COLUMN=phone'") from error


def _said(columns: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in columns:
        head, sign, name = one.rpartition("=")
        if not sign or not head:
            raise click.UsageError(f"--map takes COLUMN=FIELD, not {one!r}")
        found[head] = name.strip()
    return found


async def _worked_off(office: Office, import_id: UUID) -> Import:
    """The import, when its last batch is done, by this command or by a worker that was faster."""
    bar, pace = _Progress("taken in"), Pace(is_alone=True)
    while True:
        more = await importing.work(office, import_id, pace)
        if more is None:
            await asyncio.sleep(_WAIT_S)
        if more is False or bar.is_due:
            found = await _one(office, import_id)
            bar.show(found.done, found.rows)
            if found.state != "working":
                bar.end()
                return found


@with_office
async def _undo(office: Office, import_id: UUID, report: Path | None, *, as_json: bool) -> int:
    await import_undo.begin(office, import_id, ACTOR, by_workers=False)
    bar = _Progress("taken back")
    while (more := await import_undo.work(office, import_id)) is not False:
        if more is None:
            await asyncio.sleep(_WAIT_S)
        found = await _one(office, import_id)
        bar.show(found.gone + found.stayed, found.counts["new"])
    bar.end()
    found = await _one(office, import_id)
    await _write_report(office, import_id, report)
    if as_json:
        print_json({"import": found.id, "gone": found.gone, "stayed": found.stayed})
        return 0
    click.echo(f"Taken back: {found.gone:,} leads are gone, {found.stayed:,} stay.")
    if found.stayed:
        rows = [row async for row in imports.report(office.db, import_id) if row["kept"] not in {None, "gone"}]
        print_table(
            ("ROW", "LEAD", "WHY"),
            [(row["number"], row["lead_id"], import_words.why_kept(row["kept"])) for row in rows[:_TOLD]], empty="",
        )  # fmt: skip
        if len(rows) > _TOLD:
            click.echo(f"… and {len(rows) - _TOLD:,} more: --report names them all", err=True)
    return 0


@with_office
async def _look(office: Office, given: _Given, enroll: str, report: Path | None, *, as_json: bool) -> int:
    title = enrolling.may_begin(office, enroll) if enroll else ""
    sheet = open_sheet(given.file, given.name)
    with _telling_how():
        fields = tuple(mapped(sheet.heads, given.said)) if sheet.kind == "csv" else ()
    reading = Reading(sheet.kind, sheet.heads, fields, "", given.source or "import", office.settings.time_zone)
    counts, bar = dict.fromkeys(_OUTCOMES, 0), _Progress("looked at")
    enrolls = Enrolls()
    if not as_json:
        _print_fields(sheet.heads, fields)
    with _report(report) as out:
        async for looked in _looked(office, reading, sheet.rows):
            counts[looked.outcome] += 1
            enrolls.add(looked)
            out.row(looked.number, looked.outcome, looked.reason, looked.lead_id)
            if bar.is_due:
                bar.show(sum(counts.values()), 0)
    bar.end()
    if as_json:
        enrolled = {"enroll": enroll, "would_enroll": await enrolls.count(office)} if enroll else {}
        print_json({"dry_run": True, "rows": sum(counts.values()), **counts, **enrolled})
    else:
        click.echo(f"Dry run, nothing was changed: {_words(counts)}.")
        if enroll:
            click.echo(f"{await enrolls.count(office):,} leads would be enrolled in {printable(title)} ({enroll}).")
    return 1 if counts["refused"] and counts["refused"] == sum(counts.values()) else 0


async def _looked(office: Office, reading: Reading, rows: Iterable[SheetRow]) -> AsyncIterator[Looked]:
    look = Look(office, reading, office.clock.now(), Pace(is_alone=True))
    for batch in importing.grouped(rows, BATCH):
        waiting = [Waiting(row.number, tuple(row.cells), row.fault) for row in batch]
        async for looked in look.batch(waiting):
            yield looked


def _print_fields(heads: Sequence[str], fields: Sequence[str]) -> None:
    if heads:
        rows = [(head, field or "kept as it is") for head, field in zip(heads, fields, strict=True)]
        print_table(("COLUMN", "FIELD"), rows, empty="", to_stderr=True)


async def _tell(office: Office, done: Import, *, as_json: bool) -> None:
    if as_json:
        enrolled = {"enrolled": await _enrolled(office, done)} if done.options.enroll else {}
        print_json({"import": done.id, "state": done.state, "rows": done.rows, **done.counts, **enrolled})
        return
    click.echo(f"{_words(done.counts)}.")
    if done.options.enroll:
        click.echo(f"{await _enrolled(office, done):,} leads are enrolled in {done.options.enroll}.")
    click.echo(f"Import {done.id}. To take it back: leadwake lead import --undo {done.id}")
    told = 0
    if done.counts["refused"]:
        async for row in imports.report(office.db, done.id):
            if row["outcome"] == "refused" and (told := told + 1) <= _TOLD:
                click.echo(f"row {row['number']}: refused: {import_words.reason('refused', row['reason'])}", err=True)
    if told > _TOLD:
        click.echo(f"… and {told - _TOLD:,} more: --report names them all", err=True)


async def _enrolled(office: Office, done: Import) -> int:
    row = await office.db.one("import_enrolled", id=done.id)
    return int(row["n"]) if row else 0


def _words(counts: Mapping[str, int]) -> str:
    return f"{sum(counts.values()):,} rows: " + ", ".join(f"{counts[name]:,} {name}" for name in _OUTCOMES)


@with_office
async def _list(office: Office, *, as_json: bool) -> int:
    found = await imports.newest(office.db, office.vault)
    if as_json:
        print_json([
            {"import": one.id, "at": one.at, "by": one.by, "state": one.state, "source": one.source, "rows": one.rows,
             **one.counts, "gone": one.gone, "stayed": one.stayed}
            for one in found
        ])  # fmt: skip
        return 0
    print_table(
        ("IMPORT", "AT", "FILE", "STATE", "ROWS", "NEW", "KNOWN", "DUPLICATE", "REFUSED"),
        [(one.id, one.at, one.about.file, one.state, one.rows, *one.counts.values()) for one in found],
        empty="no imports yet",
    )  # fmt: skip
    return 0


async def _one(office: Office, import_id: UUID) -> Import:
    found = await imports.one(office.db, office.vault, import_id)
    if found is None:
        raise RuleError("no import has this id: leadwake lead import --list")
    return found


async def _write_report(office: Office, import_id: UUID, path: Path | None) -> None:
    if path is not None:
        with _report(path) as out:
            async for row in imports.report(office.db, import_id):
                out.row(row["number"], row["outcome"], row["reason"], row["lead_id"], row["kept"])


class _Report:
    """A report a row, where a path is given; a cell that a spreadsheet would run is text to it."""

    def __init__(self, out: TextIO | None) -> None:
        self._writer = csv.writer(out) if out else None
        if self._writer:
            self._writer.writerow(_COLUMNS)

    def row(self, number: int, outcome: str, code: str | None, lead_id: UUID | None, kept: str | None = None) -> None:
        if self._writer:
            said = import_words.reason(outcome, code, kept)
            self._writer.writerow([number, outcome, safe(said), lead_id or ""])


@contextmanager
def _report(path: Path | None) -> Iterator[_Report]:
    if path is None:
        yield _Report(None)
        return
    try:
        out = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise ConfigError(f"--report {path}: {error.strerror}") from error
    with out:
        yield _Report(out)


class _Progress:
    """How far it is, on a terminal only."""

    def __init__(self, what: str) -> None:
        self._what, self._began, self._shown_at = what, time.monotonic(), 0.0
        self._is_shown = sys.stderr.isatty()

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._shown_at > 0.5

    def show(self, done: int, of: int) -> None:
        self._shown_at = time.monotonic()
        if self._is_shown:
            rate = done / max(0.001, time.monotonic() - self._began)
            total = f" of {of:,}" if of else ""
            click.echo(f"\r{done:,}{total} rows {self._what}, {rate:,.0f} a second   ", err=True, nl=False)

    def end(self) -> None:
        if self._is_shown:
            click.echo("", err=True)
