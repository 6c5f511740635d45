"""
The smallest server: one core, 1 GB, nginx in front, 1,000 leads in the busiest hour; then a day of them, faster.

Everything of ours (nginx, web, worker, supervisor, embedded PostgreSQL) stays on one core; the load and the stand-in
vendors have another. Memory is not cut off by the kernel but added up: proportional set sizes of all these processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench import memory
from bench.figures import percentile
from bench.front import HOST, Front
from bench.installation import CLOCK, Installation
from bench.load import Generator, Sent
from bench.people import Lead, leads
from bench.report import Report, Row
from leadwake.bootstrap import office_at
from leadwake.errors import RuleError
from leadwake.tasks import end
from leadwake.workflows import claiming

CORE, MEMORY_MB, PER_HOUR, CALLS = 0, 1024, 1000, 5
#: how busy each hour of a day is beside the busiest, in hundredths, from noon on: 13,150 leads in all
SHAPE = (100, 100, 95, 95, 90, 90, 80, 75, 70, 60, 50, 40, 25, 15, 10, 5, 5, 5, 10, 25, 45, 65, 80, 80)
_DELAY_MS = 50
_LOOKS = 144
#: how much faster the day goes than a day: its busiest hour is 20 leads a second then, most of what one core can do
_SPEED = 72
#: plans, caches, pools and the day's first rows: growth is counted from here on
_WARM = 1 / 3
_SIZES = """
    select pg_database_size(current_database()), (select sum(size) from pg_ls_waldir()),
           (select count(*) from lead), (select count(*) from action), (select count(*) from procrastinate_jobs)
"""
_OFFERED = "select lead_id, agent_id from offer where state = 'open' and at <= %(asked)s order by at limit 200"
_TABLES = """
    select relname, pg_total_relation_size(relid), n_live_tup, n_dead_tup from pg_stat_user_tables
     order by 2 desc limit 8
"""


@dataclass(frozen=True, slots=True)
class Look:
    """One look. hour: of the day; own_mb: what each kind of process holds for itself; sum_mb: PSS of all of them."""

    hour: float
    own_mb: dict[str, float]
    pss_mb: dict[str, float]
    database_mb: float
    wal_mb: float
    logs_mb: float
    leads: int
    actions: int
    jobs: int

    @property
    def sum_mb(self) -> float:
        """All processes together."""
        return sum(self.pss_mb.values())


@dataclass(slots=True)
class Server:
    """Leadwake and nginx on the one core."""

    installation: Installation
    front: Front
    people: Iterator[Lead]

    def generator(self) -> Generator:
        """Whoever sends leads, from outside, by TLS."""
        return Generator(self.front.port, self.front.trust(), HOST)

    def look(self, hour: float) -> Look:
        """How it stands now."""
        kinds = self.installation.processes().named() | {"nginx": self.front.processes()}
        found = {name: memory.of(processes) for name, processes in kinds.items()}
        with psycopg.connect(self.installation.database) as connection:
            sizes = connection.execute(_SIZES).fetchone()
        assert sizes is not None
        database, wal, *counts = sizes
        return Look(
            hour, {name: each.own for name, each in found.items()}, {name: each.pss for name, each in found.items()},
            database / 1e6, float(wal) / 1e6, self._logs_mb(), *counts,
        )  # fmt: skip

    def _logs_mb(self) -> float:
        places = [self.installation.data_dir / "postgres-log", self.front.folder / "log"]
        files = [file for place in places for file in place.rglob("*") if file.is_file()]
        files += [self.installation.folder / "serve.log"]
        return sum(file.stat().st_size for file in files) / 1e6


@asynccontextmanager
async def server(where: Path, python: str, clock: str, *, core: int | None = CORE, held: bool = False) -> Any:
    """A fresh one, gone afterwards. held: its socket outlives it, as with systemd."""
    before = os.sched_getaffinity(0)
    # the team, who works beside it from here, goes by the same clock
    origin = datetime.now(UTC).isoformat()
    more = {"LEADWAKE_CLOCK": clock, "LEADWAKE_CLOCK_ORIGIN": origin, "LEADWAKE_TRUSTED_PROXIES": "127.0.0.1"}
    installation = Installation(1, where, python, core, more)
    if core is not None and len(before) > 1:
        os.sched_setaffinity(0, before - {core})  # the load and the vendors, who are started from here
    front: Front | None = None
    try:
        installation.hold(held)
        await installation.make()
        installation.vendors.behave(delay_ms=_DELAY_MS, receipts=True)
        front = Front(installation.folder / "nginx", installation.port, core)
        front.start()
        yield Server(installation, front, leads(HOST, installation.api_key))
    finally:
        if front:
            front.stop()
        installation.remove()
        os.sched_setaffinity(0, before)


async def measure(where: Path, python: str, quick: bool, report: Report, say: Callable[[str], None]) -> None:
    """The figures are in the report."""
    async with server(where, python, CLOCK) as at_once:
        await _hour(at_once, 60 if quick else 240, report, say)
    speed = 720 if quick else _SPEED
    async with server(where, python, f"{CLOCK}x{speed}") as for_a_day:
        await _day(for_a_day, speed, 0.15 if quick else 1.0, report, say)


async def _hour(found: Server, seconds: float, report: Report, say: Callable[[str], None]) -> None:
    """The busiest hour's leads, as they come by chance, for so long."""
    await found.generator().at_rate(found.people, 10, 3)  # plans, connections and caches are warm
    await found.installation.settled(patience_s=60)
    found.installation.vendors.clear()
    chance = random.Random(7)
    offsets = sorted(chance.uniform(0, seconds) for _ in range(round(PER_HOUR * seconds / 3600)))
    before, began = found.installation.processes().cpu_s(), time.monotonic()
    sent = await found.generator().at(found.people, offsets)
    await found.installation.settled(patience_s=60)
    used = sum(found.installation.processes().cpu_s().values()) - sum(before.values())
    received = await asyncio.to_thread(found.installation.vendors.received)
    texts = [(received.texts[one.phone][0] - one.due_at) * 1000 for one in sent if one.phone in received.texts]
    answers = [(one.acknowledged_at - one.due_at) * 1000 for one in sent if one.status == 202]
    look = found.look(0)
    what = f"one core, {PER_HOUR:,} leads an hour ({len(sent)} of them)"
    report.rows += [
        Row(f"{what}: posted by TLS → text at the vendor, p50", "ms", [percentile(texts, 50)]),
        Row("the same, p99", "ms", [percentile(texts, 99)], at_most=1000),
        Row("acknowledged through nginx, p99", "ms", [percentile(answers, 99)]),
        Row("of the core in use", "%", [100 * used / (time.monotonic() - began)]),
        Row("memory of everything: PSS", "MB", [look.sum_mb], at_most=MEMORY_MB),
    ]
    report.rows += [Row(f"… of it {name}", "MB", [mb]) for name, mb in sorted(look.pss_mb.items())]
    wrong = _wrong(sent, texts, received.calls)
    report.notes += [f"WRONG: {line}" for line in wrong]
    say(f"  {len(sent)} leads: p50 {percentile(texts, 50):.1f} p99 {percentile(texts, 99):.1f} ms; {_shown(look)}")


def _wrong(sent: Sequence[Sent], texts: Sequence[float], calls: int) -> list[str]:
    wrong = []
    if refused := sum(one.status != 202 for one in sent):
        wrong.append(f"{refused} leads not accepted")
    if len(texts) != len(sent):
        wrong.append(f"{len(sent) - len(texts)} leads without a text")
    if calls != CALLS * len(sent):
        wrong.append(f"{calls} vendor calls instead of {CALLS * len(sent)}")
    return wrong


async def _day(found: Server, speed: float, share: float, report: Report, say: Callable[[str], None]) -> None:
    """A day's leads as the hours bring them; what grows meanwhile, and by how much. share: of the leads, for a look."""
    hour_s = 3600 / speed
    offsets = _offsets(hour_s, share)
    began = time.monotonic()
    sending = asyncio.create_task(found.generator().at(found.people, offsets))
    team = asyncio.create_task(_team_works(found))
    looks: list[Look] = []
    while not sending.done():
        hour = (time.monotonic() - began) / hour_s
        looks.append(await asyncio.to_thread(found.look, hour))
        say(f"  hour {hour:4.1f}: {looks[-1].leads:,} leads, {_shown(looks[-1])}")
        await asyncio.wait([sending], timeout=max(1.0, 24 * hour_s / _LOOKS))
        if len(looks) % 12 == 0:
            await asyncio.to_thread(found.installation.vendors.clear)
    sent = await sending
    settled = await found.installation.settled(patience_s=120)
    await end([team])
    looks.append(await asyncio.to_thread(found.look, 24.0))
    _report_day(found, sent, looks, settled, report)


async def _team_works(found: Server) -> None:
    """Whatever was offered two minutes ago is claimed and done with, as a team does that keeps up."""
    async with office_at(found.installation.settings(), found.installation.database, pool=2) as office:
        people = {person.id: person for person in office.team}
        while True:
            asked = office.clock.now() - timedelta(minutes=2)
            async with office.db.connection() as connection:
                offered = await (await connection.execute(_OFFERED, {"asked": asked})).fetchall()
            for row in offered:
                with contextlib.suppress(RuleError):  # the time was up a moment earlier
                    await claiming.claim(office, row["lead_id"], people[row["agent_id"]], by="page")
                    await claiming.finish(office, row["lead_id"], people[row["agent_id"]])
            await asyncio.sleep(0.5)


def _offsets(hour_s: float, share: float) -> list[float]:
    """When each lead of the day comes, in seconds."""
    chance = random.Random(11)
    counts = [round(PER_HOUR * part / 100 * share) for part in SHAPE]
    return sorted((hour + chance.random()) * hour_s for hour, count in enumerate(counts) for _ in range(count))


def _report_day(found: Server, sent: Sequence[Sent], looks: list[Look], settled: bool, report: Report) -> None:
    answers = [(one.acknowledged_at - one.due_at) * 1000 for one in sent if one.status == 202]
    late = [look for look in looks if look.hour >= 24 * _WARM]
    thousands = (late[-1].leads - late[0].leads) / 1000
    most = max(looks, key=lambda look: look.sum_mb)
    first, last = looks[0], looks[-1]
    what = f"a day of {len(sent):,} leads, busiest hour {PER_HOUR:,}"
    report.rows += [
        Row(f"{what}: acknowledged, p99", "ms", [percentile(answers, 99)], at_most=1000),
        Row("memory of everything, the most seen: PSS", "MB", [most.sum_mb], at_most=MEMORY_MB),
        *(
            Row(f"… {name} of its own: the last 8 hours over the 8 before", "MB", [_growth(late, name)], at_most=8)
            for name in sorted(last.own_mb)
        ),
        Row("… all of them, a thousand leads", "MB", [_slope(late) / thousands if thousands else math.nan]),
        Row("disk: database, a lead with its actions, events and messages", "kB",
            [(last.database_mb - first.database_mb) * 1000 / max(1, last.leads - first.leads)]),
        Row("disk: write-ahead log, the most seen", "MB", [max(look.wal_mb for look in looks)], at_most=1100),
        Row("disk: logs of a day", "MB", [last.logs_mb - first.logs_mb]),
        Row("wake-ups left over", "", [last.jobs], at_most=50),
    ]  # fmt: skip
    refused = sum(one.status != 202 for one in sent)
    report.notes += [f"WRONG: {refused} leads of the day not accepted"] if refused else []
    report.notes += [] if settled else ["WRONG: some of the day's actions were never settled"]
    with psycopg.connect(found.installation.database) as connection:
        report.raw["tables"] = connection.execute(_TABLES).fetchall()
    report.raw["looks"] = [asdict(look) for look in looks]


def _growth(looks: Sequence[Look], name: str) -> float:
    """By how much the last half's middle is above the first half's."""
    half = len(looks) // 2
    before, after = (sorted(look.own_mb.get(name, 0.0) for look in part) for part in (looks[:half], looks[half:]))
    return after[len(after) // 2] - before[len(before) // 2]


def _slope(looks: Sequence[Look]) -> float:
    """The line of best fit through what all hold for themselves, from its beginning to its end."""
    own = [sum(look.own_mb.values()) for look in looks]
    hours = [look.hour for look in looks]
    middle, mean = sum(hours) / len(hours), sum(own) / len(own)
    spread = sum((hour - middle) ** 2 for hour in hours)
    slope = sum((hour - middle) * (mb - mean) for hour, mb in zip(hours, own, strict=True)) / spread if spread else 0.0
    return slope * (hours[-1] - hours[0])


def _shown(look: Look) -> str:
    parts = ", ".join(f"{name} {mb:.0f}" for name, mb in sorted(look.pss_mb.items()))
    disk = f"database {look.database_mb:.0f}, WAL {look.wal_mb:.0f}, logs {look.logs_mb:.1f}"
    return f"{look.sum_mb:.0f} MB ({parts}); {disk}"
