"""
Commands begun from a process that has read the code already, as reading it takes each of them most of its time.

A command is a process of its own all the same, with its own settings, folder, input, outputs and end, forked from one
that has imported every command and done nothing else. That the shell's `leadwake` begins, too, is shown by
test_command_line and by whatever is started to be talked to or killed.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

#: a command that takes longer than this hangs
LIMIT_S = 60.0


def run(words: Sequence[str], folder: Path, env: Mapping[str, str], given: bytes) -> tuple[int, bytes, bytes]:
    """The command carried out to its end: its exit code, what it wrote, and what it wrote to standard error."""
    request = json.dumps({"words": list(words), "folder": str(folder), "env": dict(env)}).encode()
    with (
        tempfile.TemporaryFile() as given_to_it,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        socket.socket(socket.AF_UNIX) as there,
    ):
        given_to_it.write(given)
        given_to_it.seek(0)
        there.settimeout(LIMIT_S)
        there.connect(_beginner())
        socket.send_fds(there, [len(request).to_bytes(4)], [file.fileno() for file in (given_to_it, out, err)])
        there.sendall(request)
        pid = int.from_bytes(_exactly(there, 4))
        try:
            code = int.from_bytes(_exactly(there, 4), signed=True)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise
        return code, _whole(out), _whole(err)


@cache
def _beginner() -> str:
    """Where the process that has read the code listens; it ends with ours."""
    path = str(Path(tempfile.mkdtemp(prefix="lwt-")) / "begin")
    process = subprocess.Popen(
        [sys.executable, __file__, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    _kept.append(process)
    return path


_kept: list[Any] = []  # its standard input is open for as long as we are


def _whole(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _exactly(there: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = there.recv(size - len(found))
        if not more:
            raise EOFError("whoever begins the commands has gone")
        found += more
    return found


# In the process that has read the code --------------------------------------------------------------------------------


def _begin(path: str) -> list[str]:
    """Begins whatever is asked for until our parent has gone. Returns in each command's own process: its words."""
    for module in pkgutil.iter_modules(importlib.import_module("leadwake.cli").__path__, "leadwake.cli."):
        importlib.import_module(module.name)
    gc.freeze()  # what is never changed stays shared
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen(64)
    print("ready", flush=True)  # noqa: T201 - to our parent
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([listening, 0], [], [])
        if 0 in ready:
            shutil.rmtree(Path(path).parent)
            os._exit(0)
        there, _ = listening.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listening.close()
            return _watched(there)
        there.close()


def _watched(there: socket.socket) -> list[str]:
    """Tells how the command ended; returns in the command's own process."""
    size, fds, _, _ = socket.recv_fds(there, 4, 3)
    asked = json.loads(_exactly(there, int.from_bytes(size)))
    pid = os.fork()
    if pid:
        there.sendall(pid.to_bytes(4))
        _, status = os.waitpid(pid, 0)
        there.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, signed=True))
        os._exit(0)
    there.close()
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
        os.close(fd)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["folder"])
    random.seed()
    return list(asked["words"])


if __name__ == "__main__":
    sys.argv = ["leadwake", *_begin(sys.argv[1])]
    importlib.import_module("leadwake.cli.main").main()
