"""What the tests of the embedded server share: places for data, apps in other processes, a look at its processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from leadwake.storage.embedded import EmbeddedServer, binaries, postmaster
from leadwake.storage.embedded.cluster import path_in

SOURCE = Path(__file__).parents[2] / "src"
PACKAGES = Path(psycopg.__file__).parents[1]

#: starts the server, prints the URL (or the error), and stays until its standard input ends
APP = """
import asyncio, contextlib, socket, sys
from pathlib import Path
from leadwake.errors import ConfigError
from leadwake.storage.embedded import EmbeddedServer

async def main():
    listening = socket.create_server(("127.0.0.1", 0))
    listening.set_inheritable(True)
    server = EmbeddedServer(Path(sys.argv[1]), fsync=False)
    try:
        print(await server.start(), flush=True)
    except ConfigError as error:
        print(error, flush=True)
        return
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()

with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main())
"""


@contextmanager
def place(name: str = "data", *, within: str | None = None) -> Iterator[Path]:
    """A data directory to be, where every account can reach it; afterwards nothing of it is left."""
    root = Path(tempfile.mkdtemp(prefix="lw-", dir=within or _quickest()))
    root.chmod(0o755)
    data_dir = root / name
    try:
        yield data_dir
    finally:
        found = postmaster.read(path_in(data_dir))
        for pid in postmaster.survivors(path_in(data_dir)) if path_in(data_dir).exists() else ():
            postmaster.send(pid, signal.SIGKILL, path_in(data_dir))
        if found and found.socket_dir and found.socket_dir.name.startswith("leadwake-"):
            shutil.rmtree(found.socket_dir, ignore_errors=True)
        shutil.rmtree(root)


def _quickest() -> str:
    """Memory where there is plenty of it: a new cluster is a thousand files."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2**30 else "/tmp"


def quick(data_dir: Path, **options: object) -> EmbeddedServer:
    """A server that does not wait for the disk."""
    return EmbeddedServer(data_dir, fsync=False, **options)  # type: ignore[arg-type]


@contextmanager
def app(
    data_dir: Path, *, python: str = sys.executable, env: Mapping[str, str] | None = None, user: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the server, in a process group of its own; let go when the block ends."""
    account = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    process = subprocess.Popen(
        [python, "-c", APP, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/",
        env={"PATH": os.defpath, "PYTHONPATH": f"{SOURCE}:{PACKAGES}", "PYTHONDONTWRITEBYTECODE": "1", **(env or {})},
        process_group=0, **account,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.communicate(timeout=60)


def said(process: subprocess.Popen[str]) -> str:
    """The first line the app printed."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def pid_of(data_dir: Path) -> int:
    """The running postmaster."""
    found = postmaster.read(path_in(data_dir))
    assert found is not None
    assert postmaster.is_ours(found.pid, path_in(data_dir))
    return found.pid


def postmasters(data_dir: Path) -> list[int]:
    """Every running postmaster of this cluster: there must never be two."""
    return [
        pid for pid in postmaster.survivors(path_in(data_dir)) if b"\0-D\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


async def value(url: str, query: str) -> object:
    """The one value of a query, committed."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        row = await (await connection.execute(query)).fetchone()
        return row[0] if row else None


async def run(url: str, statement: str) -> None:
    """The statement is committed."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(statement)


def programs_of_wheel() -> Path:
    """The package directory of the wheel."""
    return binaries.wheel().parents[1]
