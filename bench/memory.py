"""Memory of processes as the kernel counts it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil


@dataclass(frozen=True, slots=True)
class Memory:
    """MB. pss: shared pages divided among their users, so that it may be added up; rss: counted whole each time;
    own: of the former what stands in no file and in no shared buffer."""

    pss: float
    rss: float
    own: float = 0.0


def of(processes: Iterable[psutil.Process]) -> Memory:
    """All of them together; those that are gone count nothing."""
    pss = rss = own = 0
    for process in processes:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name == "Pss":
                    pss += int(rest.split()[0])
                elif name == "Rss":
                    rss += int(rest.split()[0])
                elif name == "Pss_Anon":
                    own += int(rest.split()[0])
    return Memory(pss / 1024, rss / 1024, own / 1024)


@dataclass(slots=True)
class Watch:
    """The most memory seen while it was on: one look a second."""

    processes: list[psutil.Process]
    most: Memory = Memory(0, 0)
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()

    async def _look(self) -> None:
        while True:
            now = of(self.processes)
            if now.pss > self.most.pss:
                self.most = now
            await asyncio.sleep(1)
