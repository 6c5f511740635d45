"""`leadwake web`: takes leads in and shows the pages."""

from __future__ import annotations

import asyncio
import os
import socket

import click

from leadwake.bootstrap import open_office
from leadwake.cli.process import LISTEN_FD, handed_over, host_option, listen_on, port_option, run
from leadwake.errors import ConfigError
from leadwake.settings import Settings
from leadwake.web.app import create_app
from leadwake.web.server import serve_app


@click.command()
@host_option
@port_option
def web(host: str, port: int) -> None:
    """A web process on a database server; any number of them behind a proxy."""

    async def main(settings: Settings, stop: asyncio.Event) -> int:
        if settings.database_url is None:
            raise ConfigError(
                "set LEADWAKE_DATABASE_URL to run a web process by itself; `leadwake serve` starts its own"
            )
        inherited = os.environ.get(LISTEN_FD)
        listening = socket.socket(fileno=int(inherited)) if inherited else handed_over() or listen_on(host, port)
        office, _ = await open_office(settings, settings.database_url, pool=12)
        try:
            await serve_app(create_app(office), listening, stop)
        finally:
            await office.db.close()
        return 0

    run("web", main)
