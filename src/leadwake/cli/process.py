"""What every long-running process does: one event loop, a clean stop on SIGTERM, and no life after its parent."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import click
import uvloop

from leadwake import config, log
from leadwake.errors import ConfigError
from leadwake.settings import Settings

_PR_SET_PDEATHSIG = 1
#: set for children of `serve`: the supervisor's process id
PARENT = "LEADWAKE_PARENT_PID"
#: set for the sandbox: where its base URL is written once it listens
READY_FD = "LEADWAKE_READY_FD"
#: set for children of `serve`: the socket they inherit, so that no connection is refused while one restarts
LISTEN_FD = "LEADWAKE_LISTEN_FD"
_FIRST_HANDED_FD = 3

host_option = click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on")
port_option = click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="port to listen on"
)


def run(name: str, main: Callable[[Settings, asyncio.Event], Coroutine[Any, Any, int]]) -> None:
    """
    Runs `main(settings, stop)` to its end and exits with what it returns; `stop` is set by SIGTERM or SIGINT.

    Raises ConfigError.
    """
    settings = config.load()
    log.setup(settings.get("LOG_LEVEL", "INFO"), process=name)
    _die_with_parent()
    _collect_seldom()
    sys.exit(uvloop.run(_main(settings, main)))


async def _main(settings: Settings, main: Callable[[Settings, asyncio.Event], Coroutine[Any, Any, int]]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return await main(settings, stop)


def _collect_seldom() -> None:
    """What is loaded by now is never searched for garbage again, and what is new not at every 700th object."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def _die_with_parent() -> None:
    """A supervisor killed -9 leaves nobody behind: the kernel tells us, and we stop cleanly."""
    parent = os.environ.get(PARENT)
    if not parent or sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(parent):  # it died before we asked
        sys.exit(0)


def handed_over() -> socket.socket | None:
    """
    The socket that systemd holds for us, so that whoever connects while we restart waits and is answered; else None.

    Source: sd_listen_fds(3): the first descriptor is 3, and LISTEN_PID says whom it is for.
    """
    meant_for, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    if meant_for != str(os.getpid()) or count != "1":
        return None
    os.set_inheritable(_FIRST_HANDED_FD, False)
    return socket.socket(fileno=_FIRST_HANDED_FD)


def listen_on(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises ConfigError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(f"port {port} on {host} is in use; choose another with --port") from error
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}") from error
