"""
A month's mishaps, one after the other, under load: how much of what comes from outside is taken, and how soon.

What happens in a month is in EVENTS: how often, and what it is. Between them a few seconds pass instead of days, so
that the run lasts minutes; leads come all the time, each an attempt from outside by TLS. A month's availability is
therefore counted, not waited for: seconds without an answer, measured for each kind of event, times how often it
happens in thirty days. Not tried: the machine's own restart and its network; OUTSIDE says what is allowed for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

import psutil
import psycopg

from bench.droplet import Server, server
from bench.figures import percentile
from bench.installation import CLOCK
from bench.load import Generator, Sent
from bench.people import Lead
from bench.report import Report, Row

MONTH_S = 30 * 86_400.0
GOAL_PERCENT, TOUCH_S, RATE = 99.5, 60.0, 5.0
#: seconds a month that nobody here can measure: two restarts of the machine, a quarter of an hour of its network
OUTSIDE: Mapping[str, float] = {"the machine restarts, twice 60 s": 120.0, "its network is away": 900.0}
#: what a sender does that was told to come again: the hint, else this
_AGAIN_S, _GIVE_UP_S = 5.0, 15.0
_QUIET_S, _OUTAGE_S = 4.0, 20.0
_STATES = "select state, count(*) from action group by state"


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of mishap or work. times: a month; tried: in a run; do: what is done, back when it is over."""

    name: str
    times: int
    tried: int
    do: Callable[[Server], Awaitable[None]]


@dataclass(slots=True)
class Attempt:
    """A lead posted from outside. began, took_s: of the first try; statuses: of each try (0: no answer)."""

    lead: Lead
    began: float
    took_s: float = 0.0
    statuses: list[int] = field(default_factory=list)

    @property
    def is_taken(self) -> bool:
        """Acknowledged, at whichever try."""
        return 202 in self.statuses


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. down_s: from the first try not taken to the last; slowest_s: the longest wait of one that was."""

    name: str
    lasted_s: float
    down_s: float
    slowest_s: float


class Outside:
    """Whoever sends leads, a few a second, from beyond nginx; each is tried once more when it was not taken."""

    def __init__(self, found: Server) -> None:
        self.attempts: list[Attempt] = []
        self._generator: Generator = found.generator()
        self._people = found.people
        self._sending: set[asyncio.Task[None]] = set()
        self._going = asyncio.create_task(self._go())

    async def _go(self) -> None:
        began = time.time()
        for number in count():
            await asyncio.sleep(max(0.0, began + number / RATE - time.time()))
            attempt = Attempt(next(self._people), time.time())
            self.attempts.append(attempt)
            task = asyncio.create_task(self._try(attempt))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _try(self, attempt: Attempt) -> None:
        await self._once(attempt)
        attempt.took_s = time.time() - attempt.began
        if not attempt.is_taken:
            await asyncio.sleep(_AGAIN_S)
            await self._once(attempt)

    async def _once(self, attempt: Attempt) -> None:
        one = Sent(attempt.lead.phone, attempt.lead.email, time.time())
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._generator.send(attempt.lead, one), _GIVE_UP_S)
        attempt.statuses.append(one.status)

    def during(self, name: str, began: float, until: float) -> Happened:
        """What those who came in that time met with."""
        met = [each for each in self.attempts if began <= each.began <= until and each.statuses]
        refused = [each for each in met if each.statuses[0] != 202]
        down = refused[-1].began - refused[0].began + 1 / RATE if refused else 0.0
        return Happened(
            name, until - began, down, max((each.took_s for each in met if each not in refused), default=0.0)
        )

    async def end(self) -> None:
        """Nothing more is sent, and all that was is answered or given up."""
        self._going.cancel()
        if self._sending:
            await asyncio.wait(self._sending)
        self._generator.close()


async def _restart(found: Server) -> None:
    await asyncio.to_thread(found.installation.stop)
    found.installation.launch()
    await found.installation.answering()


async def _upgrade(found: Server) -> None:
    """As the installer does it: stopped for good, so that nobody starts it; a backup, the migration, a start."""
    found.installation.hold(False)
    await asyncio.to_thread(found.installation.stop)
    await asyncio.to_thread(found.installation.run, "backup", "create")
    await asyncio.to_thread(found.installation.run, "migrate")
    found.installation.hold(True)
    found.installation.launch()
    await found.installation.answering()


async def _killed(found: Server, kind: str) -> None:
    for process in found.installation.processes().named().get(kind, []):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    await asyncio.sleep(1)
    await found.installation.answering()


async def _all_killed(found: Server) -> None:
    """As when memory runs out or the power does; the unit starts it again after two seconds."""
    await asyncio.to_thread(found.installation.kill)
    await asyncio.sleep(2)
    found.installation.launch()
    await found.installation.answering()


async def _database(found: Server, how: signal.Signals) -> None:
    processes = found.installation.processes().database
    postmaster = next(each for each in processes if each.ppid() not in {other.pid for other in processes})
    os.kill(postmaster.pid, how)
    await asyncio.to_thread(postmaster.wait, 60)
    await found.installation.answering()


async def _away(found: Server, vendor: str, mode: str) -> None:
    found.installation.vendors.fail(vendor, mode, _OUTAGE_S)
    await asyncio.sleep(_OUTAGE_S)


EVENTS = (
    Event("restart (settings, system updates)", 8, 3, _restart),
    Event("upgrade: stop, backup, migrate, start", 4, 3, _upgrade),
    Event("web killed -9", 4, 2, lambda found: _killed(found, "web")),
    Event("worker killed -9", 4, 2, lambda found: _killed(found, "worker")),
    Event("everything killed -9", 2, 2, _all_killed),
    Event("database restarted", 2, 2, lambda found: _database(found, signal.SIGINT)),
    Event("database killed -9", 1, 1, lambda found: _database(found, signal.SIGKILL)),
    Event("Twilio answers 5xx", 2, 1, lambda found: _away(found, "twilio", "error")),
    Event("SendGrid cuts connections", 2, 1, lambda found: _away(found, "sendgrid", "cut")),
    Event("HubSpot throttles", 4, 1, lambda found: _away(found, "hubspot", "throttle")),
)


async def measure(where: Path, python: str, quick: bool, report: Report, say: Callable[[str], None]) -> None:
    """The figures are in the report."""
    async with server(where, python, CLOCK, held=True) as found:
        await found.generator().at_rate(found.people, 10, 3)  # plans, connections and caches are warm
        await found.installation.settled(patience_s=60)
        found.installation.vendors.clear()
        outside = Outside(found)
        await asyncio.sleep(_QUIET_S)
        happened = [await _one(found, outside, event, say) for event in _order(quick)]
        await outside.end()
        settled = await found.installation.settled(patience_s=180)
        await _report(found, outside.attempts, happened, settled, report)


def _order(quick: bool) -> list[Event]:
    """The run's events, one kind not after itself; the same in every run."""
    chosen = [event for event in EVENTS for _ in range(1 if quick else event.tried)]
    random.Random(3).shuffle(chosen)
    return chosen


async def _one(found: Server, outside: Outside, event: Event, say: Callable[[str], None]) -> Happened:
    began = time.time()
    await event.do(found)
    over = time.time()
    await asyncio.sleep(_QUIET_S + _AGAIN_S)
    happened = outside.during(event.name, began, over + _QUIET_S)
    say(
        f"  {event.name}: {over - began:.1f} s, down {happened.down_s:.1f} s, slowest answer {happened.slowest_s:.1f} s"
    )
    return happened


async def _report(
    found: Server, attempts: Sequence[Attempt], happened: Sequence[Happened], settled: bool, report: Report
) -> None:
    received = await asyncio.to_thread(found.installation.vendors.received)
    taken = [each for each in attempts if each.is_taken]
    firsts = [min([*received.texts.get(each.lead.phone, ()), *received.mails.get(each.lead.email, ())], default=None)
              for each in taken]  # fmt: skip
    touched = [first - each.began for each, first in zip(taken, firsts, strict=True) if first is not None]
    twice = sum(len(received.texts.get(each.lead.phone, ())) > 1 for each in attempts)
    at_first = sum(each.statuses[0] == 202 for each in attempts)
    down = {
        event.name: statistics.mean(each.down_s for each in happened if each.name == event.name) for event in EVENTS
    }
    month_s = sum(event.times * down[event.name] for event in EVENTS)
    allowed, most_s = sum(OUTSIDE.values()), MONTH_S * (100 - GOAL_PERCENT) / 100
    report.rows += [
        *(Row(f"{event.name}, {event.times} a month: down, each", "s", _downs(happened, event)) for event in EVENTS),
        Row("all of them together: down in a month", "s", [month_s], at_most=most_s),
        Row(f"the same with {allowed:.0f} s for what is outside", "s", [month_s + allowed], at_most=most_s),
        Row(f"in the run, nothing but mishaps: {len(attempts):,} leads, taken at the first try", "%",
            [100 * at_first / len(attempts)]),
        Row(f"the same, tried once more after {_AGAIN_S:.0f} s", "%", [100 * len(taken) / len(attempts)]),
        Row(f"taken, and text or mail at its vendor within {TOUCH_S:.0f} s", "%",
            [100 * sum(each <= TOUCH_S for each in touched) / len(taken)], at_least=99),
        Row("the same, p99", "s", [percentile(touched, 99)]),
        *_errors(found),
        Row("people texted twice", "", [twice], at_most=0),
    ]  # fmt: skip
    ledger = json.loads(await asyncio.to_thread(found.installation.run, "ledger", "--json", may_fail=True))
    lost = len(taken) - sum(first is not None for first in firsts)
    report.notes += [f"WRONG: {lost} leads taken and never written to"] if lost else []
    report.notes += [] if ledger["balanced"] else [f"WRONG: the ledger does not balance: {ledger['problems']}"]
    report.notes += [] if settled else ["WRONG: some actions were never settled"]
    outside = ", ".join(f"{what} ({seconds:.0f} s)" for what, seconds in OUTSIDE.items())
    report.notes.append(
        f"Availability in a month: {100 - 100 * month_s / MONTH_S:.3f} % with these events, "
        f"{100 - 100 * (month_s + allowed) / MONTH_S:.3f} % with what is allowed for and was not tried: {outside}."
    )
    report.raw |= {"month": [asdict(each) for each in happened], "ledger": ledger}


def _downs(happened: Sequence[Happened], event: Event) -> list[float]:
    return [each.down_s for each in happened if each.name == event.name]


def _errors(found: Server) -> list[Row]:
    """What came to a bad end without a person's part, of all actions."""
    with psycopg.connect(found.installation.database) as connection:
        states: dict[str, int] = dict(connection.execute(_STATES).fetchall())
    total = sum(states.values())
    bad = {name: states.get(name, 0) for name in ("dead", "unknown")}
    return [Row(f"actions {name}, of {total:,}", "", [number], at_most=0) for name, number in bad.items()]
