"""Connecting a vendor by OAuth, disconnecting it, and telling the admins when a connection is lost."""

from __future__ import annotations

import asyncio
import random
from typing import Final
from uuid import UUID

from leadwake import log
from leadwake.errors import ConfigError, DatabaseAway, ProviderError, RuleError
from leadwake.providers import oauth
from leadwake.providers.oauth import Granted
from leadwake.setting_names import PREFIX
from leadwake.storage import grants
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.grants import Fresh, Pending
from leadwake.storage.staff import Person
from leadwake.vendors import OAUTH, VENDORS, App
from leadwake.workflows import ops_mail
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: how long somebody may take at the vendor's page
PENDING_S: Final = 900.0
#: how often it is looked which token is to be renewed
TICK_S: Final = 2.0


def redirect_uri(office: Office, vendor: str) -> str:
    """Where the vendor sends the admin's browser back to; it has to be entered at the vendor. Raises RuleError."""
    base = office.settings.callback_base(vendor) or office.settings.local_url
    if not base:
        raise RuleError("Set this server's public address first, under Setup, Your business.")
    return f"{base}/setup/vendors/{oauth.WAYS[vendor].slug or vendor}/callback"


def by_slug(slug: str) -> str | None:
    """The vendor whose redirect URL says this."""
    return next((name for name in OAUTH if slug in (name, oauth.WAYS[name].slug)), None)


async def begin(office: Office, vendor: str, person: Person, session: str) -> str:
    """Where this browser goes to be asked; its answer is taken from this session, once. Raises RuleError."""
    asking, uri = app(office, vendor), redirect_uri(office, vendor)
    url, state, verifier = oauth.authorization(vendor, asking, uri)
    pending = Pending(asking.base, uri, verifier)
    await grants.begin(office.db, office.vault, vendor, state, person.id, session, pending, PENDING_S)
    return url


async def finish(office: Office, vendor: str, state: str, code: str, person: Person, session: str) -> None:
    """
    The vendor is connected with what the code stands for.

    Raises RuleError when this browser did not begin it, or again, or too late; ProviderError.
    """
    pending = await grants.end(office.db, office.vault, vendor, state, person.id, session)
    if pending is None:
        raise RuleError(
            "This was not begun in this browser, took too long, or was used before. Press Connect again; or, if you "
            "connect at a terminal, paste this page's address there."
        )
    asking = office.settings.oauth_app(vendor, pending.base)
    if asking is None:
        raise RuleError("The client id and secret were changed meanwhile. Press Connect again.")
    await take(office, vendor, asking, code, pending.redirect_uri, pending.verifier, f"user {person.id}")


async def take(
    office: Office, vendor: str, asking: App, code: str, uri: str, verifier: str, actor: str
) -> Granted:  # fmt: skip
    """The code is exchanged, and what it brought counts from now on. Raises ProviderError, RuleError."""
    granted = await oauth.exchange(vendor, asking, code, uri, verifier)
    if vendor == "gohighlevel" and not granted.account:
        raise RuleError("GoHighLevel connected a whole agency. Connect again and choose one location.")
    fresh = Fresh(granted.access, granted.refresh, granted.lasts_s, granted.renew_s())
    async with office.db.transaction() as connection:
        now = office.clock.now()
        about = (vendor, asking.base, granted.account, granted.scopes)
        await grants.connect(connection, office.vault, *about, fresh, now, actor)
        await record(connection, now, actor, "vendor_authorized", vendor=vendor, account=granted.account)
        await connection.execute(q("office_changed"))
    await office.refresh()
    return granted


async def disconnect(office: Office, vendor: str, actor: str) -> bool | None:
    """
    The connection is forgotten here, whatever the vendor says. True: the vendor knows; False: it cannot be told, or
    does not answer; None: there was none.
    """
    async with office.db.transaction() as connection:
        gone = await grants.forget(connection, office.vault, vendor)
        if gone is None:
            return None
        await record(connection, office.clock.now(), actor, "vendor_disconnected", vendor=vendor)
        await connection.execute(q("office_changed"))
    asked = office.settings.oauth_app(vendor, gone.base)
    await office.refresh()
    if asked is None:
        return False
    try:
        return await oauth.revoke(vendor, asked, gone.access, gone.refresh)
    except (ProviderError, ConfigError) as error:
        _log.warning("vendor_not_told", vendor=vendor, code=getattr(error, "code", "config"))
        return False


def app(office: Office, vendor: str) -> App:
    """Who we are when we ask. Raises RuleError with what to set."""
    found = office.settings.oauth_app(vendor)
    if found is None:
        names = " and ".join(f"{PREFIX}{vendor.upper()}_CLIENT_{part}" for part in ("ID", "SECRET"))
        raise RuleError(f"Save the client id and secret of your {VENDORS[vendor].label} app first ({names}).")
    return found


# By the clock.


async def run(office: Office) -> None:
    """Tokens are renewed ahead of their end, and lost connections told of, until cancelled."""
    while True:
        try:
            await tick(office)
        except DatabaseAway:
            _log.warning("vendor_tokens_wait", reason="database away")
        except Exception:
            _log.exception("vendor_tokens_failed")
        await asyncio.sleep(TICK_S * random.uniform(0.8, 1.2))  # noqa: S311 - keeps several processes out of step


async def tick(office: Office) -> None:
    """Whatever is due is done. Raises DatabaseAway."""
    await office.tokens.renew_due()
    for row in await office.db.all("grants_to_tell"):
        await _tell(office, row["vendor"], row["id"])
    await office.db.run("authorizations_prune")


async def _tell(office: Office, vendor: str, grant_id: UUID) -> None:
    """Once, whoever looks and however often."""
    async with office.db.transaction() as connection:
        if (await connection.execute(q("grant_told"), {"id": grant_id})).rowcount == 0:
            return
        await record(connection, office.clock.now(), "system", "vendor_connection_lost", vendor=vendor)
        await ops_mail.tell(office, connection, office.admins, f"connection_{vendor}")
        await connection.execute("select pg_notify('leadwake_live', '')")
