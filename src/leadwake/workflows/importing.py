"""A list of leads taken in: stored whole and durably, then worked off in batches; live leads never wait for it.

Nothing is sent, nobody is alerted, and nobody waits in "Now". Whoever works on an import, a worker or the command that
began it, takes one batch in one transaction: killed anywhere, the batch is still there or wholly done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import BinaryIO
from uuid import UUID

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from leadwake.domain.dates import date_order
from leadwake.errors import RuleError, Unparsable
from leadwake.intake.columns import mapped
from leadwake.intake.sheet import Sheet, SheetRow, open_sheet
from leadwake.storage import imports
from leadwake.storage.db import is_of_destroyed_kek, is_taken, past_deadlocks, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.imports import BATCH, About, Import, Options, Waiting
from leadwake.storage.wakeups import defer
from leadwake.workflows import import_undo
from leadwake.workflows.import_admission import Admission
from leadwake.workflows.import_rows import Pace, read_batch, reading_of
from leadwake.workflows.office import Office

#: batches that are stored by one statement
_TOGETHER = 20
#: rows that are looked at for the order of their dates
_LOOK = 1_000


async def begin(
    office: Office, raw: BinaryIO, file: str, *, actor: str, source: str = "", columns: Mapping[str, str] | None = None,
    options: Options | None = None, pace: Pace | None = None, is_asked: bool = False,
) -> UUID:  # fmt: skip
    """
    Every row of the file is stored, and nothing is made of it yet; the import's id.

    file: its name. columns: head → field, where the guess is not right; is_asked: more will be said. Raises
    InputError when it is no list of leads (then nothing is stored), DatabaseAway.
    """
    sheet = open_sheet(raw, file)
    fields = tuple(mapped(sheet.heads, columns or {}, is_asked=is_asked)) if sheet.kind == "csv" else ()
    about = About(file[:200], sheet.kind, tuple(sheet.heads), fields)
    import_id = await _begun(office, about, source or "import", options or Options(), actor)
    try:
        await _store(office, import_id, about, sheet, pace or Pace(is_alone=True))
    except BaseException:
        await drop(office, import_id)
        raise
    return import_id


async def _begun(office: Office, about: About, source: str, options: Options, actor: str) -> UUID:
    import_id = new_id()
    for attempt in range(2):
        key = office.vault.new_data_key()
        try:
            await office.db.run(
                "import_begin", id=import_id, at=office.clock.now(), by=actor, source=source[:100],
                options=Jsonb(asdict(options)), practice=office.is_practice,
                key_id=key.id, kek_id=key.kek_id, wrapped=key.wrapped, about=imports.sealed_about(key, about),
            )  # fmt: skip
            return import_id
        except psycopg.errors.ForeignKeyViolation as error:
            if attempt or not is_of_destroyed_kek(error):
                raise
            await office.refresh_keys()
    raise AssertionError("stored or raised by then")


async def _store(office: Office, import_id: UUID, about: About, sheet: Sheet, pace: Pace) -> None:
    found = await _one(office, import_id)
    place = about.fields.index("received_at") if "received_at" in about.fields else None
    looked: list[str] = []
    number, count, bodies = 0, 0, list[bytes]()

    async def flush() -> None:
        nonlocal number, count
        numbers = list(range(number, number + len(bodies)))
        await office.db.run("import_batches_add", id=import_id, numbers=numbers, bodies=bodies, rows=count)
        number, count = number + len(bodies), 0
        bodies.clear()

    for batch in grouped(sheet.rows, BATCH):
        if place is not None and len(looked) < _LOOK:
            looked += [row.cells[place] for row in batch if len(row.cells) > place and row.cells[place]]
        rows = [Waiting(row.number, tuple(row.cells), row.fault) for row in batch]
        bodies.append(imports.sealed_rows(found.key, rows))
        count += len(rows)
        if len(bodies) == _TOGETHER:
            await flush()
        await pace.rest()
    if bodies:
        await flush()
    if not number:
        raise Unparsable("the file has no rows")
    about = msgspec.structs.replace(about, order=date_order(looked))
    await office.db.run("import_stored", id=import_id, about=imports.sealed_about(found.key, about))


def grouped(rows: Iterable[SheetRow], size: int) -> Iterator[list[SheetRow]]:
    """The rows, so many together."""
    group: list[SheetRow] = []
    for row in rows:
        group.append(row)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


async def drop(office: Office, import_id: UUID) -> None:
    """A file that nothing was made of is gone, with its key."""
    await office.db.run("import_drop", id=import_id)


async def change(
    office: Office, import_id: UUID, *, source: str, fields: Sequence[str], order: str, options: Options
) -> None:
    """The columns are read so from here on. Raises RuleError when the import was started before."""
    found = await _one(office, import_id)
    about = msgspec.structs.replace(found.about, fields=tuple(fields), order=order)
    changed = await office.db.run(
        "import_about", id=import_id, about=imports.sealed_about(found.key, about), source=source[:100] or "import",
        options=Jsonb(asdict(options)),
    )  # fmt: skip
    if not changed:
        raise RuleError("this import was started before")


async def start(office: Office, import_id: UUID, actor: str, *, by_workers: bool = True) -> None:
    """
    The rows are being worked off from here on. Raises RuleError when that began before.

    by_workers: False when the caller does it; should it die, workers go on ten seconds later.
    """
    async with office.db.transaction() as connection:
        if (await connection.execute(q("import_start"), {"id": import_id})).rowcount != 1:
            raise RuleError("this import was started before")
        await record(connection, office.clock.now(), actor, "import_started", import_id=str(import_id))
        if by_workers:
            await defer(connection, "bulk", [("import", {"import_id": str(import_id)})])


async def work(office: Office, import_id: UUID, pace: Pace, *, chain: bool = False) -> bool | None:
    """
    The next batch is worked off. False when nothing waits any more, None when somebody else is at it just now.

    chain: whoever works on jobs hears of the next batch in the same transaction.
    """
    for _ in range(3):
        try:
            return await past_deadlocks(lambda: _work(office, import_id, pace, chain=chain))
        except psycopg.errors.ForeignKeyViolation as error:
            if not is_of_destroyed_kek(error):
                raise
            await office.refresh_keys()  # the keys were changed, and we had not heard
        except psycopg.errors.UniqueViolation as error:
            if not is_taken(error, "import_row_name"):
                raise
            continue  # another import has the same row, and was first by a moment: now it is known
        except psycopg.errors.LockNotAvailable:
            break  # somebody holds one of these people; a moment later they do not
    return None


async def _work(office: Office, import_id: UUID, pace: Pace, *, chain: bool) -> bool | None:
    now = office.clock.now()
    found = await _one(office, import_id)
    if found.state != "working":
        return False
    # 1. read before anything is locked: it takes the longest
    batch = await office.db.one("import_next_batch", id=import_id)
    rows = imports.opened_rows(found.key, batch["body"]) if batch else []
    read = await read_batch(office, reading_of(office, found), rows, now, pace)
    async with office.db.transaction() as connection:
        # 2. our turn, and nobody was faster
        turn = await (await connection.execute(q("import_turn"), {"id": import_id, "state": "working"})).fetchone()
        if turn is None:
            return None
        found = imports.opened(office.vault, turn)
        next_batch = await (await connection.execute(q("import_next_batch"), {"id": import_id})).fetchone()
        if next_batch is None or batch is None:
            await connection.execute(q("import_done"), {"id": import_id, "now": now})
            return False
        if next_batch["number"] != batch["number"]:
            return None
        # 3. everybody under their locks, everything in one statement
        is_last = found.done + len(rows) >= found.rows
        await Admission(office, connection, found, now, pace).admit(read, batch["number"], is_last=is_last)
        if chain and not is_last:
            await defer(connection, "bulk", [("import", {"import_id": str(import_id)})])
        return not is_last


async def carry_on(office: Office, import_id: UUID) -> None:
    """A job's share: one batch taken in, or taken back; the next is another job, so that nothing waits long for it."""
    found = await imports.one(office.db, office.vault, import_id)
    if found is not None and found.state == "working":
        await work(office, import_id, Pace(), chain=True)
    elif found is not None and found.state == "undoing":
        await import_undo.work(office, import_id, chain=True)


async def wake_idle(office: Office) -> None:
    """Imports whose worker or command died go on; files that nobody started are gone after a while."""
    idle = await office.db.all("imports_idle")
    if idle:
        async with office.db.transaction() as connection:
            await defer(connection, "bulk", [("import", {"import_id": str(row["id"])}) for row in idle])
    await office.db.run("imports_abandoned")


async def _one(office: Office, import_id: UUID) -> Import:
    found = await imports.one(office.db, office.vault, import_id)
    if found is None:
        raise RuleError("no import has this id: leadwake lead import --list")
    return found
