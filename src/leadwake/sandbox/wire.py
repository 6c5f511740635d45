"""
HTTP/1.1 as cheaply as Python can serve it: one protocol over httptools, answers in order, now, later or never.

In benchmarks this process shares two cores with everything it is called by; a framework would cost several times more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol

import httptools
import msgspec

log = logging.getLogger(__name__)

MAX_HEAD_BYTES = 32 * 1024
MAX_BODY_BYTES = 4 * 1024 * 1024
#: A request not complete after this long, or a connection silent for longer, is closed by the sweep.
IDLE_S = 75.0
STALLED_REQUEST_S = 30.0
#: Requests sent ahead on one connection before it is no longer read.
MAX_PIPELINED = 32
#: Unsent bytes on a stream after which its reader counts as gone.
MAX_UNSENT_BYTES = 4 * 1024 * 1024

REASONS: Mapping[int, bytes] = {status.value: status.phrase.encode() for status in HTTPStatus}
JSON = "application/json"


class Request(msgspec.Struct, gc=False):
    """One request, read whole. path is as it came (percent-encoded, without query); header names are lower case."""

    method: str
    path: str
    query: str
    headers: dict[bytes, bytes]
    body: bytes
    at: float  # Unix seconds

    def header(self, name: bytes) -> str:
        """The header's value, "" where absent."""
        return self.headers.get(name, b"").decode("latin-1")


class Answer(msgspec.Struct, frozen=True):
    """One answer. headers: further lines, name → value, without CR or LF."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def json(cls, status: int, value: object, *headers: tuple[str, str]) -> Answer:
        """`value` as JSON."""
        return cls(status, msgspec.json.encode(value), JSON, headers)

    @classmethod
    def text(cls, status: int, text: str, content_type: str = "text/plain; charset=utf-8") -> Answer:
        """`text` as UTF-8."""
        return cls(status, text.encode(), content_type)

    def accepted(self) -> bool:
        """True when the other side was told that its request was done."""
        return 200 <= self.status < 300


class Application(Protocol):
    """What a connection asks of the program behind it. Neither may raise; both must return at once."""

    def admits(self, target: bytes) -> bool:
        """False: cut the connection now, before the body is read."""
        ...

    def handle(self, request: Request, exchange: Exchange) -> None:
        """Answer through `exchange`, now or later, exactly once."""
        ...


class Exchange:
    """The one answer owed to one request. What is sent after the other side has gone away is dropped."""

    __slots__ = ("_connection", "_done")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._done = False

    def send(self, answer: Answer) -> None:
        """The answer is on its way and the connection free for the next request."""
        if not self._done:
            self._done = True
            self._connection.write_answer(answer)

    def cut(self) -> None:
        """The connection is gone without a word."""
        self._done = True
        self._connection.abort()

    def stream(self, content_type: str, *headers: tuple[str, str]) -> Stream:
        """The head is sent; the body follows piece by piece, and the connection ends with it."""
        self._done = True
        return self._connection.open_stream(content_type, headers)


class Stream:
    """A body without a known length. Writing to one whose reader is gone does nothing."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def closed(self) -> bool:
        """True when the reader is gone, or so far behind that it was let go."""
        return self._connection.lost

    def write(self, piece: bytes) -> None:
        """The piece is on its way."""
        self._connection.write_piece(piece)

    async def drained(self) -> None:
        """Returns when the reader has caught up, or is gone."""
        await self._connection.writable.wait()

    def close(self) -> None:
        """The body is complete."""
        self._connection.close()


class Connection(asyncio.Protocol):
    """One client's connection. Requests sent ahead wait their turn; a broken one is answered 4xx and closed."""

    __slots__ = (
        "_app",
        "_body",
        "_body_bytes",
        "_bodyless",
        "_busy",
        "_ended",
        "_head_bytes",
        "_headers",
        "_keep_alive",
        "_open",
        "_parser",
        "_paused",
        "_refused",
        "_target",
        "_transport",
        "_waiting",
        "active_at",
        "begun_at",
        "lost",
        "writable",
    )

    def __init__(self, app: Application, open_connections: set[Connection]) -> None:
        self._app = app
        self._open = open_connections
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._busy = False
        self._paused = False
        self._refused = False
        self._keep_alive = True
        self._ended = False
        self._bodyless = False
        self.lost = False
        self.writable = asyncio.Event()
        self.writable.set()
        self.active_at = time.monotonic()
        self.begun_at: float | None = None
        self._begin()

    def _begin(self) -> None:
        self._target = b""
        self._headers: dict[bytes, bytes] = {}
        self._head_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0

    # transport → us

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.lost = True
        self.writable.set()
        self._waiting.clear()
        self._open.discard(self)

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def eof_received(self) -> bool:
        """A client that has said all it had to still gets its answers."""
        self._ended = True
        return self._busy and not self._refused

    def data_received(self, data: bytes) -> None:
        self.active_at = time.monotonic()
        if self._refused or self.lost:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.refuse(400, "this server speaks HTTP/1.1 only")
        except httptools.HttpParserError:
            self.refuse(400, "not an HTTP/1.1 request")

    # parser → us

    def on_message_begin(self) -> None:
        self._begin()
        self.begun_at = time.monotonic()

    def on_url(self, url: bytes) -> None:
        self._target += url
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value) + 4)
        self._headers[name.lower()] = value

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            self.refuse(431, "the request's head is too large")

    def on_headers_complete(self) -> None:
        if self._refused:
            return
        if not self._app.admits(self._target):
            self.abort()
        elif self._parser.should_upgrade():
            self.refuse(400, "this server speaks HTTP/1.1 only")
        elif int(self._headers.get(b"content-length", b"0") or 0) > MAX_BODY_BYTES:
            self.refuse(413, "the body is too large")
        elif self._headers.get(b"expect", b"").lower() == b"100-continue" and not self._busy:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > MAX_BODY_BYTES:
            self.refuse(413, "the body is too large")
        elif not self._refused:
            self._body.append(body)

    def on_message_complete(self) -> None:
        self.begun_at = None
        if self._refused or self.lost:
            return
        path, _, query = self._target.decode("latin-1").partition("?")
        if not path.startswith("/"):
            self.refuse(400, "the request target must be a path")
            return
        method = self._parser.get_method().decode("latin-1")
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        request = Request(method, path, query, self._headers, body, time.time())
        keep_alive = self._parser.should_keep_alive()
        if self._busy:
            self._wait_turn(request, keep_alive)
        else:
            self._start(request, keep_alive)

    def _wait_turn(self, request: Request, keep_alive: bool) -> None:
        self._waiting.append((request, keep_alive))
        if len(self._waiting) >= MAX_PIPELINED and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def _start(self, request: Request, keep_alive: bool) -> None:
        self._busy = True
        self._keep_alive = keep_alive
        self._bodyless = request.method == "HEAD"
        exchange = Exchange(self)
        try:
            self._app.handle(request, exchange)
        except Exception:
            log.exception("sandbox request failed")
            exchange.send(Answer.json(500, {"error": "the sandbox itself failed; see its log"}))

    # us → transport

    def write_answer(self, answer: Answer) -> None:
        """The answer is written whole; the next waiting request starts."""
        if self.lost:
            return
        head = _head(answer.status, answer.content_type, answer.headers)
        ending = (
            b"content-length: %d\r\n\r\n" if self._keep_alive else b"connection: close\r\ncontent-length: %d\r\n\r\n"
        )
        body = b"" if self._bodyless else answer.body
        self._transport.write(b"".join((head, ending % len(answer.body), body)))
        self._busy = False
        self.active_at = time.monotonic()
        if not self._keep_alive or (self._ended and not self._waiting):
            self._transport.close()
        elif self._waiting:
            # Not from inside this call: a thousand instant answers would be a thousand frames deep.
            self._busy = True
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        if self.lost or not self._waiting:
            self._busy = False
            return
        request, keep_alive = self._waiting.popleft()
        if self._paused and not self._waiting:
            self._paused = False
            self._transport.resume_reading()
        self._start(request, keep_alive)

    def open_stream(self, content_type: str, headers: tuple[tuple[str, str], ...]) -> Stream:
        """A 200 whose body ends with the connection."""
        if not self.lost:
            self._transport.write(_head(200, content_type, headers) + b"connection: close\r\n\r\n")
        return Stream(self)

    def write_piece(self, piece: bytes) -> None:
        """A piece of a stream's body; a reader that takes nothing is let go."""
        if self.lost:
            return
        self.active_at = time.monotonic()
        self._transport.write(piece)
        if self._transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            self.abort()

    def refuse(self, status: int, reason: str) -> None:
        """The request is refused unread, and nothing more is read from this connection."""
        if self._refused or self.lost:
            return
        self._refused = True
        self._waiting.clear()
        self._keep_alive = False
        if self._busy:  # an earlier request still waits for its answer: nothing may overtake it
            self.abort()
        else:
            self.write_answer(Answer.json(status, {"error": reason}))

    def close(self) -> None:
        """Closed when what is written has left."""
        if not self.lost:
            self._transport.close()

    def abort(self) -> None:
        """Closed at once; what is unsent is lost."""
        self._refused = True
        self._waiting.clear()
        if not self.lost:
            self._transport.abort()

    def sweep(self, now: float) -> None:
        """Closed if stuck in the middle of a request, or silent for long. now: `time.monotonic()`."""
        if self.begun_at is not None and now - self.begun_at > STALLED_REQUEST_S:
            self.refuse(408, "the request never arrived whole")
        elif not self._busy and now - self.active_at > IDLE_S:
            self.close()


def _head(status: int, content_type: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    lines = b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\n" % (
        status,
        REASONS.get(status, b"Unknown"),
        content_type.encode("latin-1"),
    )
    for name, value in headers:
        lines += f"{name}: {value}\r\n".encode("latin-1")
    return lines
