"""Sequences as they stand in the database: versions that only grow, the one in force, drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadwake.domain.sequence.book import Book, Published
from leadwake.errors import RuleError
from leadwake.storage.db import Connection, Database, q


class SequenceMoved(RuleError):
    """Somebody else published the sequence meanwhile: look at it as it is now, and decide again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    A sequence in force, and how it goes. waiting, under_way: leads in it now; the other counts: of whoever was enrolled
    lately. published_by: None for one that came with Leadwake; paused_by: None where nobody of the team paused it.
    """

    name: str
    version: int
    paused_at: datetime | None
    paused_by: UUID | None
    published_at: datetime
    published_by: UUID | None
    note: str | None
    waiting: int
    under_way: int
    enrolled: int
    done: int
    replied: int
    booked: int
    opted_out: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that somebody is writing."""

    name: str
    source: str
    saved_at: datetime
    saved_by: UUID | None


async def standings(db: Database, since: datetime, *, practice: bool, name: str | None = None) -> list[Standing]:
    """Every sequence in force, by name, or that of a name. since: results are of whoever was enrolled from then on."""
    return [Standing(**row) for row in await db.all("sequences", since=since, practice=practice, name=name)]


async def drafts(db: Database) -> list[Draft]:
    """Every draft, by name."""
    return [Draft(**row) for row in await db.all("sequence_drafts")]


async def draft(db: Database, name: str) -> Draft | None:
    """The draft of this name."""
    row = await db.one("sequence_draft", name=name)
    return Draft(**row) if row else None


async def book(db: Database) -> Book:
    """Every sequence with all its versions."""
    published = {
        row["name"]: Published(row["name"], row["version"], is_paused=row["paused_at"] is not None)
        for row in await db.all("sequences_published")
    }
    sources = {(row["name"], row["version"]): row["source"] for row in await db.all("sequence_sources")}
    return Book(published, sources)


@dataclass(frozen=True, slots=True)
class Version:
    """A text that was published once."""

    version: int
    source: str
    published_at: datetime
    published_by: UUID | None
    note: str | None
    is_in_force: bool


async def versions(db: Database, name: str) -> list[Version]:
    """The last fifty of this name, newest first."""
    return [Version(**row) for row in await db.all("sequence_versions", name=name)]


async def publish(
    connection: Connection,
    name: str,
    source: str,
    *,
    now: datetime,
    by: UUID | None,
    note: str | None = None,
    before: int | None = None,
    paused_at: datetime | None = None,
) -> int:
    """
    The text is in force from the commit on, under a version of its own; that version.

    before: the version it was made from. Raises SequenceMoved when another is there by now.
    """
    await connection.execute(q("sequences_lock"))
    row = await (await connection.execute(q("sequence_latest"), {"name": name})).fetchone()
    assert row is not None
    if before is not None and row["version"] != before:
        raise SequenceMoved(f"{name} was published by somebody else a moment ago")
    version = int(row["version"]) + 1
    values = {"name": name, "version": version, "now": now}
    await connection.execute(q("sequence_version_add"), {**values, "source": source, "by": by, "note": note})
    await connection.execute(q("sequence_in_force"), {**values, "paused_at": paused_at})
    await connection.execute(q("sequence_draft_drop"), {"name": name})
    await connection.execute(q("office_changed"))
    return version
