"""Our own unique property in a CRM: made once, by an admin's click, since it changes the team's own account."""

from __future__ import annotations

from leadwake.errors import ConfigError, InputError, ProviderError
from leadwake.providers import registry
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.workflows.office import Office

#: CRMs that can have one; GoHighLevel's locations know no unique fields
CRMS = frozenset({"hubspot"})


async def make(office: Office, crm: str, actor: str) -> None:
    """The account has the property, and every record carries it from now on. Raises InputError with what to do."""
    try:
        vendors = registry.build(office.settings, bearers=office.tokens.bearer)
    except ConfigError as error:
        raise InputError({"key": str(error)}) from error
    try:
        if crm not in vendors.crms:
            raise InputError({"key": "It is off. Enter its token first"})
        kinds = await vendors.crms[crm].make_key()
    except ProviderError as error:
        raise InputError({"key": str(error)[:300]}) from error
    finally:
        await vendors.aclose()
    async with office.db.transaction() as connection:
        now = office.clock.now()
        await connection.execute(q("crm_key_made"), {"vendor": crm, "kinds": sorted(kinds), "now": now})
        await record(connection, now, actor, "crm_key_made", crm=crm, kinds=sorted(kinds))
        await connection.execute(q("office_changed"))
    await office.refresh()
