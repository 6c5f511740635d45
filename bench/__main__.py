"""`python -m bench [--quick]`: the figures of the design, measured."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

import uvloop

from bench import claims, droplet, gate, hanging, imports, machine, month, nurture, pages, scores, units
from bench.figures import Bench, Run
from bench.installation import Failed, Installation
from bench.people import leads
from bench.report import Report, Row

_DELAY_MS = 50
#: what others may use of the machine before a run counts as disturbed
QUIET_CORES = 0.25
#: parts of many minutes with an installation of their own: measured when they are named, and after all others
ALONE = {"droplet": droplet.measure, "month": month.measure}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short run of each figure: a look, not a measurement")
    parser.add_argument("--runs", type=int, default=3, help="how often each figure is measured (default 3)")
    parser.add_argument(
        "--patience",
        type=float,
        default=0,
        help="minutes to spend on waiting for quiet and taking disturbed runs again",
    )
    parser.add_argument("--workers", type=int, default=1, help="worker processes of `leadwake serve` (default 1)")
    parser.add_argument(
        "--python", default=sys.executable, help="the interpreter Leadwake is installed for (default this one)"
    )
    parser.add_argument("--where", type=Path, default=Path("/var/tmp"), help="a directory on the disk to measure")
    parser.add_argument(
        "--only",
        default="",
        help="some of limit,gate,score,memory,latency,sustained,units,flood,receipts,start,hanging,nurture,pages,"
        f"import,claims; only when named: {','.join(ALONE)}",
    )
    parser.add_argument("--rows", type=int, default=100_000, help="of the list that is imported (default 100,000)")
    parser.add_argument(
        "--leads", type=int, default=100_000, help="leads the pages are measured with (default 100,000)"
    )
    return parser.parse_args()


class Session:
    """One call of the bench: what to do, and the report it fills."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.quick: bool = arguments.quick
        self.runs = 1 if arguments.quick else int(arguments.runs)
        self.leads: int = min(10_000, arguments.leads) if arguments.quick else arguments.leads
        self.rows: int = arguments.rows
        self.only = set(filter(None, arguments.only.split(",")))
        self.where: Path = arguments.where.resolve()
        self.installation = Installation(int(arguments.workers), self.where, arguments.python)
        self.report = Report(f"Leadwake, {arguments.workers} worker process(es), vendors answer in {_DELAY_MS} ms")
        self.held: list[Run] = []
        self.patient_until = time.monotonic() + 60 * arguments.patience

    async def run(self) -> None:
        """Everything asked for is in the report."""
        self._describe()
        if not self.only or self.only - set(ALONE):
            await self._together()
        for name in [name for name in ALONE if name in self.only]:
            say(f"{name} … (load average {machine.load_average()})")
            await ALONE[name](self.where, self.installation.python, self.quick, self.report, say)

    async def _together(self) -> None:
        """The parts that share one installation."""
        try:
            await self.installation.make()
            self.installation.vendors.behave(delay_ms=_DELAY_MS, receipts=False)
            self.bench = Bench(
                self.installation, leads(f"127.0.0.1:{self.installation.port}", self.installation.api_key)
            )
            for name, part in self._parts():
                if not self.only or name in self.only:
                    say(f"{name} … (load average {machine.load_average()})")
                    await part()
            self.report.raw["states"] = self.installation.states()
        finally:
            self.installation.remove()
        self._memory_under_load()
        self._cpu_note()
        if self.held:
            most = max(run.others_cores for run in self.held)
            self.report.notes.append(f"Other programs kept up to {most:.1f} cores busy during the runs.")
        wrong = [f"{run.rate or 'flood'}: {'; '.join(run.wrong)}" for run in self.held if run.wrong]
        self.report.notes += [f"WRONG: {line}" for line in wrong]
        self.report.raw["runs"] = [asdict(run) for run in self.held]

    def _parts(self) -> tuple[tuple[str, Callable[[], Awaitable[None]]], ...]:
        """What can be measured, in its order."""
        return (
            ("limit", self._limit),
            ("gate", self._gate),
            ("score", self._score),
            ("memory", self._idle),
            ("latency", self._latency),
            ("sustained", self._sustained),
            ("units", self._units),
            ("flood", self._flood),
            ("receipts", self._receipts),
            ("start", self._start),
            ("hanging", self._hanging),
            ("nurture", self._nurture),
            ("pages", self._pages),  # late: a hundred thousand leads would weigh on whatever came after
            ("import", self._import),
            ("claims", self._claims),  # last: its team of fifty is alerted of whatever comes after
        )

    def _describe(self) -> None:
        here = machine.describe(self.where)
        self.report.raw["machine"] = asdict(here) | {"load_average_before": machine.load_average()}
        self.report.notes.append(
            f"{here.processor}, {here.cores} cores, {here.memory_gb:g} GB, {here.disk}, Python {here.python}; load "
            f"average before: {machine.load_average()}; {self.runs} run(s) of each figure; fsync on."
        )

    async def _limit(self) -> None:
        seconds = 2 if self.quick else 4
        for connections in machine.CONNECTIONS:
            values = [machine.commits_per_s(self.installation.database, connections, seconds) for _ in range(self.runs)]
            self._row(f"the machine: commits/s of one row, {connections} connection(s)", "/s", values)
        self._row(
            "the machine: plain Python on one core", "M turns/s", [machine.python_speed() for _ in range(self.runs)]
        )

    async def _gate(self) -> None:
        self._row("one decision of the gate", "µs", [gate.microseconds() for _ in range(self.runs)])

    async def _score(self) -> None:
        self._row("a lead with sixty signals scored anew", "µs", [scores.microseconds() for _ in range(self.runs)])

    async def _idle(self) -> None:
        await self.bench.hold(10, 2)  # everything that loads late is loaded
        found = [self.bench.idle_memory()]
        self._row("memory idle, all but the database: PSS", "MB", [m.pss for m in found], n8n="600-880 MB", at_most=150)
        self._row("memory idle: RSS, shared pages counted again for each process", "MB", [m.rss for m in found])

    async def _latency(self) -> None:
        await self.bench.hold(20, 3)  # plans, connections and caches are warm
        slow = [await self._hold(10, 10 if self.quick else 40) for _ in range(self.runs)]
        fast = [await self._hold(50, 5 if self.quick else 20) for _ in range(self.runs)]
        posted = "lead posted → text request at the vendor"
        self._row(f"{posted}, 10 leads/s, p50", "ms", [r.text_p50_ms for r in slow], n8n="38 ms", at_most=15)
        self._row(f"{posted}, 10 leads/s, p99", "ms", [r.text_p99_ms for r in slow], n8n="372 ms", at_most=50)
        self._row(f"{posted}, 50 leads/s, p50", "ms", [r.text_p50_ms for r in fast], n8n="15.9 s")
        self._row(f"{posted}, 50 leads/s, p99", "ms", [r.text_p99_ms for r in fast], at_most=100)
        self._row("acknowledged, 50 leads/s, p50", "ms", [r.acknowledged_p50_ms for r in fast])
        self._row("acknowledged, 50 leads/s, p99", "ms", [r.acknowledged_p99_ms for r in fast], n8n="26 s", at_most=25)

    async def _sustained(self) -> None:
        best = await self._climb()
        rates = [best.rate] if best else []
        while best and len(rates) < self.runs:
            again = await self._hold(best.rate, 30)
            if again.sustained:
                rates.append(again.rate)
            else:  # not that fast after all: a step down must hold as often
                best = await self._hold(best.rate - 10, 30)
                rates = [best.rate] if best.sustained else []
        self._row("sustained leads/s, all five actions done", "/s", rates or [0.0], n8n="12-15", at_least=150)

    async def _climb(self) -> Run | None:
        """The run at the highest rate that was kept up with, in steps of 10."""
        best, rate = None, 100.0
        while (run := await self._hold(rate, 10 if self.quick else 30)).sustained:
            best, rate = run, rate + (20 if self.quick else 10)
        while best is None and rate > 20:
            rate -= 20
            run = await self._hold(rate, 10 if self.quick else 30)
            best = run if run.sustained else None
        return best

    async def _units(self) -> None:
        found = [await units.measure(self.bench) for _ in range(self.runs)]
        self.held += [each.run for each in found]
        self._row("a lead: processor time of all processes", "ms", [sum(each.run.cpu_ms.values()) for each in found])
        for name in found[0].run.cpu_ms:
            self._row(f"  of that {name}", "ms", [each.run.cpu_ms[name] for each in found])
        self._row("a lead: rows and indexes in the database", "KB", [each.disk_kb for each in found])
        self._row("a lead: write-ahead log", "KB", [each.wal / 1024 for each in found])
        self._row("a lead: transactions", "", [each.commits for each in found])
        for name in found[0].process_mb:
            self._row(f"memory after that, {name}: PSS", "MB", [each.process_mb[name] for each in found])
        self._row("a second without leads: processor time", "ms", [each.idle.cpu_ms for each in found])
        self._row("a second without leads: transactions", "", [each.idle.commits for each in found])
        self._row("a second without leads: write-ahead log", "KB", [each.idle.wal / 1024 for each in found])
        most = ", ".join(f"{table} {size / 1024:.1f}" for table, size in list(found[0].disk.items())[:12])
        self.report.notes.append(f"KB of a lead by table: {most}.")

    async def _flood(self) -> None:
        count = 1000 if self.quick else 3000
        floods = [await self._undisturbed(lambda: self.bench.flood(count)) for _ in range(self.runs)]
        self._row(f"leads/s until all is done, {count:,} at once", "/s", [run.done_per_s for run in floods])

    async def _receipts(self) -> None:
        self.installation.vendors.behave(delay_ms=_DELAY_MS, receipts=True)
        best, rate = 0.0, 60.0
        while (await self._hold(rate, 10 if self.quick else 20)).sustained:
            best, rate = rate, rate + 20
        self.installation.vendors.behave(delay_ms=_DELAY_MS, receipts=False)
        self._row("sustained leads/s when Twilio also posts 4 delivery receipts a lead", "/s", [best])

    async def _start(self) -> None:
        clean = [await self.bench.cold_start_s(kill=False) for _ in range(self.runs)]
        killed = [await self.bench.cold_start_s(kill=True) for _ in range(self.runs)]
        self._row("cold start to first lead accepted, after a clean stop", "s", clean, n8n="7-13 s", at_most=3)
        self._row("the same after kill -9 of everything, database too", "s", killed, n8n="19-27 s")

    async def _claims(self) -> None:
        people = await claims.team(self.installation)
        took = [await claims.measure(self.installation, people, number) for number in range(3 * self.runs + 1)]
        what = f"{claims.PEOPLE} people press Claim at once → all of them know whose the lead is"
        self._row(what, "ms", took[1:], at_most=1000)  # the first one warms the web

    async def _hanging(self) -> None:
        seconds = 10 if self.quick else 30
        await self.bench.hold(10, 3)  # plans, connections and caches are warm
        names = {"text": "text", "mail": "e-mail", "ack": "acknowledgement"}
        found: dict[tuple[str, str], list[float]] = {}
        for _ in range(self.runs):
            for vendor in (None, *hanging.WATCHED):
                waits = await hanging.measure(self.bench, vendor, seconds, _DELAY_MS)
                say(f"  {vendor or 'nobody'} hangs: p99 {waits.p99_ms}, missing {waits.missing}")
                for what in hanging.WATCHED[vendor] if vendor else names:
                    found.setdefault((vendor or "nobody", what), []).append(waits.p99_ms[what])
                    if waits.missing[what]:
                        self.report.notes.append(f"WRONG: {waits.missing[what]} without {what} while {vendor} hangs")
        for (vendor, what), values in found.items():
            self._row(f"10 leads/s while {vendor} hangs for 10 s a call: {names[what]}, p99", "ms", values)

    async def _nurture(self) -> None:
        ids = await nurture.fill(self.installation, say)
        for total in nurture.TOTALS:
            await nurture.sleep(self.installation, total, say)
            ticks, touches = [], list[float]()
            for _ in range(self.runs):
                await nurture.lay(self.installation, ids)
                before = sum(self.installation.processes().cpu_s().values())
                ticks.append(await nurture.tick(self.installation))
                say(f"  {total:,}: {nurture.DUE:,} due planned in {ticks[-1].took_s:.2f} s, {ticks[-1].pss_mb:.0f} MB")
                await self.installation.settled(patience_s=180)
                used = sum(self.installation.processes().cpu_s().values()) - before
                touches.append(used * 1000 / nurture.DUE)
            what = f"tick: {nurture.DUE:,} due of {total:,} enrollments claimed and planned"
            self._row(what, "s", [each.took_s for each in ticks], at_most=10)
            self._row("memory meanwhile, all but the database: PSS", "MB", [each.pss_mb for each in ticks], at_most=200)
            self._row("processor time of a touch, planned, sent and settled", "ms", touches)
        seconds = 20 if self.quick else 60
        alone, busy = list[float](), list[float]()
        for _ in range(self.runs):
            for ids_or_none, found in ((None, alone), (ids, busy)):
                p99, missing = await nurture.beside(self.bench, ids_or_none, seconds)
                say(f"  5 leads/s {'beside a tick' if ids_or_none else 'alone'}: p99 {p99:.1f} ms")
                found.append(p99)
                if missing:
                    self.report.notes.append(f"WRONG: {missing} leads without a text beside a tick")
        self._row("5 live leads/s, p99 of the text, no tick", "ms", alone)
        self._row("the same while a tick plans and its mails leave", "ms", busy)
        shares = [after / before for before, after in zip(alone, busy, strict=True)]
        self._row("its share of the p99 without", "times", shares, at_most=1.5)

    async def _pages(self) -> None:
        office = await pages.fill(self.installation, self.leads, say)
        self.report.notes.append(f"Pages: {office.leads:,} leads, {office.rows:,} events, actions, attempts and tasks.")
        for at_once in pages.AT_ONCE:
            found = [await pages.measure(self.installation, office, at_once) for _ in range(self.runs)]
            how = "one after the other" if at_once == 1 else f"{at_once} at a time"
            for place in found[0]:
                times = [run[place] for run in found]
                self._row(f"page {place}, {how}, p95", "ms", [each.p95_ms for each in times], at_most=100)
                self.report.raw.setdefault("pages", []).extend({"place": place, **asdict(each)} for each in times)
                say(
                    f"  {place}: "
                    + "; ".join(f"p50 {t.p50_ms:.1f} p95 {t.p95_ms:.1f} p99 {t.p99_ms:.1f}" for t in times)
                )

    async def _import(self) -> None:
        seconds = 20 if self.quick else 60
        await self.bench.hold(10, 3)  # plans, connections and caches are warm
        alone, beside, shares, rates, stored, copied = [], [], [], list[float](), list[float](), list[float]()
        for _ in range(self.runs):
            alone.append(await self._hold(5, seconds))
            begun = await imports.begin(self.installation, self.rows, say)
            before, began = await imports.done(self.installation, begun.id), time.perf_counter()
            beside.append(await self._hold(5, seconds))
            after = await imports.done(self.installation, begun.id)
            rates.append((after - before) / (time.perf_counter() - began))
            shares.append(beside[-1].text_p99_ms / alone[-1].text_p99_ms)
            stored.append(begun.stored_per_s)
            copied.append(begun.copied_per_s)
            if after >= begun.rows:
                self.report.notes.append(
                    f"The import of {begun.rows:,} rows ended before the live leads did: too short."
                )
            await imports.undo(self.installation, begun.id)
        self._row("list: rows/s stored durably for the bulk queue", "/s", stored, at_least=10_000)
        self._row("the machine: the same sealed bytes by COPY, rows/s", "/s", copied)
        self._row("list: rows/s worked off beside 5 live leads/s", "/s", rates)
        self._row("5 live leads/s, p99 of the text, no import", "ms", [run.text_p99_ms for run in alone])
        self._row("the same while a list is taken in", "ms", [run.text_p99_ms for run in beside])
        self._row("its share of the p99 without", "times", shares, at_most=1.5)

    async def _hold(self, rate: float, seconds: float) -> Run:
        return await self._undisturbed(lambda: self.bench.hold(rate, seconds))

    async def _undisturbed(self, measure: Callable[[], Awaitable[Run]]) -> Run:
        """One run, begun when the machine is quiet and taken again when it was not, as long as there is patience."""
        while True:
            await self._quiet()
            run = await measure()
            self._say(run)
            if run.others_cores <= QUIET_CORES or time.monotonic() > self.patient_until:
                self.held.append(run)
                return run
            say("  … disturbed: again")

    async def _quiet(self) -> None:
        """Others let the machine be, or patience is over."""
        while time.monotonic() < self.patient_until:
            busy = machine.busy_s()
            await asyncio.sleep(3)
            if (machine.busy_s() - busy) / 3 <= QUIET_CORES:
                return

    def _say(self, run: Run) -> None:
        cpu = " ".join(f"{name} {value:g}" for name, value in run.cpu_ms.items())
        say(
            f"  {run.rate or run.done_per_s:5.0f}/s  text p50 {run.text_p50_ms:.1f} p99 {run.text_p99_ms:.1f}  ack p50 "
            f"{run.acknowledged_p50_ms:.1f} p99 {run.acknowledged_p99_ms:.1f}  late p99 {run.late_p99_ms:.1f} ms  "
            f"drained in {run.drain_s:.1f} s  PSS {run.memory.pss:.0f} MB  others {run.others_cores:.2f} cores  "
            f"CPU ms a lead: {cpu}  {'; '.join(run.wrong)}"
        )

    def _memory_under_load(self) -> None:
        if self.held:
            most = max((run.memory for run in self.held), key=lambda memory: memory.pss)
            self._row("memory under load, the most seen: PSS", "MB", [most.pss], n8n="3 GB", at_most=300)
            self._row("memory under load: RSS", "MB", [most.rss])

    def _cpu_note(self) -> None:
        busiest = [run for run in self.held if run.rate >= 50 and run.sustained]
        if busiest:
            run = max(busiest, key=lambda run: run.rate)
            parts = ", ".join(
                f"{name} {value:g}" for name, value in sorted(run.cpu_ms.items(), key=lambda item: -item[1])
            )
            self.report.notes.append(
                f"CPU milliseconds a lead at {run.rate:g} leads/s: {parts}; together {sum(run.cpu_ms.values()):.1f}."
            )

    def _row(
        self,
        figure: str,
        unit: str,
        values: list[float],
        *,
        n8n: str = "",
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> None:
        self.report.rows.append(Row(figure, unit, values, n8n, at_most, at_least))


def say(text: str) -> None:
    """Progress, for whoever waits."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """0 when all was measured; goals that are missed are said, not failed."""
    session = Session(_arguments())
    try:
        uvloop.run(session.run())
    except Failed as error:
        say(f"bench: {error}")
        return 1
    print(session.report.table())
    say(f"written to {session.report.save()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
