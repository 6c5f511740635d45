"""Leadwake as an operator runs it, on a fresh data directory: `serve`, and `sandbox` as its vendors; real processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from bench import memory
from bench.sandbox import Vendors
from leadwake.bootstrap import office_at
from leadwake.config import load
from leadwake.settings import Settings
from leadwake.storage import staff
from leadwake.storage.credentials import new_api_key
from leadwake.storage.db import q
from leadwake.storage.embedded.server import running_url

#: noon in New York, nine in Los Angeles: every text of the bench may leave
CLOCK = "2026-12-01T17:00:00Z"
_TEAM = ("Dana Reyes", "Marcus Bell", "Priya Nair", "Tom Okafor", "Grace Kim")
_STOP_S = 30.0
_OPEN = """
    select exists (select 1 from action where state in ('planned', 'deferred', 'sending')
                                          and (%(patient)s or queue <> 'bulk'))
"""


#: what systemd does with a socket unit: it is descriptor 3, and the program is told that it is meant
_AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


class Failed(Exception):
    """A process did not do what was asked; the message holds its last words."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """What is started meanwhile stays on that core; None: on any."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before if core is None else {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True, slots=True)
class Processes:
    """ours: `serve`, web and workers; database: what it runs beside them; vendors: the stand-ins."""

    ours: list[psutil.Process]
    database: list[psutil.Process]
    vendors: list[psutil.Process]

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds so far: {"web", "worker", "serve", "database", "vendors"}."""
        used: dict[str, float] = {}
        for process in [*self.ours, *self.database, *self.vendors]:
            with contextlib.suppress(psutil.Error):
                name = self._name(process)
                times = process.cpu_times()
                used[name] = used.get(name, 0) + times.user + times.system
        return used

    def pss_mb(self) -> dict[str, float]:
        """Memory now, by the same names."""
        used: dict[str, float] = {}
        for process in [*self.ours, *self.database, *self.vendors]:
            with contextlib.suppress(psutil.Error):
                name = self._name(process)
                used[name] = used.get(name, 0) + memory.of([process]).pss
        return used

    def _name(self, process: psutil.Process) -> str:
        if process in self.database:
            return "database"
        if process in self.vendors:
            return "vendors"
        return next((word for word in ("web", "worker", "serve") if word in process.cmdline()), "other")

    def named(self) -> dict[str, list[psutil.Process]]:
        """The same by name: {"web", "worker", "serve", "database"}."""
        found: dict[str, list[psutil.Process]] = {}
        for process in [*self.ours, *self.database]:
            with contextlib.suppress(psutil.Error):
                found.setdefault(self._name(process), []).append(process)
        return found


@dataclass(slots=True)
class Installation:
    """One data directory, its `serve` and its vendors. workers: processes; where: the directory to make it in;
    python: the interpreter it is installed for; core: the only one `serve` may use; more: further settings."""

    workers: int
    where: Path
    python: str = sys.executable
    core: int | None = None
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    api_key: str = ""
    database: str = ""
    vendors: Vendors = field(init=False)
    _folder: Path = field(init=False)
    #: held by us as systemd holds it, over every restart; None: `serve` listens by itself
    _held: socket.socket | None = None
    _serve: subprocess.Popen[bytes] | None = None
    _sandbox: subprocess.Popen[bytes] | None = None

    async def make(self) -> None:
        """A fresh data directory, its first start, five agents, an API key, and vendors that answer."""
        self._folder = Path(tempfile.mkdtemp(prefix="leadwake-bench-", dir=self.where))
        self._folder.chmod(0o711)  # as root the database runs under an account of its own
        sandbox_port = free_port()
        self._sandbox = self._spawn("sandbox", ["sandbox", "--port", str(sandbox_port)], dict(os.environ))
        self.vendors = Vendors(f"http://127.0.0.1:{sandbox_port}")
        await self.start()
        await self._team()

    async def start(self) -> None:
        """`serve` runs and answers. Raises Failed."""
        self.launch()
        await self.answering()
        self.database = await running_url(self.data_dir) or ""

    async def answering(self) -> None:
        """`serve` answers. Raises Failed."""
        deadline = time.monotonic() + 60
        while not await self._is_ready():
            if self._serve is None or self._serve.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"serve does not answer:\n{self._words('serve')}")
            await asyncio.sleep(0.05)

    def launch(self) -> None:
        """`serve` has been started; nothing is waited for."""
        arguments = ["serve", "--port", str(self.port), "--workers", str(self.workers)]
        with on_core(self.core):
            self._serve = self._spawn("serve", arguments, self._environment(), self._held)

    def hold(self, held: bool) -> None:
        """From the next start on its socket is ours, as systemd's is (True), or its own."""
        if self._held:
            self._held.close()
        self._held = socket.create_server(("127.0.0.1", self.port), backlog=2048) if held else None

    def run(self, *arguments: str, may_fail: bool = False) -> str:
        """What another command of Leadwake says, on the same core. Raises Failed."""
        with on_core(self.core):
            done = subprocess.run(
                [self.python, "-m", "leadwake", *arguments],
                env=self._environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode and not may_fail:
            raise Failed(f"{' '.join(arguments)}: {done.stdout[-1000:]}{done.stderr[-1000:]}")
        return done.stdout

    def stop(self) -> None:
        """`serve` has ended cleanly, as on SIGTERM."""
        if self._serve:
            _end(self._serve)
            self._serve = None

    def kill(self) -> None:
        """Every process of `serve`, the database's too, has been killed -9."""
        assert self._serve is not None
        tree = [psutil.Process(self._serve.pid), *psutil.Process(self._serve.pid).children(recursive=True)]
        for process in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(tree, timeout=10)
        self._serve.wait(10)
        self._serve = None

    def remove(self) -> None:
        """Nothing of it runs, nothing of it is left."""
        self.stop()
        self.hold(False)
        if self._sandbox:
            _end(self._sandbox)
            self.vendors.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def folder(self) -> Path:
        """Where all of it lies: the data directory, and what its processes say."""
        return self._folder

    @property
    def data_dir(self) -> Path:
        """Its data directory."""
        return self._folder / "data"

    def processes(self) -> Processes:
        """What runs now."""
        assert self._serve is not None
        assert self._sandbox is not None
        root = psutil.Process(self._serve.pid)
        ours: list[psutil.Process] = [root]
        database: list[psutil.Process] = []
        for process in root.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                (database if process.name() == "postgres" else ours).append(process)
        return Processes(ours, database, [psutil.Process(self._sandbox.pid)])

    async def settled(self, *, patience_s: float, patient: bool = True) -> bool:
        """
        Waits until no action is open; False when some still are after that time.

        patient: also those that nobody waits for, such as a note in the CRM of each message.
        """
        deadline = time.monotonic() + patience_s
        async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as connection:
            while time.monotonic() < deadline:
                row = await (await connection.execute(_OPEN, {"patient": patient})).fetchone()
                if row is None or not row[0]:
                    return True
                await asyncio.sleep(0.05)
        return False

    async def taken_care_of(self) -> None:
        """No lead so far waits for anybody: alerts about thousands that nobody claims would be measured, too."""
        async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as connection:
            waiting = await connection.execute("select lead_id from escalation where phase <> 'over'")
            ids = [lead_id for (lead_id,) in await waiting.fetchall()]
            await connection.execute(q("leads_over"), {"ids": ids, "now": self.settings().clock.now()})

    def settings(self) -> Settings:
        """What it is set to, for an office on its database beside it."""
        return load(self._environment())

    def states(self) -> dict[str, int]:
        """Action state → count."""
        with psycopg.connect(self.database) as connection:
            return dict(connection.execute("select state, count(*) from action group by state").fetchall())

    async def _team(self) -> None:
        async with office_at(self.settings(), self.database, pool=2) as office:
            for number, name in enumerate(_TEAM):
                email = f"{name.split()[0].lower()}@example-realty.example"
                phone = f"+1813555{110 + number:04d}"
                await staff.add(
                    office.db, office.vault, name=name, email=email, phone=phone, role="agent", takes_leads=True
                )
            key = new_api_key()
            await office.db.run(
                "api_key_add", id=key.id, name="bench", secret_hash=key.hash, scopes=["leads:write", "leads:read"]
            )
            async with office.db.connection() as connection:
                await connection.execute(q("office_changed"))
        self.api_key = key.text
        await asyncio.sleep(1)  # web and workers hear of the team

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("LEADWAKE_")}
        vendors = {
            f"LEADWAKE_{name.upper()}_URL": f"{self.vendors.url}/{name}" for name in ("twilio", "sendgrid", "hubspot")
        }
        return own | vendors | {
            "LEADWAKE_DATA_DIR": str(self.data_dir), "LEADWAKE_CLOCK": CLOCK,
            "LEADWAKE_BUSINESS_NAME": "Example Realty",
            "LEADWAKE_POSTAL_ADDRESS": "100 Example Street, Springfield, IL 62701",
            "LEADWAKE_BOOKING_URL": "https://book.example.com/example-realty",
            "LEADWAKE_TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "LEADWAKE_TWILIO_AUTH_TOKEN": "bench",
            "LEADWAKE_TWILIO_FROM": "+15005550006", "LEADWAKE_SENDGRID_API_KEY": "SG.bench",
            "LEADWAKE_SENDGRID_FROM": "hello@example-realty.example", "LEADWAKE_HUBSPOT_TOKEN": "bench", **self.more,
        }  # fmt: skip

    def _spawn(
        self, name: str, arguments: list[str], environment: dict[str, str], held: socket.socket | None = None
    ) -> subprocess.Popen[bytes]:
        first = ["-c", _AS_SYSTEMD, str(held.fileno())] if held else []
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [self.python, *first, "-m", "leadwake", *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[held.fileno()] if held else [],
            )

    async def _is_ready(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            line = await asyncio.wait_for(reader.readline(), 5)
            writer.close()
        except (OSError, TimeoutError):
            return False
        return b" 200 " in line

    def _words(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(errors="replace")[-2000:]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
