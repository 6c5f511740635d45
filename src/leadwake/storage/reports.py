"""The facts of a report, read from one snapshot: what Proof counts, and what went out and came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow

from leadwake.domain import proof as figures
from leadwake.domain.report_facts import Came, Facts, Inputs, Reached, Spent
from leadwake.storage import proof
from leadwake.storage.db import Connection, Database, q


@dataclass(frozen=True, slots=True)
class Said:
    """What the team says of something, who said so and when. value: None when it was taken back."""

    value: Decimal | None
    at: datetime
    by: UUID

    @property
    def plain(self) -> str:
        """As it is typed: "0.0115", "35"; "" for nothing."""
        return "" if self.value is None else f"{self.value:f}".rstrip("0").rstrip(".")


async def read(db: Database, begin: datetime, end: datetime, zone: ZoneInfo, *, practice: bool, now: datetime) -> Facts:
    """The facts from begin to end, half open, by days of the zone. practice: count practice leads, too."""
    async with db.transaction() as connection:
        await proof.snapshot(connection)
        found = await proof.counted(connection, begin, end, zone, practice=practice)
        values = {"begins": begin, "ends": end, "practice": practice}
        came, spent, reached = [
            await _all(connection, name, values) for name in ("report_came", "report_spent", "report_reached")
        ]
        enrolled = {row["sequence"]: row["n"] for row in await _all(connection, "report_enrolled", values)}
        enriched = await _one(connection, "report_enriched", values)
        automated = await _one(connection, "report_automated", values)
        since = now - timedelta(seconds=figures.HUMAN_TARGET_S)
        open_ = await _one(connection, "proof_in_time", {"since": since, "practice": practice}) if end >= now else None
    days = [day for day, _, _ in figures.spans(begin, end, zone)]
    return Facts(
        days, found, open_["n"] if open_ else 0, [Came(**row) for row in came], [Spent(**row) for row in spent],
        [Reached(**row) for row in reached], enrolled, enriched, automated,
    )  # fmt: skip


async def inputs(db: Database) -> Mapping[tuple[str, str], Said]:
    """The newest word on each, by (name, source)."""
    rows = await db.all("report_inputs")
    return {(row["name"], row["source"]): Said(row["value"], row["at"], row["by"]) for row in rows}


def known(said: Mapping[tuple[str, str], Said]) -> Inputs:
    """What is said now."""
    return {key: each.value for key, each in said.items() if each.value is not None}


async def say(connection: Connection, name: str, source: str, value: Decimal | None, by: UUID, now: datetime) -> bool:
    """This is what the team says from now on, for every stretch of days; False when it said so already."""
    given = {"name": name, "source": source, "value": value, "by": by, "now": now}
    return (await connection.execute(q("report_input_add"), given)).rowcount == 1


async def _all(connection: Connection, name: str, values: Mapping[str, object]) -> Sequence[DictRow]:
    return await (await connection.execute(q(name), values)).fetchall()


async def _one(connection: Connection, name: str, values: Mapping[str, object]) -> DictRow:
    row = await (await connection.execute(q(name), values)).fetchone()
    assert row is not None
    return row
