"""Who of the team is whom in Slack, found by their addresses there."""

from __future__ import annotations

from leadwake import log
from leadwake.errors import DatabaseAway, ProviderError
from leadwake.providers import registry
from leadwake.settings import Settings
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.vendors import Mode
from leadwake.workflows.office import Office

_log = log.get(__name__)


async def find(office: Office, settings: Settings) -> list[Person]:
    """
    Whoever of the team had no Slack id and has an account there under the same address has one now; who that is.

    settings: with Slack's token. An id that somebody has already, or gave by hand, stays as it is. Raises
    ProviderError, DatabaseAway.
    """
    taken = {person.work.slack_id for person in office.team}
    asked = [one for one in office.team if not one.disabled and not one.practice and one.work.slack_id is None]
    found: dict[str, Person] = {}
    vendors = registry.build(settings, bearers=office.tokens.bearer)
    try:
        for person in asked if vendors.chat and settings.mode("slack") is Mode.LIVE else ():
            assert vendors.chat is not None
            member = await vendors.chat.find_member(person.email)
            if member and member not in taken:
                found.setdefault(member, person)
    except ProviderError:
        if not found:
            raise
    finally:
        await vendors.aclose()
    if found:
        await _keep(office, found)
    return list(found.values())


async def find_quietly(office: Office) -> None:
    """The same for whom nobody waits: as far as Slack answers."""
    try:
        await find(office, office.settings)
    except (ProviderError, DatabaseAway) as error:
        _log.warning("slack_members_not_found", reason=type(error).__name__)


async def _keep(office: Office, found: dict[str, Person]) -> None:
    async with office.db.transaction() as connection:
        now = office.clock.now()
        for member, person in found.items():
            await connection.execute(q("slack_member"), {"id": person.id, "slack_id": member})
            await record(connection, now, "system", "slack_id_found", user=str(person.id))
        await connection.execute(q("office_changed"))
    await office.refresh()
