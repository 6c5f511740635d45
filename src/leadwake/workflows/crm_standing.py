"""How each CRM stands with us: what waits and why, what went well last, what went wrong; and a try now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leadwake.actions.planning import CRM_CHANNELS
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.wakeups import wake
from leadwake.vendors import CRMS, VENDORS, Mode
from leadwake.workflows.office import Office


@dataclass(frozen=True, slots=True)
class Waits:
    """Some of what waits, for one reason. way: out, what we write; in, what they said."""

    way: str
    count: int
    reason: str | None
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A CRM. failing: why its circuit is open; failed: dead letters and news that wait for a person."""

    name: str
    label: str
    mode: Mode
    waits: Sequence[Waits] = ()
    written_at: datetime | None = None
    heard_at: datetime | None = None
    dead: int = 0
    failed: int = 0
    failing: str | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None


async def standings(office: Office) -> list[Standing]:
    """Every CRM we know of, those that are off among them."""
    return [await _standing(office, crm) for crm in CRMS]


async def _standing(office: Office, crm: str) -> Standing:
    if office.settings.mode(crm) is Mode.OFF:
        return Standing(crm, VENDORS[crm].label, Mode.OFF)
    row = await office.db.one("crm_standing", vendor=crm, channel=CRM_CHANNELS[crm])
    waits = await office.db.all("crm_waits", vendor=crm, channel=CRM_CHANNELS[crm])
    assert row is not None
    return Standing(crm, VENDORS[crm].label, office.settings.mode(crm), [Waits(**one) for one in waits], **row)


async def try_now(office: Office, crm: str, actor: str) -> int:
    """What waits for this CRM is tried now, and what had failed of its news once more; how much that is."""
    async with office.db.transaction() as connection:
        now = office.clock.now()
        news = await connection.execute(q("crm_events_hurry"), {"vendor": crm})
        rows = await (
            await connection.execute(q("crm_actions_hurry"), {"channel": CRM_CHANNELS[crm], "now": now})
        ).fetchall()
        for queue in {row["queue"] for row in rows}:
            await wake(connection, [(CRM_CHANNELS[crm], row["id"]) for row in rows if row["queue"] == queue], queue)
        await record(connection, now, actor, "crm_tried_now", crm=crm, count=news.rowcount + len(rows))
        return int(news.rowcount + len(rows))
