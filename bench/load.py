"""
Leads sent as the world sends them: by a schedule that does not wait for answers (an open loop).

A generator that sends the next request after the last answer slows down with what it measures and hides the queue. Here
each lead has its instant; latency counts from that instant, whenever the bytes really left. Plain sockets, ready-made
bytes and a parser of a few lines: the generator shares two cores with what it measures.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from bench.people import Lead

_ANSWER_S = 30.0


@dataclass(slots=True)
class Sent:
    """One lead: Unix seconds it was due, left and was answered; status 0 when no answer came."""

    phone: str
    email: str
    due_at: float
    left_at: float = 0.0
    acknowledged_at: float = 0.0
    status: int = 0


class _Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    def __init__(self, idle: list[_Connection]) -> None:
        self._idle = idle
        self._answered: asyncio.Future[int] | None = None
        self._buffer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> asyncio.Future[int]:
        """The status that the request is answered with; 0 when the connection ends first."""
        self._answered = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answered

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < head_end + 4 + length:
            return
        self._buffer = b""
        if b"connection: close" in head:
            self.transport.close()
        else:
            self._idle.append(self)
        self._finish(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self in self._idle:
            self._idle.remove(self)
        self._finish(0)

    def _finish(self, status: int) -> None:
        if self._answered and not self._answered.done():
            self._answered.set_result(status)


@dataclass(slots=True)
class Generator:
    """Sends leads to one address. tls: whom it trusts, where the address speaks TLS; name: what it calls the server."""

    port: int
    tls: ssl.SSLContext | None = None
    name: str | None = None
    _idle: list[_Connection] = field(default_factory=list)

    async def at_rate(self, leads: Iterator[Lead], rate: float, seconds: float) -> list[Sent]:
        """`rate` leads a second, evenly, for `seconds`; returns when all are answered."""
        for _ in range(max(4, int(rate / 8))):  # an open door, not a first handshake, is what is measured
            self._idle.append(await self._connected())
        return await self.at(leads, [number / rate for number in range(round(rate * seconds))])

    async def at(self, leads: Iterator[Lead], offsets: Sequence[float]) -> list[Sent]:
        """A lead so many seconds from now, for each; returns when all are answered."""
        chosen = list(islice(leads, len(offsets)))
        began = time.time() + 0.1
        sent = [Sent(lead.phone, lead.email, began + offset) for offset, lead in zip(offsets, chosen, strict=True)]
        tasks = []
        for lead, one in zip(chosen, sent, strict=True):
            if (wait := one.due_at - time.time()) > 0:
                await asyncio.sleep(wait)
            tasks.append(asyncio.create_task(self.send(lead, one)))
        await asyncio.wait(tasks, timeout=_ANSWER_S)
        return sent

    async def flood(self, leads: Iterator[Lead], count: int, connections: int) -> list[Sent]:
        """`count` leads over so many connections, each as soon as the one before is acknowledged."""
        queue = list(islice(leads, count))[::-1]
        sent: list[Sent] = []

        async def sender() -> None:
            while queue:
                lead = queue.pop()
                one = Sent(lead.phone, lead.email, time.time())
                sent.append(one)
                await self.send(lead, one)

        await asyncio.gather(*(sender() for _ in range(connections)))
        return sent

    async def first(self, lead: Lead, *, patience_s: float) -> float:
        """Unix seconds at which the lead was accepted, tried again and again until then. Raises TimeoutError."""
        deadline = time.time() + patience_s
        while time.time() < deadline:
            try:
                connection = await self._connected()
            except OSError:
                await asyncio.sleep(0.01)
                continue
            status = await asyncio.wait_for(connection.ask(lead.request), _ANSWER_S)
            connection.transport.close()
            if status == 202:
                return time.time()
            await asyncio.sleep(0.02)
        raise TimeoutError(f"no lead was accepted within {patience_s:.0f} s")

    def close(self) -> None:
        """Its connections are closed."""
        for connection in self._idle:
            connection.transport.close()
        self._idle.clear()

    async def send(self, lead: Lead, one: Sent) -> None:
        """The lead is sent now, and `one` knows how it was answered."""
        connection = self._take_idle() or await self._connected()
        one.left_at = time.time()
        one.status = await connection.ask(lead.request)
        one.acknowledged_at = time.time()

    def _take_idle(self) -> _Connection | None:
        while self._idle:
            if not (connection := self._idle.pop()).transport.is_closing():
                return connection
        return None

    async def _connected(self) -> _Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: _Connection(self._idle), "127.0.0.1", self.port, ssl=self.tls, server_hostname=self.name
        )
        return connection


def answered(sent: Sequence[Sent]) -> bool:
    """True when every lead was accepted."""
    return all(one.status == 202 for one in sent)
