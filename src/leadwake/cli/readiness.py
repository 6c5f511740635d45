"""What stands between us and systemd: that we have started, are alive, are stopping; and whether its journal listens.

Without systemd nothing is told. Alive means that the web process answers, not that its database does: a database that
is away is waited for, and no reason to restart anything.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress

#: longer than any answer takes, shorter than half of any sensible watchdog
_PATIENCE_S = 5.0


def tell(state: str) -> None:
    """systemd knows it (sd_notify(3)): "READY=1", "WATCHDOG=1", "STOPPING=1"."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to, suppress(OSError):
        to.connect(f"\0{path[1:]}" if path.startswith("@") else path)
        to.sendall(state.encode())


def writes_to_journal() -> bool:
    """True when what we print is kept by systemd's journal, where secrets do not belong (systemd.exec(5))."""
    said = os.fstat(1)
    return os.environ.get("JOURNAL_STREAM") == f"{said.st_dev}:{said.st_ino}"


async def stay_alive(url: str) -> None:
    """While the web at `url` answers, systemd hears it often enough; returns at once where it does not listen."""
    within_us = os.environ.get("WATCHDOG_USEC", "")
    if not within_us.isdecimal():
        return
    while True:
        if await answers(url, "/healthz"):
            tell("WATCHDOG=1")
        await asyncio.sleep(int(within_us) / 4_000_000)


async def answers(url: str, path: str) -> bool:
    """True when a GET is answered by 200 in time."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    try:
        async with asyncio.timeout(_PATIENCE_S):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: leadwake\r\nConnection: close\r\n\r\n".encode())
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
