"""`leadwake whatif`: what would happen, said of files. Pure: no database, no network, no settings."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TextIO

import click

from leadwake.compliance import whatif as gate
from leadwake.compliance import whatif_reply as replies
from leadwake.compliance.policy import STANDARD, Policy
from leadwake.compliance.policy_json import parse_policy
from leadwake.compliance.tables import Tables
from leadwake.errors import InputError
from leadwake.intake import whatif as doors
from leadwake.intake.whatif import BadLine


@click.group()
def whatif() -> None:
    """Dry runs: read a file (- is standard input), write to standard output, touch no database."""


@whatif.command()
@click.argument("leads", type=click.File("r", encoding="utf-8", errors="surrogateescape"))
def intake(leads: TextIO) -> None:
    """What intake would make of LEADS.jsonl: contacts normalised, the same people found again.

    \b
    leadwake whatif intake leads.jsonl > answers.csv
    Answers: id,phone_e164,email_normalised,duplicate_of

    A line that is no lead is named on standard error; exit 1 when one has no row in the answer.
    """
    bad: list[BadLine] = []

    def note(line: BadLine) -> None:
        bad.append(line)
        click.echo(f"leadwake: {line}", err=True)

    doors.write_csv(doors.run(leads, on_bad=note), sys.stdout)
    if any(not line.has_row for line in bad):
        raise click.exceptions.Exit(1)


@whatif.command()
@click.argument("cases", type=click.File("r", encoding="utf-8-sig", lazy=False))
@click.option("--tables", type=click.Path(path_type=Path), help="a folder of tables [those Leadwake came with]")
@click.option("--policy", type=click.File("r", encoding="utf-8"), help="a team's own rules, as JSON [the defaults]")
def send(cases: TextIO, tables: Path | None, policy: TextIO | None) -> None:
    """Ask the gate about every row of CASES.csv: send now, later, or never, and why.

    \b
    leadwake whatif send cases.csv
    Columns: case_id,recipient,declared_state,declared_zip,declared_country,now_utc,channel,purpose,
             consent,inquiry_at_utc,prior_24h,prior_sent_utc,dnc
    Answers: case_id,decision,at_utc,reason   (at_utc empty for block)
    """
    gate.send_csv(cases, sys.stdout, _tables(tables), _policy(policy) if policy else STANDARD)


@whatif.command()
@click.argument("texts", type=click.File("r", encoding="utf-8-sig", lazy=False))
@click.option("--explain", is_flag=True, help="add how it was read: reading, scope, because")
def reply(texts: TextIO, explain: bool) -> None:
    """What a person means by each reply in TEXTS.csv: a stop, and by which words?

    \b
    leadwake whatif reply texts.csv
    Column:  text
    Answers: text,intent   (stop, start, help or not_opt_out)

    What may be a stop is answered as stop: automation pauses and a person reads it.
    """
    replies.reply_csv(texts, sys.stdout, explain=explain)


def _tables(folder: Path | None) -> Tables:
    """The tables as they are: what is unreadable is blocked, and named on standard error."""
    if folder is not None and not folder.is_dir():
        raise click.UsageError(f"{folder} is no folder")
    tables = Tables.load(folder)
    for problem in tables.problems:
        click.echo(f"leadwake: {problem}", err=True)
    return tables


def _policy(file: TextIO) -> Policy:
    try:
        return parse_policy(json.load(file))
    except (ValueError, RecursionError) as error:
        raise InputError({"policy": str(error)}) from error
