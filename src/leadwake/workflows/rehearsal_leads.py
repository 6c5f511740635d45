"""Leads for a rehearsal, as the database knows them: who they are now, and what they did at which time."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.domain.scoring import Signal
from leadwake.domain.sequence.rehearsal import Sign
from leadwake.domain.values import ConsentLevel
from leadwake.storage import enrichment, links
from leadwake.storage import intake as rows
from leadwake.storage.db import Connection, q
from leadwake.storage.links import Page
from leadwake.storage.vault import DataKey
from leadwake.workflows import composing, confirming
from leadwake.workflows.office import Office
from leadwake.workflows.rehearsal import Contact, LeadNow

#: of a contact whose consent nobody dated
_BEFORE: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """An inquiry. at: when we heard; asked_at: when they asked; begins: it may begin a sequence."""

    at: datetime
    asked_at: datetime
    channel: str
    source: str
    score: int
    temperature: str
    details: Mapping[str, Any]
    begins: bool


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting. state: held, no_show, booked, …; at: when it was booked; over_at: when it ended, or was to."""

    state: str
    at: datetime
    starts_at: datetime | None
    over_at: datetime


@dataclass(frozen=True, slots=True)
class Life:
    """A lead and what happened to it since an instant. now: as it is today, with its last inquiry."""

    now: LeadNow
    asked: tuple[Asked, ...]
    met: tuple[Met, ...] = ()
    signs: tuple[Sign, ...] = ()


async def sample(office: Office, limit: int = 50) -> list[LeadNow]:
    """The last leads that something happened with, as they are now; only the team's real ones outside of practice."""
    async with office.db.transaction() as connection:
        await connection.execute("set transaction read only")
        values = {"limit": limit, "real_only": not office.is_practice}
        found = await (await connection.execute(q("rehearsal_recent"), values)).fetchall()
        lives = await lives_of(office, connection, [row["id"] for row in found], office.clock.now(), is_now=True)
    return [life.now for life in lives]


async def one(office: Office, lead_id: UUID) -> LeadNow | None:
    """A lead as it is now; None when there is no such lead."""
    async with office.db.transaction() as connection:
        await connection.execute("set transaction read only")
        lives = await lives_of(office, connection, [lead_id], office.clock.now(), is_now=True)
    return lives[0].now if lives else None


async def lives_of(
    office: Office, connection: Connection, ids: Sequence[UUID], since: datetime, *, is_now: bool = False
) -> list[Life]:
    """
    These leads, with what happened since then.

    is_now: texts of sequences that did leave count, too; for the past they are what is asked about.
    """
    values = {"ids": list(ids), "since": since, "nurture": is_now}
    found = await (await connection.execute(q("rehearsal_leads"), values)).fetchall()
    return [_life(office, row) for row in found]


def _life(office: Office, row: DictRow) -> Life:
    key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    profile = rows.open_profile(office.vault, row)
    given = row["inquiries"] or []
    asked = tuple(_asked(office, each) for each in given)
    contacts = {each["kind"]: _contact(key, asked, each) for each in row["contacts"] or ()}
    last = given[-1] if given else None
    signs = [Sign(instant(at), why) for at, why in row["signs"] or ()]
    signs += [Sign(each.opted_out_at, "opt_out") for each in contacts.values() if each.opted_out_at]
    lives_there = row["lives_at"] is not None and row["lives_at"] == confirming.place(office, profile)
    agent_id = row["agent_id"] or (UUID(last["agent_id"]) if last and last["agent_id"] else None)
    now = LeadNow(
        str(row["id"]), profile, asked[-1].details if asked else {}, contacts, row["score"], row["temperature"],
        last["source"] if last else row["source"], last["channel"] if last else row["channel"], agent_id,
        composing.booking_link(office, row["id"]), _texts_link(office, row), lives_there, row["person_stopped_at"],
        row["enriched_at"], enrichment.opened(key, row["sealed_found"]).facts if row["sealed_found"] else {},
        tuple(map(instant, row["visits"] or ())), row["booking_opened_at"],
        tuple(Signal(code, instant(at), UUID(cause)) for at, cause, codes in row["signals"] or () for code in codes),
    )  # fmt: skip
    met = tuple(_met(each) for each in row["meetings"] or ())
    return Life(now, asked, met, tuple(sorted(signs, key=lambda sign: sign.at)))


def _texts_link(office: Office, row: DictRow) -> str:
    """Their page on which they agree to texts, as a mail to their address would have it; "" without a public URL."""
    point = next((each["point"] for each in row["contacts"] or () if each["kind"] == "email"), None)
    base = office.settings.links_base
    return f"{base}{links.path(office.vault, Page.CONSENT, point)}" if base and point is not None else ""


def _asked(office: Office, given: Mapping[str, Any]) -> Asked:
    details = rows.open_details(
        office.vault, UUID(given["key_id"]), given["kek_id"], _bytes(given["wrapped"]), _bytes(given["details"])
    )
    return Asked(
        instant(given["at"]), instant(given["asked_at"]), given["channel"], given["source"], given["score"],
        given["temperature"], details, given["begins"],
    )  # fmt: skip


def _contact(key: DataKey, asked: Sequence[Asked], given: Mapping[str, Any]) -> Contact:
    address = key.open(_bytes(given["value"]), b"lead_contact.value").decode()
    gave = {each.asked_at for each in asked if each.details.get(given["kind"]) == address}
    gave |= {instant(given["inquiry_at"])} if given["inquiry_at"] else set()
    return Contact(
        address, consents_of(given), tuple(sorted(gave)), _maybe(given["opted_out_at"]), _maybe(given["bounced_at"]),
        tuple(map(instant, given["sends"] or ())),
    )  # fmt: skip


def consents_of(given: Mapping[str, Any]) -> tuple[tuple[datetime, ConsentLevel], ...]:
    """What stood from when on, by each word there was of it; the last one is what stands today."""
    stood: list[tuple[datetime, ConsentLevel]] = []
    for at, level in given["said"] or ():
        before = stood[-1][1].value if stood else None
        stood.append((instant(at), rows.after(before, ConsentLevel(level))))
    today = ConsentLevel(given["consent"])
    if not stood:
        return ((_BEFORE, today),)
    if stood[-1][1] is not today:
        stood[-1] = (stood[-1][0], today)
    return tuple(stood)


def _met(given: Mapping[str, Any]) -> Met:
    return Met(given["state"], instant(given["at"]), _maybe(given["starts_at"]), instant(given["over_at"]))


def instant(text: str) -> datetime:
    """As JSON of the database has it, aware UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _maybe(text: str | None) -> datetime | None:
    return instant(text) if text else None


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
