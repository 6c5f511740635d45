"""What came of a lead, as the CRM has it: a meeting, won, lost, with money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from leadwake.providers.ports import CrmDeal
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.workflows.office import Office

#: what a deal is now → the outcomes of it that may stand; a meeting was held, whatever came after
_KEPT: Final[Mapping[str | None, Sequence[str]]] = {
    "meeting": ("meeting",), "won": ("meeting", "won"), "lost": ("meeting", "lost"), None: ("meeting",),
}  # fmt: skip


async def deal_is(office: Office, vendor: str, lead_id: UUID, deal: CrmDeal) -> None:
    """The lead's outcomes say what the deal says; told once, however often it is heard."""
    async with office.db.transaction() as connection:
        now = office.clock.now()
        await _withdraw(connection, vendor, deal.ref, _KEPT[deal.outcome], now)
        if deal.outcome:
            await _set(connection, vendor, lead_id, deal, deal.outcome, now)


async def deal_gone(office: Office, vendor: str, ref: str) -> None:
    """Somebody deleted the deal: nothing came of it."""
    async with office.db.transaction() as connection:
        await _withdraw(connection, vendor, ref, (), office.clock.now())


async def _set(connection: Connection, vendor: str, lead_id: UUID, deal: CrmDeal, kind: str, now: datetime) -> None:
    values = {
        "id": new_id(), "lead_id": lead_id, "kind": kind, "cents": deal.cents, "currency": deal.currency,
        "source": vendor, "ref": deal.ref, "now": now,
    }  # fmt: skip
    if (await connection.execute(q("outcome_set"), values)).rowcount:
        data = {"outcome": kind, "cents": deal.cents, "currency": deal.currency, "deal": deal.ref}
        await record(connection, now, f"vendor {vendor}", "outcome", lead_id=lead_id, **data)
        await connection.execute(q("lead_told"), {"id": lead_id})


async def _withdraw(connection: Connection, vendor: str, ref: str, kept: Sequence[str], now: datetime) -> None:
    gone = await connection.execute(q("outcomes_withdraw"), {"source": vendor, "ref": ref, "kept": list(kept)})
    for row in await gone.fetchall():
        data = {"outcome": row["kind"], "deal": ref}
        await record(connection, now, f"vendor {vendor}", "outcome_withdrawn", lead_id=row["lead_id"], **data)
        await connection.execute(q("lead_told"), {"id": row["lead_id"]})
