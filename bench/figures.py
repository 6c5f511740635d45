"""Each figure of the table, measured once; whoever calls repeats it and takes the median."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import machine, memory
from bench.installation import Installation
from bench.load import Generator, Sent
from bench.memory import Memory
from bench.people import Lead
from bench.sandbox import Received

#: vendor calls a lead: its text, e-mail and CRM record, the agent's text and e-mail
CALLS = 5
#: a rate is sustained when everything is done this long after the last lead
DRAIN_S = 2.0
#: … and 99 of 100 texts left within this: a queue that stands still at ten seconds has kept up, and helps nobody
PROMISE_MS = 1_000.0
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Run:
    """
    One stretch of leads at one rate (0: as fast as they are acknowledged).

    ..._ms: percentiles over the leads, from the instant each was due. drain_s: last lead posted → every action that
    somebody waits for settled. wrong: what must not be, in words. cpu_ms: by process, CPU ms a lead. late_p99_ms: the
    generator's. others_cores: cores that programs other than ours kept busy; with more than a few tenths of one, the
    figures are about them.
    """

    rate: float
    leads: int
    text_p50_ms: float
    text_p99_ms: float
    acknowledged_p50_ms: float
    acknowledged_p99_ms: float
    late_p99_ms: float
    drain_s: float
    done_per_s: float
    cpu_ms: dict[str, float]
    memory: Memory
    others_cores: float
    wrong: list[str] = field(default_factory=list)

    @property
    def sustained(self) -> bool:
        """True when the work kept up with the leads, and the texts with the promise of a second."""
        return not self.wrong and self.drain_s <= DRAIN_S and self.text_p99_ms <= PROMISE_MS


class Bench:
    """An installation, the leads it is sent, and what is measured of it."""

    def __init__(self, installation: Installation, leads: Iterator[Lead]) -> None:
        self.installation = installation
        self.leads = leads

    async def hold(self, rate: float, seconds: float) -> Run:
        """`rate` leads a second for `seconds`."""
        generator = Generator(self.installation.port)
        return await self._measured(rate, generator, generator.at_rate(self.leads, rate, seconds))

    async def flood(self, count: int, connections: int = 32) -> Run:
        """`count` leads as fast as they are acknowledged."""
        generator = Generator(self.installation.port)
        return await self._measured(0, generator, generator.flood(self.leads, count, connections))

    async def cold_start_s(self, *, kill: bool) -> float:
        """From the command until a lead is accepted, on a used data directory. kill: after kill -9 of everything."""
        if kill:
            self.installation.kill()
        else:
            self.installation.stop()
        began = time.time()
        self.installation.launch()
        accepted_at = await Generator(self.installation.port).first(next(self.leads), patience_s=60)
        await self.installation.settled(patience_s=_PATIENCE_S)
        return accepted_at - began

    def idle_memory(self) -> Memory:
        """All processes but the database and the vendors, now."""
        return memory.of(self.installation.processes().ours)

    async def _measured(self, rate: float, generator: Generator, sending: Coroutine[Any, Any, list[Sent]]) -> Run:
        await self.installation.taken_care_of()
        self.installation.vendors.clear()
        processes = self.installation.processes()
        before, own, busy, began = processes.cpu_s(), _own_cpu_s(), machine.busy_s(), time.time()
        async with memory.Watch(processes.ours) as watch:
            sent = await sending
            own = _own_cpu_s() - own
            await self.installation.settled(patience_s=_PATIENCE_S, patient=False)
            done_at = time.time()
            settled = await self.installation.settled(patience_s=_PATIENCE_S)
        generator.close()
        used = self.installation.processes().cpu_s()  # asked anew: the pools have grown meanwhile
        after, busy = used | {"generator": own}, machine.busy_s() - busy
        ours = sum(after.values()) - sum(before.values())
        others = max(0.0, (busy - ours) / (time.time() - began))
        cpu = {name: round((seconds - before.get(name, 0)) * 1000 / len(sent), 2) for name, seconds in after.items()}
        received = await asyncio.to_thread(self.installation.vendors.received)
        wrong = _wrong(sent, received) + ([] if settled else ["some actions were never settled"])
        return _run(rate, sent, received, done_at, cpu, watch.most, others, wrong)


def _run(
    rate: float,
    sent: Sequence[Sent],
    received: Received,
    done_at: float,
    cpu: dict[str, float],
    most: Memory,
    others: float,
    wrong: list[str],
) -> Run:
    texts = [(received.texts[one.phone][0] - one.due_at) * 1000 for one in sent if one.phone in received.texts]
    answers = [(one.acknowledged_at - one.due_at) * 1000 for one in sent if one.status == 202]
    late = [(one.left_at - one.due_at) * 1000 for one in sent]
    return Run(
        rate=rate,
        leads=len(sent),
        text_p50_ms=percentile(texts, 50),
        text_p99_ms=percentile(texts, 99),
        acknowledged_p50_ms=percentile(answers, 50),
        acknowledged_p99_ms=percentile(answers, 99),
        late_p99_ms=percentile(late, 99),
        drain_s=done_at - max(one.left_at for one in sent),
        done_per_s=len(sent) / (done_at - sent[0].due_at),
        cpu_ms=cpu,
        memory=most,
        others_cores=round(others, 2),
        wrong=wrong,
    )


def _wrong(sent: Sequence[Sent], received: Received) -> list[str]:
    wrong = []
    if refused := sum(one.status != 202 for one in sent):
        wrong.append(f"{refused} leads not accepted")
    if missing := sum(one.phone not in received.texts for one in sent):
        wrong.append(f"{missing} leads without a text")
    if twice := sum(len(received.texts.get(one.phone, ())) > 1 for one in sent):
        wrong.append(f"{twice} leads texted more than once")
    if received.calls != CALLS * len(sent):
        wrong.append(f"{received.calls} vendor calls instead of {CALLS * len(sent)}")
    return wrong


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of the values do not exceed (nearest rank); nan for none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(percent) // 100) - 1)]


def _own_cpu_s() -> float:
    times = os.times()
    return times.user + times.system
