"""The supervisor of `serve`: starts the database, the sandbox, web and workers, restarts what dies, stops in order."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import socket
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from leadwake import log
from leadwake.cli import readiness
from leadwake.cli.process import LISTEN_FD, PARENT, READY_FD, handed_over, listen_on
from leadwake.config import environment_of
from leadwake.errors import ConfigError
from leadwake.settings import Settings
from leadwake.storage.embedded import EmbeddedServer
from leadwake.vendors import VENDORS, Mode

_log = log.get(__name__)

#: a process that lived this long is restarted at once, one that dies young a little later each time
_YOUNG_S, _LONGEST_PAUSE_S = 10.0, 10.0
#: children get this long for a clean stop: calls under way end within 10 s
_STOP_S = 20.0
_PORT_PATIENCE_S = 15.0
_LOOK_AT_DATABASE_S = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    host: str
    port: int
    workers: int
    practice: bool = False
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """What the first start has to tell; invite: path of the one-time link; keys: only when they were made just now."""

    practice: bool
    invite: str | None
    api_key: str | None
    master_key: str | None


def say(text: str) -> None:
    """A line for the person at the terminal."""
    click.echo(text)
    sys.stdout.flush()


async def supervise(settings: Settings, plan: Plan, stop: asyncio.Event) -> int:
    """Everything runs until `stop` is set, then has ended cleanly. Raises ConfigError."""
    async with contextlib.AsyncExitStack() as stack:
        server: EmbeddedServer | None = None
        if settings.database_url is None:
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            stack.enter_context(_only_one(settings.data_dir))
            server = EmbeddedServer(settings.data_dir, progress=lambda line: say(f"Database: {line}"))
            url = await server.start()
            stack.push_async_callback(server.stop)
        else:
            url = settings.database_url
        values, sources = {**settings.values, "DATABASE_URL": url}, {**settings.sources, "DATABASE_URL": "environment"}
        settings = replace(settings, values=values, sources=sources)
        ready = await _prepared(settings, plan)
        listening = stack.enter_context(await _listen(plan, stop))
        local = _local_url(*listening.getsockname()[:2])
        children = Children(stop)
        stack.push_async_callback(children.stop)
        settings = replace(settings, local_url=local)
        if ready.practice:
            settings = await _with_sandbox(settings, children, local)
        await _start(settings, plan, ready, children, listening)
        _tell(plan, ready, settings, local)
        keepers = [asyncio.create_task(readiness.stay_alive(local))]
        if server:
            keepers.append(asyncio.create_task(_keep_database(server)))
        readiness.tell("READY=1")
        await stop.wait()
        readiness.tell("STOPPING=1")
        say("Stopping: waiting for calls under way …")
        for keeper in keepers:
            keeper.cancel()
    return 0


async def _prepared(settings: Settings, plan: Plan) -> Ready:
    """What the first start says, run by itself and gone: the supervisor keeps none of its memory."""
    flags = [flag for flag, wanted in (("--practice", plan.practice), ("--demo", plan.demo)) if wanted]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "leadwake.cli.first_start",
        *flags,
        env=environment_of(settings),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()
    if process.returncode:
        raise ConfigError("the database could not be prepared; see the line above")
    return Ready(**json.loads(told))


async def _start(settings: Settings, plan: Plan, ready: Ready, children: Children, listening: socket.socket) -> None:
    metrics = settings.data_dir / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(mode=0o700, parents=True)
    environment = {**environment_of(settings), "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
    web = {**environment, LISTEN_FD: str(listening.fileno())}
    children.keep("web", ["leadwake", "web"], web, fds=[listening.fileno()])
    for number in range(plan.workers):
        children.keep(f"worker {number + 1}", ["leadwake", "worker"], environment)
    await _answering(settings.local_url, children)
    if plan.demo:
        stream = {**environment, "LEADWAKE_DEMO_KEY": ready.api_key or ""}
        children.keep("demo", ["leadwake.cli.demo_stream", "--url", settings.local_url], stream)


async def _with_sandbox(settings: Settings, children: Children, local: str) -> Settings:
    """The sandbox runs, tells us what became of mail, and the settings know where it is."""
    reading, writing = os.pipe()
    port = await _free_port(8090)
    environment = {**environment_of(settings), READY_FD: str(writing)}
    children.keep(
        "sandbox",
        ["leadwake", "sandbox", "--port", str(port), "--product-url", local],
        environment,
        fds=[writing],
        once=READY_FD,
    )
    os.close(writing)
    url = (await asyncio.to_thread(os.read, reading, 200)).decode()
    os.close(reading)
    if not url:
        raise ConfigError("the sandbox did not start; see the lines above")
    key = await asyncio.to_thread(_tell_sandbox, url, f"{local}/hooks/sendgrid/events")
    return replace(settings, sandbox_url=url, practice_values={"SENDGRID_WEBHOOK_SECRET": key})


def _tell_sandbox(url: str, events_url: str) -> str:
    """Mail events are posted to us; the public key they are signed with."""
    body = f'{{"url": "{events_url}"}}'.encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    put = urllib.request.Request(  # noqa: S310 - the sandbox's own loopback address
        f"{url}/sendgrid/_events", body, {"Content-Type": "application/json"}, method="PUT"
    )
    opener.open(put, timeout=10).close()
    with opener.open(f"{url}/sendgrid/_public_key", timeout=10) as answer:
        return str(answer.read().decode()).strip()


def _tell(plan: Plan, ready: Ready, settings: Settings, local: str) -> None:
    shown = settings.public_url or local
    is_kept = readiness.writes_to_journal()
    if ready.master_key and is_kept:
        say(f"A master key was made: copy {settings.data_dir}/master.key away from this machine.")
    elif ready.master_key:
        say("A master key was made. Keep this recovery copy somewhere else than the data directory; it is shown once:")
        say(f"  {ready.master_key}")
    say("")
    say(f"Leadwake is at {shown}")
    if ready.invite and is_kept:
        say("Nobody can sign in yet; this prints a link to do it:  leadwake user invite EMAIL --role admin")
    elif ready.invite:
        say(f"Open this once to sign in:  {shown}{ready.invite}")
    if settings.sandbox_url:
        live = [vendor.label for name, vendor in VENDORS.items() if settings.mode(name) is Mode.LIVE]
        what = f"{', '.join(live)} live, the sandbox for the rest" if live else "nothing leaves this machine"
        say(f"Practice: {what}. What the sandbox received: {settings.sandbox_url}")
    if ready.api_key and not plan.demo:
        say("Your first lead (this key is shown once):")
        say(f"  curl {local}/v1/leads -H 'Authorization: Bearer {ready.api_key}' \\")
        say("    -H 'Content-Type: application/json' \\")
        say(
            '    -d \'{"name": "Maria Lopez", "phone": "813 555 0142", "email": "maria@example.com", '
            '"message": "Is 12 Oak St still open?"}\''
        )
    say("Sample leads are on their way. " if plan.demo else "")
    say("Ctrl-C stops everything.")


class Children:
    """Processes that are kept alive until the stop; each is restarted when it dies, sooner if it had lived long."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._keepers: list[asyncio.Task[None]] = []
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self.failed: str | None = None

    def keep(
        self,
        name: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        fds: Sequence[int] = (),
        once: str | None = None,
    ) -> None:
        """`python -m ARGUMENTS` runs from now on. once: a variable (and the fds) only its first start gets."""
        for fd in fds:
            os.set_inheritable(fd, True)
        kept = [os.dup(fd) for fd in fds] if once else list(fds)
        environment = {**environment, PARENT: str(os.getpid())}
        if once:
            os.set_inheritable(kept[0], True)
            environment[once] = str(kept[0])
        self._keepers.append(asyncio.create_task(self._keep(name, arguments, environment, kept, once), name=name))

    async def _keep(
        self, name: str, arguments: Sequence[str], environment: dict[str, str], fds: Sequence[int], once: str | None
    ) -> None:
        pause = 0.0
        loop = asyncio.get_running_loop()
        while not self._stop.is_set():
            began = loop.time()
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *arguments,
                env=environment,
                pass_fds=fds,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
            self._running[name] = process
            if once and fds:
                for fd in fds:
                    os.close(fd)
                fds, environment = (), {key: value for key, value in environment.items() if key != once}
            code = await process.wait()
            if self._stop.is_set():
                return
            if code == 2:  # a setting is wrong: it said which; trying again would say it again
                self.failed = name
            pause = 0.0 if loop.time() - began > _YOUNG_S else min(_LONGEST_PAUSE_S, pause * 2 or 0.2)
            _log.warning("process_restarting", name=name, code=code, pause_s=pause)
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """Every process has ended: asked first, made to after a while; the sandbox last."""
        self._stop.set()
        for names in ([n for n in self._running if n != "sandbox"], ["sandbox"]):
            processes = [self._running[name] for name in names if name in self._running]
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
            waits = [asyncio.create_task(process.wait()) for process in processes]
            if waits:
                _, late = await asyncio.wait(waits, timeout=_STOP_S)
                if late:
                    for process in processes:
                        with contextlib.suppress(ProcessLookupError):
                            process.kill()
                    await asyncio.wait(waits)
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)


async def _answering(url: str, children: Children) -> None:
    """The web answers, or a child said what is wrong with the settings."""
    for _attempt in range(600):
        if children.failed:
            raise ConfigError(f"{children.failed} cannot run with these settings; see the line above")
        if await readiness.answers(url, "/readyz"):
            return
        await asyncio.sleep(0.1)
    raise ConfigError("the web process does not answer; see the lines above")


async def _keep_database(server: EmbeddedServer) -> None:
    """The embedded server, if it dies, is started again; everybody else reconnects by themselves."""
    while True:
        await asyncio.sleep(_LOOK_AT_DATABASE_S)
        try:
            await server.start()
        except (ConfigError, OSError) as error:  # tried again: a full disk may be emptied
            _log.error("database_does_not_start", reason=str(error).partition("\n")[0])


@contextlib.contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """No other `serve` uses this data directory. Raises ConfigError."""
    with (data_dir / "serve.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise ConfigError(
                f"Leadwake is running on {data_dir} already (process {lock.read().strip() or 'unknown'}); "
                "stop it first, or set LEADWAKE_DATA_DIR to another directory"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


async def _listen(plan: Plan, stop: asyncio.Event) -> socket.socket:
    """The listening socket: systemd's, or our own, waited for a little as one that was killed may still hold it."""
    if handed := handed_over():
        return handed
    deadline = asyncio.get_running_loop().time() + _PORT_PATIENCE_S
    while True:
        try:
            return listen_on(plan.host, plan.port)
        except ConfigError:
            if asyncio.get_running_loop().time() > deadline or stop.is_set():
                raise
            await asyncio.sleep(0.2)


async def _free_port(wanted: int) -> int:
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", wanted)):
        return wanted
    return 0


def _local_url(host: str, port: int) -> str:
    if host in {"0.0.0.0", ""}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    if host == "::":
        host = "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
