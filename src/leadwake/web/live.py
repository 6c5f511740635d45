"""Pages that change by themselves: what has changed anywhere goes to every open page as server-sent events."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from fastapi import Request

#: silence no longer than this, or proxies cut the line
HEARTBEAT_S = 15.0
#: a stream ends after this long and the page opens it anew: whoever was logged out meanwhile gets no more
LONGEST_S = 300.0
#: more changed leads than this at once are one "refresh everything"
MOST_IDS = 40
#: pages open at once, for one process
MOST_CLIENTS = 500

REFRESH = b"event: refresh\ndata: all\n\n"
HEARTBEAT = b": still here\n\n"


@dataclass(slots=True, eq=False)
class _Client:
    """What one open page has yet to be told. Bounded: news of one lead twice is news once, too much is `all`."""

    ids: dict[str, None] = field(default_factory=dict)
    all: bool = False
    kick: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, ids: list[str] | None) -> None:
        if ids is None:
            self.all = True
        else:
            self.ids.update(dict.fromkeys(ids))
        if self.all or len(self.ids) > MOST_IDS:
            self.all, self.ids = True, {}
        self.kick.set()

    def take(self) -> bytes:
        """The news as one event; empty when there is none."""
        news, self.ids, everything, self.all = list(self.ids), {}, self.all, False
        self.kick.clear()
        if everything:
            return REFRESH
        return f"event: leads\ndata: {','.join(news)}\n\n".encode() if news else b""


class Live:
    """Everybody who watches. Nobody who is slow holds up anybody, and nobody misses a change for good."""

    def __init__(self) -> None:
        self._clients: set[_Client] = set()
        self._closed = False
        # begins anywhere, so that a page of another process is never taken for up to date
        self._told = secrets.randbelow(1 << 32)

    @property
    def told(self) -> str:
        """Where the news stand: a page made now, and watching from here on, misses nothing in between."""
        return str(self._told)

    def tell(self, payload: str | None) -> None:
        """The leads of these ids (comma-separated) have changed; None or blank: anything may have."""
        self._told += 1
        ids = [found for part in payload.split(",") if (found := part.strip())] if payload else None
        for client in self._clients:
            client.tell(ids or None)

    def close(self) -> None:
        """Every stream ends, and no new one begins: the process stops."""
        self._closed = True
        for client in self._clients:
            client.kick.set()

    @property
    def is_full(self) -> bool:
        """True when no more pages can watch."""
        return self._closed or len(self._clients) >= MOST_CLIENTS

    async def stream(self, request: Request) -> AsyncIterator[bytes]:
        """
        The events of one page, until it goes away, its time is over, or the process stops.

        Its query's `since` is what `told` said when the page was made; when it says more by now, "refresh" comes first.
        """
        loop = asyncio.get_running_loop()
        client, ends_at = _Client(), loop.time() + LONGEST_S
        self._clients.add(client)
        try:
            if request.query_params.get("since", self.told) != self.told:
                client.tell(None)
            yield b"retry: 1000\n\n"
            while not self._closed and loop.time() < ends_at and not await request.is_disconnected():
                try:
                    await asyncio.wait_for(client.kick.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield HEARTBEAT
                    continue
                if news := client.take():
                    yield news
        finally:
            self._clients.discard(client)
