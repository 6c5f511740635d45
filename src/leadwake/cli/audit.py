"""`leadwake audit`: the log of what happened, held against its seals."""

from __future__ import annotations

import click

from leadwake.cli.database import with_office
from leadwake.cli.output import painted
from leadwake.storage import events
from leadwake.workflows.office import Office


@click.group()
def audit() -> None:
    """The log of what happened: ids and hashes, under a chain of seals."""


@audit.command()
@with_office
async def verify(office: Office) -> int:
    """Hold every event against the chain of seals; exit 1 when one was changed, taken out or put in."""
    problems = await events.verify(office.db)
    for problem in problems:
        click.echo(painted(f"✗ {problem}", "red"))
    if problems:
        return 1
    seals = await office.db.all("event_seals")
    click.echo(
        painted(f"✓ {sum(seal['count'] for seal in seals)} events under {len(seals)} seals, none changed", "green")
    )
    return 0
