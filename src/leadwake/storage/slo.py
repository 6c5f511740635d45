"""The response promise as it stands in the database: hours counted, acts that go on, acts of the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from leadwake.domain.budget import DAYS, Hour
from leadwake.domain.slo import Cause, Going
from leadwake.storage.db import Database

#: later news change hours no older than this: what was late stays late
SETTLED_AFTER: Final = timedelta(hours=6)
#: kept so long, so that the budget of four weeks ago can be drawn
KEPT: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done for the promise. over_at: None while it goes on; ended: why it is over."""

    id: UUID
    act: str
    began_at: datetime
    over_at: datetime | None
    why: Mapping[str, Any]
    ended: str | None


async def keep(db: Database, now: datetime, *, practice: bool) -> None:
    """Every hour of the last DAYS is counted; those that are settled are not looked at again."""
    row = await db.one("slo_newest", practice=practice)
    oldest, settled = _hour(now - timedelta(days=DAYS)), _hour(now - SETTLED_AFTER)
    newest = row["hour"] if row else None
    since = oldest if newest is None else max(oldest, min(newest, settled))
    # half open at its beginning: an instant before, so that the first moment of an hour is in it
    await db.run("slo_keep", since=since - timedelta(microseconds=1), now=now, practice=practice)


async def hours(db: Database, now: datetime, *, practice: bool) -> list[Hour]:
    """What was counted, oldest first; as far back as the budget of DAYS ago needs."""
    since = now - timedelta(days=2 * DAYS)
    return [Hour(**row) for row in await db.all("slo_hours", since=since, practice=practice)]


async def causes(db: Database, now: datetime, minutes: int, mailer: str, *, practice: bool) -> list[Cause]:
    """Which vendors late answers of the last minutes waited for. mailer: the e-mail vendor that goes first."""
    found = await db.all("slo_causes", now=now, minutes=minutes, mailer=mailer, practice=practice)
    return [Cause(**row) for row in found]


async def going_on(db: Database) -> Mapping[UUID, Going]:
    """The acts that go on, by id."""
    return {
        row["id"]: Going(row["act"], row["began_at"], row["before"]) for row in await db.all("slo_going_on")
    }  # fmt: skip


async def acts(db: Database, since: datetime, limit: int = 50) -> Sequence[Act]:
    """What was done since then, the newest first."""
    return [Act(**row) for row in await db.all("slo_acts", since=since, limit=limit)]


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
