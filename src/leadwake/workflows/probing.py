"""A probe's look: its lead goes all the way a lead goes, to the last statement, and is taken back; the look is stored.

So understanding, matching, routing, planning, the keys and a durable commit are tried, and no lead is made, nobody is
told, nothing is counted. What is not tried: that the row of a lead itself outlives the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from leadwake import log
from leadwake.domain import probe
from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.storage.db import Connection, q
from leadwake.storage.intake import RawCapture
from leadwake.workflows import admission, intake
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: a look made longer ago is not taken any more
OLDEST: Final = timedelta(days=7)
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Look:
    """One look, as the probe tells it. ago_s: seconds before it was told, so that no clocks are compared."""

    id: UUID
    ago_s: float
    is_up: bool
    why: str | None = None
    tls_until: datetime | None = None


async def take(
    office: Office, name: str, every_s: int, now_: Look, before: Sequence[Look], lead: bytes
) -> bool:  # fmt: skip
    """The looks are stored, durably; whether the lead would have been admitted. Raises InputError, DatabaseAway."""
    now = office.clock.now()
    raw = RawCapture("api", lead, {"content_type": "application/json"})
    inquiry = intake.understand(raw, now)
    if inquiry.phone or not (inquiry.email or "").endswith(".invalid"):
        raise InputError({"lead": "a probe's lead has an address under .invalid and no number"})
    async with office.db.transaction() as connection:
        is_up = await _is_admitted(office, connection, raw, inquiry, now)
        for look in before:
            await _add(connection, name, every_s, look, now, is_up=look.is_up)
        await _add(connection, name, every_s, now_, now, is_up=is_up)
    return is_up


async def _is_admitted(
    office: Office, connection: Connection, raw: RawCapture, inquiry: Inquiry, now: datetime
) -> bool:
    """Whether the lead gets through, tried as often as a real one is; nothing of it stays."""
    for attempt in range(_TRIES):
        try:
            async with connection.transaction(force_rollback=True):
                key = office.vault.new_data_key()
                await admission.put(
                    office, connection, raw, inquiry, now, key, is_first=True, unrouted=attempt > 0
                )  # fmt: skip
            return True
        except Exception:
            if connection.broken:
                raise
            _log.warning("probe_not_admitted", attempt=attempt, exc_info=True)
    return False


async def _add(
    connection: Connection, name: str, every_s: int, look: Look, now: datetime, *, is_up: bool
) -> None:  # fmt: skip
    at = now - timedelta(seconds=look.ago_s)
    if now - at > OLDEST:
        return
    why = look.why or ("not_admitted" if not is_up else None)
    values = {
        "id": look.id, "probe": name, "at": at, "every_s": min(every_s, probe.LONGEST_S), "is_up": is_up,
        "why": None if is_up else why, "tls_until": look.tls_until,
    }  # fmt: skip
    await connection.execute(q("probe_add"), values)
