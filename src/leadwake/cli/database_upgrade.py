"""`leadwake database upgrade`: the embedded database under another PostgreSQL version."""

from __future__ import annotations

import shutil
import sys

import click

from leadwake import config
from leadwake.cli import database as running
from leadwake.cli.backup import nobody_serves
from leadwake.errors import ConfigError
from leadwake.storage.embedded import upgrade as upgrading


@click.command()
@click.option("--confirm", is_flag=True, help="all is well: the old database that was kept aside is removed")
def upgrade(*, confirm: bool) -> None:
    """Bring the embedded database to the PostgreSQL that this Leadwake runs. Stop Leadwake first.

    It is copied into a new one and counted; the old one is kept aside until you say --confirm.
    """
    settings = config.load()
    if settings.database_url:
        raise ConfigError("LEADWAKE_DATABASE_URL is a server of your own: upgrade it there, then leadwake doctor")
    nobody_serves(settings.data_dir)
    if confirm:
        for path in upgrading.kept_in(settings.data_dir):
            shutil.rmtree(path)
            click.echo(f"{path} is gone")
        return

    async def work() -> None:
        done = await upgrading.upgrade(settings.data_dir, _progress)
        if done is None:
            click.echo("nothing to do: the database is of the PostgreSQL that this Leadwake runs")
            return
        counts = ", ".join(f"{n:,} {what}" for what, n in done.counts.items())
        click.echo(f"PostgreSQL {done.before} → {done.after}: {counts}")
        click.echo(f"the old database is kept in {done.kept}; when all is well: leadwake database upgrade --confirm")

    running.run(work())


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"… {line}", err=True)
