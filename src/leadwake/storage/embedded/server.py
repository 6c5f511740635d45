"""The embedded server's life: attached to or started by the first who needs it, stopped by the last who leaves."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from leadwake.errors import ConfigError
from leadwake.storage.embedded import account, binaries, postmaster, serverlog, sockets
from leadwake.storage.embedded.cluster import CONNECT_S, Cluster, client_environment, path_in, url
from leadwake.storage.embedded.flock import Flock
from leadwake.storage.embedded.patience import Patience

START_S = 120.0  # crash recovery on a slow disk
_TURN_S = START_S + 60  # another process may be making the database, and then recovering it
_ANSWER_S = 5.0
_LINGER_S = 2.0
#: fast, then immediate (recovers at the next start), then without being asked
_STOPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))


class EmbeddedServer:
    """
    One process's use of the server of a data directory.

    Any number of processes may use it at once, each with an object of its own; a child made by `fork` must not use
    its parent's. The server is nobody's child in spirit: it outlives an app that is killed, and the next one attaches.

    fsync: False only for tests. progress: gets short lines for a person, such as "making the database, once".
    extra: settings of postgresql.conf that win over ours, {"work_mem": "8MB"}; a server already running keeps its own.
    major: the cluster's version, where it is an older one (storage.embedded.upgrade).
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        fsync: bool = True,
        progress: Callable[[str], None] = lambda _: None,
        extra: Mapping[str, str] = MappingProxyType({}),
        major: int = binaries.MAJOR,
    ) -> None:
        self.data_dir = _absolute(data_dir)
        self.log = self.data_dir / "postgres-log" / "postgres.log"
        self._fsync = fsync
        self._progress = progress
        self._extra = dict(extra)
        self._major = major
        self._users: Flock | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._trimming: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """
        The connection URL of the running server, started if need be; a second call mends a server that went away.

        Raises ConfigError, whose first line says what to do; indented lines below are the server's own words.
        """
        cluster = self._opened()
        async with self._turn():
            users = self._users or Flock(self.data_dir / "postgres.users")
            try:
                users.share()  # cannot fail: it is only ever held alone by whoever has the turn
                found = await self._attached_or_launched(cluster, users)
            except BaseException:
                users.close()
                self._users = None
                raise
            self._users = users
        if self._trimming is None:
            self._trimming = asyncio.create_task(self._keep_log_short(), name="database log")
        return found

    async def stop(self) -> None:
        """This process no longer uses the server; when no other does, it has stopped cleanly."""
        users, self._users = self._users, None
        if self._trimming is not None:
            self._trimming.cancel()
            self._trimming = None
        if users is None:
            return
        try:
            async with self._turn():
                if users.take():
                    await self._stopped()
        finally:
            users.close()

    def binary(self, name: str) -> Path:
        """A client program of the server's own version, such as pg_dump or psql; ConfigError when there is none."""
        return binaries.program(name)

    def _opened(self) -> Cluster:
        owner = account.choose(self.data_dir, path_in(self.data_dir), self._progress)
        account.open_data_dir(self.data_dir, owner)
        return Cluster(self.data_dir, owner, self._major)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Nobody else starts or stops the server meanwhile."""
        turn = Flock(self.data_dir / "postgres.turn")
        patience = Patience(
            "waiting for another Leadwake process to start or stop the database", _TURN_S, self._progress
        )
        try:
            while not turn.take():
                if not await patience.lasts():
                    raise ConfigError(
                        f"another Leadwake process has been starting or stopping the database in {self.data_dir} for "
                        f"{_TURN_S:.0f} s: end it, then start again"
                    )
            yield
        finally:
            turn.close()

    async def _attached_or_launched(self, cluster: Cluster, users: Flock) -> str:
        alive = Flock(self.data_dir / "postgres.alive")
        try:
            return await self._attached(cluster, users, alive) or await self._launched(cluster, alive)
        finally:
            alive.close()

    async def _attached(self, cluster: Cluster, users: Flock, alive: Flock) -> str | None:
        """The URL of a running server that is ours and answers; None once it is certain that none of it is left."""
        patience = Patience("waiting for the running database", START_S, self._progress)
        ready_at: float | None = None
        while not self._is_gone(alive):
            found = self._postmaster()
            if found is None and patience.waited_s > _LINGER_S:  # children of a postmaster that was killed
                self._send(signal.SIGKILL)
            if found is not None and found.status == "ready":
                try:
                    return await _reached(self.data_dir, found)
                except _UnreachableError as error:
                    ready_at = patience.waited_s if ready_at is None else ready_at
                    if error.for_good or patience.waited_s - ready_at > _ANSWER_S:
                        await self._given_up(users, error)
            if not await patience.lasts():
                raise ConfigError(
                    f"the database in {cluster.path} runs and is not ready after {START_S:.0f} s: start again later; "
                    f"its last words:\n{serverlog.tail(self.log)}"
                )
        return None

    async def _given_up(self, users: Flock, trouble: _UnreachableError) -> None:
        """A running server that does not answer (socket or password gone) has stopped, if nobody else uses it."""
        alone = users.take()
        users.share()
        if not alone:
            raise ConfigError(
                f"the database in {self.data_dir} does not answer ({trouble}) and other Leadwake processes use it: "
                "stop them, then start again"
            )
        self._progress(f"the running database does not answer ({trouble}): starting it anew")
        await self._stopped()

    async def _launched(self, cluster: Cluster, alive: Flock) -> str:
        """The URL of the server, started just now; `alive` was ours and is the server's."""
        unclean = (cluster.path / postmaster.PID_FILE).exists()
        await _undisturbed(lambda: cluster.prepare(alive.fd, fsync=self._fsync, progress=self._progress))
        socket_dir = sockets.folder(self.data_dir, cluster.account)
        sockets.prepare(socket_dir, cluster.account)
        cluster.configure(socket_dir, fsync=self._fsync)
        self._progress("starting the database")
        words_from = self._spawn(cluster, alive, socket_dir)
        alive.close()  # from here on the server holds it, alone
        try:
            return await self._ready(
                "recovering after an unclean stop" if unclean else "starting the database", words_from
            )
        except asyncio.CancelledError:
            self._send(signal.SIGINT)  # nobody uses it yet
            raise

    def _spawn(self, cluster: Cluster, alive: Flock, socket_dir: Path) -> int:
        """postgres runs, in a session of its own (Ctrl-C is not for it); where its part of the log begins."""
        given = {"unix_socket_directories": str(socket_dir), **self._extra}
        settings = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
        program = cluster.programs / "postgres"
        log = serverlog.open_for_server(self.log)
        words_from = serverlog.mark(self.log)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [program, "-D", cluster.path, *settings], env=cluster.environment(), cwd="/", pass_fds=(alive.fd,),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **cluster.account.options,
            )  # fmt: skip
        except OSError as error:
            raise account.cannot_run(program, cluster.account, error) from error
        finally:
            os.close(log)
        return words_from

    async def _ready(self, what: str, words_from: int) -> str:
        patience = Patience(what, START_S, self._progress)
        while (found := self._postmaster()) is None or found.status != "ready":
            if self._process is None or self._process.poll() is not None:
                raise serverlog.explained(
                    "the database did not start", serverlog.tail(self.log, words_from), self.data_dir
                )
            if not await patience.lasts():  # left running: to recover from the beginning would take as long again
                raise ConfigError(
                    f"{what} takes longer than {START_S:.0f} s and goes on in the background: start again in a while; "
                    f"its last words:\n{serverlog.tail(self.log)}"
                )
        try:
            return await _reached(self.data_dir, found)
        except _UnreachableError as trouble:
            await self._stopped()
            raise ConfigError(
                f"the database starts and refuses us ({trouble}): if the password is wrong, remove "
                f"{self.data_dir / 'postgres-password'} and a new one is made at the next start"
            ) from trouble

    async def _stopped(self) -> None:
        """No process of the server is left; only while having the turn."""
        found = self._postmaster()
        alive = Flock(self.data_dir / "postgres.alive")
        try:
            for which, seconds in _STOPS:
                self._send(which)
                patience = Patience("stopping the database", seconds, self._progress)
                while not (gone := self._is_gone(alive)) and await patience.lasts():
                    pass
                if gone:
                    break
        finally:
            alive.close()
        if found is not None and found.socket_dir is not None:
            sockets.remove(found.socket_dir)

    def _postmaster(self) -> postmaster.Postmaster | None:
        """The running postmaster, once it is certain that it is ours."""
        found = postmaster.read(path_in(self.data_dir))
        return found if found and postmaster.is_ours(found.pid, path_in(self.data_dir)) else None

    def _is_gone(self, alive: Flock) -> bool:
        """True when no process of the server lives, and then `alive` is ours."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        if not alive.take():
            return False
        if self._postmaster() is None:
            return True
        alive.let_go()  # a server that somebody started by hand, without the lock
        return False

    def _send(self, which: signal.Signals) -> None:
        """The postmaster got the signal; all that is left of the server, when that is to kill."""
        cluster = path_in(self.data_dir)
        found = self._postmaster()
        pids = list(postmaster.survivors(cluster)) if which is signal.SIGKILL else [found.pid] if found else []
        for pid in pids:
            postmaster.send(pid, which, cluster)

    async def _keep_log_short(self) -> None:
        while True:
            await asyncio.sleep(60)
            with suppress(OSError):
                serverlog.trim(self.log)


async def running_url(data_dir: Path) -> str | None:
    """The URL of the running server of this data directory, None when none answers; it does not count as a user."""
    data_dir = _absolute(data_dir)
    found = postmaster.read(path_in(data_dir))
    if found is None or found.status != "ready" or not postmaster.is_ours(found.pid, path_in(data_dir)):
        return None
    try:
        return await _reached(data_dir, found)
    except _UnreachableError:
        return None


class _UnreachableError(Exception):
    """A server of ours runs and gives no connection. for_good: waiting will not help."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(reason)
        self.for_good = for_good


async def _reached(data_dir: Path, found: postmaster.Postmaster) -> str:
    """The URL of the server, which has just answered at it; both sides know the password."""
    cluster = path_in(data_dir)
    if found.socket_dir is None or not sockets.is_ours(found.socket_dir, cluster.stat().st_uid):
        raise _UnreachableError(f"its socket directory {found.socket_dir} is gone or not ours", for_good=True)
    target = url(data_dir, found.socket_dir)
    if target is None:
        raise _UnreachableError("its password file is gone or closed to us", for_good=True)
    # asked by the server's own client: whoever only looks after the server needs no driver in its memory
    client = await asyncio.create_subprocess_exec(
        binaries.program("psql"), "--no-psqlrc", "--quiet", "--command=",
        env=client_environment(data_dir, found.socket_dir), cwd="/", start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        _, said = await asyncio.wait_for(client.communicate(), 2 * CONNECT_S)
    except (TimeoutError, asyncio.CancelledError) as error:
        client.kill()
        await client.wait()
        if isinstance(error, TimeoutError):
            raise _UnreachableError(f"it has not answered in {2 * CONNECT_S} s", for_good=False) from error
        raise
    if client.returncode:
        words = said.decode(errors="replace").removeprefix("psql: error: ").strip().splitlines()
        raise _UnreachableError(words[0] if words else f"psql ended with {client.returncode}", for_good=False)
    return target


def _absolute(data_dir: Path) -> Path:
    """The one path that locks, socket names and the server itself know the directory by."""
    return data_dir.expanduser().resolve()


async def _undisturbed(work: Callable[[], None]) -> None:
    """The blocking work is done in a thread, to its end: a cancelled start must not take its files away under it."""
    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
