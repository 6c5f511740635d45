"""What this machine can do at all: commits a second, one core's Python, and how busy it is."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from leadwake.storage.embedded import binaries

#: connections that commit at once
CONNECTIONS = (1, 8, 32)
_INSERT = "insert into bench_commit (at) values (now());\n"


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine in words."""

    processor: str
    cores: int
    memory_gb: float
    kernel: str
    python: str
    disk: str


def describe(where: Path) -> Machine:
    """This machine, and the file system that `where` is on."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    mounts = [part for part in psutil.disk_partitions(all=True) if where.is_relative_to(part.mountpoint)]
    disk = max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else "?"
    return Machine(
        model[1] if model else platform.processor(),
        os.cpu_count() or 1,
        round(psutil.virtual_memory().total / 2**30, 1),
        platform.release(),
        platform.python_version(),
        disk,
    )


def load_average() -> float:
    """Processes that wanted a core in the last minute, on average."""
    return round(os.getloadavg()[0], 2)


def busy_s() -> float:
    """CPU seconds that all of the machine's cores have worked since it started."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def commits_per_s(url: str, connections: int, seconds: int) -> float:
    """
    One-row inserts, each its own synchronous commit, by the server's own pgbench: nothing on this disk can exceed it.

    Raises RuntimeError with pgbench's words.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table if not exists bench_commit (id bigint generated always as identity, at timestamptz)"
        )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_INSERT)
        script.flush()
        done = subprocess.run(
            [binaries.program("pgbench"), "-n", "-M", "prepared", "-c", str(connections),
             "-j", str(min(2, connections)), "-T", str(seconds), "-f", script.name, url],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop table bench_commit")
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if not found:
        raise RuntimeError(f"pgbench: {done.stderr.strip()[-500:]}")
    return float(found[1])


def python_speed() -> float:
    """Million turns a second of a plain loop on one core: a ruler to compare machines by."""
    turns = 2_000_000
    began, total = time.perf_counter(), 0
    for number in range(turns):
        total += number & 7
    return turns / (time.perf_counter() - began) / 1e6
