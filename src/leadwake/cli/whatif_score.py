"""`leadwake whatif score`: a score learned from any table of past leads, and given to another. Pure."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import BinaryIO

import click

from leadwake.domain.csv_cells import safe, text_of
from leadwake.domain.learning import model as models
from leadwake.domain.learning.columns import number
from leadwake.domain.learning.model import Model, Training
from leadwake.domain.learning.table import Table, outcomes
from leadwake.errors import InputError

#: columns that are named when it is said what the score hangs on
_NAMED = 8


@click.group()
def score() -> None:
    """Learn which leads became customers, and score others by it."""


@score.command()
@click.argument("data", type=click.File("rb"))
@click.option("--label", required=True, metavar="COLUMN", help="the column that says what came of each lead")
@click.option("--positive", required=True, metavar="VALUE", help="what it says where the lead was won")
@click.option("--id", "id_column", required=True, metavar="COLUMN", help="the column that names each lead")
@click.option(
    "--model", "out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="the file to write"
)
@click.option("--drop", default="", metavar="COL,…", help="columns that are known only afterwards")
@click.option(
    "--allow", default="", metavar="COL,…", help="columns to learn from though they stand for a protected class"
)
def train(data: BinaryIO, label: str, positive: str, id_column: str, out: Path, drop: str, allow: str) -> None:
    """Learn a score from DATA.csv, and say how good it is on rows that it has not seen.

    \b
    leadwake whatif score train leads.csv --label Converted --positive 1 --id Lead --model score.json --drop Tags

    Numbers, dates, categories and texts are told apart by themselves; blanks are no error. Columns that stand for
    a protected class (names, addresses, ZIP codes, language, sex, age, …) are set aside, and said.
    """
    table = Table.read(text_of(data.read()))
    dropped, allowed = _names(table, drop, "drop"), _names(table, allow, "allow")
    table.column(id_column, "id")
    truth = outcomes(table.column(label, "label"), positive)
    columns = table.without({label, id_column, *dropped})
    try:
        training = models.train(
            columns, truth, label=label, positive=positive, allowed=allowed, say=lambda text: click.echo(text, err=True)
        )
    except models.TooLittle as error:
        raise InputError({"file": str(error)}) from error
    try:
        out.write_bytes(models.encode(training.model))
    except OSError as error:
        raise InputError({"model": f"{out} cannot be written: {error.strerror}"}) from error
    _report(training, out)


@score.command()
@click.argument("data", type=click.File("rb"))
@click.option("--id", "id_column", required=True, metavar="COLUMN", help="the column that names each lead")
@click.option("--model", "source", required=True, type=click.File("rb"), help="what `train` has written")
def apply(data: BinaryIO, id_column: str, source: BinaryIO) -> None:
    """Give each lead of DATA.csv its score: how probable it is that the lead is won, 0 to 1.

    \b
    leadwake whatif score apply new.csv --id Lead --model score.json > scores.csv
    Answers: id,score

    Values that were never seen are no error; a column that is missing is named, and counts as blank.
    """
    model = _model(source)
    table = Table.read(text_of(data.read()))
    ids = table.column(id_column, "id")
    needed = dict.fromkeys(feature.column for feature in model.features)
    if missing := [name for name in needed if name not in table.columns]:
        click.echo(f"leadwake: no column {', '.join(missing)}: blank in every row", err=True)
    if len(missing) == len(needed):
        raise InputError({"file": "holds none of the columns that the score was learned from"})
    write = csv.writer(sys.stdout, lineterminator="\n")
    write.writerow(("id", "score"))
    for name, value in zip(ids, model.score(table.columns, table.rows), strict=True):
        write.writerow((name if number(name) is not None else safe(name), f"{value:.6f}"))


def _names(table: Table, given: str, option: str) -> frozenset[str]:
    names = [name.strip() for name in next(csv.reader([given]), []) if name.strip()]
    for name in names:
        table.column(name, option)
    return frozenset(names)


def _model(source: BinaryIO) -> Model:
    try:
        return models.decode(source.read())
    except ValueError as error:
        raise InputError({"model": str(error)}) from error


def _report(training: Training, out: Path) -> None:
    model, judged = training.model, training.judged
    share = model.positives / model.rows
    said = [
        f"{model.rows:,} rows, {model.positives:,} of them {model.label} = {model.positive} ({share:.1%})",
        f"On a fifth of the rows, kept apart: AUC {judged.auc:.3f}, log loss {judged.log_loss:.3f}",
        f"Its probabilities are off by {judged.calibration_error:.1%} on average (Brier {judged.brier:.3f})",
        f"Its best tenth holds {judged.lift:.1f} times as many as the average",
        "It hangs on: " + ", ".join(f"{name} {part:.0%}" for name, part in list(training.used.items())[:_NAMED]),
    ]
    said += [
        f"Set aside: {name} stands for {what} (--allow to learn from it)" for name, what in training.refused.items()
    ]
    said += [
        f"Look at {name}: it alone tells the outcome (AUC {value:.2f}). If it is filled in afterwards, --drop it"
        for name, value in training.telling.items()
    ]
    click.echo("\n".join([*said, f"Written to {out}"]), err=True)
