"""`leadwake serve` and `leadwake demo`: everything in one command."""

from __future__ import annotations

import asyncio

import click

from leadwake.cli.process import host_option, port_option, run
from leadwake.cli.supervisor import Plan, supervise
from leadwake.settings import Settings


@click.command()
@host_option
@port_option
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(0, 32),
    help="how many worker processes; 0: leads are taken in and nothing is sent, to try a new version",
)  # fmt: skip
@click.option(
    "--practice", is_flag=True, help="on an empty data directory: the sandbox stands in for vendors without credentials"
)
def serve(host: str, port: int, workers: int, practice: bool) -> None:
    """Web, workers and the embedded database (unless LEADWAKE_DATABASE_URL is set) in one command."""

    async def main(settings: Settings, stop: asyncio.Event) -> int:
        return await supervise(settings, Plan(host, port, workers, practice=practice), stop)

    run("serve", main)


@click.command()
@host_option
@port_option
def demo(host: str, port: int) -> None:
    """Practice with a live stream of sample leads, in a data directory of its own; sends nothing in earnest."""

    async def main(settings: Settings, stop: asyncio.Event) -> int:
        return await supervise(settings.for_demo(), Plan(host, port, 1, practice=True, demo=True), stop)

    run("demo", main)
