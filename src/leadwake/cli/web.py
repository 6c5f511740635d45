"""`leadwake web`: takes leads in and shows the pages."""

from __future__ import annotations

import asyncio
import errno
import os
import socket

import click

from leadwake.bootstrap import open_office
from leadwake.cli.process import run
from leadwake.config import Settings
from leadwake.errors import ConfigError
from leadwake.web.app import create_app
from leadwake.web.server import serve_app

#: set for children of `serve`: the socket they inherit, so that no connection is refused while one restarts
LISTEN_FD = "LEADWAKE_LISTEN_FD"

host_option = click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on")
port_option = click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="port to listen on"
)


@click.command()
@host_option
@port_option
def web(host: str, port: int) -> None:
    """A web process on a database server; any number of them behind a proxy."""

    async def main(settings: Settings, stop: asyncio.Event) -> int:
        if settings.database_url is None:
            raise ConfigError("set LEADWAKE_DATABASE_URL to run a web process by itself; `leadwake serve` starts its own")
        inherited = os.environ.get(LISTEN_FD)
        listening = socket.socket(fileno=int(inherited)) if inherited else listen_on(host, port)
        office, _ = await open_office(settings, settings.database_url, pool=12)
        try:
            await serve_app(create_app(office), listening, stop)
        finally:
            await office.db.close()
        return 0

    run("web", main)


def listen_on(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises ConfigError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(f"port {port} on {host} is in use; choose another with --port") from error
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}") from error
