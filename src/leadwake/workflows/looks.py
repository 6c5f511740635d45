"""Who looked at whom: noted in memory while a page is made, written a moment later, many at once (ADR 0057)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from leadwake import log
from leadwake.domain.looks import IN_PASSING, How, Looked, ReaderDay, together, with_habits
from leadwake.errors import DatabaseAway
from leadwake.storage.db import past_deadlocks, q
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: a page that is loaded again within so long is the same look
SAME_LOOK_S: Final = 300.0
#: the looks of so long are written at once; a process that is killed loses no more
EVERY_S: Final = 1.0
#: looks kept while the database is away; more than that many people cannot be seen without it
_MOST: Final = 50_000
_Key = tuple[UUID, str, str]


@dataclass(slots=True)
class _Noted:
    first_at: datetime
    last_at: datetime
    times: int = 1


@dataclass(slots=True)
class Looks:
    """The looks that one process has seen and not written yet."""

    office: Office
    _noted: dict[_Key, _Noted] = field(default_factory=dict)
    _recent: dict[_Key, float] = field(default_factory=dict)

    def saw(self, reader: str, how: How, leads: Iterable[UUID | None]) -> None:
        """The reader ("user <id>", "key <id>") saw the data of these leads; costs a microsecond for each."""
        at, now = self.office.clock.now(), time.monotonic()
        for lead_id in leads:
            if lead_id is None:
                continue
            key = (lead_id, reader, how.value)
            if now - self._recent.get(key, -SAME_LOOK_S) < SAME_LOOK_S:
                continue
            self._recent[key] = now
            if noted := self._noted.get(key):
                noted.last_at, noted.times = at, noted.times + 1
            elif len(self._noted) < _MOST:
                self._noted[key] = _Noted(at, at)

    async def run(self) -> None:
        """Writes until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.write()

    async def write(self) -> None:
        """What was seen until now stands in the database; while that is away it waits here."""
        noted, self._noted = self._noted, {}
        if len(self._recent) > _MOST:
            self._recent.clear()
        if not noted:
            return
        try:
            await _add(self.office, noted)
        except DatabaseAway:
            self._noted = {**noted, **self._noted}
        except asyncio.CancelledError:  # told to stop: it is written once more at the end
            self._noted = {**noted, **self._noted}
            raise
        except Exception:  # the pages go on without it, and the log says that a second's looks are missing
            _log.exception("looks_not_written", count=len(noted))


async def note(office: Office, reader: str, how: How, leads: Iterable[UUID]) -> None:
    """The same at once, for a command that ends. Raises DatabaseAway."""
    now = office.clock.now()
    if noted := {(lead_id, reader, how.value): _Noted(now, now) for lead_id in leads}:
        await _add(office, noted)


async def _add(office: Office, noted: dict[_Key, _Noted]) -> None:
    zone = office.settings.time_zone
    values: dict[str, list[Any]] = {
        "lead_ids": [lead_id for lead_id, _, _ in noted],
        "readers": [reader for _, reader, _ in noted],
        "hows": [how for _, _, how in noted],
        "days": [one.first_at.astimezone(zone).date() for one in noted.values()],
        "times": [one.times for one in noted.values()],
        "firsts": [one.first_at for one in noted.values()],
        "lasts": [one.last_at for one in noted.values()],
    }

    async def once() -> None:
        async with office.db.transaction() as connection:
            await connection.execute(q("looks_add"), values)

    await past_deadlocks(once)


async def of_lead(office: Office, lead_id: UUID) -> list[tuple[str, Looked]]:
    """Who looked at this person, each with their looks; the latest first."""
    found = together(Looked(**row) for row in await office.db.all("looks_of_lead", lead_id=lead_id))
    keys = await key_names(office) if any(one.reader.startswith("key ") for one in found) else {}
    return [(reader_words(office, one.reader, keys), one) for one in found]


async def by_day(office: Office, days: int) -> list[ReaderDay]:
    """The last days of each reader, the latest first; what is usual is measured over the days before each."""
    today = office.clock.now().astimezone(office.settings.time_zone).date()
    rows = await office.db.all("looks_by_day", since=today - timedelta(days=2 * days), in_passing=sorted(IN_PASSING))
    return [day for day in with_habits(ReaderDay(**row) for row in rows) if day.day > today - timedelta(days=days)]


def reader_words(office: Office, reader: str, keys: dict[str, str]) -> str:
    """Who that is, for a person. keys: names of API keys by their ids."""
    kind, _, id_ = reader.partition(" ")
    if kind == "user":
        person = next((one for one in office.team if str(one.id) == id_), None)
        return person.name if person else "Somebody who left"
    if kind == "key":
        return f"Program “{keys.get(id_, id_)}”"
    return "Somebody at the server’s command line"


async def key_names(office: Office) -> dict[str, str]:
    """The names of the API keys, revoked ones too, by their ids."""
    return {row["id"]: row["name"] for row in await office.db.all("api_keys")}
