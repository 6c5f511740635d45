"""`leadwake migrate`: the database as this version wants it."""

from __future__ import annotations

import click

from leadwake import config
from leadwake.cli import database
from leadwake.storage import db


@click.command()
def migrate() -> None:
    """Bring the database to this version of Leadwake; running it again changes nothing.

    \b
    LEADWAKE_DATABASE_URL=postgresql://leadwake@db/leadwake leadwake migrate
    """
    database.run(_migrate())


async def _migrate() -> None:
    settings = config.load()
    async with database.database_url(settings) as url:
        async with database.connection(url):
            pass  # says in one line what is wrong with the address
        done = await db.migrate(url)
    for name in done:
        click.echo(f"✓ {name}")
    click.echo(f"{len(done)} migrations ran" if done else "nothing to do: the database is at this version")
