"""A list of leads taken in beside live ones: how fast it is stored and worked off, and whom that makes wait."""

from __future__ import annotations

import csv
import io
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import psycopg

from bench.installation import Installation
from leadwake.bootstrap import office_at
from leadwake.storage import imports
from leadwake.workflows import import_undo, importing

_FIRST = [
    "James",
    "Mary",
    "Robert",
    "Patricia",
    "John",
    "Jennifer",
    "Michael",
    "Linda",
    "David",
    "Elizabeth",
    "José",
    "Lucía",
]
_LAST = [
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Jones",
    "García",
    "Miller",
    "Davis",
    "Rodríguez",
    "Martínez",
    "Hernández",
    "Lopez",
]
_HEAD = ("Full Name", "Email", "Phone", "Notes", "City", "State", "Zip", "Date Added", "Lead Source")


@dataclass(frozen=True, slots=True)
class Begun:
    """An import that workers are at. stored_per_s: rows durably in the queue; copied_per_s: the same bytes by COPY."""

    id: UUID
    rows: int
    stored_per_s: float
    copied_per_s: float


def a_list(rows: int) -> bytes:
    """A CSV of invented people, none of whom is another."""
    chance, out = random.Random(7), io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    for n in range(rows):
        first, last = chance.choice(_FIRST), chance.choice(_LAST)
        phone = f"(813) {200 + n % 700:03d}-{n // 700 % 10_000:04d}"
        day = f"{chance.randint(1, 12)}/{chance.randint(1, 28)}/2024"
        notes = "Looked at the house on Linden Blvd, wants three bedrooms"
        writer.writerow(
            [f"{first} {last}", f"p{n}@import.example.com", phone, notes, "Tampa", "FL", "33606", day, "Zillow"]
        )
    return out.getvalue().encode()


async def begin(installation: Installation, rows: int, say: Callable[[str], None]) -> Begun:
    """The list is stored, and the workers of the installation begin."""
    raw = a_list(rows)
    async with office_at(installation.settings(), installation.database, pool=2) as office:
        began = time.perf_counter()
        import_id = await importing.begin(office, io.BytesIO(raw), "bench.csv", actor="bench")
        stored = rows / (time.perf_counter() - began)
        copied = rows / await _copy_s(installation.database, import_id)
        await importing.start(office, import_id, "bench")
    say(f"  {rows:,} rows, {len(raw) / 1e6:.1f} MB: stored {stored:,.0f}/s, by COPY {copied:,.0f}/s")
    return Begun(import_id, rows, stored, copied)


async def done(installation: Installation, import_id: UUID) -> int:
    """How many rows have their outcome."""
    async with office_at(installation.settings(), installation.database, pool=1) as office:
        found = await imports.one(office.db, office.vault, import_id)
    return found.done if found else 0


async def undo(installation: Installation, import_id: UUID) -> None:
    """Nothing more of it is taken in, and what came goes again."""
    async with office_at(installation.settings(), installation.database, pool=1) as office:
        await import_undo.begin(office, import_id, "bench")


async def _copy_s(url: str, import_id: UUID) -> float:
    """Seconds for the same sealed batches into a table like theirs, as fast as the database takes them."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("create table bench_copy (like import_batch including all)")
        cursor = await connection.execute(
            "select import_id, number, body from import_batch where import_id = %s", [import_id]
        )
        rows = await cursor.fetchall()
        began = time.perf_counter()
        async with connection.cursor().copy("copy bench_copy from stdin") as copy:
            for row in rows:
                await copy.write_row(row)
        took = time.perf_counter() - began
        await connection.execute("drop table bench_copy")
    return took
