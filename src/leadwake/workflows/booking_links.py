"""A lead's own booking link: a page of ours in every message, a single-use link at Calendly once a person opens it.

So no message waits for Calendly, and a link that nobody opens is never made. It is made once and kept until it is used;
while Calendly is off or away the team's own booking link takes its place.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from psycopg.rows import DictRow

from leadwake import log
from leadwake.errors import ConfigError, ProviderError
from leadwake.providers import registry
from leadwake.providers.ports import Call
from leadwake.storage import meetings as rows
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.intake import open_profile
from leadwake.storage.meetings import Details
from leadwake.storage.vault import DataKey
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: Calendly lets a link lapse that nobody used for 90 days
KEPT_FOR: Final = timedelta(days=80)
#: somebody who waits for a page waits this long for Calendly, and no longer
PATIENCE_S: Final = 5.0
_LEASE_S: Final = 12.0
_LOOK_S: Final = 0.1
_CONTEXT: Final = b"booking_link.url"


@dataclass(frozen=True, slots=True)
class Guest:
    """Who opens a booking link. agent: whom they would meet, "" for nobody yet. starts_at: of what they have booked."""

    first_name: str
    agent: str
    has_meeting: bool
    starts_at: datetime | None
    details: Details


async def guest(office: Office, lead_id: UUID) -> Guest | None:
    """Who opens the link; None when there is nobody any more."""
    row = await _read(office, lead_id)
    if row is None:
        return None
    key, agent = _key(office, row), office.person(row["agent_id"])
    has_meeting = row["sealed"] is not None
    return Guest(
        open_profile(office.vault, row).get("first") or "", agent.first_name if agent and not agent.practice else "",
        has_meeting, row["starts_at"], rows.opened(key, row["sealed"]),
    )  # fmt: skip


async def destination(office: Office, lead_id: UUID) -> str:
    """Where this lead picks a time: their own link, made now if there is none yet; else the team's. "" for neither."""
    settings = office.settings
    row = await _read(office, lead_id)
    if row is None or row["restricted_at"] is not None or not settings.books_by_calendly:
        return settings.booking_url
    event_type = settings.credential("calendly", "CALENDLY_EVENT_TYPE")
    url = _kept(office, row, event_type) or await _made(office, row, event_type)
    return _prefilled(url, open_profile(office.vault, row), lead_id) if url else settings.booking_url


async def _made(office: Office, row: DictRow, event_type: str) -> str:
    """A link that was not there before, by whoever was first to ask for it; "" when Calendly gives none in time."""
    lead_id, deadline = row["id"], asyncio.get_running_loop().time() + PATIENCE_S
    while asyncio.get_running_loop().time() < deadline:
        stale_at = office.clock.now() - KEPT_FOR
        values = {"lead_id": lead_id, "event_type": event_type, "lease_s": _LEASE_S, "stale_at": stale_at}
        if await office.db.one("booking_link_begin", **values):
            return await _ask(office, row, event_type)
        found = await _read(office, lead_id)
        if found is None:
            return ""
        if url := _kept(office, found, event_type):
            return url
        await asyncio.sleep(_LOOK_S)
    return ""


async def _ask(office: Office, row: DictRow, event_type: str) -> str:
    try:
        vendors = registry.build(office.settings, bearers=office.tokens.bearer)
    except ConfigError:
        return ""
    try:
        assert vendors.scheduler is not None
        async with asyncio.timeout(PATIENCE_S):
            url = await vendors.scheduler.single_use_link(event_type, Call.for_seconds(PATIENCE_S))
    except (ProviderError, TimeoutError) as error:
        _log.warning("booking_link_not_made", lead=str(row["id"]), reason=getattr(error, "code", "deadline"))
        await office.db.run("booking_link_failed", lead_id=row["id"])
        return ""
    finally:
        await vendors.aclose()
    async with office.db.transaction() as connection:
        now, sealed = office.clock.now(), _key(office, row).seal(url.encode(), _CONTEXT)
        values = {"lead_id": row["id"], "event_type": event_type, "sealed": sealed, "now": now}
        await connection.execute(q("booking_link_made"), values)
        await record(connection, now, "lead", "booking_opened", lead_id=row["id"])
        await connection.execute(q("lead_told"), {"id": row["id"]})
    return url


def _kept(office: Office, row: DictRow, event_type: str) -> str:
    is_fit = row["sealed_url"] and row["event_type"] == event_type
    if not is_fit or office.clock.now() - row["made_at"] > KEPT_FOR:
        return ""
    return _key(office, row).open(row["sealed_url"], _CONTEXT).decode()


def _prefilled(url: str, profile: dict[str, Any], lead_id: UUID) -> str:
    """The link with who they are filled in, and our id, which comes back with the booking."""
    known = {"name": profile.get("name"), "email": profile.get("email"), "utm_content": str(lead_id)}
    query = urlencode({name: value for name, value in known.items() if value})
    return f"{url}{'&' if urlsplit(url).query else '?'}{query}"


async def _read(office: Office, lead_id: UUID) -> DictRow | None:
    return await office.db.one("booking_of", lead_id=lead_id, now=office.clock.now())


def _key(office: Office, row: DictRow) -> DataKey:
    return office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
