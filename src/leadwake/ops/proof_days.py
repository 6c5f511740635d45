"""Closed days are counted once for Proof, and anew when something of them changed later."""

from __future__ import annotations

from leadwake.storage import proof
from leadwake.workflows.office import Office


async def keep(office: Office) -> None:
    """Proof can read every closed day from its counts."""
    await proof.keep_days(office.db, office.clock.now(), office.settings.time_zone)
