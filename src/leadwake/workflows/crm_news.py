"""What a CRM says has happened, kept before it is answered; each thing once, however often it is said."""

from __future__ import annotations

from collections.abc import Sequence

from leadwake.providers.ports import CrmNews
from leadwake.storage.db import q
from leadwake.workflows.office import Office


async def keep(office: Office, news: Sequence[CrmNews]) -> int:
    """All of it stands in the database; how much of it was new. Raises DatabaseAway: then nothing of it does."""
    if not news:
        return 0
    values = {
        "vendors": [one.vendor for one in news],
        "event_ids": [one.event_id for one in news],
        "kinds": [one.kind for one in news],
        "refs": [one.ref for one in news],
        "abouts": [one.about for one in news],
        "contents": [_sealed(office, one) for one in news],
        "now": office.clock.now(),
    }
    async with office.db.transaction() as connection:
        return (await connection.execute(q("crm_event_add"), values)).rowcount


def opened(office: Office, vendor: str, event_id: str, sealed: bytes | None) -> bytes:
    """What came with it, as it came; blank where only ids did."""
    return office.vault.open_setting(_name(vendor, event_id), sealed).encode() if sealed else b""


def _sealed(office: Office, one: CrmNews) -> bytes | None:
    content = one.content.decode("utf-8", "replace")
    return office.vault.seal_setting(_name(one.vendor, one.event_id), content) if content else None


def _name(vendor: str, event_id: str) -> str:
    return f"crm_event {vendor} {event_id}"
