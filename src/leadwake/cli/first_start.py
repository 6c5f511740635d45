"""What a new database needs before its first lead: somebody who may sign in, and in practice a team and a key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from leadwake.bootstrap import office_at, open_office
from leadwake.config import Settings
from leadwake.errors import ConfigError, InputError, LeadwakeError
from leadwake.storage import staff
from leadwake.storage.credentials import hash_password, new_api_key
from leadwake.storage.events import record
from leadwake.web.auth import SCOPES
from leadwake.workflows.office import Office

#: the invented team of practice
SAMPLE_TEAM = (
    ("Dana Reyes", "dana@practice.example.com", "+1 813 555 0101"),
    ("Marcus Bell", "marcus@practice.example.com", "+1 813 555 0102"),
    ("Priya Nair", "priya@practice.example.com", "+1 813 555 0103"),
)


@dataclass(frozen=True, slots=True)
class Ready:
    """What the first start has to tell. invite: path of the one-time link; api_key: only when it was made just now."""

    practice: bool
    invite: str | None
    api_key: str | None


async def prepare(settings: Settings, url: str, *, practice: bool, say: Callable[[str], None]) -> Ready:
    """
    The database can take its first lead. practice: wanted, which counts only if the database is new or in practice already.

    Raises ConfigError.
    """
    office, created = await open_office(settings, url, pool=2)
    try:
        if created is not None:
            say("A master key was made for this data directory. Keep this recovery copy somewhere else; it is shown once:")
            say(f"  {created.text}")
        is_practice = practice and await _may_practise(office)
        key = await _seed(office) if is_practice and not office.team else None
        await _first_admin(office)
        await office.refresh()
        admins = [person for person in office.team if person.role == "admin" and not person.disabled]
        invite = None if any(person.has_password for person in admins) else f"/invite/{await staff.invite(office.db, None)}"
        return Ready(is_practice, invite, key)
    finally:
        await office.db.close()


async def _may_practise(office: Office) -> bool:
    """True for a new database, which is then marked, and for one that was marked before."""
    marked = {row["name"] for row in await office.db.all("settings")}
    if "PRACTICE" in marked:
        row = next(row for row in await office.db.all("settings") if row["name"] == "PRACTICE")
        return office.vault.open_setting("PRACTICE", row["sealed"]) == "on"
    is_new = await office.db.one("is_new")
    if is_new and is_new["is_new"]:
        await office.db.run("setting_save", name="PRACTICE", sealed=office.vault.seal_setting("PRACTICE", "on"))
        return True
    return False


async def _seed(office: Office) -> str:
    """The sample team, and an API key for the first lead by curl."""
    for name, email, phone in SAMPLE_TEAM:
        await staff.add(
            office.db, office.vault, name=name, email=email, phone=phone, role="agent", takes_leads=True, practice=True
        )
    key = new_api_key()
    await office.db.run("api_key_add", id=key.id, name="first steps", secret_hash=key.hash, scopes=list(SCOPES))
    async with office.db.transaction() as connection:
        await record(connection, office.clock.now(), "system", "api_key_created", key=key.id)
    return key.text


async def _first_admin(office: Office) -> None:
    """The admin named by the environment, if nobody is there yet."""
    email, password = office.settings.get("ADMIN_EMAIL"), office.settings.get("ADMIN_PASSWORD")
    if not email or any(person.role == "admin" and not person.practice for person in office.team):
        return
    if not password:
        raise ConfigError("LEADWAKE_ADMIN_EMAIL is set, LEADWAKE_ADMIN_PASSWORD is not: set both, or neither")
    try:
        hashed = await asyncio.to_thread(hash_password, password)
        await staff.add(
            office.db, office.vault, name=email.partition("@")[0], email=email, phone=None, role="admin", takes_leads=False,
            password_hash=hashed,
        )
    except (InputError, ValueError) as error:
        raise ConfigError(f"LEADWAKE_ADMIN_EMAIL / _ADMIN_PASSWORD: {error}") from error


async def demo_key(settings: Settings, url: str) -> str:
    """A key for the stream of sample leads."""
    async with office_at(settings, url, pool=2) as office:
        key = new_api_key()
        if not await office.db.run(
            "api_key_add", id=key.id, name="demo stream", secret_hash=key.hash, scopes=["leads:write"]
        ):
            raise LeadwakeError("the demo's key could not be stored")
        return key.text
