"""How our mail is received: addresses that do not exist, complaints, and the pause of marketing they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadwake.compliance.complaints import COUNTED_FOR, PAUSE_PER_MILLE, is_too_many
from leadwake.errors import RuleError
from leadwake.storage.db import Connection, Database, q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office

MIN_REASON_CHARS = 10
MAX_REASON_CHARS = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """mails, bounced, complaints: of the last 28 days. paused_at: since when marketing stands still, or None."""

    mails: int
    bounced: int
    complaints: int
    paused_at: datetime | None

    @property
    def rate_percent(self) -> float:
        """Complaints in a hundred mails."""
        return 100 * self.complaints / self.mails if self.mails else 0.0


async def standing(db: Database, now: datetime) -> Standing:
    """The figures of the last 28 days, and whether marketing stands still."""
    row = await db.one("mail_figures", since=now - COUNTED_FOR)
    paused = await db.one("mail_pause_now")
    assert row is not None
    return Standing(row["mails"], row["bounced"], row["complaints"], paused["at"] if paused else None)


async def bounced(connection: Connection, point: int, lead_id: UUID | None, vendor: str, now: datetime) -> None:
    """The address, locked, gets no more automated mail until its person asks again. Another state than an opt-out."""
    row = await (await connection.execute(q("mail_bounced"), {"point": point, "now": now})).fetchone()
    if row and row["is_new"]:
        await record(connection, now, f"vendor {vendor}", "address_bounced", lead_id=lead_id, point=point)


async def complained(connection: Connection, action_id: UUID, vendor: str, now: datetime) -> None:
    """The complaint about this mail is counted, and marketing stands still where there are too many."""
    added = await connection.execute(q("mail_complaint_add"), {"action_id": action_id, "now": now})
    if added.rowcount == 0:
        return
    values = {"since": now - COUNTED_FOR, "per_mille": PAUSE_PER_MILLE}
    row = await (await connection.execute(q("mail_complaints"), values)).fetchone()
    assert row is not None
    if not is_too_many(row["complaints"], row["mails"]):
        return
    paused = await connection.execute(q("mail_pause_add"), {"now": now, "complaints": row["complaints"]})
    if paused.rowcount:
        await record(connection, now, f"vendor {vendor}", "mail_paused", complaints=row["complaints"])


async def resume(office: Office, person: Person, reason: str) -> None:
    """
    Marketing mail goes on; complaints until now no longer count. Who did it stands in the log, why beside it, sealed.

    Raises RuleError when the reason says nothing, or nothing is paused.
    """
    reason = " ".join(reason.split())
    if not MIN_REASON_CHARS <= len(reason) <= MAX_REASON_CHARS:
        raise RuleError(f"Say why it is safe to go on, in {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters.")
    now = office.clock.now()
    async with office.db.transaction() as connection:
        row = await (await connection.execute(q("mail_pause_now"))).fetchone()
        if row is None:
            raise RuleError("Marketing e-mail is not paused.")
        sealed = office.vault.seal_setting(f"mail_pause {row['id']}", reason)
        values = {"id": row["id"], "now": now, "user_id": person.id, "reason": sealed}
        await connection.execute(q("mail_pause_end"), values)
        await record(connection, now, f"user {person.id}", "mail_resumed", pause=row["id"])
