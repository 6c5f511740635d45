"""A meeting is booked, moved, cancelled, missed: its row, its lead, and what follows, in one transaction.

Words about it come doubled, late and in any order, from webhooks and from looks of our own. A booking by somebody we
do not know is an inquiry: they asked for a meeting. Only a booking makes somebody known; what else is told of a
stranger is kept by the vendor's id alone, until we hear who booked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import psycopg
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.actions.planning import Planned, plan, plan_now
from leadwake.domain.contact import normalise_email
from leadwake.domain.meetings import EXPECTED, NEWS, Booking, MeetingState, Standing, Word, after, rated, reminders
from leadwake.domain.values import Purpose
from leadwake.errors import InputError
from leadwake.storage import meetings as rows
from leadwake.storage import tasks
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.intake import RawCapture
from leadwake.workflows import intake, waiting
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office
from leadwake.workflows.routing import alert

#: who is said not to have come hears from us only then: the word may be taken back
NO_SHOW_AFTER: Final = timedelta(minutes=10)
#: the mail goes when the text did not
MAIL_AFTER: Final = timedelta(minutes=20)
#: so long after a meeting the scheduler is asked who came, and once more: no-shows are often marked the next day
LOOKS: Final = (timedelta(minutes=30), timedelta(hours=24))
#: meetings that are over, taken at once
_BATCH: Final = 50
#: where only the vendor knows the time, it is asked at once, and the team told when it has had time to answer
TIME_BY: Final = timedelta(seconds=20)
_REMINDERS: Final = ("meeting_reminder_sms", "meeting_reminder_email")
_NO_SHOW: Final = ("no_show_sms", "no_show_email")


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
                    change = _Change(office, connection, row["id"], lead, now, False, *stood, None, False, False)
                    await change.follow()
            return len(found)

    return await past_deadlocks(once)


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
    before = Standing(MeetingState(row["state"]), row["came_told_at"])
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
    change = _Change(
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


@dataclass(frozen=True, slots=True)
class _Change:
    """One word heard, in its transaction. lead: of `meeting_lead`, locked. is_news: nobody knew of it as theirs."""

    office: Office
    connection: Connection
    id: UUID
    lead: DictRow
    now: datetime
    is_news: bool
    before: MeetingState
    state: MeetingState
    starts_at: datetime | None
    is_timed: bool
    is_move: bool

    async def follow(self) -> None:
        """Whatever follows from the change is written."""
        has_changed = self.is_news or self.before is not self.state
        if not has_changed and not self.is_timed:
            return
        expects = self.state in EXPECTED
        if expects and self.starts_at is not None and (self.is_timed or has_changed):
            await self._remind()
        if has_changed:
            await self._rate()
            await _FOLLOWS[self.state](self)
        await self.connection.execute(q("lead_told"), {"id": self.lead["id"]})

    async def booked(self) -> None:
        """What asks for a meeting stops, and whoever is to be there hears of it."""
        await self.connection.execute(q("meeting_answers_cancel"), {"lead_id": self.lead["id"], "now": self.now})
        await self.connection.execute(q("booking_link_used"), {"lead_id": self.lead["id"]})
        await self._no_show_is_over("booked")
        if self.is_news:
            news = "moved" if self.is_move else "booked"
            await self._record(news)
            await self._tell(news)

    async def held(self) -> None:
        """They came after all, or nobody says otherwise."""
        await self._no_show_is_over("came")
        await self._record("held")

    async def cancelled(self) -> None:
        """Nobody is reminded of it; whoever was to be there hears of it."""
        await self._cancel(_REMINDERS, "meeting_cancelled")
        await self._record("cancelled")
        if not self.is_news:
            await self._tell("cancelled")

    async def rescheduled(self) -> None:
        """Another one takes its place, and tells of itself."""
        await self._cancel(_REMINDERS, "meeting_moved")

    async def no_show(self) -> None:
        """A person is to call them; a little later one message offers another time."""
        await self._cancel(_REMINDERS, "meeting_over")
        await self._record("no_show")
        await tasks.open_task(
            self.connection, self.lead["id"], "call", self.now, due_at=self.now, agent_id=self.lead["agent_id"],
            reason="no_show",
        )  # fmt: skip
        points = await self._points()
        for kind, contact, wait in (("no_show_sms", "phone", NO_SHOW_AFTER), ("no_show_email", "email", MAIL_AFTER)):
            if contact in points:
                await self._plan(kind, contact, points[contact], self.now + wait)

    async def _remind(self) -> None:
        points = await self._points()
        assert self.starts_at is not None
        found = reminders(self.starts_at, self.now, phone="phone" in points, email="email" in points)
        for reminder in found:
            kind = "meeting_reminder_sms" if reminder.contact == "phone" else "meeting_reminder_email"
            await self._plan(kind, reminder.contact, points[reminder.contact], reminder.due_at, reminder.ordinal)

    async def _plan(self, kind: str, contact: str, point: int, due_at: datetime, ordinal: int = 0) -> None:
        """A row with its time, and no job: the pump wakes it when it is due."""
        settings, channel = self.office.settings, "sms" if contact == "phone" else "email"
        if is_off(settings, channel):
            return
        action = Planned(
            kind, contact, Purpose.TRANSACTIONAL, is_practice(settings, channel), contact_point_id=point,
            ordinal=ordinal,
        )  # fmt: skip
        await plan(self.connection, action, cause_id=self.id, now=self.now, lead_id=self.lead["id"], due_at=due_at)

    async def _points(self) -> Mapping[str, int]:
        found = await self.connection.execute(q("meeting_points"), {"lead_id": self.lead["id"]})
        return {row["kind"]: row["point"] for row in await found.fetchall()}

    async def _cancel(self, kinds: Sequence[str], reason: str) -> None:
        values = {"id": self.id, "kinds": list(kinds), "reason": reason, "now": self.now}
        await self.connection.execute(q("meeting_actions_cancel"), values)

    async def _no_show_is_over(self, reason: str) -> None:
        """What a no-show had begun: the message not sent yet, and the task."""
        await self._cancel(_NO_SHOW, reason)
        values = {"lead_id": self.lead["id"], "now": self.now}
        await self.connection.execute(q("meeting_task_done"), values)

    async def _rate(self) -> None:
        """Status, score and its reasons say whether they expect to meet us."""
        row = await _row(self.connection, "meeting_lead", {"lead_id": self.lead["id"]})
        assert row is not None
        expects = bool(row["expects"])
        status = row["status"]
        if expects and status in {"new", "answered", "replied"}:
            status = "booked"
        elif not expects and status == "booked":
            status = "replied"
        score = rated(row["score"], row["reasons"] or [], is_booked=expects)
        values = {
            "lead_id": row["id"], "score": score.value, "temperature": score.temperature.value, "status": status,
            "reasons": Jsonb([{"text": reason.text, "points": reason.points} for reason in score.reasons]),
            "expects": expects, "now": self.now,
        }  # fmt: skip
        if row["restricted_at"] is None:
            await self.connection.execute(q("meeting_lead_rated"), values)

    async def _tell(self, news: str) -> None:
        """Whose the lead is, or with nobody whoever is next to hear of them."""
        found = await waiting.hearers(self.connection, self.lead["id"], self.id, self.now)
        for person in found.people(self.office) if found else ():
            actions = [
                dataclasses.replace(action, ordinal=NEWS.index(news))
                for action in alert(self.office.settings, person, "meeting_alert")
            ]
            values = {"cause_id": self.id, "now": self.now, "lead_id": self.lead["id"]}
            if self.starts_at is not None:
                await plan_now(self.connection, actions, **values)
                continue
            for action in actions:  # by then the vendor was asked when it is
                await plan(self.connection, action, **values, due_at=self.now + TIME_BY)

    async def _record(self, what: str) -> None:
        await record(
            self.connection, self.now, "lead" if what in NEWS else "system", f"meeting_{what}",
            lead_id=self.lead["id"], meeting=str(self.id),
        )  # fmt: skip


_FOLLOWS: Final = {
    MeetingState.BOOKED: _Change.booked,
    MeetingState.HELD: _Change.held,
    MeetingState.CANCELLED: _Change.cancelled,
    MeetingState.RESCHEDULED: _Change.rescheduled,
    MeetingState.NO_SHOW: _Change.no_show,
}


async def _row(connection: Connection, name: str, values: Mapping[str, object]) -> DictRow | None:
    return await (await connection.execute(q(name), values)).fetchone()
