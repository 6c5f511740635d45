"""Secrets that change while everything runs: the old one opens for a while beside the new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from leadwake.errors import RuleError
from leadwake.setting_names import HOOK_SECRETS, former_name
from leadwake.storage.credentials import new_api_key
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.workflows.office import Office

#: an API key's old secret opens so long, unless somebody says otherwise
KEEP_HOURS: Final = 24
#: what vendors sign with: the old secret is believed so long after another was saved
BELIEVED_FOR: Final = timedelta(hours=24)


async def rotate_api_key(office: Office, key_id: str, hours: int, actor: str) -> tuple[str, datetime]:
    """
    The key's new text, shown once, and until when the old one opens. Its id, scopes and Idempotency-Keys stay.

    Rotating again ends the oldest secret. Raises RuleError when no key in use has this id.
    """
    key = new_api_key(key_id)
    async with office.db.transaction() as connection:
        values = {"id": key_id, "secret_hash": key.hash, "hours": hours}
        row = await (await connection.execute(q("api_key_rotate"), values)).fetchone()
        if row is None:
            raise RuleError("no key in use has this id: leadwake api-key list")
        await record(connection, office.clock.now(), actor, "api_key_rotated", key=key_id, keep_hours=hours)
    until: datetime = row["former_until"]
    return key.text, until


def superseded(office: Office, new: Mapping[str, str | None]) -> dict[str, str | None]:
    """
    What is kept of secrets that are being replaced, as settings: each with the real time it is believed until.

    Of one that is taken away nothing is kept; saving a second time ends the oldest.
    """
    until = (datetime.now(UTC) + BELIEVED_FOR).isoformat(timespec="seconds")
    found: dict[str, str | None] = {}
    for name in set(new) & set(HOOK_SECRETS):
        old, value = office.settings.saved.get(name, ""), new[name]
        if value is None or (old and value != old):
            found[former_name(name)] = f"{until} {old}" if value and old else None
    return found


def any_fits(office: Office, secret: str, name: str, fits: Callable[[str], bool]) -> bool:
    """
    Whether the secret of today, or the one before while it is still believed, fits; both are tried in any case.

    name: of the setting, such as META_WEBHOOK_SECRET.
    """
    former = office.settings.former_secret(name, datetime.now(UTC))
    tried = [fits(one) for one in (secret, former) if one] or [fits(secret)]
    return any(tried)
