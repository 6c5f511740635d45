"""What a stand-in sends back to the product: bounded, retried, and to this machine only."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httptools

#: Waiting or under way; what comes on top is dropped and counted.
MAX_PENDING = 20_000
WORKERS = 8
TRIES = 3
RETRY_AFTER_S = (1.0, 2.0)
TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 256 * 1024
#: An unused connection older than this is not written to again.
REUSE_S = 4.0

_PRINTABLE = re.compile(r"[!-~]{1,2048}")


class NotLocal(ValueError):
    """The address is not on this machine, or not one at all."""


class Undelivered(Exception):
    """No answer came."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads: an address of this machine, and the request target there."""

    host: str
    port: int
    authority: str
    target: str


def locate(url: str, stand_in_for: str | None = None) -> Place:
    """
    The place of this machine that `url` names.

    stand_in_for: our product's base URL on this machine; a URL of any other host is taken to it, path and query kept,
    as a tunnel in front of it would (the product may know itself by a public name in practice).
    Raises NotLocal.
    """
    if not _PRINTABLE.fullmatch(url):
        raise NotLocal("not a URL")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise NotLocal("not a URL") from problem
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotLocal("not an http or https URL")
    if parts.scheme == "http" and _is_loopback(parts.hostname):
        host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
        query = f"?{parts.query}" if parts.query else ""
        authority = parts.netloc.rpartition("@")[2]
        return Place(host, port or 80, authority, (parts.path or "/") + query)
    if stand_in_for is None:
        raise NotLocal("the sandbox calls http:// addresses of this machine only")
    base = locate(stand_in_for)
    query = f"?{parts.query}" if parts.query else ""
    return Place(base.host, base.port, base.authority, (parts.path or "/") + query)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Reply:
    """What the product answered."""

    status: int
    body: bytes


class _Wire(asyncio.Protocol):
    """One connection to the product: one request at a time."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[Reply] | None = None
        self.usable = True
        self.used_at = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.usable = False
        self._fail("the connection ended before the answer")

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("the answer is not HTTP")
            self.close()

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > MAX_ANSWER_BYTES:
            self._fail("the answer is too large")
            self.close()

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self.usable = self._parser.should_keep_alive()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Reply(status, self._body))

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Undelivered(reason))

    def ask(self, request: bytes) -> asyncio.Future[Reply]:
        """The request is written; the future holds the answer or Undelivered."""
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._answer = asyncio.get_running_loop().create_future()
        self.used_at = time.monotonic()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        """Gone."""
        self.usable = False
        self._transport.abort()


class Outbox:
    """Posts to the product's hooks on this machine, over connections that are kept."""

    def __init__(self) -> None:
        self.dropped = 0
        self._pending = 0
        self._queue: asyncio.Queue[tuple[Place, bytes, Mapping[str, str], int]] = asyncio.Queue()
        self._workers: list[asyncio.Task[None]] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._idle: dict[tuple[str, int], list[_Wire]] = {}
        self._closed = False

    def later(self, delay_s: float, action: Callable[[], None]) -> bool:
        """`action` runs after `delay_s`. False, and counted, when too much is waiting already."""
        if self._closed or self._pending >= MAX_PENDING:
            self.dropped += 1
            return False
        self._pending += 1

        def run() -> None:
            self._timers.discard(timer)
            self._pending -= 1
            action()

        timer = asyncio.get_running_loop().call_later(delay_s, run)
        self._timers.add(timer)
        return True

    def post(self, place: Place, body: bytes, headers: Mapping[str, str], tried: int = 0) -> None:
        """Posted soon, again up to TRIES times while the product does not answer 2xx-4xx."""
        if self._closed or self._pending >= MAX_PENDING:
            self.dropped += 1
            return
        self._pending += 1
        self._queue.put_nowait((place, body, headers, tried))
        if len(self._workers) < WORKERS:
            self._workers.append(asyncio.get_running_loop().create_task(self._work()))

    async def _work(self) -> None:
        while True:
            place, body, headers, tried = await self._queue.get()
            self._pending -= 1
            try:
                answer = await self.request(place, body, headers)
                again = answer.status >= 500
            except Undelivered:
                again = True
            if again and tried + 1 < TRIES:
                self.later(RETRY_AFTER_S[tried], lambda job=(place, body, headers, tried + 1): self.post(*job))  # type: ignore[misc]

    async def request(self, place: Place, body: bytes, headers: Mapping[str, str]) -> Reply:
        """The product's answer to one POST. Raises Undelivered after TIMEOUT_S or when nobody answers."""
        head = f"POST {place.target} HTTP/1.1\r\nhost: {place.authority}\r\ncontent-length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        raw = head.encode("latin-1") + b"\r\n" + body
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._exchange(place, raw)
        except (TimeoutError, OSError) as problem:
            raise Undelivered("nobody answers there") from problem

    async def _exchange(self, place: Place, raw: bytes) -> Reply:
        wire = await self._connected(place)
        try:
            answer = await wire.ask(raw)
        except BaseException:
            wire.close()
            raise
        if wire.usable and not self._closed:
            self._idle.setdefault((place.host, place.port), []).append(wire)
        else:
            wire.close()
        return answer

    async def _connected(self, place: Place) -> _Wire:
        idle = self._idle.get((place.host, place.port), [])
        while idle:
            wire = idle.pop()
            if wire.usable and time.monotonic() - wire.used_at < REUSE_S:
                return wire
            wire.close()
        _, wire = await asyncio.get_running_loop().create_connection(_Wire, place.host, place.port)
        return wire

    async def close(self) -> None:
        """Nothing more is sent; every timer, task and connection is gone."""
        self._closed = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for task in self._workers:
            task.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        for wires in self._idle.values():
            for wire in wires:
                wire.close()
        self._idle.clear()
