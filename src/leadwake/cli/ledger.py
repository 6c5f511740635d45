"""`leadwake ledger`: does everything add up?"""

from __future__ import annotations

import click

from leadwake.cli.database import with_office
from leadwake.cli.output import json_option, painted, print_json
from leadwake.storage import ledger as ledger_of
from leadwake.storage.ledger import Ledger
from leadwake.workflows.office import Office


@click.command()
@json_option
@with_office
async def ledger(office: Office, *, as_json: bool) -> int:
    """Count every capture and every action, and say what does not add up; exit 1 then.

    \b
    leadwake ledger --json | jq .balanced
    """
    found = await ledger_of.read(office.db, office.clock.now())
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)
    return 0 if found.balanced else 1


def _print(found: Ledger) -> None:
    for title, counts in (("captures", found.captures), ("actions", found.actions)):
        click.echo(f"{title:<10} {sum(counts.values()):>9}")
        for name, count in counts.items():
            click.echo(f"  {name:<12}{count:>6}")
    for problem in found.problems:
        click.echo(painted(f"✗ {problem}", "red"))
    if found.balanced:
        click.echo(painted("✓ balanced: everything is in a stated place", "green"))
