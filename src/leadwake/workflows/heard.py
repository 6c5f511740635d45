"""When something last reached us from outside: a vendor's webhook, one of the team's own forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from leadwake.errors import DatabaseAway
from leadwake.storage.db import q
from leadwake.workflows.office import Office

#: written at most this often for the same: a burst of reports is one row's one update
EVERY_S: Final = 10.0
#: the form that the setup page hands out; others are written down once they are registered
FORM: Final = "website"
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Heard:
    """source: a vendor, or "form"; name: which webhook or form. detail: a form's page's host, as the browser said."""

    source: str
    name: str
    at: datetime
    detail: str | None


async def hook(office: Office, vendor: str, name: str, *, show: bool = False) -> None:
    """The vendor's webhook has reached us, signed. show: no lead will tell the open pages, so this does."""
    await _note(office, vendor, name, None, show=show)


async def form(office: Office, name: str, page: str) -> None:
    """A form of ours has reached us. page: its URL or origin, as the browser said. Other names are passed over."""
    if name == FORM or any(known.name == name for known in office.forms):
        await _note(office, "form", name, host(page))


async def everything(office: Office) -> list[Heard]:
    """Whatever has reached us, and when last."""
    return [Heard(**row) for row in await office.db.all("heard")]


def host(page: str) -> str | None:
    """The host of a page's URL; None when it is none."""
    try:
        found = urlsplit(page).netloc.rpartition("@")[2].lower()
    except ValueError:
        return None
    return found if _HOST.fullmatch(found) else None


async def _note(office: Office, source: str, name: str, detail: str | None, *, show: bool = False) -> None:
    """It never holds up what it notes: without the database it is passed over."""
    if not office.noted.is_due((source, name, detail), EVERY_S):
        return
    values = {"source": source, "name": name, "at": office.clock.now(), "detail": detail}
    try:
        async with office.db.transaction() as connection:
            await connection.execute(q("heard_note"), values)
            if show:
                await connection.execute("select pg_notify('leadwake_live', '')")
    except DatabaseAway:
        return
