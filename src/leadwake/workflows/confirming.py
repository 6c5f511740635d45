"""R-CASE-13: somebody says "I live here"; where the team's policy allows it, the area code's state no longer counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from leadwake.errors import RuleError
from leadwake.storage import reading
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.workflows.office import Office


def place(office: Office, profile: Mapping[str, Any]) -> int | None:
    """The state and ZIP of a profile, blind: nobody can read it, and another place gives another number."""
    state, postal_code = profile.get("state"), profile.get("postal_code")
    return office.vault.blind_token(f"lives at {state or ''} {postal_code or ''}") if state or postal_code else None


async def lives_there(office: Office, lead: reading.Lead, actor: str) -> None:
    """The person said they live at the place they gave. Raises RuleError when they gave none."""
    where = place(office, {"state": lead.state, "postal_code": lead.postal_code})
    if where is None:
        raise RuleError("they have given neither a state nor a ZIP code")
    await _write(office, lead.id, where, actor, "address_confirmed")


async def no_longer(office: Office, lead_id: UUID, actor: str) -> None:
    """What somebody wrote down by mistake is taken back."""
    await _write(office, lead_id, None, actor, "address_unconfirmed")


async def _write(office: Office, lead_id: UUID, where: int | None, actor: str, kind: str) -> None:
    async with office.db.transaction() as connection:
        await connection.execute(q("lead_lives_at"), {"id": lead_id, "place": where})
        await record(connection, office.clock.now(), actor, kind, lead_id=lead_id)
        await connection.execute(q("lead_told"), {"id": lead_id})
