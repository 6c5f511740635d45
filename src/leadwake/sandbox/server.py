"""The sandbox served: one process, all vendors on one port."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Callable

from leadwake.sandbox.app import Sandbox
from leadwake.sandbox.outbox import locate
from leadwake.sandbox.wire import Connection

BACKLOG = 2_048
SWEEP_EVERY_S = 5.0


async def serve(
    host: str,
    port: int,
    *,
    product_url: str | None = None,
    ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """
    The stand-ins answer on host:port until `stop` is set or this is cancelled; then every connection is closed.

    port: 0 takes any free one. product_url: the product's base URL on this machine, for replies written
    on the page and for callbacks to its public name. ready: gets the base URL once connections are taken.
    Raises OSError when the address cannot be had, ValueError when product_url is not on this machine.
    """
    if product_url is not None:
        locate(product_url)
    sandbox = Sandbox(product_url)
    connections: set[Connection] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(sandbox, connections), host, port, backlog=BACKLOG)
    sweeper = loop.create_task(_sweep(connections))
    try:
        if ready is not None:
            ready(_base_url(host, server.sockets[0].getsockname()[1]))
        await (stop or asyncio.Event()).wait()
    finally:
        server.close()
        sweeper.cancel()
        await sandbox.close()
        for connection in tuple(connections):
            connection.abort()
        await asyncio.gather(sweeper, return_exceptions=True)
        await server.wait_closed()


async def _sweep(connections: set[Connection]) -> None:
    """Closes what is stuck or forgotten, so that it cannot fill the process."""
    while True:
        await asyncio.sleep(SWEEP_EVERY_S)
        now = time.monotonic()
        for connection in tuple(connections):
            connection.sweep(now)


def _base_url(host: str, port: int) -> str:
    """What a person on this machine opens."""
    try:
        address = ipaddress.ip_address(host or "0.0.0.0")  # noqa: S104 - compared, not bound
    except ValueError:
        return f"http://{host}:{port}"
    if address.is_unspecified:
        return f"http://127.0.0.1:{port}"
    return f"http://[{address}]:{port}" if address.version == 6 else f"http://{address}:{port}"
