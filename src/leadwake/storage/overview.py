"""The figures at the head of the page: today, who waits, which vendor fails, what needs a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow

from leadwake.config import VENDORS, Mode, Settings
from leadwake.storage.db import Database
from leadwake.storage.intake import open_profile
from leadwake.storage.vault import Vault

#: dead letters shown at once; the rest are counted
LETTERS = 200


@dataclass(frozen=True, slots=True)
class VendorHealth:
    """How a vendor is reached and fares. is_open: its circuit, since then for that reason. missing: to be live."""

    name: str
    label: str
    mode: Mode
    is_open: bool = False
    reason: str | None = None
    since: datetime | None = None
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Attention:
    """What every page's head says: dead letters that wait for a person, vendors that fail, marketing that pauses."""

    dead_letters: int
    failing: Sequence[VendorHealth]
    mail_paused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """
    leads, answered: since midnight of the team's day. median_s: from asking to first touch.

    waiting: people nothing has reached though something is on its way; oldest_asked_at: the one who waits longest.
    """

    leads: int
    answered: int
    median_s: float | None
    waiting: int
    oldest_asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An action that needs a person. called: the lead's name, None for an action without one."""

    id: UUID
    kind: str
    state: str
    reason: str | None
    vendor: str | None
    attempts: int
    created_at: datetime
    settled_at: datetime | None
    lead_id: UUID | None
    called: str | None
    practice: bool
    possible_duplicate: bool


async def attention(db: Database, settings: Settings) -> Attention:
    """What needs a person now."""
    count = await db.one("dead_letter_count")
    failing = [vendor for vendor in await vendors(db, settings) if vendor.is_open]
    paused = await db.one("mail_pause_now")
    return Attention(count["n"] if count else 0, failing, paused["at"] if paused else None)


async def vendors(db: Database, settings: Settings) -> list[VendorHealth]:
    """Every vendor there is, and how it fares."""
    states = {row["vendor"]: row for row in await db.all("vendor_states")}
    return [_health(settings, name, states.get(name)) for name in VENDORS]


async def today(db: Database, now: datetime, zone: ZoneInfo, *, practice: bool) -> Today:
    """The day so far. zone: the team's. practice: count practice leads, too."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    done = await db.one("reading_today", midnight=midnight, practice=practice)
    waiting = await db.one("reading_waiting")
    assert done is not None
    assert waiting is not None
    median = max(0.0, done["median_s"]) if done["median_s"] is not None else None
    return Today(done["leads"], done["answered"], median, waiting["people"], waiting["oldest_asked_at"])


async def dead_letters(db: Database, vault: Vault) -> list[DeadLetter]:
    """The newest actions that need a person, at most 200."""
    return [_letter(vault, row) for row in await db.all("reading_dead_letters", limit=LETTERS)]


def _health(settings: Settings, name: str, row: Mapping[str, Any] | None) -> VendorHealth:
    mode = settings.mode(name)
    is_open = row is not None and row["state"] == "open" and mode is not Mode.OFF
    return VendorHealth(
        name, VENDORS[name].label, mode, is_open, row["reason"] if row and is_open else None,
        row["since"] if row and is_open else None, settings.missing(name),
    )  # fmt: skip


def _letter(vault: Vault, row: DictRow) -> DeadLetter:
    profile = open_profile(vault, row) if row["wrapped"] is not None else {}
    called = next((profile[key] for key in ("name", "phone", "email") if profile.get(key)), None)
    return DeadLetter(
        row["id"], row["kind"], row["state"], row["reason"], row["vendor"], row["attempts"], row["created_at"],
        row["settled_at"], row["lead_id"], called, row["practice"], row["possible_duplicate"],
    )  # fmt: skip
