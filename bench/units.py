"""What one lead costs: processor time, disk, log and transactions, with all five calls done; what one process takes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from bench.figures import Bench, Run

#: leads, and how many a second: slow enough that nothing queues, enough of them that a table's free pages do not count
LEADS, RATE = 1_200, 20.0
IDLE_S = 60.0
_SIZES = """
    select n.nspname || '.' || c.relname, pg_total_relation_size(c.oid)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
"""
_DONE = """
    select xact_commit from pg_stat_database where datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class Idle:
    """Of one second in which nothing comes in. cpu_ms: all processes but the vendors; commits: transactions."""

    cpu_ms: float
    commits: float
    wal: float


@dataclass(frozen=True, slots=True)
class Units:
    """Of one lead. disk: bytes by table with its indexes; wal: bytes; process_mb: PSS by process, idle."""

    run: Run
    disk: Mapping[str, float]
    wal: float
    commits: float
    process_mb: Mapping[str, float]
    idle: Idle

    @property
    def disk_kb(self) -> float:
        """All tables together."""
        return sum(self.disk.values()) / 1024


async def measure(bench: Bench) -> Units:
    """From so many leads. Idle minutes between count as little as they do in a day: the house's own looks are in it."""
    await bench.hold(10, 3)  # plans, connections and caches are warm
    before = _standing(bench.installation.database)
    run = await bench.hold(RATE, LEADS / RATE)
    after = _standing(bench.installation.database)
    grown = {table: (size - before.sizes.get(table, 0)) / run.leads for table, size in after.sizes.items()}
    return Units(
        run,
        {table: size for table, size in sorted(grown.items(), key=lambda item: -item[1]) if size > 0},
        (after.wal - before.wal) / run.leads,
        (after.commits - before.commits) / run.leads,
        bench.installation.processes().pss_mb(),
        await _idle(bench),
    )


async def _idle(bench: Bench) -> Idle:
    url, processes = bench.installation.database, bench.installation.processes()
    before, cpu = _standing(url), processes.cpu_s()
    await asyncio.sleep(IDLE_S)
    used, after = processes.cpu_s(), _standing(url)
    worked = sum(seconds - cpu[name] for name, seconds in used.items() if name != "vendors")
    return Idle(worked * 1000 / IDLE_S, (after.commits - before.commits) / IDLE_S, (after.wal - before.wal) / IDLE_S)


@dataclass(frozen=True, slots=True)
class _Standing:
    sizes: Mapping[str, int]
    wal: int
    commits: int


def _standing(url: str) -> _Standing:
    with psycopg.connect(url, autocommit=True) as connection:
        sizes: dict[str, int] = dict(connection.execute(_SIZES).fetchall())
        wal = connection.execute("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')").fetchone()
        commits = connection.execute(_DONE).fetchone()
    assert wal is not None
    assert commits is not None
    return _Standing(sizes, int(wal[0]), commits[0])
