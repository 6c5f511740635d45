"""What follows when a meeting is booked, moved, cancelled, missed or held: planned, cancelled, told and counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.actions.planning import Planned, plan, plan_now
from leadwake.domain.meetings import EXPECTED, NEWS, MeetingState, reminders
from leadwake.domain.values import Purpose
from leadwake.storage import scores, tasks
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.workflows import scoring, waiting
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office
from leadwake.workflows.routing import alert

#: who is said not to have come hears from us only then: the word may be taken back
NO_SHOW_AFTER: Final = timedelta(minutes=10)
#: the mail goes when the text did not
MAIL_AFTER: Final = timedelta(minutes=20)
#: where only the vendor knows the time, it is asked at once, and the team told when it has had time to answer
TIME_BY: Final = timedelta(seconds=20)
_REMINDERS: Final = ("meeting_reminder_sms", "meeting_reminder_email")
_NO_SHOW: Final = ("no_show_sms", "no_show_email")


@dataclass(frozen=True, slots=True)
class Change:
    """
    One word heard, in its transaction. lead: of `meeting_lead`, locked. is_news: nobody knew of it as theirs.

    by: who of the team said it, as the log has it; "" for the scheduler and the clock.
    """

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
    by: str = ""

    async def follow(self) -> None:
        """Whatever follows from the change is written."""
        has_changed = self.is_news or self.before is not self.state
        if not has_changed and not self.is_timed:
            return
        expects = self.state in EXPECTED
        if expects and self.starts_at is not None and (self.is_timed or has_changed):
            await self._remind()
        if has_changed:
            await self._stand()
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

    async def _stand(self) -> None:
        """Their status says whether they expect to meet us, and their score what became of it."""
        row = await (await self.connection.execute(q("meeting_lead"), {"lead_id": self.lead["id"]})).fetchone()
        assert row is not None
        if row["restricted_at"] is not None:
            return
        expects, status = bool(row["expects"]), row["status"]
        if expects and status in {"new", "imported", "answered", "replied"}:
            status = "booked"
        elif not expects and status == "booked":
            status = "replied"
        values = {"lead_id": row["id"], "status": status, "expects": expects, "now": self.now}
        await self.connection.execute(q("meeting_lead_stands"), values)
        await scores.add(self.connection, row["id"], self.id, self.now, [f"meeting_{self.state}"])
        await scoring.rescore(self.office, self.connection, row["id"])

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
            self.connection, self.now, self.by or ("lead" if what in NEWS else "system"), f"meeting_{what}",
            lead_id=self.lead["id"], meeting=str(self.id),
        )  # fmt: skip


_FOLLOWS: Final = {
    MeetingState.BOOKED: Change.booked,
    MeetingState.HELD: Change.held,
    MeetingState.CANCELLED: Change.cancelled,
    MeetingState.RESCHEDULED: Change.rescheduled,
    MeetingState.NO_SHOW: Change.no_show,
}
