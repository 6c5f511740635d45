"""Where an office is opened: database, vault, settings and tables wired together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from leadwake.compliance.tables import Tables
from leadwake.settings import Settings
from leadwake.storage import rule_tables
from leadwake.storage.db import Database
from leadwake.storage.keyring import open_vault
from leadwake.storage.keys import MasterKey
from leadwake.workflows import sequences
from leadwake.workflows.office import Office


async def open_office(settings: Settings, url: str, *, pool: int = 8) -> tuple[Office, MasterKey | None]:
    """
    An office on a migrated database; with the master key if it was made just now, so that its copy is shown once.

    Raises ConfigError, DatabaseAway.
    """
    db = Database(url, max_size=pool)
    await db.open()
    try:
        vault, created = await open_vault(db, settings.data_dir, settings.get("MASTER_KEY") or None)
        office = Office(db, vault, settings, Tables.load())
        await office.refresh()
        await rule_tables.keep_shipped(db, office.shipped, office.clock.now())
        await sequences.keep_shipped(office)
    except BaseException:
        await db.close()
        raise
    return office, created


@asynccontextmanager
async def office_at(settings: Settings, url: str, *, pool: int = 4) -> AsyncIterator[Office]:
    """An office for one command, closed at the end."""
    office, _ = await open_office(settings, url, pool=pool)
    try:
        yield office
    finally:
        await office.tokens.settled()
        await office.db.close()
