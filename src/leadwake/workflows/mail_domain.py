"""The domain our mail comes from: proven to mailboxes by DNS records, looked at until they are all there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from leadwake.errors import ConfigError, ProviderError, RuleError
from leadwake.providers.sendgrid_domains import Domain
from leadwake.settings import Settings
from leadwake.storage import observed
from leadwake.storage.events import record
from leadwake.vendors import Mode
from leadwake.workflows import accounts, ops_mail
from leadwake.workflows.office import Office

_SEEN: Final = "SEEN_DOMAIN"
CHECK_EVERY: Final = timedelta(minutes=15)
GREEN_EVERY: Final = timedelta(hours=24)


class Seen(msgspec.Struct, frozen=True):
    """The domain as SendGrid saw it last. name: with its account. problem: why nothing was seen."""

    name: str
    at: datetime
    domain: Domain | None = None
    problem: str = ""


def name_of(settings: Settings) -> str:
    """The domain that mail comes from; "" when nobody said."""
    return accounts.mail_from(settings).rpartition("@")[2].lower()


async def seen(office: Office) -> Seen | None:
    """The domain of today's sender as it was seen last; None before anybody looked."""
    found = await observed.read(office.db, office.vault, _SEEN, Seen)
    return found if found and found.name == _key(office.settings) else None


async def begin(office: Office, actor: str) -> Seen:
    """SendGrid knows the domain and says which records it needs; its `problem` says why not."""
    domain, problem = None, ""
    try:
        if not name_of(office.settings):
            raise RuleError("Save the sender address first: mail comes from its domain.")
        async with accounts.sendgrid(office.settings) as account:
            domain = await account.find_or_create(name_of(office.settings))
    except (ProviderError, RuleError, ConfigError) as error:
        problem = str(error)
    return await _keep(office, await seen(office), domain, problem, actor)


async def check(office: Office, actor: str = "system") -> Seen:
    """SendGrid has looked at the records again; what it found."""
    known = await seen(office)
    if known is None or known.domain is None:
        return await begin(office, actor)
    domain, problem = None, ""
    try:
        async with accounts.sendgrid(office.settings) as account:
            domain = await account.check(known.domain.id)
    except (ProviderError, RuleError, ConfigError) as error:
        problem = str(error)
    return await _keep(office, known, domain, problem, actor)


async def check_if_due(office: Office) -> None:
    """Looked at every 15 minutes until all records are there, then daily; once somebody has begun, and mail is live."""
    if office.settings.mode("sendgrid") is not Mode.LIVE:
        return
    known = await seen(office)
    if known is None or known.domain is None:
        return
    wait = GREEN_EVERY if known.domain.valid and not known.problem else CHECK_EVERY
    if office.clock.now() - known.at >= wait:
        await check(office)


async def _keep(office: Office, known: Seen | None, domain: Domain | None, problem: str, actor: str) -> Seen:
    was = known.domain if known else None
    found = Seen(_key(office.settings), office.clock.now(), domain or was, problem)
    async with office.db.transaction() as connection:
        await observed.note(connection, office.vault, _SEEN, found)
        if domain is not None and (was is None or was.valid != domain.valid):
            await record(connection, found.at, actor, "mail_domain_seen", domain=domain.id, valid=domain.valid)
            if was is not None and was.valid and office.settings.mode("sendgrid") is Mode.LIVE:
                await ops_mail.tell(office, connection, office.admins, "domain_lost")
        await connection.execute("select pg_notify('leadwake_live', '')")
    return found


def _key(settings: Settings) -> str:
    return f"{accounts.url(settings, 'sendgrid')} {name_of(settings)}"
