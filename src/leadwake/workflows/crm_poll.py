"""What webhooks missed, caught up with: each CRM is asked now and then what changed since it was asked last.

What it names is kept like a webhook's event, under an id made of the thing and the instant it changed: named twice, it
is done once. One process at a time asks; the cursor outlives it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from leadwake import log
from leadwake.errors import ProviderError
from leadwake.providers.ports import Crm, CrmChange, CrmNews
from leadwake.vendors import Mode
from leadwake.workflows import crm_news
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: how often a CRM is asked
EVERY_S: Final = 300.0
#: their search may know of a change only a while after it was made
LAG: Final = timedelta(minutes=2)
#: pages of a list that a look goes on through
PAGES_A_LOOK: Final = 5
#: as many as a look may bring of one kind: there may be more
CUT_SHORT: Final = 500


async def poll_due(office: Office, vendor: str, crm: Crm) -> int:
    """What changed there since the last look is kept; how much of it was new. Raises DatabaseAway."""
    if office.settings.mode(vendor) is not Mode.LIVE:
        return 0  # the stand-in loses nothing on the way
    cursor = f"{vendor} poll"
    row = await office.db.one("crm_poll_take", cursor=cursor, every_s=EVERY_S)
    if row is None:
        return 0
    since, began = row["at"] - LAG, datetime.now(UTC)
    try:
        found = await crm.changes(since)
    except ProviderError as error:
        wait_s = error.retry_after_s or 0.0
        await office.db.run("crm_poll_later", cursor=cursor, wait_s=max(0.0, wait_s - EVERY_S))
        _log.warning("crm_not_asked", vendor=vendor, reason=str(error))
        return 0
    kept = await crm_news.keep(office, [_news(vendor, one, since) for one in found])
    await office.db.run("crm_poll_done", cursor=cursor, at=_until(found, began))
    try:
        for kind in ("contact", "deal"):
            kept += await _looked_through(office, vendor, crm, kind)
    except ProviderError as error:
        _log.warning("crm_not_asked", vendor=vendor, reason=str(error))
    return kept


async def _looked_through(office: Office, vendor: str, crm: Crm, kind: str) -> int:
    """
    A few pages of everything there is, from where the last look stopped; how much was new. Raises ProviderError.

    For a CRM whose lists know no order by change: what changed since the round before began is kept.
    """
    cursor, kept = f"{vendor} {kind} round", 0
    row = await office.db.one("crm_round", cursor=cursor)
    assert row is not None
    since, after = row["since"] - LAG, row["place"]
    for _ in range(PAGES_A_LOOK):
        page = await crm.look_through(kind, after)
        changed = [one for one in page.changes if one.at >= since]
        kept += await crm_news.keep(office, [_news(vendor, one, since) for one in changed])
        after = page.after
        await office.db.run("crm_round_at", cursor=cursor, place=after)
        if after is None:
            break
    return kept


def _news(vendor: str, one: CrmChange, since: datetime) -> CrmNews:
    kind = "deal" if one.kind == "deal" else "created" if one.created_at >= since else "changed"
    return CrmNews(vendor, f"poll {one.kind} {one.ref} {one.at.isoformat()}", kind, one.ref)


def _until(found: Sequence[CrmChange], began: datetime) -> datetime:
    """From when on the next look asks: nothing between is passed over when a look was cut short."""
    ends = []
    for kind in ("contact", "deal"):
        mine = [one.at for one in found if one.kind == kind]
        if len(mine) >= CUT_SHORT:
            ends.append(max(mine))
    return min([began, *ends])
