"""A batch of a list admitted: its people found under their row locks, everything written in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.domain import consent, routing
from leadwake.domain.names import index_tokens
from leadwake.domain.routing import Candidate
from leadwake.domain.scoring import Score
from leadwake.domain.values import Channel
from leadwake.metrics import CAPTURES
from leadwake.storage import intake as rows
from leadwake.storage.db import Connection, q
from leadwake.storage.ids import new_id
from leadwake.storage.imports import Import
from leadwake.storage.intake import Contact, RawCapture
from leadwake.storage.staff import Person as StaffMember
from leadwake.workflows import enrolling, suppression
from leadwake.workflows import routing as who
from leadwake.workflows.admission import asks_to_stop
from leadwake.workflows.import_people import People, Person
from leadwake.workflows.import_rows import Pace, ReadRow
from leadwake.workflows.instant_response import records
from leadwake.workflows.office import Office

_json = msgspec.json.Encoder()


@dataclass(slots=True)
class Batch:
    """What a batch comes to, by the lists of `import_write`."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    captures: list[dict[str, Any]] = field(default_factory=list)
    inquiries: list[dict[str, Any]] = field(default_factory=list)
    contacts: dict[tuple[UUID, int], dict[str, Any]] = field(default_factory=dict)
    statements: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    people: dict[UUID, Person] = field(default_factory=dict)
    stops: list[tuple[int, UUID]] = field(default_factory=list)


class Admission:
    """One batch of an import, in the caller's transaction."""

    def __init__(self, office: Office, connection: Connection, found: Import, now: datetime, pace: Pace) -> None:
        self.office, self.connection, self.import_, self.now, self.pace = office, connection, found, now, pace
        self.batch = Batch()
        self.candidates: list[Candidate] = []
        self.open_points: set[int] = set()

    async def admit(self, read: Sequence[ReadRow], number: int, *, is_last: bool) -> None:
        """Each row has its one outcome. number: of the batch."""
        before = await self._named_before(read)
        fresh = [row for row in read if row.name is None or row.name not in before]
        self.people = await self._found(fresh)
        if self.import_.options.route:
            loads = {row["agent_id"]: row for row in await self._rows("agent_loads")}
            self.candidates = who.candidates(self.office, loads, self.now)
        for row in read:
            if row.name is not None and row.name in before:
                self._again(row, before[row.name])
            else:
                outcome = self._refuse(row, row.refusal) if row.refusal else self._take(row)
                if row.name is not None:
                    before[row.name] = outcome
            await self.pace.rest()
        await self._write(number, is_last=is_last)

    async def _named_before(self, read: Sequence[ReadRow]) -> dict[bytes, dict[str, Any]]:
        """What became of rows that came before, by an earlier import or an earlier part of this one."""
        names = [row.name for row in read if row.name is not None]
        return {bytes(row["name"]): row for row in await self._rows("import_known_rows", names=names)}

    async def _found(self, read: Sequence[ReadRow]) -> People:
        """Everybody the rows may be about, under the locks of their contacts, then of their own."""
        contacts = {(contact.kind, contact.hash): contact for row in read for contact in row.contacts}
        vault = self.office.vault
        if not contacts:
            return People(vault, ())
        found = await self._rows("intake_lock", **rows.lock_parameters(list(contacts.values())))
        await self.pace.rest()
        points = await self._rows("import_points", points=[row["contact_point_id"] for row in found])
        erased = {row["id"] for row in points if row["is_erased"]}
        self.open_points = {row["id"] for row in points if row["is_open"]}
        people = People(vault, ({**row, "is_erased": row["contact_point_id"] in erased} for row in found))
        if ids := people.known_ids():
            for row in await self._rows("import_leads", ids=ids):
                self._read_again(people.get(row["id"]), row)
            for row in await self._rows("import_contacts", ids=ids):
                people.get(row["lead_id"]).consents[row["contact_point_id"]] = row["consent"]
        return people

    def _read_again(self, person: Person, row: DictRow) -> None:
        """As they stand under their own lock."""
        person.profile = rows.open_profile(self.office.vault, row)
        person.owner_id = row["agent_id"]
        person.is_restricted = row["restricted_at"] is not None

    # What becomes of a row.

    def _again(self, row: ReadRow, before: dict[str, Any]) -> None:
        """The same row as before: nothing is added, and what was refused is refused again."""
        is_refused = before["outcome"] == "refused"
        self.batch.rows.append({
            "number": row.number, "outcome": "refused" if is_refused else "duplicate",
            "reason": before["reason"] if is_refused else None, "lead": before["lead_id"],
        })  # fmt: skip

    def _refuse(self, row: ReadRow, reason: str, *, keep: bool = True) -> dict[str, Any]:
        capture_id = new_id()
        key = self.office.vault.new_data_key()
        raw = RawCapture("import", row.body if keep else b"", {"row": str(row.number)}, id=capture_id)
        self.batch.captures.append({
            "id": capture_id, "outcome": "rejected", "reason": reason, "source": "", "key": key.id, "kek": key.kek_id,
            "wrapped": key.wrapped if keep else None, "body": raw.sealed(key) if keep else b"",
        })  # fmt: skip
        return self._tell(row, "refused", reason, None, capture_id)

    def _tell(
        self, row: ReadRow, outcome: str, reason: str | None, lead_id: UUID | None, capture_id: UUID
    ) -> dict[str, Any]:
        told = {"number": row.number, "outcome": outcome, "reason": reason, "name": row.name, "lead": lead_id,
                "capture": capture_id}  # fmt: skip
        self.batch.rows.append(told)
        return {"outcome": outcome, "reason": reason, "lead_id": lead_id}

    def _take(self, row: ReadRow) -> dict[str, Any]:
        assert row.listed is not None
        assert row.rating is not None
        inquiry, key = row.listed.inquiry, self.office.vault.new_data_key()
        person = self.people.person_of(inquiry, row.contacts, key)
        if self.people.is_erased(person, row.contacts):
            return self._refuse(row, "suppressed", keep=False)
        if person.is_restricted:
            return self._refuse(row, "restricted", keep=False)
        was_there = not person.is_new or person.is_changed
        person.hears(inquiry, row.rating)
        self.batch.people[person.id] = person
        mine = self.people.takes(person, row.contacts)
        raw = RawCapture("import", row.body, {"row": str(row.number)}, inquiry.source)
        self.batch.captures.append({
            "id": raw.id, "outcome": "known" if was_there else "lead", "source": inquiry.source, "lead": person.id,
            "key": key.id, "kek": key.kek_id, "wrapped": key.wrapped, "body": raw.sealed(key),
        })  # fmt: skip
        self._contacts(row, person, mine, raw.id)
        agent_id, because = self._owner(row, person, raw.id)
        planned = self._crm(row, person, raw.id)
        self.batch.inquiries.append({
            "id": raw.id, "lead": person.id, "channel": inquiry.channel, "source": inquiry.source,
            "details": rows.sealed_details(key, inquiry), "fingerprint": rows.fingerprint(self.office.vault, inquiry),
            **_rating(row.rating.score), "signals": row.rating.codes,
            "agent": agent_id, "because": because, "planned": planned,
        })  # fmt: skip
        return self._tell(row, "known" if was_there else "new", ",".join(row.codes) or None, person.id, raw.id)

    def _contacts(self, row: ReadRow, person: Person, mine: Sequence[Contact], capture_id: UUID) -> None:
        assert row.listed is not None
        inquiry = row.listed.inquiry
        seller = self.office.settings.business_name or None
        stops = asks_to_stop(inquiry)
        for contact in mine:
            point = self.people.points[contact.kind, contact.hash]
            channel = Channel.SMS if contact.kind == "phone" else Channel.EMAIL
            said = consent.level(inquiry.consent, channel, inquiry.channel, True, seller=seller, imported=True)
            stands = rows.after(person.consents.get(point), said)
            person.consents[point] = stands.value
            asked_at = row.listed.asked_at if point in self.open_points else None
            self.batch.contacts[person.id, point] = {
                "lead": person.id, "point": point, "kind": contact.kind,
                "value": person.key.seal(contact.value.encode(), b"lead_contact.value"), "consent": stands.value,
                "asked_at": asked_at,
            }  # fmt: skip
            answer = getattr(inquiry.consent, channel.value)
            if answer is not None:
                missing = consent.missing_proof(inquiry.consent, channel, seller=seller) if answer else []
                self.batch.statements.append({
                    "lead": person.id, "point": point, "capture": capture_id, "channel": channel.value,
                    "level": said.value, "missing": ",".join(missing),
                })  # fmt: skip
            if stops:
                self.batch.stops.append((point, person.id))

    def _owner(self, row: ReadRow, person: Person, capture_id: UUID) -> tuple[UUID | None, str | None]:
        """Whom the list, or the team's rules where they were asked for, give somebody who is nobody's."""
        assert row.listed is not None
        if row.listed.owner and person.is_new and person.owner_id is None:
            agent = _colleague(self.office, row.listed.owner)
            if agent is None or agent.disabled:
                row.codes.append("unknown_owner")
            else:
                person.owner_id = agent.id
                return agent.id, "list"
        if not self.import_.options.route or person.owner_id is not None or not person.is_new:
            return person.owner_id, "owner" if person.owner_id else None
        return self._routed(row, person, capture_id)

    def _routed(self, row: ReadRow, person: Person, capture_id: UUID) -> tuple[UUID | None, str | None]:
        assert row.listed is not None
        assert row.rating is not None
        inquiry = row.listed.inquiry
        details = {name: getattr(inquiry, name) for name in ("extra", "message", "interest", "source", "channel")}
        asked = who.asked_of(
            self.office, person.profile, details, score=row.rating.score.value,
            temperature=row.rating.score.temperature.value,
            owner_id=None,
        )  # fmt: skip
        trace = routing.route(asked, self.candidates, self.office.routing, self.now, bulk=True)
        self.candidates = routing.after(self.candidates, asked, trace)
        person.owner_id = UUID(trace.chosen) if trace.chosen else None
        self.batch.decisions.append(
            {"lead": person.id, "inquiry": capture_id, "agent": person.owner_id, "trace": trace.as_json()}
        )
        return person.owner_id, trace.because

    def _crm(self, row: ReadRow, person: Person, capture_id: UUID) -> int:
        """The person in the CRM, where that was asked for; the pump carries it out as fast as the CRM allows."""
        if not self.import_.options.crm:
            return 0
        assert row.listed is not None
        found = records(self.office.settings, row.listed.inquiry)
        self.batch.actions += [
            {
                "id": planned.id, "cause": capture_id, "kind": planned.kind, "recipient": planned.recipient,
                "lead": person.id, "channel": planned.channel, "purpose": planned.purpose.value,
                "state": planned.state.value, "practice": planned.practice, "reason": planned.reason,
            }
            for planned in found
        ]  # fmt: skip
        return len(found)

    # Writing.

    async def _write(self, number: int, *, is_last: bool) -> None:
        batch = self.batch
        leads = [await self._lead(one) for one in batch.people.values()]
        written = {
            "rows": batch.rows, "captures": batch.captures, "leads": leads,
            "inquiries": batch.inquiries, "contacts": list(batch.contacts.values()), "statements": batch.statements,
            "actions": batch.actions, "decisions": batch.decisions,
        }  # fmt: skip
        await self.connection.execute(
            q("import_write"),
            {"id": self.import_.id, "batch": number, "is_last": is_last, "now": self.now,
             "practice": self.import_.practice, "rules_version": self.office.routing.version,
             "written": _json.encode(written).decode()},
        )  # fmt: skip
        for point, lead_id in batch.stops:  # R-REV-1: whoever wrote it down, they want us to stop
            await suppression.opt_out(self.connection, point, [{"id": lead_id}], self.now, by="inquiry")
        if self.import_.options.enroll:
            asked = {row["lead"]: row["id"] for row in batch.inquiries}
            await enrolling.enroll_listed(
                self.office, self.connection, asked, self.import_.options.enroll, now=self.now, actor=self.import_.by
            )
        for told in batch.captures:
            CAPTURES.labels("import", told["outcome"]).inc()

    async def _lead(self, person: Person) -> dict[str, Any]:
        await self.pace.rest()
        assert person.rating is not None
        words = person.words or index_tokens(person.profile.get("name"))
        return {
            "id": person.id, "is_new": person.is_new, "key": person.key.id,
            "profile": rows.sealed_profile(person.key, person.profile), "agent": person.owner_id,
            **_rating(person.rating.score), "fades": person.rating.fades_at,
            "source": person.source, "channel": person.channel,
            "tokens": [self.office.vault.blind_token(word) for word in words],
        }  # fmt: skip

    async def _rows(self, name: str, **values: Any) -> list[DictRow]:
        return await (await self.connection.execute(q(name), values)).fetchall()


def _colleague(office: Office, named: str) -> StaffMember | None:
    """The member of the team whom a list names, by address or name."""
    name = named.strip().casefold()
    return next((one for one in office.team if name in {one.email.casefold(), one.name.casefold()}), None)


def _rating(rating: Score) -> dict[str, Any]:
    return {
        "score": rating.value,
        "temperature": rating.temperature.value,
        "reasons": [{"text": reason.text, "points": reason.points} for reason in rating.reasons],
    }
