"""Calls with a lead, as their page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadwake.storage.db import Database

MANY = 100


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """
    One call. direction: in, out. agent_id: who talked, or was to. outcome_by: who said what came of it.

    state: planned, ringing, talking, ended, missed, failed. text_state: of the text that went back for a missed call.
    """

    id: UUID
    direction: str
    agent_id: UUID | None
    state: str
    at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    outcome_by: UUID | None
    text_state: str | None = None

    @property
    def is_open(self) -> bool:
        """True while something may still come of it."""
        return self.state in {"planned", "ringing", "talking"}

    @property
    def is_connecting(self) -> bool:
        """True while the lead's phone rings: the agent has picked up (see call_connects)."""
        return self.state == "ringing" and self.direction == "out" and self.outcome is not None

    @property
    def asks_outcome(self) -> bool:
        """True for a call of ours that is over and of which nobody has said how it went."""
        return self.direction == "out" and self.state == "ended" and self.outcome_by is None


async def of_lead(db: Database, lead_id: UUID) -> list[PhoneCall]:
    """Every call with the lead, newest first."""
    return [PhoneCall(**row) for row in await db.all("reading_calls", lead_id=lead_id, before=None, limit=MANY)]
