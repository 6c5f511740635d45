"""What the channel for operations hears of, looked for by the clock: vendors down, dead letters, answers that come
late, and each morning how the day before went.

It is looked at what is, not listened for what happened: a process that dies between the two tells it a moment later.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from leadwake.domain import budget, proof
from leadwake.domain import slo as acts
from leadwake.domain.budget import Window
from leadwake.domain.report import Report
from leadwake.metrics import BACKUP_LAST, LOOKED
from leadwake.ops import availability, backups, health, slo
from leadwake.ops.doctor import Level
from leadwake.storage import reports
from leadwake.vendors import VENDORS
from leadwake.workflows import ops_mail, ops_notices
from leadwake.workflows.instant_response import is_off
from leadwake.workflows.office import Office

#: a vendor that fails for less is nobody's message (real seconds)
MOMENT_S: Final = 60
#: more dead letters are told of again after so long
AGAIN_AFTER: Final = timedelta(hours=1)
#: on the team's clock; whoever was off then sends it late until the second hour, and not at all afterwards
DAY_FROM_HOUR, DAY_UNTIL_HOUR = 8, 11
KEPT: Final = timedelta(days=30)
#: lights of the house that stand in the day's line also while they are well
_HOUSE: Final = frozenset({"backups", "rehearsal", "disk"})
_NAMES: Final = UUID("0c7f7d56-5a3e-4a0b-8a57-0b8f3d3a8f19")

#: about → what is told of it
Trouble = Mapping[str, Mapping[str, Any]]


async def watch(office: Office) -> None:
    """Trouble that began or ended since the last look, and the day's line when it is due, are on their way."""
    now = office.clock.now()
    found = await slo.windows(office, now)
    await slo.look(office, found, now)
    await availability.show(office, now)
    if (made := await backups.standing(office))["real_at"] is not None:
        BACKUP_LAST.set(made["real_at"].timestamp())
    LOOKED.set_to_current_time()
    await _compare(office, await trouble(office, now, found), now)
    await _tell_day(office, now)
    await office.db.run("ops_prune", before=now - KEPT)


async def trouble(office: Office, now: datetime, answered: Mapping[int, Window] | None = None) -> Trouble:
    """What is wrong now. answered: as `slo.windows` counts it. Raises DatabaseAway."""
    found: dict[str, Mapping[str, Any]] = {}
    waiting = {row["channel"]: row["n"] for row in await office.db.all("ops_waiting", now=now)}
    for row in await office.db.all("ops_vendors_down", moment_s=MOMENT_S):
        vendor = row["vendor"]
        found[f"vendor {vendor}"] = {
            "label": VENDORS[vendor].label if vendor in VENDORS else vendor,
            "reason": row["reason"],
            "waiting": sum(waiting.get(channel, 0) for channel in health.CHANNELS.get(vendor, ())),
        }
    if letters := await office.db.all("ops_dead_letters"):
        newest = max(row["newest"] for row in letters)
        found["dead_letters"] = {
            "n": sum(row["n"] for row in letters),
            "kinds": [(row["kind"], row["why"], row["n"]) for row in letters],
            "newest": newest.isoformat(),
        }
    found |= await backups.trouble(office)
    if burn := budget.burning(answered or await slo.windows(office, now)):
        found["response"] = {
            "minutes": burn.minutes, "late": burn.late, "total": burn.total, "gone_in_h": burn.gone_in_h,
        }  # fmt: skip
    return found


async def _compare(office: Office, found: Trouble, now: datetime) -> None:
    going_on = {row["about"]: row for row in await office.db.all("ops_going_on")}
    for about in found.keys() | going_on.keys():
        row, content = going_on.get(about), found.get(about)
        is_worse = row is not None and content is not None and _is_worse(row, content, now)
        if row and content and not is_worse:
            continue
        async with office.db.transaction() as connection:
            if row:
                await ops_notices.end(connection, office, row["id"], now, silently=is_worse)
            if content:
                await ops_notices.begin(connection, office, about, content, now)


def _is_worse(row: Mapping[str, Any], content: Mapping[str, Any], now: datetime) -> bool:
    """More of the same, and long enough after it was told last."""
    newest = content.get("newest")
    return newest is not None and newest > row["content"]["newest"] and now - row["at"] >= AGAIN_AFTER


async def _tell_day(office: Office, now: datetime) -> None:
    local = now.astimezone(office.settings.time_zone)
    if not DAY_FROM_HOUR <= local.hour < DAY_UNTIL_HOUR:
        return
    is_mailed = not ops_notices.channel(office.settings)
    if is_mailed and is_off(office.settings, "email"):
        return
    notice = uuid5(_NAMES, str(local.date()))
    if await office.db.one("ops_known", id=notice) is not None:
        return
    content = await _day(office, local.date() - timedelta(days=1))
    async with office.db.transaction() as connection:
        is_new = await ops_notices.begin(connection, office, "day", content, now, notice_id=notice, lasts=False)
        if is_new and is_mailed:
            await ops_mail.tell_day(connection, office, notice, now)


async def _day(office: Office, day: date) -> dict[str, Any]:
    """How that day went, and what is wrong now."""
    zone = office.settings.time_zone
    begin, end = proof.midnight(day, zone), proof.midnight(day + timedelta(days=1), zone)
    facts = await reports.read(office.db, begin, end, zone, practice=office.is_practice, now=office.clock.now())
    figures, came_of = facts.figures, Report(facts, {})
    found = await health.look(office)
    dead = await office.db.one("dead_letter_count")
    failed = [light for light in found.lights if light.level is Level.FAILED]
    wrong = [f"{light.about}: {light.text}" for light in failed]
    wrong += [f"{one.health.label} is failing" for one in found.vendors if one.level is Level.FAILED]
    return {
        "inquiries": figures.inquiries,
        "within_60s": figures.machine.within(proof.MACHINE_TARGET_S),
        "median_s": figures.machine.median,
        "captures": figures.received,
        "lost": figures.captures["lost"],
        "dead_letters": dead["n"] if dead else 0,
        "came_of": {kind: came_of.count(kind) for kind in ("conversation", "meeting", "won")},
        "trouble": wrong,
        **await _standing(office, begin),
        "house": [f"{one.about}: {one.text}" for one in found.lights if one.about in _HOUSE and one not in failed],
    }


async def _standing(office: Office, since: datetime) -> dict[str, Any]:
    """The promise, what was done for it since then, and what probes saw."""
    promise = await slo.read(office)
    now, found = promise.now, promise.objective
    return {
        "promise": {"good": found.good, "total": found.total, "left": found.left, "more": found.more},
        "acts": [acts.because(act.act, act.why) for act in promise.acts if act.began_at >= since],
        "probes": [
            {
                "probe": one.probe, "share": one.share, "unknown_s": one.unknown_s,
                "tls_days": (one.tls_until - now).days if one.tls_until else None,
            }
            for one in await availability.read(office, now)
        ],
    }  # fmt: skip
