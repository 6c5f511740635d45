"""What an agent wants to remember of a lead; nobody outside the team sees it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from leadwake.errors import InputError, RuleError
from leadwake.storage.db import q
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office

MAX_CHARS: Final = 5_000


async def add(office: Office, person: Person, lead_id: UUID, body: str, *, note_id: UUID | None = None) -> UUID:
    """
    The note stands in the thread. note_id: given by the form, so that a double tap notes it once.

    Raises InputError when there is nothing to note or too much, RuleError when there is no such lead, DatabaseAway.
    """
    text = body.replace("\r\n", "\n").strip()
    if not text or len(text) > MAX_CHARS:
        raise InputError({"body": f"Write a note of at most {MAX_CHARS:,} characters."})
    row = await office.db.one("talk_key", lead_id=lead_id)
    if row is None:
        raise RuleError("there is no such lead")
    key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    note_id = note_id or new_id()
    async with office.db.transaction() as connection:
        await connection.execute(
            q("note_add"),
            {"id": note_id, "lead_id": lead_id, "user_id": person.id, "key_id": key.id,
             "body": key.seal(text.encode("utf-8", "replace"), b"note.body"), "now": office.clock.now()},
        )  # fmt: skip
        await connection.execute(q("lead_told"), {"id": lead_id})
    return note_id
