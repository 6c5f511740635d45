"""`leadwake worker`: carries actions out."""

from __future__ import annotations

import asyncio

import click

from leadwake.bootstrap import open_office
from leadwake.cli.process import run
from leadwake.config import Settings
from leadwake.errors import ConfigError
from leadwake.storage.wakeups import QUEUES
from leadwake.workers import Workers


@click.command()
@click.option(
    "--queue", "queues", multiple=True, type=click.Choice(QUEUES), help="work on this queue only; may be repeated"
)
def worker(queues: tuple[str, ...]) -> None:
    """A worker on a database server; any number of them, on any number of machines."""

    async def main(settings: Settings, stop: asyncio.Event) -> int:
        if settings.database_url is None:
            raise ConfigError("set LEADWAKE_DATABASE_URL to run workers by themselves; `leadwake serve` starts its own")
        office, _ = await open_office(settings, settings.database_url, pool=8)
        try:
            await Workers(office).run(queues or QUEUES, stop)
        finally:
            await office.db.close()
        return 0

    run("worker", main)
