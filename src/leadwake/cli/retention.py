"""`leadwake retention`: how long what is kept, and what has had its time."""

from __future__ import annotations

import click

from leadwake.cli.database import ACTOR, with_office
from leadwake.cli.output import json_option, print_json, print_table
from leadwake.ops import retention as keeping
from leadwake.setting_names import PREFIX, RETENTION
from leadwake.workflows.office import Office


@click.group()
def retention() -> None:
    """What is kept, for how long. It runs by itself every night."""


@retention.command()
@json_option
@with_office
async def show(office: Office, *, as_json: bool) -> None:
    """Show every period, its setting, and how much has had its time."""
    due = await keeping.due(office)
    rows = [
        {"what": rule.what, "kept": office.settings.retention(rule.setting), "unit": RETENTION[rule.setting][1],
         "setting": PREFIX + rule.setting, "due": due[rule.name], "stays": rule.stays}
        for rule in keeping.RULES
    ]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    print_table(
        ("WHAT", "KEPT", "SETTING", "DUE NOW", "WHAT STAYS"),
        [(row["what"], f"{row['kept']} {row['unit']}", row["setting"], row["due"], row["stays"]) for row in rows],
        empty="",
    )
    click.echo("\nOpt-outs have no end. A period may only be shortened.")


@retention.command()
@click.option("--dry-run", is_flag=True, help="count only, take nothing away")
@with_office
async def run(office: Office, *, dry_run: bool) -> None:
    """Take away now what has had its time."""
    done = await (keeping.due(office) if dry_run else keeping.run(office, ACTOR))
    words = {rule.name: rule.what for rule in keeping.RULES}
    for name, count in done.items():
        click.echo(f"{count:>7}  {words[name]}")
    if dry_run:
        click.echo("Nothing was taken away.")
