"""Chats that are open in a browser somewhere: each new line goes there at once, in the order of its number.

A stream is read anew from the database, from the last line that the browser has: so a restart, a lost connection or
two tabs lose nothing and double nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from fastapi import Request

from leadwake.errors import DatabaseAway
from leadwake.storage import chats
from leadwake.storage.chats import Chat
from leadwake.storage.db import is_refusal
from leadwake.workflows import letters
from leadwake.workflows.office import Office

#: silence no longer than this, or proxies cut the line; as often it is noted that somebody is there
HEARTBEAT_S: Final = 12.0
#: somebody is there until so long after the last sign; a page that is changed opens its next stream sooner
HERE_S, LEAVING_S = 30.0, 15.0
#: a stream ends after this long and the browser opens it anew
LONGEST_S: Final = 300.0
#: streams at once, of one process and of one address: whoever finds none asks every few seconds instead
MOST, MOST_OF_ADDRESS = 300, 8

_HEARTBEAT: Final = b": still here\n\n"
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class ChatLive:
    """Everybody who has a chat open, by its id."""

    _streams: dict[str, set[asyncio.Event]] = field(default_factory=dict)
    _addresses: Counter[str] = field(default_factory=Counter)
    _closed: bool = False

    def tell(self, chat_id: str | None) -> None:
        """Something changed in this chat; None: in any."""
        told = self._streams.get(chat_id, ()) if chat_id else [kick for all_ in self._streams.values() for kick in all_]
        for kick in list(told):
            kick.set()

    def close(self) -> None:
        """Every stream ends, and no new one begins: the process stops."""
        self._closed = True
        self.tell(None)

    def has_room(self, address: str) -> bool:
        """True when one more stream may be opened from there."""
        return not self._closed and self._addresses.total() < MOST and self._addresses[address] < MOST_OF_ADDRESS

    async def stream(
        self, office: Office, request: Request, chat: Chat, token: str, after: int, address: str
    ) -> AsyncIterator[bytes]:
        """What stands in the chat after this number, and whatever comes, until either side goes."""
        kick, ends_at = asyncio.Event(), asyncio.get_running_loop().time() + LONGEST_S
        self._streams.setdefault(str(chat.id), set()).add(kick)
        self._addresses[address] += 1
        said: dict[str, Any] = {}
        try:
            yield b"retry: 1000\n\n"
            while not self._closed and asyncio.get_running_loop().time() < ends_at:
                await office.db.run("chat_here", id=chat.id, for_s=HERE_S)
                news = await news_of(office, chat, token, after)
                if news["lines"] or {**news, "lines": ()} != said:
                    after = max([after, *(line["number"] for line in news["lines"])])
                    said = {**news, "lines": ()}
                    yield b"data: " + _encode(news) + b"\n\n"
                if not news["open"] or await request.is_disconnected():
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(kick.wait(), HEARTBEAT_S)
                    kick.clear()
                    continue
                yield _HEARTBEAT
        except Exception as error:
            if not isinstance(error, DatabaseAway) and not is_refusal(error):
                raise
            # the browser reads on from its last line when the database is back
        finally:
            self._gone(str(chat.id), kick, address)
            with suppress(Exception):
                await asyncio.shield(office.db.run("chat_leaves", id=chat.id, for_s=LEAVING_S))

    def _gone(self, chat_id: str, kick: asyncio.Event, address: str) -> None:
        streams = self._streams.get(chat_id, set())
        streams.discard(kick)
        if not streams:
            self._streams.pop(chat_id, None)
        self._addresses -= Counter({address: 1})


async def news_of(office: Office, chat: Chat, token: str, after: int) -> dict[str, Any]:
    """
    {"lines": [{"number", "at", "side", "text", "by", "ref"}], "writing", "open"}: all after a number.

    writing: who of the team is about to answer, by the name they are known by; None for nobody. open: False once it is
    over, so that the browser forgets it.
    """
    now = office.clock.now()
    is_open = await chats.opened(office.db, chat.id, token, now) is not None
    found = await chats.lines(office.db, office.vault, chat.id, after) if is_open else ()
    return {
        "lines": [_line(office, line) for line in found],
        "writing": await _writing(office, chat.id) if is_open else None,
        "open": is_open,
    }


def _line(office: Office, line: chats.Line) -> dict[str, Any]:
    return {
        "number": line.number, "at": line.at.isoformat(), "side": line.side, "text": line.text,
        "by": _name(office, line.agent_id) if line.side == "us" else None, "ref": line.ref,
    }  # fmt: skip


async def _writing(office: Office, chat_id: UUID) -> str | None:
    now = office.clock.now()
    soon = now + office.clock.business(timedelta(seconds=letters.UNDO_S + 2))
    row = await office.db.one("chat_writing", chat_id=chat_id, now=now, soon=soon)
    return _name(office, row["agent_id"]) if row else None


def _name(office: Office, agent_id: UUID | None) -> str:
    person = office.person(agent_id)
    return person.first_name if person else office.settings.business_name
