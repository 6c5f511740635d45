"""After a restore: what the backup had planned may have been sent before the disaster, and nobody here remembers. Pure.

Until a person has looked, automation writes to nobody from the backup, but in answer to what came in since. So nothing
goes out twice, and nothing goes out late that nobody meant any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

#: why an action waits, or was cancelled
REASON: Final = "restored"
#: one that waits is judged again after so long; a person's look wakes it at once
LOOK_AGAIN: Final = timedelta(minutes=15)

#: what is heard or read by somebody; records, webhooks and orders to forget may be made twice
_TOLD: Final = frozenset({"sms", "email", "voice", "slack"})
_NO_SHOW: Final = frozenset({"no_show_sms", "no_show_email"})


class Fate(StrEnum):
    """What becomes of an action because of the restore."""

    FREE = "free"
    HELD = "held"  # until a person has looked
    OVER = "over"  # an alert of before; or it was held, and the person let it go


@dataclass(frozen=True, slots=True)
class Aftermath:
    """restored_at: business time. looked: a person has. sends: and what had waited may go."""

    restored_at: datetime
    looked: bool = False
    sends: bool = False

    def fate(self, row: Mapping[str, Any]) -> Fate:
        """The fate of an action that is due now. row: as a claim reads it."""
        was_held = row["was_because"] == REASON
        if self.looked:
            return Fate.OVER if was_held and not self.sends else Fate.FREE
        if row["kind"].startswith("forget_") or (row["channel"] not in _TOLD and row["kind"] != "crm_note"):
            return Fate.FREE
        if row["purpose"] == "staff" and row["kind"] != "crm_note":
            return Fate.OVER if self._is_before(row["created_at"]) else Fate.FREE
        return Fate.HELD if was_held or self._may_be_old(row) else Fate.FREE

    def _may_be_old(self, row: Mapping[str, Any]) -> bool:
        if not self._is_before(row["lead_created_at"]):
            return False
        if self._is_before(row["created_at"]):
            # due later, it cannot have gone before; one that was tried may have, whenever it is due now
            return row["attempts"] > 0 or self._is_before(row["due_at"])
        if row["kind"].startswith("nurture_"):
            return row["enrolled_by"] is None or self._is_before(row["enrolled_at"])
        if row["kind"] in _NO_SHOW:
            return self._is_before(row["meeting_starts_at"])
        return row["purpose"] == "instant_reply" and self._is_before(row["captured_at"])

    def _is_before(self, at: datetime | None) -> bool:
        return at is not None and at <= self.restored_at
