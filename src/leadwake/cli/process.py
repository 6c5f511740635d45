"""What every long-running process does: one event loop, a clean stop on SIGTERM and Ctrl-C, and no life after its parent."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

from leadwake import config, log
from leadwake.config import Settings

_PR_SET_PDEATHSIG = 1
#: set for children of `serve`: the supervisor's process id
PARENT = "LEADWAKE_PARENT_PID"


def run(name: str, main: Callable[[Settings, asyncio.Event], Coroutine[Any, Any, int]]) -> None:
    """
    Runs `main(settings, stop)` to its end and exits with what it returns; `stop` is set by SIGTERM or SIGINT.

    Raises ConfigError.
    """
    settings = config.load()
    log.setup(settings.get("LOG_LEVEL", "INFO"), process=name)
    _die_with_parent()
    sys.exit(uvloop.run(_main(settings, main)))


async def _main(settings: Settings, main: Callable[[Settings, asyncio.Event], Coroutine[Any, Any, int]]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return await main(settings, stop)


def _die_with_parent() -> None:
    """A supervisor killed -9 leaves nobody behind: the kernel tells us, and we stop cleanly."""
    parent = os.environ.get(PARENT)
    if not parent or sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(parent):      # it died before we asked
        sys.exit(0)
