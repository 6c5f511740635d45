"""A meeting is booked, moved, cancelled, missed: whose it is and where it stands, in one transaction with what follows.

Words about it come doubled, late and in any order, from webhooks and from looks of our own. A booking by somebody we
do not know is an inquiry: they asked for a meeting. Only a booking makes somebody known; what else is told of a
stranger is kept by the vendor's id alone, until we hear who booked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

from leadwake.domain.contact import normalise_email
from leadwake.domain.meetings import Booking, MeetingState, Standing, Word, after
from leadwake.errors import InputError, RuleError
from leadwake.storage import meetings as rows
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.ids import new_id
from leadwake.storage.intake import RawCapture
from leadwake.storage.staff import Person
from leadwake.workflows import intake
from leadwake.workflows.meeting_changes import Change
from leadwake.workflows.office import Office
from leadwake.workflows.tasks import UNDO_FOR

#: so long after a meeting the scheduler is asked who came, and once more: no-shows are often marked the next day
LOOKS: Final = (timedelta(minutes=30), timedelta(hours=24))
#: meetings that are over, taken at once
_BATCH: Final = 50


async def told(office: Office, booking: Booking, body: bytes = b"") -> None:
    """
    The word counts: the meeting stands where it leads to, once, however often and in whatever order it is told.

    body: the webhook as it came, kept where it makes somebody known. Raises DatabaseAway.
    """
    lead_id = await _whose(office, booking, body)

    async def once() -> None:
        async with office.db.transaction() as connection:
            await _write(office, connection, booking, lead_id)

    try:
        await past_deadlocks(once)
    except psycopg.errors.ForeignKeyViolation:
        lead_id = None  # erased a moment ago
        await past_deadlocks(once)


async def pass_over(office: Office) -> int:
    """Meetings whose time has passed count as held, until somebody says otherwise; how many there were now."""

    async def once() -> int:
        async with office.db.transaction() as connection:
            now = office.clock.now()
            found = await (await connection.execute(q("meetings_over"), {"now": now, "limit": _BATCH})).fetchall()
            for row in found:
                lead = await _row(connection, "meeting_lead", {"lead_id": row["lead_id"]})
                if lead is not None:
                    stood = (MeetingState.BOOKED, MeetingState.HELD)
                    change = Change(office, connection, row["id"], lead, now, False, *stood, None, False, False)
                    await change.follow()
            return len(found)

    return await past_deadlocks(once)


async def came(office: Office, meeting_id: UUID, person: Person, *, is_no_show: bool) -> UUID:
    """
    One of the team says whether they came: the same follows as from the scheduler's word, which counts no more.

    The lead it was with. Raises RuleError for a meeting that is not there, was called off or has not begun.
    """
    async with office.db.transaction() as connection:
        row, lead, now = await _begun(office, connection, meeting_id)
        before = Standing(MeetingState(row["state"]), row["came_told_at"], row["came_by"] is not None)
        word = Word.NO_SHOW if is_no_show else Word.CAME
        stands = after(before, word, now, is_past=True, by_us=True)
        values = {"id": meeting_id, "state": stands.state.value, "by": person.id, "at": now, "before": row["state"]}
        await connection.execute(q("meeting_came"), values)
        await _say(office, connection, row, lead, stands.state, person)
        return lead["id"]  # type: ignore[no-any-return]


async def came_undone(office: Office, meeting_id: UUID, person: Person) -> UUID | None:
    """It stands as before. None when it is too late, or they said nothing. Raises RuleError as `came`."""
    async with office.db.transaction() as connection:
        row, lead, now = await _begun(office, connection, meeting_id)
        if row["came_by"] != person.id or now - row["came_at"] > UNDO_FOR * max(1.0, office.clock.speed):
            return None
        values = {"id": meeting_id, "state": row["came_before"], "by": None, "at": None, "before": None}
        await connection.execute(q("meeting_came"), values)
        await _say(office, connection, row, lead, MeetingState(row["came_before"]), person)
        return lead["id"]  # type: ignore[no-any-return]


async def _begun(office: Office, connection: Connection, meeting_id: UUID) -> tuple[DictRow, DictRow, datetime]:
    """The meeting and its lead, locked, and the time. Raises RuleError when nobody can say yet whether they came."""
    now, row = office.clock.now(), await _row(connection, "meeting_lock_one", {"id": meeting_id})
    has_begun = row is not None and row["starts_at"] is not None and row["starts_at"] <= now
    if row is None or row["state"] not in {"booked", "held", "no_show"} or not has_begun:
        raise RuleError("there is no such meeting, or it has not begun")
    lead = await _row(connection, "meeting_lead", {"lead_id": row["lead_id"]})
    if lead is None:
        raise RuleError("it is nobody's meeting any more")
    return row, lead, now


async def _say(
    office: Office, connection: Connection, row: DictRow, lead: DictRow, state: MeetingState, person: Person
) -> None:
    stood, by = MeetingState(row["state"]), f"user {person.id}"
    now = office.clock.now()
    change = Change(office, connection, row["id"], lead, now, False, stood, state, row["starts_at"], False, False, by)
    await change.follow()
    await connection.execute(q("lead_told"), {"id": lead["id"]})


async def _whose(office: Office, booking: Booking, body: bytes) -> UUID | None:
    """The lead who booked, taken in where nobody knew them; None for a word about a stranger that is no booking."""
    email = normalise_email(booking.email) if booking.email else None
    row = await office.db.one(
        "meeting_whose", lead_id=booking.lead_id, vendor=booking.vendor,
        refs=[ref for ref in (booking.ref, booking.moved_from, booking.moved_to) if ref],
        hash=office.vault.blind("email", email) if email else b"",
    )  # fmt: skip
    assert row is not None
    found: UUID | None = row["by_ref"] or row["by_id"] or row["by_email"]
    is_old = row["erased_at"] is not None and booking.made_at <= row["erased_at"]
    if found or booking.word is not Word.BOOKED or not body or is_old:
        return found
    capture = RawCapture.once("booking", booking.ref, body, {"vendor": booking.vendor}, booking.vendor)
    try:
        return (await intake.receive(office, capture)).lead_id
    except InputError:
        return None


async def _write(office: Office, connection: Connection, booking: Booking, lead_id: UUID | None) -> None:
    if booking.moved_from and booking.word is not Word.MOVED:
        before = dataclasses.replace(
            booking, ref=booking.moved_from, word=Word.MOVED, moved_to=booking.ref, moved_from="", time=None,
            event_ref="", change_url="", cancel_url="",
        )  # fmt: skip
        await _one(office, connection, before, lead_id)
    await _one(office, connection, booking, lead_id)


async def _one(office: Office, connection: Connection, booking: Booking, lead_id: UUID | None) -> None:
    now = office.clock.now()
    # 1. the meeting's row, locked
    key = {"vendor": booking.vendor, "ref": booking.ref}
    is_new = (await connection.execute(q("meeting_add"), {**key, "id": new_id(), "now": now})).rowcount == 1
    row = await _row(connection, "meeting_lock", key)
    assert row is not None
    lead_id = row["lead_id"] or lead_id
    lead = await _row(connection, "meeting_lead", {"lead_id": lead_id}) if lead_id else None
    if lead is None:
        lead_id = None
    # 2. where it stands now
    starts_at = row["starts_at"] or (booking.time.starts_at if booking.time else None)
    ends_at = row["ends_at"] or (booking.time.ends_at if booking.time else None)
    before = Standing(MeetingState(row["state"]), row["came_told_at"], row["came_by"] is not None)
    stands = after(before, booking.word, booking.said_at, is_past=ends_at is not None and ends_at <= now)
    await connection.execute(
        q("meeting_write"),
        {
            "id": row["id"], "lead_id": lead_id, "state": stands.state.value, "came_told_at": stands.came_told_at,
            "event_ref": booking.event_ref or None, "starts_at": starts_at, "ends_at": ends_at,
            "moved_to": booking.moved_to or None, "sealed": _sealed(office, lead, row, booking),
            "look_at": _look_at(office, stands.state, starts_at, ends_at, booking.event_ref or row["event_ref"]),
        },
    )  # fmt: skip
    # 3. what follows, once for each change of the standing, or when we learn who or when
    if lead is None:
        return
    change = Change(
        office, connection, row["id"], lead, now, is_new or row["lead_id"] is None, before.state, stands.state,
        starts_at, row["starts_at"] is None and starts_at is not None, bool(booking.moved_from),
    )  # fmt: skip
    await change.follow()


def _sealed(office: Office, lead: DictRow | None, row: DictRow, booking: Booking) -> bytes | None:
    if lead is None:
        return None
    key = office.vault.open_data_key(lead["data_key_id"], lead["kek_id"], lead["wrapped"])
    known = rows.opened(key, row["sealed"])
    merged = rows.merged(known, rows.details_of(booking))
    return merged.sealed(key) if merged != known or row["sealed"] is None else None


def _look_at(
    office: Office, state: MeetingState, starts_at: datetime | None, ends_at: datetime | None, event_ref: str | None
) -> datetime | None:
    """When the vendor is asked: at once for the time, where it is not told; after the meeting for who came."""
    now = office.clock.now()
    if state in {MeetingState.CANCELLED, MeetingState.RESCHEDULED}:
        return None
    if starts_at is None or ends_at is None:
        return now if event_ref else None
    return next((at for look in LOOKS if (at := ends_at + look) > now), None)


async def _row(connection: Connection, name: str, values: Mapping[str, object]) -> DictRow | None:
    return await (await connection.execute(q(name), values)).fetchone()
