"""The figures of Proof, exact at any moment: closed days from what was counted once, all else from the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow

from leadwake.domain import proof
from leadwake.domain.proof import Count, Figures, Period
from leadwake.storage.db import Connection, Database, q

#: a day is closed so long after its end (business time): what comes up to an hour late is in its figures without a mark
CLOSED_AFTER: Final = timedelta(hours=2)
#: closed days further back are not kept: no period with the one before it reaches them
KEPT_DAYS: Final = 190

#: what is compared with the period before, and what is not
_COMPARED: Final = ("capture", "source", "hot", "machine", "delivered", "human")
_REST: Final = ("agent", "offer", "message", "held")
_COLUMNS: Final = {"practices": "practice", "figures": "figure", "as": "a", "bs": "b", "tenths": "tenths", "ns": "n"}
Span = tuple[date, datetime, datetime]


@dataclass(frozen=True, slots=True)
class Proof:
    """
    now: of the period; before: captures and response times of the period before, without messages and offers.

    daily: captures of each day of the period. in_time: hot inquiries still within the target, nobody in touch yet.
    pending: captures that wait to be understood, of whatever age, at most 100.
    """

    period: Period
    now: Figures
    before: Figures
    daily: Sequence[int]
    in_time: int
    pending: Sequence[DictRow]


async def read(db: Database, period: Period, zone: ZoneInfo, *, practice: bool) -> Proof:
    """All of it from one snapshot. zone: the team's. practice: count practice leads, too."""
    target = period.end - timedelta(seconds=proof.HUMAN_TARGET_S)
    async with db.transaction() as connection:
        await snapshot(connection)
        now, daily = await _count(connection, period.begin, period.end, zone, practice, (*_COMPARED, *_REST))
        before, _ = await _count(connection, period.before_begin, period.before_end, zone, practice, _COMPARED)
        values = {"since": target, "practice": practice}
        in_time = await (await connection.execute(q("proof_in_time"), values)).fetchone()
        pending = await (await connection.execute(q("proof_pending"))).fetchall()
    assert in_time is not None
    return Proof(period, now, before, proof.per_day(period.days, daily), in_time["n"], pending)


async def between(db: Database, begin: datetime, end: datetime, zone: ZoneInfo, *, practice: bool) -> Figures:
    """The figures from begin to end, half open."""
    async with db.transaction() as connection:
        await snapshot(connection)
        return await counted(connection, begin, end, zone, practice=practice)


async def counted(connection: Connection, begin: datetime, end: datetime, zone: ZoneInfo, *, practice: bool) -> Figures:
    """The same within the caller's snapshot."""
    found, _ = await _count(connection, begin, end, zone, practice, (*_COMPARED, *_REST))
    return found


async def keep_days(db: Database, now: datetime, zone: ZoneInfo) -> int:
    """Every closed day is counted, as it stands; how many were counted now. Raises DatabaseAway."""
    last = (now - CLOSED_AFTER).astimezone(zone).date() - timedelta(days=1)
    first = now.astimezone(zone).date() - timedelta(days=KEPT_DAYS)
    await db.run("proof_other_zones", zone=zone.key, before=first)
    closed, oldest = proof.midnight(_next(last), zone), proof.midnight(first, zone)
    await db.run("proof_forget_open", since=closed, until=oldest)
    begun = await db.one("proof_first")
    if begun is None or begun["at"] is None:
        return 0
    kept = {row["day"] for row in await db.all("proof_kept_days", first=first, last=last, zone=zone.key)}
    spans = list(proof.spans(max(oldest, proof.midnight(begun["at"].astimezone(zone).date(), zone)), closed, zone))
    missing = [span for span in spans if span[0] not in kept]
    for span in missing:
        await _keep(db, span, now, zone)
    return len(missing)


async def _keep(db: Database, span: Span, now: datetime, zone: ZoneInfo) -> None:
    """Marks and counts of one snapshot: what is marked after it counts the day anew."""
    day, begins, ends = span
    async with db.transaction() as connection:
        await snapshot(connection)
        await connection.execute(q("proof_forget_late"), {"begins": begins, "ends": ends})
        await connection.execute(q("proof_forget_day"), {"day": day})
        rows = await _live(connection, [span], (*_COMPARED, *_REST))
        columns = {name: [row[column] for row in rows] for name, column in _COLUMNS.items()}
        await connection.execute(q("proof_keep_cells"), columns)
        about = {"day": day, "zone": zone.key, "begins": begins, "ends": ends, "now": now}
        await connection.execute(q("proof_keep_day"), {**about, **columns})


async def snapshot(connection: Connection) -> None:
    """One snapshot, read by index: the days wanted are few rows of large tables."""
    await connection.execute("set transaction isolation level repeatable read")
    await connection.execute(q("proof_few_rows"))


async def _count(
    connection: Connection, begin: datetime, end: datetime, zone: ZoneInfo, practice: bool, wanted: Sequence[str]
) -> tuple[Figures, Counter[date]]:
    """The figures, and the captures of each day where more is wanted than a comparison."""
    spans = list(proof.spans(begin, end, zone))
    kept = await _kept(connection, spans, zone)
    values = {"days": sorted(kept), "figures": list(wanted), "practice": practice}
    sums = await (await connection.execute(q("proof_sums"), values)).fetchall() if kept else []
    daily: Counter[date] = Counter()
    if kept and wanted != _COMPARED:
        for row in await (await connection.execute(q("proof_daily"), values)).fetchall():
            daily[row["day"]] += row["n"]
    live = await _live(connection, [span for span in spans if span[0] not in kept], wanted)
    live = [row for row in live if practice or not row["practice"]]
    for row in live:
        if row["figure"] == "capture":
            daily[row["day"]] += row["n"]
    return proof.figures(_counts(sums, live)), daily


async def _kept(connection: Connection, spans: Sequence[Span], zone: ZoneInfo) -> set[date]:
    """Those of the days that are whole and counted."""
    whole = [day for day, *ends in spans if ends == [proof.midnight(day, zone), proof.midnight(_next(day), zone)]]
    if not whole:
        return set()
    values = {"first": whole[0], "last": whole[-1], "zone": zone.key}
    rows = await (await connection.execute(q("proof_kept_days"), values)).fetchall()
    return {row["day"] for row in rows} & set(whole)


def _next(day: date) -> date:
    return day + timedelta(days=1)


async def _live(connection: Connection, spans: Sequence[Span], wanted: Sequence[str]) -> list[DictRow]:
    if not spans:
        return []
    values: dict[str, Any] = {
        "days": [day for day, _, _ in spans],
        "begins": [begins for _, begins, _ in spans],
        "ends": [ends for _, _, ends in spans],
    }
    names = ["proof_asked", *(("proof_offers", "proof_messages") if set(_REST) & set(wanted) else ())]
    return [row for name in names for row in await (await connection.execute(q(name), values)).fetchall()]


def _counts(sums: Iterable[DictRow], live: Iterable[DictRow]) -> Iterator[Count]:
    for row in sums:
        yield row["figure"], row["a"], row["b"], zip(row["tenths"], row["ns"], strict=True)
    for row in live:
        yield row["figure"], row["a"], row["b"], [(row["tenths"], row["n"])]
