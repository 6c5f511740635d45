"""The figures of a process that shows no pages: what Prometheus and a health check ask a worker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from prometheus_client import CONTENT_TYPE_LATEST

from leadwake.cli.process import listen_on
from leadwake.metrics import exposition

_PATIENCE_S = 5.0
_LONGEST_HEAD = 8192


@contextlib.asynccontextmanager
async def metrics_port(host: str, port: int | None) -> AsyncIterator[int | None]:
    """
    `/metrics` and `/healthz` are answered there meanwhile; yields the port. None: nobody asks.

    By the loop that does the work: a worker that hangs answers neither. Raises ConfigError.
    """
    if port is None:
        yield None
        return
    listening = listen_on(host, port)
    async with await asyncio.start_server(_answer, sock=listening, limit=_LONGEST_HEAD):
        yield listening.getsockname()[1]


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        async with asyncio.timeout(_PATIENCE_S):
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(_response(head.split(b" ", 2)[:2]))
            await writer.drain()
    writer.close()


def _response(asked: list[bytes]) -> bytes:
    match asked:
        case [b"GET", b"/metrics"]:
            return _written("200 OK", CONTENT_TYPE_LATEST, exposition())
        case [b"GET", b"/healthz"]:
            return _written("200 OK", "application/json", b'{"status": "ok"}')
    return _written("404 Not Found", "text/plain", b"")


def _written(status: str, content_type: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
