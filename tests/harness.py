"""The real processes and what can be done to them: sandbox, web, workers and database, started, killed, paused."""

# ruff: noqa: T201 - the story of a failure is printed for whoever reads it

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

from leadwake import config
from leadwake.bootstrap import open_office
from leadwake.errors import DatabaseAway
from leadwake.storage import staff
from leadwake.storage.credentials import new_api_key
from leadwake.storage.db import migrate
from leadwake.storage.embedded import EmbeddedServer, postmaster, running_url
from leadwake.storage.embedded.cluster import path_in
from leadwake.storage.wakeups import QUEUES
from leadwake.vendors import PRACTICE_VALUES, VENDORS
from leadwake.workflows.office import Office
from ports import free_port

#: a weekday noon in New York: 9 a.m. in Los Angeles, so that texts to both may go
NOON = "2026-12-01T17:00:00Z"
#: a team of the size that Leadwake is for; one phone that got hundreds of alerts in minutes could not be listed whole
AGENTS = tuple(
    (f"Agent {name}", f"{name.lower()}@team.example.com", f"+1 813 555 01{number:02}")
    for number, name in enumerate(("Ames", "Bell", "Cole", "Diaz", "Egan", "Ford", "Gill", "Hope", "Ives", "Judd"))
)


@contextmanager
def place() -> Iterator[Path]:
    """A directory that any account can reach; afterwards no process of a database in it is left, nor the directory."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    root = Path(tempfile.mkdtemp(prefix="lwc-", dir=memory if roomy else None))
    root.chmod(0o755)
    try:
        yield root
    finally:
        for data_dir in root.iterdir():
            end_database(data_dir)
        shutil.rmtree(root, ignore_errors=True)


def end_database(data_dir: Path) -> None:
    """No process of the data directory's database lives, paused ones neither."""
    cluster = path_in(data_dir)
    if not cluster.exists():
        return
    found = postmaster.read(cluster)
    for pid in list(postmaster.survivors(cluster)):
        postmaster.send(pid, signal.SIGKILL, cluster)
    if found and found.socket_dir and found.socket_dir.name.startswith("leadwake-"):
        shutil.rmtree(found.socket_dir, ignore_errors=True)


async def until(condition: Any, *, seconds: float, what: str, every_s: float = 0.1) -> Any:
    """The first true value of an async condition; a failed test after `seconds`. A database away is no value."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        with suppress(DatabaseAway, httpx.TransportError):
            if value := await condition():
                return value
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(every_s)


class Process:
    """`python -m leadwake …` as an operating-system process, its output in a file."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._out: IO[bytes] = log.open("ab")
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "leadwake", *arguments], env=dict(environment), cwd="/", stdin=subprocess.DEVNULL,
            stdout=self._out, stderr=self._out, start_new_session=True,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.popen.pid

    def send(self, which: signal.Signals) -> None:
        """It got the signal."""
        if self.popen.poll() is None:
            self.popen.send_signal(which)

    async def ended(self, seconds: float = 30.0) -> int:
        """Its exit code, once it has ended by itself."""

        async def code() -> int | None:
            return None if self.popen.poll() is None else 1

        await until(code, seconds=seconds, what=f"end of process {self.pid}")
        return int(self.popen.returncode)

    async def killed(self) -> None:
        """It has ended, by kill -9 if it lived."""
        self.send(signal.SIGKILL)
        await self.ended()
        self._out.close()


class Vendors:
    """The sandbox in a process of its own, so that it survives whatever is done to the product."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.AsyncClient(base_url=self.url, timeout=20, trust_env=False)

    async def behave(self, vendor: str, **order: Any) -> None:
        """The vendor behaves so from now on: mode, delay_ms, for_s, callbacks, …"""
        (await self.client.put(f"/behaviour/{vendor}", json=order)).raise_for_status()

    async def received(self, vendor: str, since: int = 0) -> list[dict[str, Any]]:
        """What the vendor accepted, oldest first; of Twilio only texts, not questions."""
        answer = await self.client.get("/received", params={"vendor": vendor, "since": since})
        return [record for record in answer.json() if record["method"] != "GET"]

    async def texts_to(self, number: str) -> list[dict[str, Any]]:
        """The texts to one number."""
        return [record for record in await self.received("twilio") if record["body"].get("To") == number]


@asynccontextmanager
async def vendors(root: Path, product_url: str) -> AsyncIterator[Vendors]:
    """The sandbox runs and reports mail events to the product."""
    port = free_port()
    process = Process(["sandbox", "--port", str(port)], bare_environment(), root / f"sandbox-{port}.log")
    found = Vendors(process, port)

    async def answers() -> bool:
        return (await found.client.get("/healthz")).is_success

    try:
        await until(answers, seconds=20, what="the sandbox answers")
        await found.client.put("/sendgrid/_events", json={"url": f"{product_url}/hooks/sendgrid/events"})
        yield found
    finally:
        await found.client.aclose()
        await process.killed()


def bare_environment() -> dict[str, str]:
    """Ours, without any setting of Leadwake."""
    return {key: value for key, value in os.environ.items() if not key.startswith("LEADWAKE_")}


class Installation:
    """
    One Leadwake: its settings, its processes, and an office of the test's own to look into its database.

    started: "serve" (one supervisor, embedded database) or "apart" (web and workers one by one).
    """

    def __init__(self, data_dir: Path, sandbox: Vendors, port: int, settings: Mapping[str, str]) -> None:
        self.data_dir = data_dir
        self.sandbox = sandbox
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {**bare_environment(), **settings}
        self.processes: list[Process] = []
        self.key = ""
        self.office: Office

    def start(self, *arguments: str) -> Process:
        """`leadwake …` runs with this installation's settings."""
        process = Process(
            arguments, self.environment, self.data_dir.parent / f"{self.data_dir.name}-{arguments[0]}.log"
        )
        self.processes.append(process)
        return process

    async def ready(self, seconds: float = 60.0) -> None:
        """The web answers and has its database."""
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:

            async def answers() -> bool:
                return (await client.get(f"{self.url}/readyz")).status_code == 200

            await until(answers, seconds=seconds, what="the web is ready")

    async def open(self, url: str) -> None:
        """The test's own office is open, with a team and an API key."""
        settings = config.load({key: value for key, value in self.environment.items() if key.startswith("LEADWAKE_")})
        origin = datetime.fromisoformat(self.environment["LEADWAKE_CLOCK_ORIGIN"])
        settings = replace(settings, clock=replace(settings.clock, origin=origin))
        self.office, _ = await open_office(settings, url, pool=4)
        if not self.key:
            for name, email, phone in AGENTS:
                await staff.add(
                    self.office.db,
                    self.office.vault,
                    name=name,
                    email=email,
                    phone=phone,
                    role="agent",
                    takes_leads=True,
                )
            key = new_api_key()
            await self.office.db.run(
                "api_key_add", id=key.id, name="crash", secret_hash=key.hash, scopes=["leads:write"]
            )
            await self.office.db.run("office_changed")
            self.key = key.text
        await self.office.refresh()

    async def value(self, query: str, *values: Any) -> Any:
        """The first column of the first row of a query. Raises DatabaseAway."""
        rows = await self.rows(query, *values)
        return next(iter(rows[0].values())) if rows else None

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of a query. Raises DatabaseAway."""
        async with self.office.db.connection() as connection:
            return await (await connection.execute(query.encode(), values or None)).fetchall()

    async def run(self, statement: str) -> None:
        """The statement is committed."""
        async with self.office.db.connection() as connection:
            await connection.execute(statement.encode())

    async def start_worker(self) -> Process:
        """One more worker, which has begun to listen."""
        query = "select count(*) from procrastinate_workers where last_heartbeat > now() - interval '10 seconds'"
        before = await self.value(query)
        process = self.start("worker")

        async def registered() -> bool:
            return bool(await self.value(query) >= before + len(QUEUES))

        await until(registered, seconds=30, what="the worker has registered")
        return process

    def pids(self, kind: str) -> list[int]:
        """The processes of `serve` that are `web` or `worker`, wherever their supervisor is."""
        wanted = f"LEADWAKE_DATA_DIR={self.data_dir}".encode()
        return [
            pid for pid in _all_pids()
            if _words(pid, "cmdline")[1:4] == [b"-m", b"leadwake", kind.encode()] and wanted in _words(pid, "environ")
        ]  # fmt: skip

    def postmaster(self) -> int | None:
        """The database's first process."""
        found = postmaster.read(path_in(self.data_dir))
        return found.pid if found and postmaster.is_ours(found.pid, path_in(self.data_dir)) else None

    def backends(self) -> list[int]:
        """The database's other processes that serve a connection of ours."""
        first, cluster = self.postmaster(), path_in(self.data_dir)
        return [pid for pid in postmaster.survivors(cluster) if pid != first and b"[local]" in _title(pid)]

    async def end(self) -> None:
        """Every process has ended."""
        if hasattr(self, "office"):
            await self.office.db.close()
        for process in self.processes:
            await process.killed()
        for kind in ("web", "worker"):
            for pid in self.pids(kind):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def last_words(self) -> str:
        """What the processes said that was not well."""
        lines = []
        for log in sorted(self.data_dir.parent.glob(f"{self.data_dir.name}-*.log")):
            said = [line for line in log.read_text(errors="replace").splitlines() if '"level": "info"' not in line]
            lines += [f"--- {log.name}", *said[-40:]]
        return "\n".join(lines)


async def settings_for(data_dir: Path, sandbox: Vendors, url: str, **more: str) -> dict[str, str]:
    """Every vendor live at the sandbox; business time at noon, the same for every process and restart."""
    key = (await sandbox.client.get("/sendgrid/_public_key")).text.strip()
    return {
        **{f"LEADWAKE_{name}": value for name, value in PRACTICE_VALUES.items()},
        **{f"LEADWAKE_{name.upper()}_URL": f"{sandbox.url}/{name}" for name in VENDORS if name != "smtp"},
        "LEADWAKE_SENDGRID_WEBHOOK_SECRET": key,
        "LEADWAKE_DATA_DIR": str(data_dir),
        "LEADWAKE_CLOCK": NOON,
        "LEADWAKE_CLOCK_ORIGIN": datetime.now(UTC).isoformat(),
        "LEADWAKE_LOCAL_URL": url,
        "LEADWAKE_BUSINESS_NAME": "Example Realty",
        "LEADWAKE_APOLLO_DAILY_CREDITS": "100000",
        **more,
    }


@asynccontextmanager
async def served(root: Path, *, workers: int = 1, **more: str) -> AsyncIterator[Installation]:
    """`leadwake serve` runs on an embedded database of its own, against a sandbox of its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    data_dir = root / f"served-{port}"
    async with vendors(root, url) as sandbox:
        found = Installation(data_dir, sandbox, port, await settings_for(data_dir, sandbox, url, **more))
        serve = ("serve", "--port", str(port), "--workers", str(workers))
        with _explained(found):
            try:
                found.start(*serve)
                await found.ready(seconds=120)
                database = await running_url(data_dir)
                assert database is not None
                await found.open(database)
                yield found
            finally:
                await found.end()
                end_database(data_dir)


@asynccontextmanager
async def apart(root: Path, database_url: str, *, workers: int = 1, **more: str) -> AsyncIterator[Installation]:
    """`leadwake web` and `leadwake worker` run one by one on a database that is nobody's to kill here."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    data_dir = root / f"apart-{port}"
    data_dir.mkdir(mode=0o700)
    async with vendors(root, url) as sandbox:
        settings = await settings_for(data_dir, sandbox, url, LEADWAKE_DATABASE_URL=database_url, **more)
        found = Installation(data_dir, sandbox, port, settings)
        with _explained(found):
            try:
                await migrate(database_url)
                await found.open(database_url)
                found.start("web", "--port", str(port))
                for _ in range(workers):
                    await found.start_worker()
                await found.ready()
                yield found
            finally:
                await found.end()


@contextmanager
def _explained(installation: Installation) -> Iterator[None]:
    try:
        yield
    except BaseException:
        print(installation.last_words())
        raise


class Wall:
    """A port where connections neither succeed nor fail, until it is taken down and somebody else listens there."""

    def __init__(self) -> None:
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(0)
        self.port = int(self._listening.getsockname()[1])
        self._filling: list[socket.socket] = []
        for _ in range(3):  # the kernel takes one more than asked for; further attempts hang
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._filling.append(filler)

    def take_down(self) -> None:
        """The port is free."""
        for one in (*self._filling, self._listening):
            one.close()


@asynccontextmanager
async def road(port: int, target: str) -> AsyncIterator[None]:
    """Whoever connects to the port talks to the server at `target` ("http://127.0.0.1:8090")."""
    host, _, there = target.removeprefix("http://").partition(":")
    tasks: set[asyncio.Task[None]] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection(host, int(there))
        for source, target_ in ((reader, their_writer), (their_reader, writer)):
            task = asyncio.create_task(pass_on(source, target_))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(joined, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def database(root: Path) -> AsyncIterator[EmbeddedServer]:
    """An embedded server of the test's own, not waiting for the disk."""
    server = EmbeddedServer(root / "database", fsync=False, extra={"max_connections": "400"})
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def new_database(server: EmbeddedServer, name: str) -> str:
    """The URL of another, empty database on the server."""
    url = urlsplit(await server.start())
    async with await psycopg.AsyncConnection.connect(
        urlunsplit(url._replace(path="/postgres")), autocommit=True
    ) as connection:
        await connection.execute(f'create database "{name}"'.encode())
    return urlunsplit(url._replace(path=f"/{name}"))


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _words(pid: int, file: str) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/{file}").read_bytes().split(b"\0")
    except OSError:
        return []


def _title(pid: int) -> bytes:
    return b" ".join(_words(pid, "cmdline"))
