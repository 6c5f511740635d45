"""What would come of a list, before anything does: the same reading and the same people, and nothing is written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadwake.domain.matching import pick_person
from leadwake.intake.listed import Reading
from leadwake.storage import intake as rows
from leadwake.storage.imports import Waiting
from leadwake.workflows.import_people import People
from leadwake.workflows.import_rows import Pace, ReadRow, read_batch
from leadwake.workflows.office import Office

#: of a hash, enough to tell a few million contacts apart
_SHORT = 10


@dataclass(frozen=True, slots=True)
class Looked:
    """What would come of a row."""

    number: int
    outcome: str
    reason: str | None
    lead_id: UUID | None


class Enrolls:
    """Who would begin a sequence with a list: the new, and the known who may."""

    def __init__(self) -> None:
        self._new = 0
        self._known: set[UUID] = set()

    def add(self, looked: Looked) -> None:
        """One row more."""
        self._new += looked.outcome == "new"
        if looked.outcome == "known" and looked.lead_id is not None:
            self._known.add(looked.lead_id)

    async def count(self, office: Office) -> int:
        """How many leads; somebody who asks to stop in the list itself is counted."""
        row = await office.db.one("enrollable", ids=list(self._known))
        return self._new + (row["n"] if row else 0)


class Look:
    """One file looked at. Of the rows before only short hashes of their contacts are held, and names."""

    def __init__(self, office: Office, reading: Reading, now: datetime, pace: Pace) -> None:
        self._office, self._reading, self._now, self._pace = office, reading, now, pace
        self._names: set[bytes] = set()
        self._owners: dict[bytes, int] = {}
        self._sharers: dict[bytes, list[int]] = {}
        self._people: list[list[str | None]] = []

    async def batch(self, batch: Sequence[Waiting]) -> AsyncIterator[Looked]:
        """What would come of each row of the next batch."""
        read = await read_batch(self._office, self._reading, batch, self._now, self._pace)
        before = {
            bytes(row["name"]): row
            for row in await self._office.db.all("import_known_rows", names=[row.name for row in read if row.name])
        }
        contacts = {(contact.kind, contact.hash): contact for row in read for contact in row.contacts}
        found = await self._office.db.all("import_look", **rows.lock_parameters(list(contacts.values())))
        people = People(self._office.vault, found)
        for row in read:
            await self._pace.rest()
            known = before.get(row.name) if row.name else None
            if known:
                outcome = "refused" if known["outcome"] == "refused" else "duplicate"
                yield Looked(row.number, outcome, known["reason"] if outcome == "refused" else None, known["lead_id"])
            else:
                yield self._new(row, people)

    def _new(self, row: ReadRow, people: People) -> Looked:
        if row.refusal:
            return Looked(row.number, "refused", row.refusal, None)
        if row.name and (short := row.name[:_SHORT]) in self._names:
            return Looked(row.number, "duplicate", None, None)
        if row.name:
            self._names.add(short)
        assert row.listed is not None
        person = people.known_person(row.listed.inquiry, row.contacts)
        if people.is_erased(person, row.contacts):
            return Looked(row.number, "refused", "suppressed", None)
        if person is not None and person.is_restricted:
            return Looked(row.number, "refused", "restricted", None)
        notes = ",".join(row.codes) or None
        if person is not None:
            return Looked(row.number, "known", notes, person.id)
        return Looked(row.number, "known" if self._came_before(row) else "new", notes, None)

    def _came_before(self, row: ReadRow) -> bool:
        """True when an earlier row of the file is of the same person; from here on this one is an earlier row."""
        assert row.listed is not None
        name = row.listed.inquiry.name
        emails = [contact.hash[:_SHORT] for contact in row.contacts if contact.kind == "email"]
        phones = [contact.hash[:_SHORT] for contact in row.contacts if contact.kind == "phone"]
        person = next((self._owners[email] for email in emails if email in self._owners), None)
        if person is None:
            sharing = list(_each(self._sharers.get(phone, ()) for phone in phones))
            picked = pick_person(name, [self._people[one] or [None] for one in sharing]) if sharing else None
            person = None if picked is None else sharing[picked]
        was_there = person is not None
        if person is None:
            person = len(self._people)
            self._people.append([])
        if name and name not in self._people[person]:
            self._people[person] = [*self._people[person], name][: rows.MAX_NAMES]
        for email in emails:
            self._owners.setdefault(email, person)
        for phone in phones:
            sharers = self._sharers.setdefault(phone, [])
            if person not in sharers:
                sharers.append(person)
        return was_there


def _each(lists: Iterable[Sequence[int]]) -> Iterable[int]:
    return dict.fromkeys(one for each in lists for one in each)
