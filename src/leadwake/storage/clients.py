"""pg_dump and pg_restore as processes: which ones, told by their environment where the database is, fed and read here.

A command line is everybody's to read, so that an address and a password stand in the environment only.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from contextlib import aclosing, suppress
from typing import Final

from psycopg import AsyncConnection, conninfo, pq

from leadwake.errors import ConfigError, DatabaseAway
from leadwake.storage.embedded import binaries

#: bytes read from a program at once
CHUNK: Final = 1 << 18
_WORDS: Final = 300
_AWAY: Final = re.compile(r"connection to server|could not connect|server closed the connection|terminating connection")


def environment(url: str) -> dict[str, str]:
    """The environment in which a client program of PostgreSQL reaches the database at the URL."""
    kept = {name: os.environ[name] for name in ("HOME", "TZ") if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("PG")}  # psycopg goes by them, too
    given = conninfo.conninfo_to_dict(url)
    known = {one.keyword.decode(): one.envvar for one in pq.Conninfo.get_defaults()}
    for name, value in given.items():
        variable = known.get(name)
        if variable is None:
            raise ConfigError(f"LEADWAKE_DATABASE_URL: {name} cannot be handed to pg_dump; leave it out")
        kept[variable.decode()] = str(value)
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **kept}


async def program(name: str, server_version: int) -> str:
    """
    A program that can speak to a server of that version (180000): the one Leadwake brings, else the machine's own.

    Raises ConfigError.
    """
    major = server_version // 10000
    if major <= binaries.MAJOR:
        return str(binaries.program(name))
    found = shutil.which(name)
    if found and await asyncio.to_thread(_major, found) >= major:
        return found
    raise ConfigError(
        f"the server is PostgreSQL {major}, and no {name} of that version is here: install postgresql-client-{major}"
    )


def _major(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    match = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(match[1]) if match else 0


async def output(command: Sequence[str], url: str) -> AsyncGenerator[bytes]:
    """What the program writes, to its successful end. Raises ConfigError or DatabaseAway with its own last words."""
    process = await asyncio.create_subprocess_exec(
        *command, env=environment(url), cwd="/", start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    words = asyncio.create_task(process.stderr.read())
    try:
        while data := await process.stdout.read(CHUNK):
            yield data
        _ended(command, await process.wait(), await words)
    finally:
        await _gone(process, words)


async def copy(url: str, empty_url: str) -> None:
    """The empty database holds all that the other does, the vault too. Raises ConfigError, DatabaseAway."""
    async with await AsyncConnection.connect(empty_url, connect_timeout=5) as connection:
        version, name = connection.info.server_version, connection.info.dbname
    dump = [await program("pg_dump", version), "--format=custom", "--compress=none", "--lock-wait-timeout=60s"]
    load = [
        await program("pg_restore", version),
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        f"--dbname={name}",
    ]
    async with aclosing(output(dump, url)) as dumped:
        await feed(load, empty_url, dumped)


async def by_thread(pieces: Iterable[bytes]) -> AsyncGenerator[bytes]:
    """Each piece, made in a thread: opening seals takes its time."""
    each = iter(pieces)
    while (piece := await asyncio.to_thread(next, each, None)) is not None:
        yield piece


async def feed(command: Sequence[str], url: str, pieces: AsyncIterable[bytes]) -> None:
    """The program read all of it and ended well. Raises ConfigError or DatabaseAway with its own last words."""
    process = await asyncio.create_subprocess_exec(
        *command, env=environment(url), cwd="/", start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stderr is not None
    words = asyncio.create_task(process.stderr.read())
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # it ended early: its words say why
            async for piece in pieces:
                process.stdin.write(piece)
                await process.stdin.drain()
            process.stdin.close()
            await process.stdin.wait_closed()
        _ended(command, await process.wait(), await words)
    finally:
        await _gone(process, words)


async def _gone(process: asyncio.subprocess.Process, words: asyncio.Task[bytes]) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    words.cancel()


def _ended(command: Sequence[str], code: int, said: bytes) -> None:
    if code == 0:
        return
    name = os.path.basename(command[0])  # noqa: PTH119 - a text
    lines = [line for line in said.decode(errors="replace").splitlines() if "error:" in line or "ERROR" in line]
    reason = " ".join((lines or said.decode(errors="replace").splitlines() or [f"ended with {code}"])[0].split())[
        :_WORDS
    ]
    if _AWAY.search(reason):
        raise DatabaseAway(f"the database went away ({reason})")
    raise ConfigError(f"{name} failed: {reason.removeprefix(f'{name}: error: ')}")
