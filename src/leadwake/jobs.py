"""The job library wired: wake-ups carried to workers, stalled ones taken over, the pump that loses nothing.

Procrastinate carries ids from the transaction that made work necessary to a worker somewhere. A job is never the truth:
the action's row is. Losing every job costs at most the ten seconds until the pump looks.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Notification, Status
from procrastinate.manager import JobManager, NotificationCallback
from procrastinate.worker import Worker
from psycopg.rows import DictRow

from leadwake import log
from leadwake.clock import Clock
from leadwake.errors import DatabaseAway
from leadwake.storage.db import AWAY, Connection, Database, q
from leadwake.storage.wakeups import QUEUES, attempt_arguments, defer

_log = log.get(__name__)

CONCURRENCY = {"instant": 24, "replies": 8, "bulk": 4}

HEARTBEAT_S = 2.0
#: without a beat for this long a worker counts as dead (written out in jobs_requeue_stalled, too)
STALLED_S = 8.0
#: jobs under way get about this long at a clean stop
JOBS_STOP_S = 8.0
#: how often the pump looks
TICK_S = 2.0
_POLL_S = 2.0
#: the library's notice of a new job: this and the queue's name
_CHANNEL = "procrastinate_queue_v1#"
_FETCH = 32
#: actions in one job of the pump, and in one look
_CHUNK, _LOOK = 50, 500

Handler = Callable[..., Awaitable[None]]


class BatchingJobManager(JobManager):
    """Fetches and finishes many jobs in one statement instead of one each; wake-ups for actions become one."""

    def __init__(self, connector: PsycopgConnector, db: Database) -> None:
        super().__init__(connector)
        self._db = db
        self._ready: dict[int, list[Job]] = {}
        #: queue → notices of new jobs so far; worker → how many there had been when it got the last job there was
        self._notices: Counter[str] = Counter()
        self._emptied: dict[int, int] = {}
        self._finished: list[tuple[int, asyncio.Future[None]]] = []
        self._told: dict[str, NotificationCallback] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self._finishing = False
        self._left: list[int] = []

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """
        The next job for a worker, from the batch at hand or a new one.

        The library asks until there is none. Who got the last of them and has heard of no other since need not ask; who
        hears of one while asking asks again, because the library forgets a notice that comes meanwhile.
        """
        ready = self._ready.setdefault(worker_id, [])
        mine = list(queues or QUEUES)
        while not ready:
            heard = self._heard(mine)
            if self._emptied.pop(worker_id, None) == heard:
                return None
            rows = await self._fetched(mine, worker_id)
            ready.extend(Job.from_row(row) for row in _as_one(rows))
            if rows and len(rows) < _FETCH:
                self._emptied[worker_id] = heard
            if not rows and self._heard(mine) == heard:
                return None
        return ready.pop(0)

    async def _fetched(self, queues: list[str], worker_id: int) -> list[DictRow]:
        try:
            rows = await self._db.all("jobs_fetch", queues=queues, worker_id=worker_id, limit=_FETCH)
        except DatabaseAway as error:
            raise ConnectorException from error
        return sorted(rows, key=lambda row: (-row["priority"], row["id"]))

    def _heard(self, queues: Iterable[str]) -> int:
        """How many notices came of these queues so far."""
        return sum(self._notices[queue] for queue in queues)

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """The job is gone: what it was for stands in the action's row, not here."""
        del status, delete_job
        assert job.id is not None
        if job.task_name == "attempt":
            return  # went when it was fetched
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._finished.append((job.id, done))
        if not self._finishing:
            self._finishing = True
            try:
                await self._finish_all()
            finally:
                self._finishing = False
        else:
            await done

    async def _finish_all(self) -> None:
        while self._finished:
            batch, self._finished = self._finished, []
            ids = [*self._left, *(job_id for job_id, _ in batch)]
            try:
                await self._db.run("jobs_finish", ids=ids)
                self._left.clear()
            except Exception as error:  # a deadlock, say: whoever waits here must go on, or the worker runs dry
                _log.warning("jobs_finished_later", jobs=len(ids), reason=type(error).__name__)
                self._left = ids  # until then `doing`: when we die, they are taken over and run again to no effect
            for _, done in batch:
                if not done.done():
                    done.set_result(None)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Until cancelled, whoever works on these queues hears of new jobs by `tell`."""
        mine = list(queues or QUEUES)
        self._told.update(dict.fromkeys(mine, on_notification))
        try:
            await asyncio.Event().wait()
        finally:
            for queue in mine:
                self._told.pop(queue, None)

    def tell(self, queue: str) -> None:
        """There are new jobs, or may be."""
        self._notices[queue] += 1
        if queue in self._told:
            inserted: Notification = {"type": "job_inserted", "job_id": 0}
            task = asyncio.ensure_future(self._told[queue](channel=queue, notification=inserted))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def give_back(self, worker_id: int) -> None:
        """Jobs fetched ahead and not begun are there for other workers again."""
        self._emptied.pop(worker_id, None)
        if ids := [job.id for job in self._ready.pop(worker_id, [])]:
            await self._db.run("jobs_give_back", ids=ids)


class Jobs:
    """
    The workers of this process.

    handlers: task name → what it does, called with its queue and the job's arguments (ids only).
    """

    def __init__(self, db: Database, handlers: Mapping[str, Handler]) -> None:
        self._db = db
        connector = PsycopgConnector(conninfo=db.url)
        self.app = App(connector=connector)
        self.manager = BatchingJobManager(connector, db)
        self.app.job_manager = self.manager
        for name, handler in handlers.items():
            self.app.task(name=name, pass_context=True)(_guarded(name, handler))

    def channels(self, queues: Sequence[str]) -> dict[str, Callable[[str | None], None]]:
        """
        What is to be listened to while these queues are worked on: notice channel → what to do.

        One connection for all of them and for whatever else the process listens to: PostgreSQL wakes every listening
        connection for every notice, and the library would open one for each queue.
        """

        def teller(queue: str) -> Callable[[str | None], None]:
            return lambda _: self.manager.tell(queue)

        return {f"{_CHANNEL}{queue}": teller(queue) for queue in queues}

    async def open(self) -> None:
        """The library uses our pool."""
        await self.app.open_async(self._db.pool)

    async def work(self, queue: str) -> None:
        """Works on a queue, with slots of its own, until cancelled; a worker that ends is started again."""
        while True:
            worker = Worker(
                self.app,
                queues=[queue],
                name=queue,
                concurrency=CONCURRENCY[queue],
                wait=True,
                delete_jobs="always",
                fetch_job_polling_interval=_POLL_S,
                install_signal_handlers=False,
                shutdown_graceful_timeout=5,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=60.0,
            )
            worker_id = None
            try:
                running = asyncio.create_task(worker.run())
                try:
                    await asyncio.shield(running)
                except asyncio.CancelledError:
                    worker_id = worker.worker_id
                    worker.stop()
                    await asyncio.wait([running], timeout=JOBS_STOP_S - 2)
                    with contextlib.suppress(DatabaseAway):  # then they are taken over as stalled
                        if worker_id is not None:
                            await self.manager.give_back(worker_id)
                    raise
            except (ConnectorException, DatabaseAway, *AWAY) as error:
                _log.warning("worker_restarting", queue=queue, reason=type(error).__name__)
            except Exception:
                _log.exception("worker_restarting", queue=queue)
            await asyncio.sleep(random.uniform(0.3, 1.0))  # noqa: S311 - spreads reconnects


def _as_one(rows: Sequence[DictRow]) -> list[DictRow]:
    """The wake-ups for actions among them as one: the library spends as much on a job as we on an action."""
    attempts = [row for row in rows if row["task_name"] == "attempt"]
    if len(attempts) < 2:
        return list(rows)
    together: dict[str, list[str]] = {}
    for row in attempts:
        for channel, ids in row["args"]["actions"].items():
            together.setdefault(channel, []).extend(ids)
    one = {**attempts[0], "args": {"actions": together}}
    return [one, *(row for row in rows if row["task_name"] != "attempt")]


def _guarded(name: str, handler: Handler) -> Handler:
    """A handler whose failure is logged with its name only; its work is woken again by the pump."""

    async def run(context: JobContext, **arguments: Any) -> None:
        try:
            await handler(context.job.queue, **arguments)
        except DatabaseAway:
            _log.warning("job_postponed", task=name, reason="database away")
        except Exception:
            _log.exception("job_failed", task=name)

    return run


class Pump:
    """
    Wakes whatever is due: retries, deferrals, what a dead worker left, captures not understood yet.

    also: further housekeeping of the same turn, each called without arguments.
    """

    def __init__(self, db: Database, clock: Clock, also: Sequence[Callable[[], Awaitable[object]]] = ()) -> None:
        self._db = db
        self._clock = clock
        self._also = also

    async def run(self) -> None:
        """Looks every couple of seconds until cancelled."""
        while True:
            try:
                await self.tick()
            except DatabaseAway:
                _log.warning("pump_waits", reason="database away")
            except Exception:
                _log.exception("pump_failed")
            await asyncio.sleep(TICK_S * random.uniform(0.8, 1.2))  # noqa: S311 - keeps several pumps out of step

    async def tick(self) -> bool:
        """One look; False when another process is at it."""
        async with self._db.transaction() as connection:
            turn = await (await connection.execute(q("pump_turn"))).fetchone()
            if not turn or not turn["mine"]:
                return False
            await connection.execute(q("jobs_requeue_stalled"))
            await connection.execute(q("jobs_prune_workers"))
            waiting = {
                row["queue_name"]: row["n"] for row in await (await connection.execute(q("jobs_waiting"))).fetchall()
            }
            # where the workers are behind, more wake-ups would not help; a queue that nobody works on holds up no other
            await self._wake(connection, [queue for queue in QUEUES if waiting.get(queue, 0) < _LOOK])
        for housekeeping in self._also:
            await housekeeping()
        return True

    async def _wake(self, connection: Connection, queues: Sequence[str]) -> None:
        rows = await (
            await connection.execute(q("pump_due"), {"now": self._clock.now(), "limit": _LOOK, "queues": list(queues)})
        ).fetchall()
        for queue in {row["queue"] for row in rows}:
            await defer(connection, queue, list(_chunks([row for row in rows if row["queue"] == queue])))
        if "instant" not in queues:
            return
        captures = await (await connection.execute(q("pump_captures"))).fetchall()
        await defer(connection, "instant", [("understand", {"capture": str(row["id"])}) for row in captures])


def _chunks(rows: Sequence[DictRow]) -> Iterable[tuple[str, dict[str, Any]]]:
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        yield "attempt", {"actions": attempt_arguments((row["channel"], row["id"]) for row in chunk)}
