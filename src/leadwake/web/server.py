"""One web process: the application on a socket, until told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from fastapi import FastAPI


class _Server(uvicorn.Server):
    """uvicorn until `stop` is set, with signals left to whoever runs the process."""

    def __init__(self, config: uvicorn.Config, stop: asyncio.Event) -> None:
        super().__init__(config)
        self._stop = stop

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None are taken here."""
        yield

    async def main_loop(self) -> None:
        """Looks at the clock once a second, for the Date header; uvicorn looks ten times whether it is to stop."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._stop.wait()
            self.should_exit = self._stop.is_set()


async def serve_app(app: FastAPI, listening: socket.socket, stop: asyncio.Event) -> None:
    """The application answers on the socket until `stop` is set; requests under way are answered."""
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=15,
            backlog=2048,
            http="httptools",
            loop="none",
            lifespan="on",
        ),
        stop,
    )
    serving = asyncio.create_task(server.serve([listening]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    app.state.chat_live.close()
    app.state.live.close()  # open event streams would hold the stop up
    stopping.cancel()
    await serving
