"""The figures at the head of the page: today, who waits, which vendor fails, what needs a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow

from leadwake.settings import Settings
from leadwake.storage.db import Database
from leadwake.storage.intake import open_profile
from leadwake.storage.vault import Vault
from leadwake.vendors import VENDORS, Mode

#: dead letters shown at once; the rest are counted
LETTERS = 200
#: an answer to what was asked longer ago has expired: fourteen days a text waits, three an inquiry may be old
STILL_WAITING = timedelta(days=18)
#: dead letters are counted up to here
MANY_LETTERS = 1000
#: cards of the badge at "Now" are counted up to here
MANY_WAIT = 100


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
    """
    What every page's head says: dead letters that wait for a person, vendors that fail, marketing that pauses.

    waiting: people who wait for this member of the team. Both counts end at a hundred and a thousand.
    """

    dead_letters: int
    failing: Sequence[VendorHealth]
    mail_paused_at: datetime | None = None
    waiting: int = 0


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


async def attention(db: Database, settings: Settings, user_id: UUID, now: datetime) -> Attention:
    """What needs a person now, in one query: every page asks."""
    row = await db.one("attention", user_id=user_id, now=now, letters=MANY_LETTERS, people=MANY_WAIT)
    assert row is not None
    states = zip(row["vendors"] or (), row["reasons"] or (), row["sinces"] or (), strict=True)
    open_now = {name: {"state": "open", "reason": reason, "since": since} for name, reason, since in states}
    failing = [_health(settings, name, open_now[name]) for name in VENDORS if name in open_now]
    return Attention(
        row["dead_letters"], [vendor for vendor in failing if vendor.is_open], row["mail_paused_at"], row["waiting"]
    )


async def vendors(db: Database, settings: Settings) -> list[VendorHealth]:
    """Every vendor there is, and how it fares."""
    states = {row["vendor"]: row for row in await db.all("vendor_states")}
    return [_health(settings, name, states.get(name)) for name in VENDORS]


async def today(db: Database, now: datetime, zone: ZoneInfo, *, practice: bool) -> Today:
    """The day so far. zone: the team's. practice: count practice leads, too."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    done = await db.one("reading_today", midnight=midnight, practice=practice)
    waiting = await db.one("reading_waiting", since=now - STILL_WAITING)
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
