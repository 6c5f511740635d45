"""The master key's separate copy: Leadwake warns until somebody has shown that there is one."""

from __future__ import annotations

import hmac

from leadwake.errors import RuleError
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.keys import MasterKey
from leadwake.workflows.office import Office

#: where the fingerprint of the key whose copy was shown is kept, among the settings
_CONFIRMED = "MASTER_KEY_COPY"


async def is_copy_confirmed(office: Office) -> bool:
    """True when somebody has shown a copy of the key in use; another key, another copy."""
    for row in await office.db.all("settings"):
        if row["name"] == _CONFIRMED:
            return office.vault.open_setting(_CONFIRMED, row["sealed"]) == office.vault.master_key_id
    return False


async def confirm_copy(office: Office, text: str, actor: str) -> None:
    """The copy somebody typed is the key in use, and that is remembered. Raises ConfigError, RuleError."""
    shown = MasterKey.parse(text, "the copy")
    if not hmac.compare_digest(shown.key_id, office.vault.master_key_id):
        raise RuleError(f"this is a copy of key {shown.key_id}; the one in use is {office.vault.master_key_id}")
    sealed = office.vault.seal_setting(_CONFIRMED, shown.key_id)
    async with office.db.transaction() as connection:
        await connection.execute(q("setting_save"), {"name": _CONFIRMED, "sealed": sealed})
        await record(connection, office.clock.now(), actor, "master_key_copy_confirmed", key=shown.key_id)
