"""What came of a lead: a meeting, won, lost, with money; as the CRM has it, or as somebody here says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.domain import deals
from leadwake.providers.ports import CrmDeal
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.workflows.office import Office

#: who says so where it was said here
HERE: Final = "leadwake"
#: what a deal is now → the outcomes of it that may stand; a meeting was held, whatever came after
_KEPT: Final[Mapping[str | None, Sequence[str]]] = {
    "meeting": ("meeting",), "won": ("meeting", "won"), "lost": ("meeting", "lost"), None: ("meeting",),
}  # fmt: skip


async def deal_is(office: Office, vendor: str, lead_id: UUID, deal: CrmDeal, outcome: str | None) -> None:
    """
    The lead's outcomes say what the deal says; told once, however often it is heard.

    outcome: what the deal's stage and status mean: meeting, won, lost; None while it is merely open. Where it is a deal
    of ours and says what we wrote there, it is no news, but for its money.
    """
    async with office.db.transaction() as connection:
        now, ours = office.clock.now(), await _ours(connection, vendor, deal.ref)
        is_echo = ours is not None and outcome is not None and outcome == ours["milestone"]
        await _withdraw(connection, vendor, deal.ref, ("meeting",) if is_echo else _KEPT[outcome], now)
        if ours is not None and outcome in deals.ENDS:
            await connection.execute(q("crm_deal_end"), _key(vendor, ours) | {"now": now})
            if not is_echo:  # whoever ends it there has the last word
                await _withdraw(connection, HERE, str(ours["inquiry_id"]), _KEPT[outcome], now, by=f"vendor {vendor}")
        if ours is not None and is_echo:
            await _money(connection, vendor, ours, deal, now)
        elif outcome:
            await _set(connection, vendor, lead_id, deal, outcome, now)


async def deal_gone(office: Office, vendor: str, ref: str) -> None:
    """Somebody deleted the deal: nothing came of it, and we make it no second time."""
    async with office.db.transaction() as connection:
        now = office.clock.now()
        await _withdraw(connection, vendor, ref, (), now)
        if ours := await _ours(connection, vendor, ref):
            await connection.execute(q("crm_deal_end"), _key(vendor, ours) | {"now": now})


async def said_here(
    connection: Connection, lead_id: UUID, kind: str, cents: int | None, actor: str, now: datetime
) -> bool:
    """
    What a colleague says came of the lead, in the caller's transaction; it goes to their deals. kind: won, lost.

    False where a CRM has said already how it ended: there it is changed.
    """
    asked = {"lead_id": lead_id, "kind": kind}
    row = await (await connection.execute(q("outcome_said_of"), asked)).fetchone()
    if row is None or row["is_said"]:
        return False
    ref = str(row["inquiry_id"])
    await _withdraw(connection, HERE, ref, (kind,), now, by=actor)
    await _set(connection, HERE, lead_id, CrmDeal(ref, cents=cents), kind, now, by=actor)
    await connection.execute(q("lead_moved"), {"lead_id": lead_id, "now": now})
    if cents is not None:
        await connection.execute(q("crm_deal_again"), {"inquiry_id": row["inquiry_id"], "kind": kind})
    return True


async def _ours(connection: Connection, vendor: str, ref: str) -> DictRow | None:
    """The deal of ours that the CRM knows by this id."""
    return await (await connection.execute(q("crm_deal_ours"), {"vendor": vendor, "ref": ref})).fetchone()


def _key(vendor: str, ours: DictRow) -> dict[str, object]:
    return {"vendor": vendor, "inquiry_id": ours["inquiry_id"]}


async def _money(connection: Connection, vendor: str, ours: DictRow, deal: CrmDeal, now: datetime) -> None:
    """The amount that somebody wrote there counts for what was said here, too."""
    if deal.cents is None or ours["milestone"] not in deals.ENDS:
        return
    said = CrmDeal(str(ours["inquiry_id"]), cents=deal.cents, currency=deal.currency)
    await _set(connection, HERE, ours["lead_id"], said, ours["milestone"], now, by=f"vendor {vendor}")


async def _set(
    connection: Connection, source: str, lead_id: UUID, deal: CrmDeal, kind: str, now: datetime, *, by: str = ""
) -> None:
    values = {
        "id": new_id(), "lead_id": lead_id, "kind": kind, "cents": deal.cents, "currency": deal.currency,
        "source": source, "ref": deal.ref, "now": now,
    }  # fmt: skip
    if (await connection.execute(q("outcome_set"), values)).rowcount:
        data = {"outcome": kind, "cents": deal.cents, "currency": deal.currency, "deal": deal.ref}
        await record(connection, now, by or f"vendor {source}", "outcome", lead_id=lead_id, **data)
        await connection.execute(q("lead_told"), {"id": lead_id})


async def _withdraw(
    connection: Connection, source: str, ref: str, kept: Sequence[str], now: datetime, *, by: str = ""
) -> None:
    gone = await connection.execute(q("outcomes_withdraw"), {"source": source, "ref": ref, "kept": list(kept)})
    for row in await gone.fetchall():
        data = {"outcome": row["kind"], "deal": ref}
        actor = by or f"vendor {source}"
        await record(connection, now, actor, "outcome_withdrawn", lead_id=row["lead_id"], **data)
        await connection.execute(q("lead_told"), {"id": row["lead_id"]})
