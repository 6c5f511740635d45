"""How the house is at a glance: a light a dependency, from what `leadwake doctor` finds and what was seen last.

Nothing here asks a vendor or reads a whole table: the page is opened most when something is slow already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.ops import proving
from leadwake.ops.doctor import Finding, Level, database, going_live, house, work
from leadwake.ops.doctor import vendors as vendor_findings
from leadwake.ops.doctor.finding import off
from leadwake.ops.proving import Check
from leadwake.storage import overview
from leadwake.storage.overview import VendorHealth
from leadwake.storage.wakeups import QUEUES
from leadwake.vendors import VENDORS, Mode
from leadwake.workflows import enrichment, heard
from leadwake.workflows.enrichment import Standing
from leadwake.workflows.heard import Heard
from leadwake.workflows.office import Office

#: an action this long past its time stands on the page
LATE: Final = timedelta(seconds=30)
#: vendor → the channels whose actions it carries
CHANNELS: Final[Mapping[str, tuple[str, ...]]] = {
    "twilio": ("sms", "voice"), "sendgrid": ("email",), "smtp": (), "hubspot": ("crm",),
    "gohighlevel": ("crm_gohighlevel",), "slack": ("slack",),
    "apollo": ("enrich",),
    "calendly": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """What should have gone longest ago, and how many should have. lead_id: whose page shows it, None for nobody's."""

    kind: str
    due_at: datetime
    lead_id: UUID | None
    count: int = 1


@dataclass(frozen=True, slots=True)
class VendorLight:
    """A vendor: how it is reached and fares, what waits for it, and what it said when it was tried last."""

    health: VendorHealth
    level: Level
    took_at: datetime | None
    failed_at: datetime | None
    check: Check | None
    heard: Sequence[Heard]
    waiting: Sequence[Waiting]


@dataclass(frozen=True, slots=True)
class QueueLight:
    """A queue of wake-ups: how many wait, and the oldest action that should have gone."""

    name: str
    depth: int
    oldest: Waiting | None


@dataclass(frozen=True, slots=True)
class Health:
    """The page. lights: in the words of `leadwake doctor`; worst first within their parts."""

    at: datetime
    lights: Sequence[Finding]
    vendors: Sequence[VendorLight]
    queues: Sequence[QueueLight]
    pending_capture_at: datetime | None
    lookups: Standing | None = None

    @property
    def worst(self) -> Level:
        """How it is all in all; what is off counts as well."""
        found = {light.level for light in self.lights} | {vendor.level for vendor in self.vendors}
        return next((level for level in (Level.FAILED, Level.WARNING) if level in found), Level.OK)


_RANK: Final = (Level.FAILED, Level.WARNING, Level.OK, Level.OFF)


async def look(office: Office) -> Health:
    """How it all is now. Raises DatabaseAway."""
    lights = sorted(await _lights(office), key=lambda light: _RANK.index(light.level))
    now = office.clock.now()
    capture = await office.db.one("health_oldest_capture")
    return Health(
        now, lights, await _vendors(office, now), await _queues(office, now), capture["at"] if capture else None,
        await enrichment.standing(office),
    )  # fmt: skip


async def _lights(office: Office) -> list[Finding]:
    settings = office.settings
    server = await office.db.one("doctor_server")
    assert server is not None
    found = list(database.of_server(settings, server, datetime.now(UTC)))
    found += [house.clock(settings, datetime.now(UTC)), house.callbacks(settings)]
    found += await asyncio.to_thread(lambda: list(house.directory(settings)))  # a disk may be slow
    found += house.settings(settings)
    vendors = await vendor_findings.findings(settings, ask=False)
    found += [one for one in vendors if one.about not in VENDORS]  # each vendor has a light of its own below
    found += [one async for one in work.at_a_glance(office, settings)]
    found += [one async for one in going_live.findings(office, ask=False)]
    found.append(off("certificates", "not ours: whatever answers at your https:// address renews its own"))
    return found


async def _vendors(office: Office, now: datetime) -> list[VendorLight]:
    attempts = {row["vendor"]: row for row in await office.db.all("health_attempts")}
    checks = await proving.checks(office)
    came = await heard.everything(office)
    channels = [channel for found in CHANNELS.values() for channel in found]
    rows = await office.db.all("health_oldest_by_channel", channels=channels, late_at=now - LATE)
    waiting = {row["channel"]: _waiting(row, row["n"]) for row in rows}
    return [
        _vendor(vendor, attempts.get(vendor.name), checks.get(vendor.name), came, waiting)
        for vendor in await overview.vendors(office.db, office.settings)
    ]


def _vendor(
    vendor: VendorHealth,
    attempts: DictRow | None,
    check: Check | None,
    came: Sequence[Heard],
    waiting: Mapping[str, Waiting],
) -> VendorLight:
    own = [waiting[channel] for channel in CHANNELS.get(vendor.name, ()) if channel in waiting]
    return VendorLight(
        vendor, _level(vendor, check, own), attempts["took_at"] if attempts else None,
        attempts["failed_at"] if attempts else None, check, [one for one in came if one.source == vendor.name], own,
    )  # fmt: skip


def _level(vendor: VendorHealth, check: Check | None, waiting: Sequence[Waiting]) -> Level:
    if vendor.mode is Mode.OFF:
        return Level.OFF if len(vendor.missing) == len(VENDORS[vendor.name].needs) else Level.WARNING
    if vendor.is_open or (check is not None and not check.ok):
        return Level.FAILED
    return Level.WARNING if waiting else Level.OK


async def _queues(office: Office, now: datetime) -> list[QueueLight]:
    depths = {row["queue_name"]: row["n"] for row in await office.db.all("jobs_waiting")}
    rows = await office.db.all("health_oldest_by_queue", queues=list(QUEUES), late_at=now - LATE)
    oldest = {row["queue"]: _waiting(row, 1) for row in rows if row["id"] is not None}
    return [QueueLight(name, depths.get(name, 0), oldest.get(name)) for name in QUEUES]


def _waiting(row: DictRow, count: int) -> Waiting:
    return Waiting(row["kind"], row["due_at"], row["lead_id"], count)
