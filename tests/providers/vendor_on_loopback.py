"""A vendor on loopback: real HTTP over a real socket, doing what the test tells it to."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from openapi_lane import contract


@dataclass(frozen=True)
class Seen:
    """A request as it arrived. target: path and query as sent; headers: lower-cased names."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What to do with one request.

    cut: close the connection at that moment. raw: these bytes in place of an answer. hold: wait for it before
    answering. close: a polite close after the answer.
    """

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: Literal["before reading", "after head", "after reading", "mid answer"] | None = None
    raw: bytes | None = None
    hold: asyncio.Event | None = None
    close: bool = False

    def encoded(self) -> bytes:
        if self.raw is not None:
            return self.raw
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        kind = {"Content-Type": "application/json"} if body else {}
        fields = {**kind, "Content-Length": str(len(body)), **self.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"HTTP/1.1 {self.status} Whatever\r\n{head}\r\n".encode() + body


class Vendor:
    """Answers the scripted answers in order, the last one for ever; keeps what it received."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[Seen] = []
        self.connections = 0
        self.open: list[asyncio.StreamWriter] = []
        self.tasks: list[asyncio.Task[None]] = []
        self._script: deque[Answer] = deque([Answer()])
        self._arrived = asyncio.Condition()

    def answers(self, *script: Answer) -> None:
        self._script = deque(script)

    async def until_received(self, count: int) -> None:
        """Returns once so many requests have arrived whole."""
        async with self._arrived, asyncio.timeout(10):
            await self._arrived.wait_for(lambda: len(self.received) >= count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.append(writer)
        if task := asyncio.current_task():
            self.tasks.append(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # cut by the other side, or the test is over
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if self._script[0].cut == "before reading":
            self._next()
            writer.transport.abort()
            return False
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        answer = self._next()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if answer.cut == "after head":
            writer.transport.abort()
            return False
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, target, _ = first.split(" ")
        async with self._arrived:
            self.received.append(Seen(method, target, headers, body))
            self._arrived.notify_all()
        if answer.hold is not None:
            await answer.hold.wait()
        encoded = answer.encoded()
        if answer.cut:
            writer.write(encoded[: len(encoded) // 2] if answer.cut == "mid answer" else b"")
            writer.close()
            return False
        writer.write(encoded)
        await writer.drain()
        return not answer.close

    def _next(self) -> Answer:
        return self._script.popleft() if len(self._script) > 1 else self._script[0]


@asynccontextmanager
async def running(tls: ssl.SSLContext | None = None) -> AsyncIterator[Vendor]:
    """A vendor that listens until the block ends."""
    vendor = Vendor()
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    vendor.url = f"http{'s' if tls else ''}://127.0.0.1:{port}"
    try:
        yield vendor
    finally:
        server.close()
        for writer in vendor.open:
            writer.transport.abort()
        for task in vendor.tasks:
            task.cancel()
        await asyncio.gather(*vendor.tasks, return_exceptions=True)


def conforming(name: str, vendor: Vendor) -> None:
    """Every request that the vendor received is one its own OpenAPI file allows (where that file is)."""
    if (document := contract(name)) is not None:
        problems = [
            problem
            for seen in vendor.received
            for problem in document.problems(seen.method, seen.target, seen.headers, seen.body)
        ]

        assert problems == []


@dataclass(frozen=True)
class Certificates:
    """A server's TLS context, and a client's that trusts it alone. file: the certificate and its key, for servers."""

    server: ssl.SSLContext
    client: ssl.SSLContext
    file: Path
