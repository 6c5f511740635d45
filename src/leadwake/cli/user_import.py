"""`leadwake user import`: agents from a spreadsheet's list."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import BinaryIO

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import print_table
from leadwake.domain.csv_cells import text_of, write_table
from leadwake.domain.roster import read_roster
from leadwake.workflows import roster
from leadwake.workflows.office import Office
from leadwake.workflows.roster import Invited, Outcome


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="say what would come of each row; change nothing")
@click.option("--partial", is_flag=True, help="leave out wrong rows [nothing is taken while a row is wrong]")
@click.option("--invite", is_flag=True, help="print a login link for each newcomer, once, as CSV")
@with_office
async def import_(office: Office, *, file: BinaryIO, dry_run: bool, partial: bool, invite: bool) -> int:
    """Take agents from a CSV: who is new is added, who is here already is changed, by e-mail address.

    Columns, in any order: name, email, phone, role, takes_leads, languages, licences, specialties, areas, time_zone,
    shifts, days_off, capacity, on_call, slack_id. An empty cell leaves what is there, a lone "-" empties it. The same
    list again changes nothing. The report of rows goes to standard error, links to standard output.

    \b
    leadwake user import agents.csv --dry-run
    leadwake user import agents.csv --invite > login-links.csv
    """
    found = read_roster(text_of(file.read()))
    plan = roster.outcomes(office, found, None)
    _report(plan, found.ignored)
    is_wrong = any(one.result == "wrong" for one in plan)
    if dry_run or (is_wrong and not partial):
        click.echo(_verdict(dry_run=dry_run, is_wrong=is_wrong), err=True)
        return 1 if is_wrong else 0
    invited = await roster.take(office, plan, actor=ACTOR, partial=partial, invite=invite)
    click.echo(f"Taken: {_count(plan, 'new')} added, {_count(plan, 'changed')} changed.", err=True)
    if invite:
        _print_links(office, invited)
    warn_without_admin(office)
    return 0


def warn_without_admin(office: Office) -> None:
    """Says so when nobody is left who could log in as admin."""
    if not any(one.role == "admin" and not one.disabled and one.has_password for one in office.team):
        click.echo("Nobody can sign in as admin now: leadwake user invite EMAIL --role admin", err=True)


def _report(plan: Sequence[Outcome], ignored: Sequence[str]) -> None:
    rows = [(one.line, one.called, one.result, one.words) for one in plan]
    print_table(("LINE", "WHO", "RESULT", "WHAT"), rows, empty="the list names nobody", to_stderr=True)
    if ignored:
        click.echo(f"Columns that say nothing to us: {', '.join(ignored)}", err=True)


def _verdict(*, dry_run: bool, is_wrong: bool) -> str:
    if not is_wrong:
        return "Dry run: nothing was changed."
    also = "" if dry_run else " Nothing was changed."
    return f"Rows are wrong: mend them, or take the rest with --partial.{also}"


def _print_links(office: Office, invited: Sequence[Invited]) -> None:
    base = office.settings.links_base or "http://127.0.0.1:8000"
    rows = [(one.person.name, one.person.email, f"{base}/invite/{one.token}") for one in invited]
    sys.stdout.write(write_table([("name", "email", "link"), *rows]))


def _count(plan: Sequence[Outcome], result: str) -> int:
    return sum(one.result == result for one in plan)
