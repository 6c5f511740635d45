"""The key change that follows every erasure, and the vault's copies."""

from __future__ import annotations

from dataclasses import dataclass

from leadwake.ops.erasure import KEY_CHANGE_AFTER_HOURS
from leadwake.storage import vault_copy
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.key_change import change_kek
from leadwake.workflows.office import Office


@dataclass(frozen=True, slots=True)
class Changed:
    """kek_id: the key in use now. data_keys: wrapped anew. copy: where the vault's copy lies."""

    kek_id: int
    data_keys: int
    copy: str


async def change(office: Office, actor: str = "system") -> Changed:
    """One new KEK, the old one destroyed, the vault's copies written anew. Raises ConfigError, DatabaseAway."""
    settings = office.base_settings
    configured = settings.get("MASTER_KEY") or None
    data_keys = await change_kek(office.db, office.vault, settings.data_dir, configured)
    copy = await vault_copy.write(office.db, settings.vault_dir)
    async with office.db.transaction() as connection:
        now, kek_id = office.clock.now(), office.vault.current_kek_id
        await record(connection, now, actor, "keys_changed", kek=kek_id, data_keys=data_keys)
        await connection.execute(q("office_changed"))
    return Changed(kek_id, data_keys, str(copy.path) if copy else "")


async def change_if_due(office: Office) -> bool:
    """True when somebody's erasure was waiting for it long enough, or one was cut off, and it was done now."""
    row = await office.db.one("key_change_due", after_hours=KEY_CHANGE_AFTER_HOURS)
    if row is None or not (row["due"] or row["cut_off"]):
        return False
    await change(office)
    return True
