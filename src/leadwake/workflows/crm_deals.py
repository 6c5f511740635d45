"""A deal in the CRM for each lead that somebody works on, moved as the lead gets further; never back.

Looked for rather than planned where it happens, as notes are, so that no answer to a lead waits for it. A deal's key is
the id of the inquiry that it began with; a lead has one open deal in each CRM, and only one action of a deal is open.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from psycopg.rows import DictRow

from leadwake.actions.claims import Judgement
from leadwake.actions.planning import Planned, plan
from leadwake.actions.states import State
from leadwake.domain import deals
from leadwake.domain.interests import interest
from leadwake.domain.values import Purpose
from leadwake.providers.ports import OutgoingDeal
from leadwake.storage.db import Connection, q
from leadwake.storage.wakeups import wake
from leadwake.vendors import Mode
from leadwake.workflows import crm_stages
from leadwake.workflows.composing import Errand
from leadwake.workflows.crm_notes import OVERLAP
from leadwake.workflows.office import Office

_BATCH: Final = 500
NAME_CHARS: Final = 120


async def plan_due(office: Office, crm: str) -> int:
    """What happened to leads since the last look stands in their deals' actions; how many were planned."""
    how = crm_stages.of(office, crm)
    known = how.milestones()
    if office.settings.mode(crm) is not Mode.LIVE or not known:
        return 0  # of the stand-in's pipelines nobody would see anything
    cursor = f"{crm} deals"
    async with office.db.transaction() as connection:
        now = office.clock.now()
        await connection.execute(q("crm_cursor_begin"), {"vendor": cursor, "now": now})
        row = await (await connection.execute(q("crm_cursor_take"), {"vendor": cursor})).fetchone()
        if row is None:
            return 0  # another process looks
        await connection.execute(q("crm_deals_over"), {"vendor": crm, "now": now})
        values = {
            "vendor": crm, "since": row["at"] - OVERLAP, "limit": _BATCH, "make": how.make, "known": known,
            "order": list(deals.MILESTONES),
        }  # fmt: skip
        seen = await (await connection.execute(q("crm_deals_noted"), values)).fetchone()
        is_cut = seen is not None and seen["looked"] >= _BATCH
        at = seen["until"] + OVERLAP if seen is not None and is_cut else now
        await connection.execute(q("crm_cursor_set"), {"vendor": cursor, "now": at})
        untold = await (await connection.execute(q("crm_deals_untold"), {"vendor": crm, "limit": _BATCH})).fetchall()
        for one in untold:
            await _plan(connection, crm, one, now)
        return len(untold)


async def _plan(connection: Connection, crm: str, row: DictRow, now: datetime) -> None:
    planned = Planned("crm_deal", crm, Purpose.STAFF, practice=False, ordinal=row["ordinal"] + 1)
    told = {"vendor": crm, "inquiry_id": row["inquiry_id"], "milestone": row["milestone"], "ordinal": planned.ordinal}
    await connection.execute(q("crm_deal_told"), told)
    await plan(connection, planned, cause_id=row["inquiry_id"], now=now, lead_id=row["lead_id"], queue="bulk")
    await wake(connection, [(planned.channel, planned.id)], "bulk")


def judge(errand: Errand) -> Judgement:
    """The deal is to stand where the lead is now, if its stage can say so."""
    office, row, known = errand.office, errand.row, errand.row["deal"]
    if known is None or row["ordinal"] < known["newest"]:
        return Judgement(State.CANCELLED, "replaced")
    how, milestone = crm_stages.of(office, errand.vendor), known["milestone"]
    stage = how.stage(milestone)
    if how.pipeline is None or milestone not in how.milestones():
        return Judgement(State.SKIPPED, "no_stage")
    key, profile = errand.opened()
    owner = office.person(row["owner_id"])
    outgoing = OutgoingDeal(
        str(row["cause_id"]), known["contact"], name(profile, errand.details().get("interest")), how.pipeline,
        stage.stage if stage else None, milestone if milestone in deals.ENDS else "open", _may_leave(how, milestone),
        known_as=row["vendor_ref"] or known["ref"], maybe_there=row["attempts"] > 0 or row["ordinal"] > 1,
        owner_email=owner.email if owner and not owner.practice else None, cents=known["cents"],
        is_keyed=(errand.vendor, "deals") in office.crm_keys,
    )  # fmt: skip
    content = errand.seal(key, {"to": known["contact"], "body": outgoing.name})
    return Judgement(State.SENDING, outgoing=outgoing, content=content, data_key_id=key.id)


def name(profile: dict[str, str | None], kind: str | None) -> str:
    """What a deal is called: who, and what they are interested in."""
    who = profile.get("name") or profile.get("email") or profile.get("phone") or "Somebody"
    what = interest(kind)
    return (f"{who}, {what}" if what else who)[:NAME_CHARS]


def _may_leave(how: crm_stages.Deals, milestone: str) -> frozenset[str]:
    stage = how.stage(milestone)
    return deals.may_leave(how.stages, stage) if stage else frozenset()
