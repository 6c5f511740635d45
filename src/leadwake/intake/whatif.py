"""`whatif intake`: what intake would make of a file of leads: contacts normalised, people found again. Pure."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TextIO

from leadwake.domain.matching import pick_person, same_people
from leadwake.errors import InputError
from leadwake.intake.api import read_object, understand

COLUMNS = ("id", "phone_e164", "email_normalised", "duplicate_of")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the answer; phone and e-mail "none" where there is none, duplicate_of blank for a new person."""

    id: str
    phone_e164: str
    email_normalised: str
    duplicate_of: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that intake would refuse. number: from 1; has_row: it has an id, and so a row, all the same."""

    number: int
    reason: str
    has_row: bool = False

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


@dataclass(slots=True)
class _Record:
    id: str
    at: datetime
    number: int
    phone: str | None = None
    email: str | None = None
    name: str | None = None
    is_readable: bool = True


@dataclass(eq=False, slots=True)
class _Person:
    """Everyone's records so far; `merged_into` when two turned out to be one."""

    first: _Record
    names: list[str | None] = field(default_factory=list)
    phones: set[str] = field(default_factory=set)
    merged_into: _Person | None = None

    def found(self) -> _Person:
        person = self
        while person.merged_into is not None:
            person = person.merged_into
        return person


def run(lines: Iterable[str], *, on_bad: Callable[[BadLine], None] = lambda _: None) -> Iterator[Row]:
    """
    A row for every lead of the lines (JSON as `data/leads_intake.jsonl`), in their order.

    Same person: same e-mail, or same phone with a compatible name, through any chain of records; duplicate_of is the
    id of the person's earliest record by received_at (by place in the file where that is missing). All lines are read
    before the first row: a later record may show two earlier ones to be one person.

    on_bad is called for each line that is no lead; one that has an id still has a row, so that ids are never missing.
    """
    records = list(_records(lines, on_bad))
    people = _people(sorted((record for record in records if record.is_readable), key=lambda record: record.at))
    for record in records:
        first = people[id(record)].found().first if record.is_readable else record
        yield Row(record.id, record.phone or "none", record.email or "none", first.id if first is not record else "")


def write_csv(rows: Iterable[Row], out: TextIO) -> None:
    """The rows with their header, lines ending in LF."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((row.id, row.phone_e164, row.email_normalised, row.duplicate_of) for row in rows)


def _records(lines: Iterable[str], on_bad: Callable[[BadLine], None]) -> Iterator[_Record]:
    at = _EPOCH  # a lead without a time of its own arrived with the one before it
    for number, line in enumerate(lines, start=1):
        if not line.strip("\ufeff \t\r\n"):
            continue
        try:
            document = read_object(line)
        except InputError as error:
            on_bad(BadLine(number, str(error)))
            continue
        if not (name := _id(document)):
            on_bad(BadLine(number, "id: missing"))
            continue
        try:
            lead = understand(document, at)
        except InputError as error:
            on_bad(BadLine(number, str(error), has_row=True))
            yield _Record(name, at, number, is_readable=False)
            continue
        at = lead.claimed_at or lead.asked_at
        yield _Record(name, at, number, lead.phone, lead.email, lead.name)


def _id(document: dict[str, Any]) -> str:
    value = document.get("id")
    return str(value) if isinstance(value, str | int) else ""


def _people(records: Iterable[_Record]) -> dict[int, _Person]:
    """The person of each record, by the record's `id()`; records in the order of their arrival."""
    of_record: dict[int, _Person] = {}
    by_email: dict[str, _Person] = {}
    by_phone: dict[str, list[_Person]] = {}
    for record in records:
        known = by_email[record.email].found() if record.email in by_email else None
        person = _with_phone(record, known, by_phone)
        person.names.append(record.name)
        of_record[id(record)] = person
        if record.email:
            by_email[record.email] = person
        if record.phone and record.phone not in person.phones:
            person.phones.add(record.phone)
            by_phone.setdefault(record.phone, []).append(person)
    return of_record


def _with_phone(record: _Record, known: _Person | None, by_phone: dict[str, list[_Person]]) -> _Person:
    """The person of the record: known by its e-mail, found by its phone and name, both made one, or new."""
    sharing = list(dict.fromkeys(person.found() for person in by_phone.get(record.phone or "", ())))
    if known is None:
        index = pick_person(record.name, [person.names for person in sharing])
        return _Person(record) if index is None else sharing[index]
    if known in sharing:
        return known
    names = [*known.names, record.name]
    same = next((person for person in sharing if same_people(names, person.names)), None)
    return known if same is None else _merged(same, known)


def _merged(one: _Person, other: _Person) -> _Person:
    """Both as one person, who begins with the earlier of their first records."""
    kept, gone = sorted((one, other), key=lambda person: (person.first.at, person.first.number))
    kept.names += gone.names
    kept.phones |= gone.phones
    gone.merged_into = kept
    return kept
