"""What the tests of Proof share: histories of inquiries written as rows, and a naive count of them by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from leadwake.domain.proof import Figures
from leadwake.storage.db import Connection

NEW_YORK = ZoneInfo("America/New_York")
#: a Tuesday; clocks went back on Sunday, so that one of the days before has 25 hours
NOW = datetime(2026, 11, 3, 20, 30, tzinfo=UTC)
AGENTS = tuple(UUID(int=0x7000 + n) for n in range(3))


@dataclass(frozen=True)
class Asked:
    """One capture and all that followed; instants aware, None for what never was."""

    at: datetime
    outcome: str
    source: str = "website"
    temperature: str = "warm"
    asked_at: datetime = NOW
    repeats: bool = False
    practice: bool = False
    first_touch_at: datetime | None = None
    delivered_at: datetime | None = None
    fate: str = "sent"
    offered_at: datetime | None = None
    own_offer_at: datetime | None = None
    human_at: datetime | None = None
    agent: int = 0
    wrote_at: datetime | None = None
    id: UUID = field(default_factory=uuid4)
    lead_id: UUID = field(default_factory=uuid4)

    @property
    def is_inquiry(self) -> bool:
        return self.outcome in {"lead", "known"}

    @property
    def settled_at(self) -> datetime | None:
        return self.delivered_at if self.fate == "delivered" else self.first_touch_at


async def put(connection: Connection, table: str, **columns: object) -> None:
    """One row."""
    names, values = ", ".join(columns), ", ".join(["%s"] * len(columns))
    await connection.execute(f"insert into {table} ({names}) values ({values})", list(columns.values()))


async def hire(connection: Connection) -> None:
    for agent in AGENTS:
        await put(
            connection, "app_user", id=agent, email_hash=agent.bytes, sealed_profile=b"", role="agent", takes_leads=True
        )


async def clear(connection: Connection) -> None:
    await connection.execute("select set_config('leadwake.forgetting', 'on', false)")
    for table in ("proof_day", "proof_late", "decision", "message", "action", "offer", "inquiry", "capture", "lead"):
        await connection.execute(f"delete from {table}")
    await connection.execute("delete from proof_late")


async def arrive(connection: Connection, asked: Asked) -> None:
    """The rows of its first moment, as intake writes them."""
    lead_id, key = asked.lead_id if asked.is_inquiry else None, asked.id
    if asked.is_inquiry:
        await put(
            connection, "lead", id=lead_id, data_key_id=key, sealed_profile=b"", source=asked.source, channel="api",
            created_at=asked.at, last_at=asked.at, practice=asked.practice,
        )  # fmt: skip
    await put(
        connection, "capture", id=asked.id, at=asked.at, door="api", source=asked.source, outcome=asked.outcome,
        data_key_id=key, body=b"", lead_id=lead_id,
    )  # fmt: skip
    if not asked.is_inquiry:
        return
    await put(
        connection, "inquiry", id=asked.id, lead_id=lead_id, channel="api", source=asked.source,
        asked_at=asked.asked_at, sealed_details=b"", fingerprint=b"", repeats=asked.repeats, score=50,
        temperature=asked.temperature, reasons="[]", planned=1,
    )  # fmt: skip
    await put(
        connection, "action", id=asked.id, cause_id=asked.id, kind="sms", recipient="phone", lead_id=lead_id,
        channel="sms", purpose="instant_reply", state="planned", practice=asked.practice, created_at=asked.at,
        due_at=asked.at,
    )  # fmt: skip


async def go_on(connection: Connection, asked: Asked, since: datetime | None, until: datetime) -> None:
    """What happened to it after `since` up to `until`, as the product writes it."""
    if not asked.is_inquiry:
        return

    def now(at: datetime | None) -> bool:
        return at is not None and at <= until and (since is None or at > since)

    for column, at in (("offered_at", asked.offered_at), ("first_touch_at", asked.first_touch_at)):
        if now(at):
            await connection.execute(f"update inquiry set {column} = %s where id = %s", [at, asked.id])
    if now(asked.first_touch_at):
        await connection.execute(
            "update action set state = 'sent', claimed_at = %s, settled_at = %s, due_at = null where id = %s",
            [asked.first_touch_at, asked.first_touch_at, asked.id],
        )
    if now(asked.delivered_at):
        await connection.execute(
            "update action set state = 'delivered', settled_at = %s where id = %s", [asked.delivered_at, asked.id]
        )
    if asked.fate == "blocked" and now(asked.at):
        await connection.execute(
            "update action set state = 'blocked', reason = 'no_consent', due_at = null, settled_at = %s where id = %s",
            [asked.at, asked.id],
        )
        await put(
            connection, "decision", at=asked.at, action_id=asked.id, lead_id=asked.lead_id, channel="sms",
            purpose="instant_reply", outcome="block", reason="no_consent", rule="R", table_version="v",
            policy_version=1, sender="", facts="{}", data_key_id=asked.id, sealed_message=b"", result="{}",
        )  # fmt: skip
    if now(asked.own_offer_at):
        await put(
            connection, "offer", id=asked.id, lead_id=asked.lead_id, inquiry_id=asked.id, agent_id=AGENTS[asked.agent],
            step=0, code=1, temperature=asked.temperature, at=asked.own_offer_at, due_at=asked.own_offer_at,
        )  # fmt: skip
    if now(asked.human_at):
        await connection.execute(
            "update inquiry set human_at = %s, human_by = %s where id = %s",
            [asked.human_at, AGENTS[asked.agent], asked.id],
        )
        await connection.execute(
            "update offer set state = 'claimed', ended_at = %s where id = %s and state = 'open'",
            [asked.human_at, asked.id],
        )
    if now(asked.wrote_at):
        await put(
            connection, "message", id=asked.id, vendor="twilio", ref=str(asked.id), lead_id=asked.lead_id,
            contact_point_id=1, channel="sms", intent="reply", data_key_id=asked.id, body=b"", at=asked.wrote_at,
        )  # fmt: skip


# The naive count ----------------------------------------------------------------------------------------------------


def tenths(took: timedelta) -> int:
    """A stretch rounded up to what is shown, in tenths of a second; written here once more."""
    micros = max(0, took // timedelta(microseconds=1))
    steps = ((10, 0.1), (60, 1), (3600, 5), (4 * 3600, 60), (48 * 3600, 600), (10**9, 3600))
    step = next(round(step_s * 1_000_000) for under_s, step_s in steps if micros < under_s * 1_000_000)
    return -(-micros // step) * step // 100_000


def nearest_rank(values: Sequence[int], share: int) -> float | None:
    return sorted(values)[ceil(len(values) * share / 100) - 1] / 10 if values else None


def by_hand(history: Iterable[Asked], begin: datetime, end: datetime, *, practice: bool) -> dict[str, object]:
    """Every figure of the history, by going through it again and again."""
    came = [a for a in history if begin <= a.at < end and (practice or not (a.practice and a.is_inquiry))]
    asked = [a for a in came if a.is_inquiry and not a.repeats]
    new = [a for a in asked if a.outcome == "lead"]
    touched = [a for a in asked if a.offered_at and a.human_at]
    hot = [a for a in asked if a.temperature == "hot" and a.offered_at]
    own = [
        (a, a.own_offer_at if a.own_offer_at and a.own_offer_at <= a.human_at else a.offered_at)
        for a in asked
        if a.human_at
    ]
    sources = {a.source for a in asked}
    return {
        "captures": Counter(a.outcome for a in came),
        "machine": sorted(tenths(a.first_touch_at - a.asked_at) for a in asked if a.first_touch_at),
        "delivered": sorted(tenths(a.delivered_at - a.asked_at) for a in asked if a.delivered_at),
        "human": sorted(tenths(a.human_at - a.offered_at) for a in touched),  # type: ignore[operator]
        "hot": (
            len(hot), sum(1 for a in hot if a.human_at),
            sum(1 for a in hot if a.human_at and a.human_at - a.offered_at <= timedelta(hours=4)),  # type: ignore[operator]
        ),
        "sources": {
            name: {
                "inquiries": sum(1 for a in asked if a.source == name),
                "leads": sum(1 for a in new if a.source == name),
                "reached": sum(1 for a in new if a.source == name and (a.delivered_at or a.human_at)),
                "replied": sum(1 for a in new if a.source == name and a.wrote_at),
                "human": sum(1 for a in new if a.source == name and a.human_at),
            }
            for name in sources
        },
        "agents": {
            str(agent): sorted(tenths(a.human_at - at) for a, at in own if at and AGENTS[a.agent] == agent)  # type: ignore[operator]
            for agent in AGENTS
            if any(at and AGENTS[a.agent] == agent for a, at in own)
        },
        "texts": Counter(_state(a) for a in came if a.is_inquiry),
        "held": Counter(("block", "no_consent") for a in came if a.is_inquiry and a.fate == "blocked"),
    }  # fmt: skip


def as_by_hand(found: Figures) -> dict[str, object]:
    """The product's figures in the shape of the naive count."""
    return {
        "captures": found.captures,
        "machine": sorted(found.machine.tenths.elements()),
        "delivered": sorted(found.delivered.tenths.elements()),
        "human": sorted(found.human.tenths.elements()),
        "hot": (found.hot["offered"], found.hot["touched"], found.hot["in_time"]),
        "sources": {
            name: {what: source.counts[what] for what in ("inquiries", "leads", "reached", "replied", "human")}
            for name, source in found.by_source.items()
        },
        "agents": {name: sorted(a.times.tenths.elements()) for name, a in found.by_agent.items() if a.times.n},
        "texts": found.messages.get("sms", Counter()),
        "held": found.held,
    }


def _state(asked: Asked) -> str:
    if asked.fate == "blocked":
        return "blocked"
    return "delivered" if asked.delivered_at else "sent" if asked.first_touch_at else "planned"
