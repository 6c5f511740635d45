"""Settings that somebody saved: they count everywhere with the commit."""

from __future__ import annotations

from collections.abc import Mapping

from leadwake.errors import ConfigError, RuleError
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.workflows.key_rotation import superseded
from leadwake.workflows.office import Office


async def save(office: Office, new: Mapping[str, str | None], actor: str) -> None:
    """
    The values stand sealed in the database (None: forgotten), and every process learns of it with the commit.

    Raises RuleError when the settings would not hold together.
    """
    chosen = sorted(new)
    new = {**superseded(office, new), **new}
    after = {name: value for name, value in {**office.settings.saved, **new}.items() if value is not None}
    try:
        office.base_settings.with_saved(after)
    except ConfigError as error:
        raise RuleError(str(error)) from error
    async with office.db.transaction() as connection:
        for name, value in new.items():
            if value is None:
                await connection.execute(q("setting_forget"), {"name": name})
            else:
                sealed = office.vault.seal_setting(name, value)
                await connection.execute(q("setting_save"), {"name": name, "sealed": sealed})
        await record(
            connection,
            office.clock.now(),
            actor,
            "settings_changed",
            names=chosen,
        )
        if "APOLLO_DAILY_CREDITS" in new:
            await connection.execute(q("enrichments_asked_again"), {"now": office.clock.now()})
        await connection.execute(q("office_changed"))
    await office.refresh()
