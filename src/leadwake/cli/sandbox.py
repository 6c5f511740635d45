"""`leadwake sandbox`: only the stand-in vendors."""

from __future__ import annotations

import asyncio
import os

import click

from leadwake.cli.process import READY_FD, host_option, run
from leadwake.errors import ConfigError
from leadwake.sandbox.server import serve
from leadwake.settings import Settings


@click.command()
@host_option
@click.option("--port", default=8090, show_default=True, type=click.IntRange(0, 65535), help="port to listen on")
@click.option("--product-url", default=None, help="where Leadwake is, for replies written on the page")
def sandbox(host: str, port: int, product_url: str | None) -> None:
    """The stand-in vendors, all on one port, each under /<vendor>/; the page shows what they received."""

    async def main(settings: Settings, stop: asyncio.Event) -> int:
        del settings
        try:
            await serve(host, port, product_url=product_url, ready=_tell, stop=stop)
        except (OSError, ValueError) as error:
            raise ConfigError(f"the sandbox cannot listen on {host}:{port}: {error}; choose another --port") from error
        return 0

    run("sandbox", main)


def _tell(url: str) -> None:
    ready = os.environ.get(READY_FD)
    if ready:
        os.write(int(ready), url.encode())
        os.close(int(ready))
    else:
        click.echo(f"Sandbox: {url}")
