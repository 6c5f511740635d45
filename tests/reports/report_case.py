"""What the tests of reports share: a small world written as rows, whose figures can be counted by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from leadwake.domain.report import Report
from leadwake.domain.report_facts import Inputs
from leadwake.storage import reports
from leadwake.storage.db import Connection, Database

NEW_YORK = ZoneInfo("America/New_York")
#: a Tuesday
NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
BEGIN, END = datetime(2026, 10, 28, 4, 0, tzinfo=UTC), NOW


async def put(connection: Connection, table: str, **columns: object) -> None:
    """One row."""
    names, values = ", ".join(columns), ", ".join(["%s"] * len(columns))
    await connection.execute(f"insert into {table} ({names}) values ({values})", list(columns.values()))


@dataclass
class World:
    """Rows as the product writes them; what they add up to is the test's to say."""

    connection: Connection
    points: int = field(default=0)

    async def agent(self) -> UUID:
        one = uuid4()
        await put(
            self.connection,
            "app_user",
            id=one,
            email_hash=one.bytes,
            sealed_profile=b"",
            role="agent",
            takes_leads=True,
        )
        return one

    async def lead(
        self, source: str, at: datetime, *, agent: UUID | None = None, practice: bool = False, listed: bool = False,
        offered: bool = False, door: str = "api",
    ) -> UUID:  # fmt: skip
        """Somebody new; the inquiry has the lead's own id."""
        one = uuid4()
        await put(
            self.connection, "lead", id=one, data_key_id=one, sealed_profile=b"", source=source, channel="api",
            created_at=at, last_at=at, practice=practice, agent_id=agent,
        )  # fmt: skip
        await put(
            self.connection, "capture", id=one, at=at, door=door, source=source, outcome="lead", data_key_id=one,
            body=b"", lead_id=one,
        )  # fmt: skip
        await put(
            self.connection, "inquiry", id=one, lead_id=one, channel="api", source=source, asked_at=at,
            sealed_details=b"", fingerprint=b"", score=50, temperature="warm", reasons="[]", planned=0, listed=listed,
            offered_at=at if offered else None,
        )  # fmt: skip
        return one

    async def capture(self, outcome: str, at: datetime) -> UUID:
        one = uuid4()
        await put(
            self.connection,
            "capture",
            id=one,
            at=at,
            door="api",
            source="x",
            outcome=outcome,
            data_key_id=one,
            body=b"",
        )
        return one

    async def action(
        self, lead: UUID | None, at: datetime, *, kind: str = "sms", channel: str = "sms",
        purpose: str = "instant_reply", state: str = "delivered", cause: UUID | None = None, **more: Any,
    ) -> UUID:  # fmt: skip
        one = uuid4()
        await put(
            self.connection, "action", id=one, cause_id=cause or one, kind=kind, recipient="", lead_id=lead,
            channel=channel, purpose=purpose, state=state, created_at=at, settled_at=at, **more,
        )  # fmt: skip
        return one

    async def event(self, kind: str, lead: UUID | None, at: datetime, *, actor: str = "system", **data: Any) -> None:
        await put(self.connection, "event", at=at, actor=actor, kind=kind, lead_id=lead, data=Jsonb(data))

    async def outcome(
        self, kind: str, lead: UUID, at: datetime, cents: int | None = None, *, source: str = "hubspot",
        currency: str = "USD",
    ) -> None:  # fmt: skip
        await put(
            self.connection, "outcome", id=uuid4(), lead_id=lead, kind=kind, cents=cents, currency=currency,
            source=source, ref=str(uuid4()), at=at,
        )  # fmt: skip

    async def enrollment(self, lead: UUID, sequence: str, at: datetime, *, touched_at: datetime | None) -> UUID:
        """A way that is over."""
        one = uuid4()
        await put(
            self.connection, "enrollment", id=one, lead_id=lead, sequence=sequence, version=1, cause="new_lead",
            state="stopped", since=at, started_at=at, touched_at=touched_at, ended_at=touched_at or at,
        )  # fmt: skip
        return one

    async def erase(self, lead: UUID) -> None:
        """As ops/erasure.py leaves it."""
        await self.connection.execute(
            "update capture set source = '', lead_id = null, erased_at = %s where lead_id = %s", [NOW, lead]
        )
        await self.connection.execute("delete from lead where id = %s", [lead])


async def report(
    db: Database, inputs: Inputs, begin: datetime = BEGIN, end: datetime = END, *, practice: bool = False
) -> Report:
    return Report(await reports.read(db, begin, end, NEW_YORK, practice=practice, now=NOW), inputs)


def ago(**stretch: float) -> datetime:
    return NOW - timedelta(**stretch)
