"""What needs a human, most urgent first: open tasks and dead letters as rows in, people with what waits out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.domain.urgency import Person, Waiting, ranked
from leadwake.domain.values import Temperature
from leadwake.storage import reading
from leadwake.storage.db import Connection, Database
from leadwake.storage.reading import Lead
from leadwake.storage.tasks import KINDS
from leadwake.storage.vault import Vault

#: people shown at once
SHOWN = 30
#: dead letters that are looked at
LETTERS = 30
#: calls to come that are named
CALLS = 8


@dataclass(frozen=True, slots=True)
class Item:
    """
    A person who waits, opened. claimed_at: since when somebody has them. offered_to, offered_until: whom they are held
    out to, and how long.

    said: the last they wrote, None when they never did, asked anew since, or it is kept no longer. failed: what of ours
    did not arrive last, {"kind", "state", "reason"}. call: {"best_at", "best_why", "tries"} of a call to make.
    """

    lead: Lead
    person: Person
    claimed_at: datetime | None
    offered_to: UUID | None
    offered_until: datetime | None
    said: str | None
    failed: Mapping[str, str | None]
    call: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Worklist:
    """The most urgent thirty; more: how many wait behind them, at least."""

    items: Sequence[Item]
    more: int


async def worklist(db: Database, vault: Vault, user_id: UUID, now: datetime, *, team: bool, letters: bool) -> Worklist:
    """
    What waits for this member of the team; team: for anybody. letters: dead letters, too.

    Reads at most 300 tasks and opens the thirty people shown, whatever there is.
    """
    async with db.connection() as connection:
        found = await _tasks(connection, user_id, now, team=team)
        if letters:
            found += await reading.rows(connection, "now_dead", {"limit": LETTERS})
        by_id = {row["id"]: row for row in found}
        people = ranked((_waiting(row, user_id) for row in found), now)
        return Worklist(await _opened(connection, vault, people[:SHOWN], by_id, now), max(0, len(people) - SHOWN))


@dataclass(frozen=True, slots=True)
class ToCome:
    """A call that sleeps until its time. call: as of an Item."""

    lead: Lead
    at: datetime
    call: Mapping[str, Any]


async def calls_to_come(db: Database, vault: Vault, user_id: UUID | None, now: datetime) -> list[ToCome]:
    """The next calls that are to be made, of this member of the team, or of everybody (None)."""
    async with db.connection() as connection:
        values = {"user_id": user_id, "now": now, "limit": CALLS}
        found = await reading.rows(connection, "call_tasks_to_come", values)
        ids = [row["lead_id"] for row in found]
        leads = {lead.id: lead for lead in await reading.among(connection, vault, ids, actions=False)}
    return [ToCome(leads[row["lead_id"]], row["best_at"], row) for row in found if row["lead_id"] in leads]


async def has_leads(db: Database) -> bool:
    """False in an office that nobody has ever written to."""
    row = await db.one("has_leads")
    return bool(row and row["found"])


async def _tasks(connection: Connection, user_id: UUID, now: datetime, *, team: bool) -> list[DictRow]:
    values = {"user_id": user_id, "now": now, "kinds": list(KINDS)}
    return await reading.rows(connection, "now_tasks_team" if team else "now_tasks_mine", values)


async def _opened(
    connection: Connection, vault: Vault, people: Sequence[Person], rows: Mapping[UUID, DictRow], now: datetime
) -> list[Item]:
    ids = [person.lead_id for person in people]
    leads = {lead.id: lead for lead in await reading.among(connection, vault, ids, actions=False)}
    said = {row["lead_id"]: row for row in await reading.rows(connection, "now_said", {"ids": ids})}
    failed = {row["lead_id"]: row for row in await reading.rows(connection, "now_failed", {"ids": ids})}
    calls = {row["lead_id"]: row for row in await reading.rows(connection, "now_calls", {"ids": ids, "now": now})}
    items = []
    for person in people:
        lead = leads.get(person.lead_id)
        if lead is None:  # erased a moment ago
            continue
        row = rows[person.first.id]
        items.append(
            Item(
                lead, person, row["claimed_at"], row.get("offered_to"), row.get("offered_until"),
                _last_words(vault, lead, said.get(lead.id)), failed.get(lead.id, {}), calls.get(lead.id),
            )
        )  # fmt: skip
    return items


def _last_words(vault: Vault, lead: Lead, row: DictRow | None) -> str | None:
    """What they wrote, unless they asked anew since: then that is what waits."""
    if row is None or (lead.asked_last_at is not None and row["at"] < lead.asked_last_at):
        return None
    return reading.said(vault, row) or None


def _waiting(row: DictRow, user_id: UUID) -> Waiting:
    if "action_kind" in row:
        at = row["settled_at"] or row["created_at"]
        return Waiting(
            row["id"], row["lead_id"], "dead", Temperature(row["temperature"]), row["score"], at, at, row["owner_id"],
            reason=row["reason"],
        )  # fmt: skip
    return Waiting(
        row["id"], row["lead_id"], row["kind"], Temperature(row["temperature"]), row["score"], row["at"],
        row["due_at"], row["agent_id"], row["offered_to"] == user_id, row["reason"],
    )  # fmt: skip
