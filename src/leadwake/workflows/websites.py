"""The team's own websites: added, seen for the first time, taken off again; and which pages may use our scripts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from leadwake.domain.website import PARTS, Website, plain, read_origin
from leadwake.errors import InputError
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows import heard
from leadwake.workflows.office import Office

#: as `heard` names it
SOURCE: Final = "website"


@dataclass(frozen=True, slots=True)
class Added:
    """A website as the page shows it. seen_at: when one of its pages last ran our script."""

    website: Website
    added_at: datetime
    seen_at: datetime | None


def find(office: Office, origin: str | None) -> Website | None:
    """The website whose page says it is of this origin; asks nothing of the database."""
    return office.websites.get(plain(origin)) if origin else None


def allowed(office: Office, origin: str | None, part: str | None = None) -> bool:
    """True when pages of this origin may use our scripts, and this part is on for them."""
    website = find(office, origin)
    return website is not None and (part is None or part in website.parts)


async def everything(office: Office) -> list[Added]:
    """Every website there is, the oldest first."""
    seen = {one.name: one.at for one in await heard.everything(office) if one.source == SOURCE}
    return [
        Added(Website(*(row[name] for name in ("id", "origin", *PARTS))), row["added_at"], seen.get(row["origin"]))
        for row in await office.db.all("websites_added")
    ]


async def note_seen(office: Office, website: Website) -> None:
    """The open pages tick: our script runs there."""
    await heard.hook(office, SOURCE, website.origin, show=True)


async def add(office: Office, address: str, person: Person) -> None:
    """Pages of the website may use our scripts from now on. Raises InputError."""
    origin, now = read_origin(address), office.clock.now()
    async with office.db.transaction() as connection:
        values = {"id": new_id(), "origin": origin, "user_id": person.id, "now": now}
        row = await (await connection.execute(q("website_add"), values)).fetchone()
        if row is None:
            raise InputError({"address": f"{origin.partition('://')[2]} is there already, see below."})
        await record(connection, now, f"user {person.id}", "website_added", website=str(row["id"]))
        await connection.execute(q("office_changed"))
    await office.refresh()


async def choose(office: Office, website_id: UUID, parts: Collection[str], person: Person) -> None:
    """Its pages load these parts from now on."""
    values = {"id": website_id} | {part: part in parts for part in PARTS}
    await _change(office, "website_choose", values, person, "website_changed")


async def remove(office: Office, website_id: UUID, person: Person) -> bool:
    """Its pages are refused from now on; False when it was not there."""
    values = {"id": website_id, "now": office.clock.now()}
    return await _change(office, "website_remove", values, person, "website_removed")


async def restore(office: Office, website_id: UUID, person: Person) -> bool:
    """It is as it was before it was removed."""
    return await _change(office, "website_restore", {"id": website_id}, person, "website_restored")


async def _change(office: Office, query: str, values: Mapping[str, object], person: Person, kind: str) -> bool:
    async with office.db.transaction() as connection:
        if await (await connection.execute(q(query), values)).fetchone() is None:
            return False
        await record(connection, office.clock.now(), f"user {person.id}", kind, website=str(values["id"]))
        await connection.execute(q("office_changed"))
    await office.refresh()
    return True
