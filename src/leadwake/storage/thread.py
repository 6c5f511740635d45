"""A lead's thread, a window at a time: however long it is, a page reads the newest of each kind, and goes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.domain.story import Teller
from leadwake.domain.thread import TALKED, Item, Threader, in_order, is_shown
from leadwake.storage.db import Connection
from leadwake.storage.dossier import (
    Asked,
    Contact,
    OpenAction,
    asked_of,
    contact_of,
    letter_content,
    opened_body,
    opened_content,
    opened_heading,
    opened_meeting,
    to_come,
)
from leadwake.storage.intake import open_details
from leadwake.storage.reading import rows
from leadwake.storage.vault import Vault
from leadwake.storage.visits import pages_of

#: items shown at once
WINDOW: Final = 100
#: rows of one kind that may share the instant at which a page ends
_TIES: Final = 50
#: inquiries shown beside the thread
_INQUIRIES: Final = 5
_END: Final = datetime.max.replace(tzinfo=UTC)
#: what is read as elsewhere
_QUERIES: Final = {"calls": "reading_calls", "meetings": "reading_meetings", "visits": "reading_visits"}
_NAMES: Final = (
    "inquiries",
    "messages",
    "actions",
    "notes",
    "calls",
    "meetings",
    "visits",
    "events",
    "routings",
    "consents",
)


@dataclass(frozen=True, slots=True)
class Thread:
    """Items, oldest first; earlier: items before this instant are on the page before, None at the beginning."""

    items: Sequence[Item]
    earlier: datetime | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting that is to come. change_url: where it is moved or cancelled, "" where nobody says."""

    starts_at: datetime | None
    title: str
    place: str
    change_url: str


@dataclass(frozen=True, slots=True)
class About:
    """What stands beside a thread. inquiries: the newest."""

    contacts: Sequence[Contact]
    inquiries: Sequence[Asked]
    to_come: Sequence[OpenAction]
    meetings: Sequence[Meeting]
    restricted_at: datetime | None


async def thread(
    connection: Connection, vault: Vault, lead_id: UUID, tell: Teller, *, called: str, whole: bool,
    before: datetime | None = None,
) -> Thread:  # fmt: skip
    """
    The newest hundred items before an instant (None: the end).

    called: how they are. whole: also what nobody said to anybody: scores, consents, alerts, the log.
    """
    values = {
        "lead_id": lead_id, "before": before or _END, "limit": WINDOW + _TIES, "whole": whole, "kinds": sorted(TALKED),
    }  # fmt: skip
    names = _NAMES if whole else _NAMES[:-2]
    found = {name: await rows(connection, _QUERIES.get(name, f"thread_{name}"), values) for name in names}
    found["routings"] = await rows(connection, "routing_decisions_of_lead", values)
    attempts: dict[UUID, list[DictRow]] = {row["id"]: [] for row in found["actions"]}
    for row in await rows(connection, "reading_attempts", {"ids": list(attempts)}):
        attempts[row["action_id"]].append(row)
    items = in_order(
        item for item in _items(vault, Threader(tell, called, whole), found, attempts) if is_shown(item, whole=whole)
    )
    return _window(items, before or _END)


async def about(connection: Connection, vault: Vault, lead_id: UUID) -> About:
    """How the lead is reached, what they asked, and what is to come."""
    values = {"lead_id": lead_id, "limit": _INQUIRIES}
    standing = await rows(connection, "lead_standing", values)
    return About(
        [contact_of(vault, row) for row in await rows(connection, "reading_contacts", values)],
        [asked_of(vault, row) for row in await rows(connection, "reading_inquiries", values)],
        [to_come(row) for row in await rows(connection, "thread_to_come", values)],
        [_meeting(vault, row) for row in await rows(connection, "thread_meetings", values)],
        standing[0]["restricted_at"] if standing else None,
    )


def _meeting(vault: Vault, row: DictRow) -> Meeting:
    details = opened_meeting(vault, row)
    return Meeting(row["starts_at"], details.title, details.place, details.change_url)


def _window(items: Sequence[Item], before: datetime) -> Thread:
    """The newest of the items; those of one instant stay together, so that none falls between two pages."""
    known = [item for item in items if item.at < before]
    if len(known) <= WINDOW:
        return Thread(known)
    first = known[-WINDOW].at
    return Thread([item for item in known if item.at >= first], first)


def _items(
    vault: Vault, make: Threader, found: Mapping[str, Sequence[DictRow]], attempts: Mapping[UUID, Sequence[DictRow]]
) -> Iterator[Item]:
    for row in found["inquiries"]:
        details = open_details(vault, row["key_id"], row["kek_id"], row["wrapped"], row["sealed_details"])
        routed = [each for each in reversed(found["routings"]) if each["inquiry_id"] == row["id"]]
        yield make.inquiry(row, details, first=row["is_first"], routed=routed)
    for row in found["messages"]:
        yield make.message(row, opened_body(vault, row, b"message.body"), opened_heading(vault, row))
    for row in found["actions"]:
        yield make.action(row, attempts[row["id"]], _content(vault, row))
    for row in found["notes"]:
        yield make.note(row, opened_body(vault, row, b"note.body"))
    for row in found["calls"]:
        yield make.call(row)
    for row in found["meetings"]:
        yield make.meeting(row, opened_meeting(vault, row).title)
    for row in found["visits"]:
        yield make.visit(row, pages_of(vault, row))
    for row in found["events"]:
        yield make.event(row)
    for row in found.get("routings", ()):
        yield make.routing(row)
    for row in found.get("consents", ()):
        yield make.consent(row)


def _content(vault: Vault, row: DictRow) -> Mapping[str, Any]:
    """What was sent; else what somebody wrote to be sent."""
    if content := opened_content(vault, row):
        return content
    if not row["letter_content"] or row["letter_wrapped"] is None:
        return {}
    return letter_content(
        vault, row["letter_key_id"], row["letter_kek_id"], row["letter_wrapped"], row["letter_content"]
    )
