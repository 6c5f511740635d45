"""One lead whole: what they asked, how they may be reached, what was done, and the story of it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg.rows import DictRow

from leadwake.domain.story import Entry, Teller, in_order
from leadwake.storage import links, meetings, reading, visits
from leadwake.storage.db import Database
from leadwake.storage.intake import open_details
from leadwake.storage.reading import MANY, Lead
from leadwake.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Contact:
    """A number or address of a lead. consent: the level that stands; opted_out_by: how they asked us to stop."""

    kind: str
    value: str
    consent: str
    consent_at: datetime
    opted_out_at: datetime | None
    opted_out_by: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One inquiry. details: as understood, {"message", "interest", "budget", …}."""

    id: UUID
    at: datetime
    source: str
    channel: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenAction:
    """Something that will happen, or waits for a person. sentence: the decision's."""

    id: UUID
    kind: str
    state: str
    due_at: datetime | None
    sentence: str | None
    reason: str | None
    purpose: str = ""
    writer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A lead with everything a page shows of them; inquiries newest first."""

    lead: Lead
    contacts: Sequence[Contact]
    inquiries: Sequence[Asked]
    to_come: Sequence[OpenAction]
    timeline: Sequence[Entry]
    restricted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the tables hold of a lead, newest first, still sealed."""

    contacts: Sequence[DictRow]
    inquiries: Sequence[DictRow]
    consents: Sequence[DictRow]
    actions: Sequence[DictRow]
    attempts: Mapping[UUID, list[DictRow]]
    messages: Sequence[DictRow]
    events: Sequence[DictRow]
    letters: Sequence[DictRow]
    notes: Sequence[DictRow]
    calls: Sequence[DictRow]
    meetings: Sequence[DictRow]
    visits: Sequence[DictRow]
    standing: Sequence[DictRow]
    routings: Sequence[DictRow]


async def dossier(
    db: Database, vault: Vault, lead_id: UUID, *, zone: ZoneInfo, names: Mapping[UUID, str], now: datetime
) -> Dossier | None:
    """
    The lead whole; None when there is none.

    zone: the reader's clock. names: user id → name. now: business time.
    """
    lead = await reading.lead(db, vault, lead_id)
    if lead is None:
        return None
    rows = await _read(db, lead_id)
    inquiries = [asked_of(vault, row) for row in rows.inquiries]
    return Dossier(
        lead,
        [contact_of(vault, row) for row in rows.contacts],
        inquiries,
        _to_come(rows.actions),
        _timeline(vault, Teller(zone, names, now), rows, inquiries, lead.called),
        rows.standing[0]["restricted_at"] if rows.standing else None,
    )


async def summary(db: Database, vault: Vault, lead_id: UUID) -> Dossier | None:
    """The same without its timeline, in fewer questions."""
    lead = await reading.lead(db, vault, lead_id)
    if lead is None:
        return None
    found: dict[str, list[DictRow]] = {}
    async with db.connection() as connection:
        for name in ("contacts", "inquiries", "actions"):
            values = {"lead_id": lead_id, "before": None, "limit": MANY}
            found[name] = await reading.rows(connection, f"reading_{name}", values)
    return Dossier(
        lead,
        [contact_of(vault, row) for row in found["contacts"]],
        [asked_of(vault, row) for row in found["inquiries"]],
        _to_come(found["actions"]),
        [],
    )


_WHOLE = (
    "contacts", "inquiries", "consents", "actions", "messages", "events", "letters", "notes", "calls",
    "meetings", "visits",
)  # fmt: skip
_OPEN = frozenset({"planned", "deferred", "dead", "unknown"})


async def _read(db: Database, lead_id: UUID) -> _Rows:
    found: dict[str, list[DictRow]] = {}
    async with db.connection() as connection:
        for name in _WHOLE:
            values = {"lead_id": lead_id, "before": None, "limit": MANY}
            found[name] = await reading.rows(connection, f"reading_{name}", values)
        found["routings"] = await reading.rows(
            connection, "routing_decisions_of_lead", {"lead_id": lead_id, "limit": MANY}
        )
        found["standing"] = await reading.rows(connection, "lead_standing", {"lead_id": lead_id})
        ids = [row["id"] for row in found["actions"]]
        attempts: dict[UUID, list[DictRow]] = {action_id: [] for action_id in ids}
        for row in await reading.rows(connection, "reading_attempts", {"ids": ids}):
            attempts[row["action_id"]].append(row)
    return _Rows(**found, attempts=attempts)


def _timeline(vault: Vault, tell: Teller, rows: _Rows, inquiries: Sequence[Asked], called: str) -> list[Entry]:
    entries: list[Entry] = [tell.consent(row) for row in rows.consents]
    oldest = max((place for place, row in enumerate(rows.inquiries) if not row["listed"]), default=-1)
    for place, (row, asked) in enumerate(zip(rows.inquiries, inquiries, strict=True)):
        routed = [each for each in reversed(rows.routings) if each["inquiry_id"] == row["id"]]
        entries.extend(tell.inquiry(row, asked.details, first=place == oldest, routed=routed))
    letters = {row["id"]: row for row in rows.letters}
    for row in rows.actions:
        content = opened_content(vault, row) or opened_letter(vault, letters.get(row["cause_id"]))
        entries.extend(tell.action(row, rows.attempts[row["id"]], content))
    entries.extend(tell.message(row, opened_body(vault, row, b"message.body")) for row in rows.messages)
    entries.extend(tell.note(row, opened_body(vault, row, b"note.body")) for row in rows.notes)
    entries.extend(tell.call(row, called) for row in rows.calls)
    entries.extend(tell.meeting(row, opened_meeting(vault, row).title) for row in rows.meetings)
    entries.extend(tell.visit(row, visits.pages_of(vault, row)) for row in rows.visits)
    replied = bool(rows.messages)
    # a reply stands there with its words already; the log's line about it says no more
    events = [row for row in rows.events if not (replied and row["kind"] == "replied")]
    events = [row for row in events if row["kind"] not in {"meeting_booked", "meeting_moved", "visited"}]
    # nor does "offered" beside the decision that says to whom, and why
    decided = {(row["at"], str(row["agent_id"])) for row in rows.routings}
    events = [row for row in events if (row["at"], row["data"].get("user")) not in decided or row["kind"] != "offered"]
    entries.extend(tell.event(row) for row in events)
    return in_order(entries)


def opened_body(vault: Vault, row: DictRow, context: bytes) -> str:
    """What somebody wrote; blank when that is kept no longer."""
    if not row["body"]:
        return ""
    key = vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
    return key.open(row["body"], context).decode("utf-8", "replace")


def opened_heading(vault: Vault, row: DictRow) -> Mapping[str, Any]:
    """What stands beside a mail's text: {"subject", "files", "message_id", "from"}; empty for a text message."""
    if row["heading"] is None:
        return {}
    key = vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
    heading: dict[str, Any] = msgspec.json.decode(key.open(row["heading"], b"message.heading"))
    return heading


def opened_meeting(vault: Vault, row: DictRow) -> meetings.Details:
    """What a meeting is called and where it takes place, from a row of `reading_meetings`."""
    return meetings.opened(vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"]), row["sealed"])


def opened_content(vault: Vault, row: DictRow) -> Mapping[str, Any]:
    """What a message said: {"to", "body"} or {"to", "subject", "text"}; empty when never written, or erased."""
    if row["content"] is None or (row["data_key_id"] is not None and row["kek_id"] is None):
        return {}
    if row["data_key_id"] is None:
        opened: bytes | str = vault.open_setting(f"action {row['id']}", row["content"])
    else:
        key = vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
        opened = key.open(row["content"], b"action.content")
    content: dict[str, Any] = msgspec.json.decode(opened)
    return {name: links.masked(value) if isinstance(value, str) else value for name, value in content.items()}


def opened_letter(vault: Vault, row: DictRow | None) -> Mapping[str, Any]:
    """What somebody of the team wrote, sent or not: {"subject", "body"}; empty when there is none."""
    if row is None or not row["content"]:
        return {}
    return letter_content(vault, row["key_id"], row["kek_id"], row["wrapped"], row["content"])


def letter_content(vault: Vault, key_id: UUID, kek_id: int, wrapped: bytes, sealed: bytes) -> Mapping[str, Any]:
    """A letter as it was written: {"subject", "body"}."""
    opened = vault.open_data_key(key_id, kek_id, wrapped).open(sealed, b"letter.content")
    content: dict[str, Any] = msgspec.json.decode(opened)
    return content


def asked_of(vault: Vault, row: DictRow) -> Asked:
    """The inquiry of a row of `reading_inquiries`."""
    details = open_details(vault, row["key_id"], row["kek_id"], row["wrapped"], row["sealed_details"])
    return Asked(row["id"], row["asked_at"], row["source"], row["channel"], details)


def contact_of(vault: Vault, row: DictRow) -> Contact:
    """The contact of a row of `reading_contacts`."""
    key = vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
    value = key.open(row["sealed_value"], b"lead_contact.value").decode()
    return Contact(row["kind"], value, row["consent"], row["consent_at"], row["opted_out_at"], row["opted_out_by"])


def _to_come(rows: Sequence[DictRow]) -> list[OpenAction]:
    return [to_come(row) for row in reversed(rows) if row["state"] in _OPEN and row["purpose"] != "staff"]


def to_come(row: DictRow) -> OpenAction:
    """The open action of a row."""
    sentence = (row["decision"] or {}).get("sentence")
    return OpenAction(
        row["id"], row["kind"], row["state"], row["due_at"], sentence, row["reason"], row["purpose"], row["agent_id"]
    )
