"""The response promise is looked after: counted, shown, and acted for while its budget burns.

What is done is a row with its reason (`slo_act`); whoever chooses a vendor reads which acts go on. One process decides
at a time, and what it decides is in one transaction with the log and the pages it plans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from leadwake.domain import budget, slo
from leadwake.domain.budget import Burn, Objective, Window
from leadwake.domain.slo import Going, Means
from leadwake.metrics import SLO_ACTING, SLO_BUDGET_LEFT, SLO_BURN, SLO_GOOD, SLO_LATE, SLO_TOTAL
from leadwake.providers.registry import EMAIL_ORDER
from leadwake.storage import slo as rows
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.vendors import Mode
from leadwake.workflows import mail_for_text, paging
from leadwake.workflows.office import Office

_PRUNED_EVERY_S: Final = 3600.0
#: minutes → how a window is called in metrics
WINDOW_NAMES: Final = {5: "5m", 30: "30m", 60: "1h", 360: "6h"}


async def look(office: Office, answered: Mapping[int, Window], now: datetime) -> None:
    """The promise is counted and shown; what has to be done for it is done. answered: as `windows` counts them."""
    await rows.keep(office.db, now, practice=office.is_practice)
    _show(await standing(office, now), answered)
    burn = budget.burning(answered)
    going = await _decide(office, burn, now)
    for act in slo.ACTS:
        SLO_ACTING.labels(act).set(act in going)
    if slo.MAIL_FOR_TEXT in going:
        await mail_for_text.plan(office, now)
    if office.noted.is_due(("slo_prune",), _PRUNED_EVERY_S):
        await office.db.run("slo_prune", before=now - rows.KEPT)


@dataclass(frozen=True, slots=True)
class Promise:
    """All of it, for a page. trail: what was left of the budget each day; acts: what was done, the newest first."""

    now: datetime
    objective: Objective
    trail: Sequence[tuple[date, float]]
    windows: Mapping[int, Window]
    burn: Burn | None
    acts: Sequence[rows.Act]

    @property
    def acting(self) -> list[rows.Act]:
        """What is done just now."""
        return [act for act in self.acts if act.over_at is None]


async def read(office: Office) -> Promise:
    """How the promise stands, and what was done for it in the days it is over. Raises DatabaseAway."""
    now = office.clock.now()
    hours = await rows.hours(office.db, now, practice=office.is_practice)
    answered = await windows(office, now)
    done = await rows.acts(office.db, now - timedelta(days=budget.DAYS))
    return Promise(
        now, budget.objective(hours, now), budget.trail(hours, now), answered, budget.burning(answered), done
    )  # fmt: skip


async def windows(office: Office, now: datetime) -> Mapping[int, Window]:
    """How many inquiries were answered late in each of budget.WINDOWS_MIN."""
    found = await office.db.all(
        "ops_answered", now=now, windows=list(budget.WINDOWS_MIN), longest=max(budget.WINDOWS_MIN),
        practice=office.is_practice,
    )  # fmt: skip
    return {row["minutes"]: Window(row["late"], row["total"]) for row in found}


async def standing(office: Office, now: datetime) -> Objective:
    """How the promise stands."""
    return budget.objective(await rows.hours(office.db, now, practice=office.is_practice), now)


def means(office: Office, failing: frozenset[str] = frozenset()) -> Means:
    """What can be done by this team's vendors."""
    mailers = tuple(name for name in EMAIL_ORDER if office.settings.mode(name) is not Mode.OFF)
    return Means(office.settings.slo_acts, mailers, failing)


async def _decide(office: Office, burn: Burn | None, now: datetime) -> frozenset[str]:
    """Acts begin and end; which go on."""
    going = await rows.going_on(office.db)
    if burn is None and not going:
        return frozenset()
    failing = frozenset(row["vendor"] for row in await office.db.all("slo_vendors_open"))
    can = means(office, failing)
    causes = []
    if burn is not None:
        mailer = next(iter(can.mailers), "")
        causes = await rows.causes(office.db, now, burn.minutes, mailer, practice=office.is_practice)
    wanted = slo.wanted(burn, causes, can)
    async with office.db.transaction() as connection:
        turn = await (await connection.execute(q("slo_turn"))).fetchone()
        if turn and turn["mine"]:
            ended = await _end(connection, going, burn, can, now)
            held = {one.act for one in going.values()} - ended
            begun = {
                act for act in wanted if act not in held | ended and await _begin(connection, act, wanted[act], now)
            }
            if begun or ended:
                await connection.execute(q("office_changed"))
            if burn is not None:
                await _page(connection, office, burn, can, held | begun, now)
            return frozenset(held | begun)
    return frozenset(one.act for one in going.values())


async def _end(
    connection: Connection, going: Mapping[UUID, Going], burn: Burn | None, can: Means, now: datetime
) -> set[str]:
    ended = set()
    for act_id, one in going.items():
        if why := slo.over(one, burn, can, now):
            await connection.execute(q("slo_end"), {"id": act_id, "now": now, "ended": why})
            await record(connection, now, "system", "slo_over", act=one.act, why=why)
            ended.add(one.act)
    return ended


async def _begin(connection: Connection, act: str, why: Mapping[str, Any], now: datetime) -> bool:
    values = {"id": new_id(), "act": act, "now": now, "over_at": None, "why": Jsonb(dict(why))}
    if (await connection.execute(q("slo_begin"), values)).rowcount == 0:
        return False
    await record(connection, now, "system", "slo_acted", act=act, **why)
    return True


async def _page(
    connection: Connection, office: Office, burn: Burn, can: Means, acting: set[str], now: datetime
) -> None:
    row = await (await connection.execute(q("slo_paged"))).fetchone()
    if not slo.may_page(burn, can, row["at"] if row else None, now):
        return
    why: dict[str, Any] = {"minutes": burn.minutes, "late": burn.late, "total": burn.total, "acting": sorted(acting)}
    page_id = new_id()
    values = {"id": page_id, "act": slo.PAGE, "now": now, "over_at": now, "why": Jsonb(why)}
    await connection.execute(q("slo_begin"), values)
    told = await paging.page(connection, office, page_id, now)
    await record(connection, now, "system", "slo_acted", act=slo.PAGE, told=told, **why)


def _show(found: Objective, answered: Mapping[int, Window]) -> None:
    SLO_GOOD.set(found.good)
    SLO_TOTAL.set(found.total)
    SLO_BUDGET_LEFT.set(found.left)
    for minutes, window in answered.items():
        SLO_BURN.labels(WINDOW_NAMES[minutes]).set(window.burn)
        SLO_LATE.labels(WINDOW_NAMES[minutes]).set(window.late)
