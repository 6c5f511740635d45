"""The server's process: which it is, whether it is really ours, and how it is told to go."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PID_FILE = "postmaster.pid"


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What postmaster.pid says: it may be stale, so a pid is believed only when `is_ours`."""

    pid: int
    socket_dir: Path | None
    status: str


def read(cluster: Path) -> Postmaster | None:
    """The content of postmaster.pid; None when there is none or it makes no sense (cut off by a full disk)."""
    # Lines: pid, data directory, start time, port, first socket directory, first address, shared memory, status.
    # Source: src/include/utils/pidfile.h of PostgreSQL 18
    try:
        lines = (cluster / PID_FILE).read_text(errors="replace").splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    if pid <= 0:
        return None
    lines += [""] * 8
    return Postmaster(pid, Path(lines[4]) if lines[4].startswith("/") else None, lines[7].strip())


def is_ours(pid: int, cluster: Path) -> bool:
    """True when that process is a postgres at work in this very directory (each of them has it as its own)."""
    process = Path(f"/proc/{pid}")
    try:
        program = (process / "exe").readlink().name.removesuffix(" (deleted)")  # after an upgrade of the wheel
        return program == "postgres" and (process / "cwd").samefile(cluster)
    except OSError:  # gone, or another account's, which ours never is
        return False


def survivors(cluster: Path) -> Iterator[int]:
    """Every process of this cluster that still lives, the postmaster or not."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and is_ours(int(entry.name), cluster):
            yield int(entry.name)


def send(pid: int, which: signal.Signals, cluster: Path) -> None:
    """The process got the signal if it is ours; a number that meanwhile belongs to another program is spared."""
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            if is_ours(pid, cluster):
                signal.pidfd_send_signal(descriptor, which)
        finally:
            os.close(descriptor)
