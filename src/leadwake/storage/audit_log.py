"""The audit log, searched: by person, kind, lead and time; newest first, page by page; and its seals looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from leadwake.storage.db import Connection, Database, q

PAGE: Final = 50
#: rows of one export; more is `pg_dump`'s work
MOST_EXPORTED: Final = 100_000
_BATCH: Final = 1000
#: one question takes at most this long: two conditions that share no row would else look at every row of one
_WITHIN_MS: Final = 4000


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log. data: ids and codes."""

    id: int
    at: datetime
    real_at: datetime
    actor: str
    kind: str
    lead_id: UUID | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; None: anything. since: not before; until: before that instant."""

    actor: str | None = None
    kind: str | None = None
    lead_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    def values(self, before: Cursor | None, limit: int) -> dict[str, Any]:
        """As the query's parameters."""
        return {
            "actor": self.actor, "kind": self.kind, "lead_id": self.lead_id, "since": self.since, "until": self.until,
            "before_at": before.at if before else None, "before_id": before.id if before else None, "limit": limit,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row that was shown."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{self.id}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor of a page's link; None for anything else."""
        instant, _, number = text.partition("-")
        try:
            at = datetime.strptime(instant, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
            found = int(number) if number.isascii() and number.isdecimal() else 0
        except ValueError:
            return None
        return cls(at, found) if 0 < found < 1 << 63 else None


@dataclass(frozen=True, slots=True)
class Found:
    """One page. next: where the following begins, None at the end."""

    events: list[Event]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Seals:
    """The chain as it is. sealed_at: None before the first seal. unsealed: events after the last, at most 10,000."""

    sealed_at: datetime | None
    upto_id: int
    unsealed: int


async def search(db: Database, query: Query, before: Cursor | None = None) -> Found:
    """One page of what fits. Raises DatabaseAway, psycopg.errors.QueryCanceled after four seconds."""
    async with db.transaction() as connection:
        await _limited(connection)
        rows = await (await connection.execute(q("audit_search"), query.values(before, PAGE + 1))).fetchall()
    events = [Event(**row) for row in rows[:PAGE]]
    return Found(events, Cursor(events[-1].at, events[-1].id) if len(rows) > PAGE else None)


async def export(db: Database, query: Query) -> AsyncIterator[list[Event]]:
    """Everything that fits, newest first, in batches; at most MOST_EXPORTED rows."""
    before: Cursor | None = None
    left = MOST_EXPORTED
    while left > 0:
        async with db.transaction() as connection:
            await _limited(connection)
            values = query.values(before, min(_BATCH, left))
            rows = await (await connection.execute(q("audit_search"), values)).fetchall()
        if not rows:
            return
        yield [Event(**row) for row in rows]
        left -= len(rows)
        before = Cursor(rows[-1]["at"], rows[-1]["id"])


async def kinds(db: Database) -> list[str]:
    """Every kind of event there is."""
    return [row["kind"] for row in await db.all("audit_kinds")]


async def actors(db: Database) -> list[str]:
    """Everybody who did something."""
    return [row["actor"] for row in await db.all("audit_actors")]


async def seals(db: Database) -> Seals:
    """How far the log is sealed."""
    row = await db.one("audit_state")
    return Seals(row["sealed_at"], row["upto_id"], row["unsealed"]) if row else Seals(None, 0, 0)


def cell(value: object) -> str:
    """A value as a spreadsheet's cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text.lstrip()[:1] in {"=", "+", "-", "@"} or text[:1] in {"\t", "\r", "\n"} else text


async def _limited(connection: Connection) -> None:
    await connection.execute("select set_config('statement_timeout', %s, true)", [str(_WITHIN_MS)])
