"""What the tests of enrichment share: leads to look up, one worker's turn taken by hand, and how the rows stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from leadwake.actions.claims import Claimed, Claims, claim
from leadwake.providers import registry
from leadwake.providers.ports import Accepted, Lookup
from leadwake.storage.db import Database
from leadwake.workflows import intake, saving, sending
from leadwake.workflows.composing import Errand
from leadwake.workflows.enrichment import VENDOR, DayBudget
from leadwake.workflows.lookups import Lookups
from leadwake.workflows.office import Office
from office_case import rows

#: known to the stand-in, whose further sources have a number of hers
MARIA: dict[str, Any] = {"name": "Maria Lopez", "email": "maria@example.com", "message": "Is 12 Oak St still open?"}


def unknown_to_the_stand_in() -> dict[str, Any]:
    return {"name": "Ann Lee", "email": "ann@example.com", "message": "the blue house"}


async def looked_up_once(office: Office, lead: Mapping[str, Any]) -> tuple[UUID, UUID]:
    """The lead taken in: its id, and that of the action that looks them up."""
    receipt = await intake.receive_lead(office, msgspec.json.encode(lead))
    assert receipt.lead_id is not None
    (row,) = await rows(office.db, "select id from action where cause_id = %s and kind = 'enrich'", receipt.inquiry_id)
    return receipt.lead_id, row["id"]


async def ask_further(office: Office) -> None:
    """Apollo's further sources are asked, too, from now on."""
    await saving.save(office, {"APOLLO_WATERFALL": "on"}, "user 1")


async def claims(office: Office, *ids: UUID, db: Database | None = None) -> Claims:
    """One worker claims the look-ups, as `Workers` does."""
    return await claim(
        db or office.db,
        dict.fromkeys(ids, VENDOR),
        lambda row, attempt, vendor, now: sending.judge(Errand(office, row, attempt, vendor, now)),
        office.clock.now(),
        await DayBudget.of_today(office),
    )


async def claimed(office: Office, action_id: UUID) -> Claimed:
    """The look-up, claimed."""
    (found,) = (await claims(office, action_id)).claimed
    return found


async def asked(office: Office, found: Claimed) -> Accepted:
    """The stand-in is asked, and what it says is kept. Raises ProviderError."""
    assert isinstance(found.outgoing, Lookup)
    vendors = registry.build(office.settings)
    assert vendors.enricher is not None
    try:
        return await Lookups(office).ask(vendors.enricher, found, found.outgoing)
    finally:
        await vendors.aclose()


async def spent(office: Office) -> float:
    """What the days cost, all in all."""
    (row,) = await rows(office.db, "select coalesce(sum(credits), 0) as n from credit_day")
    return float(row["n"])


async def standing(office: Office, action_id: UUID) -> tuple[str, str | None]:
    """(state, reason) of the action."""
    (row,) = await rows(office.db, "select state, reason from action where id = %s", action_id)
    return row["state"], row["reason"]
