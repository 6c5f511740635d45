"""Lists of leads: values ⇄ rows. What waits is sealed under the import's own key until it is worked off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.storage.db import Database
from leadwake.storage.vault import DataKey, Vault

#: rows that are sealed together, and worked off in one transaction: short enough that no live lead waits for it
BATCH: Final = 100

_ABOUT, _ROWS = b"import.about", b"import.batch"

State = Literal["reading", "ready", "working", "done", "undoing", "undone"]
Outcome = Literal["new", "known", "duplicate", "refused"]


class About(msgspec.Struct, frozen=True):
    """What a file says of itself. fields: of ours, one a head; order: of its dates, "mdy", "dmy" or blank."""

    file: str
    kind: str
    heads: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    order: str = ""


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """A row that waits. fault: of one that cannot be taken."""

    number: int
    cells: tuple[str, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """
    What is done beyond keeping the rows. crm: into the CRM, too; route: each gets an owner by the rules.

    enroll: the sequence that each new or known lead begins, "" for none.
    """

    crm: bool = False
    route: bool = False
    enroll: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it stands. counts: outcome → rows; gone, stayed: leads, after an undo."""

    id: UUID
    at: datetime
    by: str
    state: State
    source: str
    options: Options
    practice: bool
    rows: int
    counts: Mapping[str, int]
    gone: int
    stayed: int
    done_at: datetime | None
    about: About
    key: DataKey = field(repr=False)

    @property
    def done(self) -> int:
        """Rows that have their outcome."""
        return sum(self.counts.values())


def opened(vault: Vault, row: DictRow) -> Import:
    """The import of a row with its key."""
    key = vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
    about = msgspec.json.decode(key.open(row["sealed_about"], _ABOUT), type=About)
    counts = {name: row[name] for name in ("new", "known", "duplicate", "refused")}
    return Import(
        row["id"], row["at"], row["by"], row["state"], row["source"], Options(**row["options"]), row["practice"],
        row["rows"], counts, row["gone"], row["stayed"], row["done_at"], about, key,
    )  # fmt: skip


def sealed_about(key: DataKey, about: About) -> bytes:
    """What a file says of itself, for a row."""
    return key.seal(msgspec.json.encode(about), _ABOUT)


def sealed_rows(key: DataKey, rows: Sequence[Waiting]) -> bytes:
    """Rows that wait, for a row of theirs."""
    return key.seal(msgspec.msgpack.encode(rows), _ROWS)


def opened_rows(key: DataKey, body: bytes) -> list[Waiting]:
    """The rows of a batch."""
    return msgspec.msgpack.decode(key.open(body, _ROWS), type=list[Waiting])


async def one(db: Database, vault: Vault, import_id: UUID) -> Import | None:
    """The import of this id."""
    row = await db.one("import_one", id=import_id)
    return opened(vault, row) if row else None


async def newest(db: Database, vault: Vault) -> list[Import]:
    """The last fifty, newest first."""
    return [opened(vault, row) for row in await db.all("import_list")]


async def report(db: Database, import_id: UUID) -> AsyncIterator[DictRow]:
    """What became of each row that was worked off, in their order."""
    after = 0
    while rows := await db.all("import_report", id=import_id, after=after):
        for row in rows:
            yield row
        after = rows[-1]["number"]


async def batches(db: Database, found: Import) -> AsyncIterator[list[Waiting]]:
    """The batches that wait, in their order."""
    after = -1
    while rows := await db.all("import_batches", id=found.id, after=after, limit=20):
        for row in rows:
            yield opened_rows(found.key, row["body"])
        after = rows[-1]["number"]
