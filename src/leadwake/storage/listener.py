"""One connection that listens: what other processes did is known here at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import psycopg
from psycopg.sql import SQL, Identifier

from leadwake import log

_log = log.get(__name__)


async def listen(url: str, channels: Mapping[str, Callable[[str | None], None]], *, name: str = "leadwake") -> None:
    """
    Each notice on a channel is given to its function, until cancelled.

    name: of the connection, by which the database tells one kind of process from another.
    After every (re)connect each function gets None first: something may have been missed.
    """
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                url, autocommit=True, connect_timeout=3, application_name=name
            ) as connection:
                for channel in channels:
                    await connection.execute(SQL("listen {}").format(Identifier(channel)))
                for tell in channels.values():
                    tell(None)
                async for notice in connection.notifies():
                    for channel, tell in channels.items():
                        if notice.channel == channel:
                            tell(notice.payload)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            _log.info("listener_reconnecting", reason=type(error).__name__)
        await asyncio.sleep(0.5)
