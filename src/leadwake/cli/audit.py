"""`leadwake audit`: the log of what happened, held against its seals; decisions made again from their rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import click
from psycopg.rows import DictRow

from leadwake.cli.database import with_office
from leadwake.cli.output import painted, printable
from leadwake.errors import RuleError
from leadwake.ops.replaying import Replayed, Replayer
from leadwake.storage import decisions, events
from leadwake.workflows.office import Office


@click.group()
def audit() -> None:
    """The log of what happened, under a chain of seals, and the log of the gate's decisions."""


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


@audit.command()
@click.argument("lead_id", required=False, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="every decision there is")
@with_office
async def replay(office: Office, *, lead_id: UUID | None, everything: bool) -> int:
    """Make decisions again from their rows, by the rules of their time, and name those that come out differently.

    Given a lead's id, or --all. Decisions about people who were erased cannot be made again and are only counted.
    Exit 1 when one differs.
    """
    if (lead_id is None) == (not everything):
        raise click.UsageError("say which: LEAD_ID or --all")
    replayer, counts = Replayer(office), dict.fromkeys(Replayed, 0)
    async for row in _rows(office, lead_id):
        found, said = await replayer.replay(row)
        counts[found] += 1
        if found is Replayed.DIFFERENT:
            what = f"decision {row['id']} of {row['at']:%Y-%m-%d %H:%M:%S} UTC, action {row['action_id']}"
            click.echo(painted(f"✗ {what}: {printable('; '.join(said))}", "red"))
    if lead_id is not None and not sum(counts.values()):
        raise RuleError("nothing was ever decided about a lead of this id: leadwake lead list")
    erased = f", {counts[Replayed.ERASED]} of erased people cannot be made again" if counts[Replayed.ERASED] else ""
    if counts[Replayed.DIFFERENT]:
        click.echo(
            f"{counts[Replayed.DIFFERENT]} come out differently, {counts[Replayed.SAME]} the same{erased}", err=True
        )
        return 1
    click.echo(painted(f"✓ {counts[Replayed.SAME]} decisions come out as they were made{erased}", "green"))
    return 0


async def _rows(office: Office, lead_id: UUID | None) -> AsyncIterator[DictRow]:
    if lead_id is None:
        async for row in decisions.everything(office.db):
            yield row
    else:
        for row in await decisions.of_lead(office.db, lead_id):
            yield row
