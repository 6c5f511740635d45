"""A port for a process that binds it later: none that the system hands to somebody's outgoing connection meanwhile."""

from __future__ import annotations

import random
import socket
from typing import Final

#: below what Linux hands out by itself (32768 on), above what services are known by
_RANGE: Final = range(20_000, 32_000)
_given: set[int] = set()


def free_port() -> int:
    """A port of loopback that nobody listens on, and that was not given out here before."""
    while True:
        port = random.SystemRandom().choice(_RANGE)
        if port in _given:
            continue
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        _given.add(port)
        return port
