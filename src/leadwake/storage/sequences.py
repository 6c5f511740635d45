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
class Stored:
    """A sequence in force. published_by: None for one that came with Leadwake."""

    name: str
    version: int
    paused_at: datetime | None
    source: str
    published_at: datetime
    published_by: UUID | None


async def in_force(db: Database) -> list[Stored]:
    """Every sequence, by name."""
    return [Stored(**row) for row in await db.all("sequences")]


async def book(db: Database) -> Book:
    """Every sequence with all its versions."""
    published = {
        row["name"]: Published(row["name"], row["version"], is_paused=row["paused_at"] is not None)
        for row in await db.all("sequences_published")
    }
    sources = {(row["name"], row["version"]): row["source"] for row in await db.all("sequence_sources")}
    return Book(published, sources)


async def source_of(db: Database, name: str, version: int) -> str | None:
    """The text of one version; None when there is no such."""
    row = await db.one("sequence_version", name=name, version=version)
    return str(row["source"]) if row else None


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
