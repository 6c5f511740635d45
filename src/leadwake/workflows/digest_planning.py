"""Digests planned when they are due: each once for a person and a day, whoever looks and however often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake.actions.planning import Planned, plan_now
from leadwake.actions.states import State
from leadwake.domain import digest, proof_words
from leadwake.domain import proof as figures
from leadwake.domain.proof import Figures
from leadwake.domain.report import Report
from leadwake.domain.report_values import values
from leadwake.domain.values import Purpose
from leadwake.storage import reports
from leadwake.storage.db import Connection, q
from leadwake.storage.staff import Person
from leadwake.workflows.instant_response import VENDORS, is_off, is_practice
from leadwake.workflows.office import Office

#: what a digest was about is kept so long: it is sent within hours or not at all
KEPT: Final = timedelta(days=2)
#: what a digest tells of a report; response times stand in it anyhow
TOLD: Final = (
    "leads", "conversations", "meetings", "sales", "revenue", "cost", "cost_per_lead", "cost_per_meeting", "error_rate",
    "accuracy",
)  # fmt: skip
FAILED: Final = frozenset({"dead", "unknown", "undelivered", "bounced"})
_NAMES: Final = UUID("6f0c9a1e-3a53-4b0f-9d54-0f6f7cf0b1d7")


@dataclass(frozen=True, slots=True)
class Due:
    """A digest of one person that is due. kind: day; week, yesterday: a report; day: on their own clock."""

    person: Person
    kind: str
    day: date

    @property
    def id(self) -> UUID:
        """The same whoever asks: it is the cause of the digest's actions."""
        return uuid5(_NAMES, f"{self.person.id} {self.day} {self.kind}")


async def plan_due(office: Office) -> int:
    """Every digest that is due now is planned, once; how many were planned by this call. Raises DatabaseAway."""
    now = office.clock.now()
    found = due(office, now)
    known = (
        {row["id"] for row in await office.db.all("digest_known", ids=[each.id for each in found])} if found else set()
    )
    planned = 0
    for each in found:
        if each.id not in known:
            planned += await _plan(office, each, now)
    await office.db.run("digest_prune", before=now - KEPT)
    return planned


def due(office: Office, now: datetime) -> list[Due]:
    """Whose digest is due: agents on days with a shift; managers on Mondays, and every day where that is set."""
    zone = office.settings.time_zone
    asked = [(person, "day") for person in office.agents]
    kinds = ("week", "yesterday") if office.settings.report_daily else ("week",)
    managers = [p for p in office.team if p.role in {"manager", "admin"} and not p.disabled and not p.practice]
    asked += [(person, kind) for person in managers for kind in kinds]
    found = []
    for person, kind in asked:
        day = digest.due_day(person.work.hours(zone), now, weekly=kind == "week")
        if day is not None:
            found.append(Due(person, kind, day))
    return found


async def _plan(office: Office, found: Due, now: datetime) -> bool:
    """One transaction: what it tells, and the action that carries it; False when another process was first."""
    content = None if found.kind == "day" else await _report(office, found.kind, now)
    async with office.db.transaction() as connection:
        if content is None:
            content = await _day(office, connection, found.person, now)
        values = {
            "id": found.id, "user_id": found.person.id, "now": now, "content": Jsonb(content),
            "lead_ids": [UUID(each["lead"]) for each in content.get("waiting", ())],
        }  # fmt: skip
        if (await connection.execute(q("digest_add"), values)).rowcount == 0:
            return False
        await plan_now(connection, _actions(office, found), cause_id=found.id, now=now, queue="bulk")
    return True


def _actions(office: Office, found: Due) -> list[Planned]:
    """By Slack for who is there, else by mail; what cannot go stands there with its reason."""
    person, settings = found.person, office.settings
    wants_slack = person.work.slack_id is not None
    slack_off = "slack" not in VENDORS or is_off(settings, "slack")
    actions = []
    if wants_slack:
        actions.append(_action(office, found, "digest_slack", "slack", is_off_now=slack_off))
    if not wants_slack or slack_off:
        actions.append(_action(office, found, "digest_email", "email", is_off_now=is_off(settings, "email")))
    return actions


def _action(office: Office, found: Due, kind: str, channel: str, *, is_off_now: bool) -> Planned:
    practice = not is_off_now and is_practice(office.settings, channel)
    reason = "vendor_off" if is_off_now else "sample_agent" if found.person.practice and not practice else None
    return Planned(
        kind,
        f"{found.person.id}/{found.kind}",
        Purpose.STAFF,
        practice,
        agent_id=found.person.id,
        state=State.SKIPPED if reason else State.PLANNED,
        reason=reason,
    )


async def _day(office: Office, connection: Connection, person: Person, now: datetime) -> dict[str, Any]:
    """Who waits for them, what is nobody's, and what happened since their last shift."""
    since = digest.night_begins(person.work.hours(office.settings.time_zone), now)
    values = {"user_id": person.id, "now": now, "since": since, "practice": office.is_practice}
    waiting = await (await connection.execute(q("digest_waiting"), values)).fetchall()
    pool = await _one(connection, "digest_pool", values)
    night = await _one(connection, "digest_night", values)
    return {
        "kind": "day",
        "waiting": [_waiting(row) for row in waiting[: digest.NAMED]],
        "more": max(0, len(waiting) - digest.NAMED),
        "pool": pool["pool"],
        "since": since.isoformat(),
        **{name: night[name] for name in ("inquiries", "answered", "replied", "held")},
        "held_until": night["held_until"].isoformat() if night["held_until"] else None,
    }


def _waiting(row: DictRow) -> dict[str, str]:
    return {
        "lead": str(row["lead_id"]), "kind": row["kind"], "temperature": row["temperature"],
        "at": row["at"].isoformat(), "due_at": row["due_at"].isoformat(),
    }  # fmt: skip


async def _report(office: Office, kind: str, now: datetime) -> dict[str, Any]:
    """The team's last whole week, Monday to Sunday on the team's clock, or yesterday; and what waits now."""
    practice = office.is_practice
    days = 7 if kind == "week" else 1
    until = _monday(now, office.settings.time_zone) if kind == "week" else _today(now, office.settings.time_zone)
    reported, before = [await _figures(office, until - timedelta(days=back), days, now) for back in (0, days)]
    found, first, last = reported.facts.figures, until - timedelta(days=days), until - timedelta(days=1)
    pool = await office.db.one("digest_pool", now=now, practice=practice)
    dead = await office.db.one("dead_letter_count")
    assert pool is not None
    assert dead is not None
    return {
        "kind": "week",
        "span": "Last week" if kind == "week" else "Yesterday",
        "days": proof_words.day(last) if days == 1 else f"{proof_words.day(first)} to {proof_words.day(last)}",
        "figures": _results(reported, before),
        "received": found.received,
        "accounted": found.accounted,
        "captures": [(label.lower(), found.captures[name]) for name, (label, _) in _outcomes(found).items()],
        "lines": _lines(found),
        "hot": {"part": found.hot["in_time"], "whole": found.hot["offered"]},
        "pool": pool["pool"],
        "overdue": pool["overdue"],
        "agents": [
            {"id": agent.id, "offered": agent.offered, "claimed": agent.offers["claimed"], "median": agent.times.median,
             "n": agent.times.n}
            for agent in found.by_agent.values()
        ],
        "failed": [
            (proof_words.what(what), proof_words.why(why), n)
            for (what, why), n in found.held.most_common()
            if what in FAILED
        ][: digest.NAMED],
        "dead_letters": dead["n"],
    }  # fmt: skip


async def _figures(office: Office, until: date, days: int, now: datetime) -> Report:
    """The report of so many days before a midnight of the team's, by what the team says."""
    zone = office.settings.time_zone
    begin, end = figures.midnight(until - timedelta(days=days), zone), figures.midnight(until, zone)
    facts = await reports.read(office.db, begin, end, zone, practice=office.is_practice, now=now)
    return Report(facts, reports.known(await reports.inputs(office.db)))


def _results(reported: Report, before: Report) -> list[tuple[str, str, int | None, str]]:
    """(figure, its words, n where it is no count, before) of those that can be told."""
    found, former = values(reported), values(before)
    told = [name for name in TOLD if not found[name].missing and found[name].amount is not None]
    return [
        (
            found[name].kpi.label,
            found[name].words,
            None if found[name].kpi.unit == "count" else found[name].n,
            "–" if former[name].missing else former[name].words,
        )
        for name in told
    ]


def _outcomes(found: Figures) -> Mapping[str, tuple[str, str]]:
    return {name: words for name, words in proof_words.OUTCOMES.items() if found.captures[name]}


def _lines(found: Figures) -> list[tuple[str, float | None, int, int, str]]:
    return [
        ("Machine", found.machine.median, found.machine.n, found.inquiries - found.machine.n, "not answered"),
        ("Delivered", found.delivered.median, found.delivered.n, 0, ""),
        ("Human", found.human.median, found.human.n, found.offered - found.human.n, "waiting"),
    ]


def _today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def _monday(now: datetime, zone: ZoneInfo) -> date:
    today = _today(now, zone)
    return today - timedelta(days=today.isoweekday() - 1)


async def _one(connection: Connection, name: str, values: Mapping[str, object]) -> DictRow:
    row = await (await connection.execute(q(name), values)).fetchone()
    assert row is not None
    return row
