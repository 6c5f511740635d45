"""A list of agents taken into the team: first what would come of each row, then all of it in one transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from leadwake.domain.contact import normalise_email
from leadwake.domain.roster import Roster, Row
from leadwake.domain.work import READERS, Work, changed, read_yes
from leadwake.errors import InputError
from leadwake.storage import staff
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What becomes of one row. person: as they will be; None of a wrong row.

    changes: what changes, by column, or for a wrong row {column: what is wrong}.
    """

    line: int
    called: str
    result: Literal["new", "changed", "same", "wrong"]
    changes: Mapping[str, str]
    person: Person | None = None

    @property
    def words(self) -> str:
        """What is to be said about it, in a line."""
        if self.result == "wrong":
            return "; ".join(f"{name}: {why}" if name != "?" else why for name, why in self.changes.items())
        return ", ".join(self.changes)


@dataclass(frozen=True, slots=True)
class Invited:
    """A newcomer's link, told once."""

    person: Person
    token: str


def outcomes(office: Office, roster: Roster, by: UUID | None) -> list[Outcome]:
    """What would come of each row, now; changes nothing. by: whoever imports, who keeps their own role."""
    known = {person.email: person for person in office.team}
    lines: dict[str, int] = {}
    found = []
    for row in roster.rows:
        address = normalise_email(row.given.get("email", ""))
        if address and address in lines:
            wrong = {"email": f"stands on line {lines[address]} already"}
            found.append(Outcome(row.line, _called(row), "wrong", wrong))
            continue
        if address:
            lines[address] = row.line
        found.append(_outcome(row, known.get(address or ""), by))
    return found


async def take(
    office: Office, plan: Sequence[Outcome], *, actor: str, partial: bool = False, invite: bool = False
) -> list[Invited]:
    """
    The team is as the plan says, in one transaction; the links of the newcomers, when they are to be invited.

    Raises InputError when a row is wrong and only all or nothing was asked for, RuleError when somebody was added
    meanwhile: nothing was changed then.
    """
    if not partial and (wrong := [one for one in plan if one.result == "wrong"]):
        raise InputError({f"line {one.line}": one.words for one in wrong})
    invited = []
    async with office.db.transaction() as connection:
        for one in plan:
            if one.person is None or one.result not in {"new", "changed"}:
                continue
            await _write(office, connection, one.person, actor, is_new=one.result == "new")
            if invite and one.result == "new":
                token = staff.new_invite_token()
                await staff.add_invite(connection, token, one.person.id)
                invited.append(Invited(one.person, token))
        await connection.execute(q("office_changed"))
    await office.refresh()
    return invited


async def _write(office: Office, connection: Connection, person: Person, actor: str, *, is_new: bool) -> None:
    if is_new:
        await staff.insert(connection, office.vault, person)
    else:
        await staff.update(connection, office.vault, person)
    await staff.change_work(connection, person.id, person.work)
    kind = "user_added" if is_new else "user_changed"
    await record(connection, office.clock.now(), actor, kind, user=str(person.id), role=person.role, by="list")


def _outcome(row: Row, known: Person | None, by: UUID | None) -> Outcome:
    try:
        if "?" in row.given:
            raise InputError({"?": row.given["?"]})
        if known is None:
            person = _newcomer(row)
            return Outcome(row.line, person.name, "new", dict.fromkeys(row.given, ""), person)
        if known.disabled or known.practice:
            raise InputError({"email": "belongs to a former or an invented member of the team; use another"})
        person = _changed(row, known, by)
        changes = dict.fromkeys(_differences(known, person), "")
        return Outcome(row.line, known.name, "changed" if changes else "same", changes, person)
    except InputError as error:
        return Outcome(row.line, _called(row), "wrong", error.reasons)


def _newcomer(row: Row) -> Person:
    given = row.given
    wrong: dict[str, str] = {}
    role = given.get("role", "agent").casefold()
    takes = _takes_leads(given, role == "agent", wrong)
    work = _work(given, Work(), wrong)
    try:
        person = staff.newcomer(
            name=given.get("name", ""), email=given.get("email", ""), phone=given.get("phone"), role=role,
            takes_leads=takes,
        )  # fmt: skip
    except InputError as error:
        raise InputError({**error.reasons, **wrong}) from None
    if wrong:
        raise InputError(wrong)
    return dataclasses.replace(person, work=work)


def _changed(row: Row, known: Person, by: UUID | None) -> Person:
    given = row.given
    wrong: dict[str, str] = {}
    role = given.get("role", known.role).casefold()
    if known.id == by and role != known.role:
        wrong["role"] = "nobody changes their own role"
    work = _work(given, known.work, wrong)
    takes = _takes_leads(given, known.takes_leads, wrong)
    try:
        asked = staff.newcomer(
            name=given.get("name", known.name), email=known.email, phone=given.get("phone", known.phone), role=role,
            takes_leads=takes,
        )  # fmt: skip
    except InputError as error:
        raise InputError({**error.reasons, **wrong}) from None
    if wrong:
        raise InputError(wrong)
    return dataclasses.replace(known, name=asked.name, phone=asked.phone, role=role, takes_leads=takes, work=work)


def _work(given: Mapping[str, str], work: Work, wrong: dict[str, str]) -> Work:
    try:
        return changed(work, {name: text for name, text in given.items() if name in READERS})
    except InputError as error:
        wrong.update(error.reasons)
        return work


def _takes_leads(given: Mapping[str, str], otherwise: bool, wrong: dict[str, str]) -> bool:
    if "takes_leads" not in given:
        return otherwise
    try:
        return read_yes(given["takes_leads"])
    except ValueError as error:
        wrong["takes_leads"] = str(error)
        return otherwise


def _differences(known: Person, person: Person) -> Iterator[str]:
    """The columns in which they differ."""
    for name in ("name", "phone", "role", "takes_leads"):
        if getattr(known, name) != getattr(person, name):
            yield name
    for name in READERS:
        before, after = getattr(known.work, name), getattr(person.work, name)
        if before != after:
            yield name


def _called(row: Row) -> str:
    return row.given.get("name") or row.given.get("email") or ""
