"""Calendly's side set up: what can be booked with the account, and the hook by which bookings are reported here.

Calendly gives up on a hook that failed for 24 hours, so it is looked at daily, set anew, and what it did not tell is
made up for. It signs with a key that we
make; an old hook of ours whose key nobody knows is replaced.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import msgspec

from leadwake.errors import AnomalousPayload, ConfigError, ProviderError, RuleError
from leadwake.intake.calendly import as_event, parse_event
from leadwake.providers.calendly import EVENTS, Account, Calendly, EventType, Hook
from leadwake.settings import Settings
from leadwake.storage import observed
from leadwake.storage.events import record
from leadwake.vendors import Mode
from leadwake.workflows import meetings
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save

_SEEN: Final = "SEEN_CALENDLY"
EVERY: Final = timedelta(hours=24)
AGAIN_AFTER: Final = timedelta(hours=1)
HOOK: Final = "/hooks/calendly"


class Seen(msgspec.Struct, frozen=True):
    """
    The account as it was seen last. user: whose. hook_url: where it reports to us, "" when it does not.

    problem: why it could not be seen, or the hook not be set.
    """

    user: str
    name: str
    types: tuple[EventType, ...]
    hook_url: str
    at: datetime
    problem: str = ""

    def chosen(self, settings: Settings) -> EventType | None:
        """What leads book."""
        uri = settings.get("CALENDLY_EVENT_TYPE")
        return next((found for found in self.types if found.uri == uri), None)


async def seen(office: Office) -> Seen | None:
    """What was seen last; None before anybody looked."""
    return await observed.read(office.db, office.vault, _SEEN, Seen)


def wanted_url(settings: Settings) -> str:
    """Where bookings are to be reported; "" while Calendly cannot reach us."""
    base = settings.callback_base("calendly")
    return f"{base}{HOOK}" if base else ""


async def look(office: Office) -> Seen:
    """The account as it is now, kept for the page. Raises RuleError, ProviderError, ConfigError."""
    async with _account(office) as (calendly, account):
        types, hooks = await calendly.event_types(account), await calendly.hooks(account)
    ours = _ours(hooks, wanted_url(office.settings))
    return await _keep(office, account, tuple(types), ours.url if ours and ours.is_active else "")


async def choose(office: Office, uri: str, actor: str) -> None:
    """Leads book this kind of meeting from now on. Raises RuleError when the account has no such kind."""
    found = await seen(office) or await look(office)
    if uri not in {one.uri for one in found.types}:
        raise RuleError("The account has no such kind of meeting; look again.")
    await save(office, {"CALENDLY_EVENT_TYPE": uri}, actor)


async def set_hook(office: Office, actor: str) -> None:
    """
    Bookings are reported here, signed by a key that we know; a hook of ours that was there is replaced.

    Raises RuleError, ProviderError (Rejected: neither the plan nor the role allows it).
    """
    url = wanted_url(office.settings)
    if not url:
        raise RuleError("Save the public address first: Calendly has to reach it.")
    async with _account(office) as (calendly, account):
        # 1. the key is known to us before anything is signed by it
        key = office.settings.get("CALENDLY_WEBHOOK_SECRET")
        if not key:
            key = secrets.token_urlsafe(32)
            await save(office, {"CALENDLY_WEBHOOK_SECRET": key}, actor)
        # 2. what is there may be signed by another key
        for hook in await calendly.hooks(account):
            if hook.url == url:
                await calendly.remove_hook(hook.uri)
        # 3. set, and seen
        await calendly.set_hook(account, url, key)
        types = await calendly.event_types(account)
    await _keep(office, account, tuple(types), url)
    async with office.db.transaction() as connection:
        await record(connection, office.clock.now(), actor, "webhooks_set", vendor="calendly")


async def check_if_due(office: Office) -> None:
    """Daily: a hook that Calendly gave up on, or somebody removed, is set anew."""
    settings = office.settings
    known = await seen(office)
    if settings.mode("calendly") is not Mode.LIVE or known is None or not (known.hook_url or known.problem):
        return
    wait = AGAIN_AFTER if known.problem else EVERY
    if office.clock.now() - known.at < wait:
        return
    try:
        found = await look(office)
        if not found.hook_url and wanted_url(settings):
            await set_hook(office, "system")
            await _catch_up(office)
    except (ProviderError, RuleError, ConfigError) as error:
        async with office.db.transaction() as connection:
            troubled = msgspec.structs.replace(known, at=office.clock.now(), problem=str(error))
            await observed.note(connection, office.vault, _SEEN, troubled)


async def _catch_up(office: Office) -> None:
    """What was booked or cancelled while nothing reported it counts as if it had been told."""
    async with _account(office) as (calendly, account):
        found = await calendly.to_come(account, office.clock.now())
    for event, booking in found:
        body = as_event(event, booking)
        try:
            told = parse_event(body)
        except AnomalousPayload:
            continue
        if told is not None:
            await meetings.told(office, told, body)


def _ours(hooks: list[Hook], url: str) -> Hook | None:
    return next((hook for hook in hooks if hook.url == url and hook.events.issuperset(EVENTS)), None)


async def _keep(office: Office, account: Account, types: tuple[EventType, ...], hook_url: str) -> Seen:
    found = Seen(account.user, account.name, types, hook_url, office.clock.now())
    async with office.db.transaction() as connection:
        await observed.note(connection, office.vault, _SEEN, found)
    return found


@asynccontextmanager
async def _account(office: Office) -> AsyncIterator[tuple[Calendly, Account]]:
    """The account, to ask; closed at the end."""
    settings = office.settings
    if settings.mode("calendly") is not Mode.LIVE:
        raise RuleError("Save Calendly's token first.")
    calendly = Calendly(settings.vendor_url("calendly"), settings.credential("calendly", "CALENDLY_TOKEN"))
    if settings.granted("calendly"):
        calendly.http.bearer = office.tokens.bearer("calendly")
    try:
        yield calendly, await calendly.me()
    finally:
        await calendly.aclose()
