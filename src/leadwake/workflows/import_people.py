"""Whose the rows of a batch are: people known before, people new with the batch, each found as at any other door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.domain.matching import pick_person
from leadwake.domain.names import index_tokens
from leadwake.domain.scoring import Rated
from leadwake.domain.values import Inquiry
from leadwake.storage import intake as rows
from leadwake.storage.ids import new_id
from leadwake.storage.intake import Contact
from leadwake.storage.vault import DataKey, Vault


@dataclass(eq=False, slots=True)
class Person:
    """A lead as the batch leaves them. consents: contact point → level that stands; rating: None before any row."""

    id: UUID
    key: DataKey
    is_new: bool
    profile: dict[str, Any]
    owner_id: UUID | None = None
    is_restricted: bool = False
    rating: Rated | None = None
    source: str = ""
    channel: str = ""
    consents: dict[int, str] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    is_changed: bool = False

    def hears(self, inquiry: Inquiry, rating: Rated) -> None:
        """The row is theirs: what it adds to their profile and their score."""
        self.profile = rows.merged(self.profile, inquiry) if self.profile else rows.profile_of(inquiry)
        self.words |= index_tokens(inquiry.name)
        if self.rating is None or rating.score.value > self.rating.score.value:
            self.rating = rating
        self.source, self.channel = self.source or inquiry.source, self.channel or inquiry.channel
        self.is_changed = True


class People:
    """Everybody a batch may be about, by their contacts; earliest first where several share a number."""

    def __init__(self, vault: Vault, found: Iterable[DictRow]) -> None:
        self.by_contact: dict[tuple[str, bytes], list[Person]] = {}
        self.points: dict[tuple[str, bytes], int] = {}
        self.erased: set[tuple[str, bytes]] = set()
        self._people: dict[UUID, Person] = {}
        for row in found:
            contact = (row["kind"], bytes(row["hash"]))
            if "contact_point_id" in row:
                self.points[contact] = row["contact_point_id"]
            if row.get("is_erased"):
                self.erased.add(contact)
            if row["lead_id"]:
                self._belongs(contact, self._known(vault, row))

    def known_ids(self) -> list[UUID]:
        """Of the people who were there before."""
        return [person.id for person in self._people.values() if not person.is_new]

    def get(self, lead_id: UUID) -> Person:
        """One of them."""
        return self._people[lead_id]

    def person_of(self, inquiry: Inquiry, contacts: Sequence[Contact], key: DataKey) -> Person:
        """The address's owner, else whoever shares the number and the name, else somebody new."""
        known = self.known_person(inquiry, contacts)
        if known is None:
            known = Person(new_id(), key, is_new=True, profile={})
            self._people[known.id] = known
        return known

    def known_person(self, inquiry: Inquiry, contacts: Sequence[Contact]) -> Person | None:
        """Whoever of them it is; None for somebody new."""
        return self._owner(contacts) or self._sharer(inquiry, contacts)

    def takes(self, person: Person, contacts: Sequence[Contact]) -> list[Contact]:
        """The contacts that are theirs from here on: an address stays with whom it is."""
        mine = []
        for contact in contacts:
            place = (contact.kind, contact.hash)
            if contact.kind == "email" and any(other is not person for other in self.by_contact.get(place, ())):
                continue
            self._belongs(place, person)
            mine.append(contact)
        return mine

    def is_erased(self, person: Person | None, contacts: Sequence[Contact]) -> bool:
        """True when a contact is that of somebody erased, and not this person's own by now (R-GDPR-8)."""
        return any(
            (place := (contact.kind, contact.hash)) in self.erased and person not in self.by_contact.get(place, ())
            for contact in contacts
        )

    def _belongs(self, contact: tuple[str, bytes], person: Person) -> None:
        people = self.by_contact.setdefault(contact, [])
        if person not in people:
            people.append(person)

    def _known(self, vault: Vault, row: Mapping[str, Any]) -> Person:
        person = self._people.get(row["lead_id"])
        if person is None:
            key = vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
            person = Person(row["lead_id"], key, is_new=False, profile=rows.open_profile(vault, row))
            person.is_restricted = row.get("restricted_at") is not None
            self._people[person.id] = person
        return person

    def _owner(self, contacts: Sequence[Contact]) -> Person | None:
        for contact in contacts:
            if contact.kind == "email" and (people := self.by_contact.get(("email", contact.hash))):
                return people[0]
        return None

    def _sharer(self, inquiry: Inquiry, contacts: Sequence[Contact]) -> Person | None:
        sharing: dict[UUID, Person] = {}
        for contact in contacts:
            if contact.kind == "phone":
                sharing |= {person.id: person for person in self.by_contact.get(("phone", contact.hash), ())}
        people = list(sharing.values())
        picked = (
            pick_person(inquiry.name, [person.profile.get("names") or [None] for person in people]) if people else None
        )
        return None if picked is None else people[picked]
