"""Random harm to a running installation: killed with -9, or stopped and continued after a while."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from traffic import some_of

from harness import Installation


@dataclass
class Chaos:
    """
    What is done to the processes of a `serve`, and a record of it.

    longest_s: of a pause. Pauses overlap with whatever comes next.
    """

    installation: Installation
    random: random.Random
    longest_s: float = 20.0
    done: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _pauses: list[asyncio.Task[None]] = field(default_factory=list)

    async def strike(self, times: int, *, every_s: float) -> None:
        """So many acts of harm, about that far apart; all that was stopped goes on afterwards."""
        kinds = [*_KINDS, "kill worker", "pause worker"]  # they are the ones with calls under way
        for number in range(times):
            await asyncio.sleep(every_s * self.random.uniform(0.5, 1.5))
            kind = kinds[number % len(kinds)] if number < len(kinds) else self.random.choice(kinds)
            self._do(kind)
        await asyncio.gather(*self._pauses)

    def _do(self, kind: str) -> None:
        victims, kills = _KINDS[kind]
        pids = victims(self.installation)
        if not pids:
            return
        pid = self.random.choice(pids)
        self.counts[kind] += 1
        if kills:
            self.done.append(f"{kind} {pid}")
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        else:
            seconds = some_of(self.random, 0.1, self.longest_s)
            self.done.append(f"{kind} {pid} for {seconds:.1f} s")
            self._pauses.append(asyncio.create_task(_pause(pid, seconds)))

    def __str__(self) -> str:
        return f"{sum(self.counts.values())} times ({dict(self.counts)}): {'; '.join(self.done)}"


async def _pause(pid: int, seconds: float) -> None:
    try:
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
    except ProcessLookupError:
        return
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _postmaster(installation: Installation) -> list[int]:
    found = installation.postmaster()
    return [found] if found else []


_KINDS: dict[str, tuple[Callable[[Installation], list[int]], bool]] = {
    "kill worker": (lambda it: it.pids("worker"), True),
    "pause worker": (lambda it: it.pids("worker"), False),
    "kill web": (lambda it: it.pids("web"), True),
    "kill database": (_postmaster, True),
    "pause web": (lambda it: it.pids("web"), False),
    "kill backend": (lambda it: it.backends(), True),
    "pause database": (_postmaster, False),
    "pause backend": (lambda it: it.backends(), False),
}
