"""`leadwake worker`: carries actions out."""

from __future__ import annotations

import asyncio

import click

from leadwake.bootstrap import open_office
from leadwake.cli.metrics_port import metrics_port
from leadwake.cli.process import host_option, run
from leadwake.errors import ConfigError
from leadwake.settings import Settings
from leadwake.storage.wakeups import QUEUES
from leadwake.workers import Workers


@click.command()
@click.option(
    "--queue", "queues", multiple=True, type=click.Choice(QUEUES), help="work on this queue only; may be repeated"
)
@host_option
@click.option(
    "--metrics-port", "port", type=click.IntRange(0, 65535), help="answer /metrics and /healthz there; unset: nowhere"
)
def worker(queues: tuple[str, ...], host: str, port: int | None) -> None:
    """A worker on a database server; any number of them, on any number of machines."""

    async def main(settings: Settings, stop: asyncio.Event) -> int:
        if settings.database_url is None:
            raise ConfigError("set LEADWAKE_DATABASE_URL to run workers by themselves; `leadwake serve` starts its own")
        office, _ = await open_office(settings, settings.database_url, pool=8)
        try:
            async with metrics_port(host, port):
                await Workers(office).run(queues or QUEUES, stop)
        finally:
            await office.db.close()
        return 0

    run("worker", main)
