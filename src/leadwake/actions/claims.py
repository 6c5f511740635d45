"""Claim: planned → sending, decided by the gate under the contact point's lock, in one transaction for many actions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID, uuid4

import msgspec
from psycopg.rows import DictRow

from leadwake.actions import asides
from leadwake.actions.planning import CRM_CHANNELS
from leadwake.actions.states import State
from leadwake.domain.segments import segments
from leadwake.domain.values import Purpose
from leadwake.providers.ports import (
    LEASE_S,
    Call,
    ChatLine,
    ChatMessage,
    ChatUpdate,
    CrmContact,
    CrmNote,
    ForgetContact,
    ForgetMessages,
    ForgetTexts,
    Lookup,
    OutgoingCall,
    OutgoingDeal,
    OutgoingEmail,
    OutgoingText,
    WebhookDelivery,
)
from leadwake.storage.db import Connection, Database, q
from leadwake.storage.decisions import Evidence

#: an unknown outcome is looked into this long after its lease; a CRM write, being an upsert, is simply made again, and
#: of a Slack message nothing more will be heard
RECONCILE_AFTER_S = 30.0
CRM_AGAIN_AFTER_S = 2.0
#: a resend waits this long for the vendor that may have the first one
SAME_VENDOR_AGAIN = timedelta(seconds=30)

_NOT_WAITED_FOR = frozenset({"slack", "enrich", "webhook", "chat", *CRM_CHANNELS.values()})

#: at most one under way for each lead; lines of a chat so that they stand in the order in which they were written
_ONE_A_LEAD = frozenset({"enrich", "chat"})

_json = msgspec.json.Encoder()

Outgoing = (
    OutgoingText
    | OutgoingEmail
    | OutgoingCall
    | CrmContact
    | CrmNote
    | ChatLine
    | OutgoingDeal
    | ChatMessage
    | ChatUpdate
    | ForgetTexts
    | ForgetContact
    | ForgetMessages
    | Lookup
    | WebhookDelivery
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    What is to become of an action now.

    state: SENDING (then `outgoing` and `content` are set), DEFERRED (`due_at`), or a final state with its reason.
    content: exactly what is sent, sealed; data_key_id: by whose key, None for the settings key.
    evidence: what the gate decided by, for a message to a lead. cost: what is spent of a vendor's budget with it.
    """

    state: State
    reason: str | None = None
    due_at: datetime | None = None
    decision: Mapping[str, Any] | None = None
    outgoing: Outgoing | None = None
    content: bytes | None = None
    data_key_id: UUID | None = None
    evidence: Evidence | None = None
    cost: int = 0

    def as_answer(self) -> dict[str, Any]:
        """What became of the text to a lead, as the agent's alert tells it: {"state", "reason", "sentence"}."""
        sentence = (self.decision or {}).get("sentence")
        return {"state": self.state.value, "reason": self.reason, "sentence": sentence}


#: judges one of those `waiting`: (row, attempt id, vendor, now) → Judgement. Pure but for the keys it opens.
Judge = Callable[[DictRow, UUID, str, datetime], Judgement]


@dataclass(frozen=True, slots=True)
class Claimed:
    """An action this process may now carry out, until its call's lease ends."""

    action_id: UUID
    attempt_id: UUID
    channel: str
    kind: str
    purpose: str
    vendor: str
    failures: int
    outgoing: Outgoing
    call: Call


@dataclass(frozen=True, slots=True)
class Claims:
    """What came of asking for some actions.

    busy: (channel, id) where the contact is locked or a message to it
    is under way; ask again in a moment."""

    claimed: Sequence[Claimed]
    busy: Sequence[tuple[str, UUID]]


class Budget(Protocol):
    """What a vendor that charges may still cost, counted in the claim's own transaction: no two spend the same."""

    async def left(self, connection: Connection) -> Decimal | None: ...

    async def spend(self, connection: Connection, cost: int) -> None: ...


async def claim(
    db: Database, wanted: Mapping[UUID, str], judge: Judge, now: datetime, budget: Budget | None = None
) -> Claims:
    """
    Every wanted action is decided: some are ours to carry out, others deferred, blocked or done otherwise.

    wanted: action id → vendor with a free slot. budget: of a vendor that charges; while another process counts, all
    are busy. The lease starts before the transaction does, so that ours ends first.
    Raises DatabaseAway: then nothing may be sent, even if the commit went through; such actions are reconciled.
    """
    lease_until = time.monotonic() + LEASE_S
    ids = list(wanted)
    async with db.transaction_after("claim_lock", ids=ids) as (connection, locks):
        left = await budget.left(connection) if budget else Decimal(0)
        ours = ids if left is not None else []  # else somebody counts just now: all are busy
        rows = await waiting(connection, ours, [row["id"] for row in locks], now)
        turn = _Turn(wanted, judge, now, lease_until, left or Decimal(0))
        for row in sorted(rows, key=lambda row: row["purpose"] == Purpose.STAFF):  # alerts tell what became of the text
            turn.decide(row)
        if turn.decided:
            await _write(connection, turn.decided, wanted, now)
        if budget and turn.spent:
            await budget.spend(connection, turn.spent)
    seen = {row["id"] for row in rows}
    unseen = await _still_open(db, [i for i in ids if i not in seen], now)
    return Claims(turn.claimed, [*turn.busy, *unseen])


async def waiting(
    connection: Connection, ids: Sequence[UUID], locked: Sequence[int | None], now: datetime
) -> list[DictRow]:
    """Those of the actions that may be judged now, locked by this, as a Judge takes them. locked: contact points."""
    values = {"ids": ids, "locked": locked, "now": now}
    found = await (await connection.execute(q("claim_read"), values)).fetchall()
    return await asides.read(connection, now, found)


class _Turn:
    """What is decided in one claim, each action with what was decided before it."""

    def __init__(
        self, wanted: Mapping[UUID, str], judge: Judge, now: datetime, lease_until: float, left: Decimal
    ) -> None:
        self._wanted, self._judge, self._now, self._lease_until = wanted, judge, now, lease_until
        self._left = left
        self.spent = 0
        #: each with its attempt, None unless it is ours to carry out
        self.decided: list[tuple[DictRow, UUID | None, Judgement]] = []
        self.claimed: list[Claimed] = []
        self.busy: list[tuple[str, UUID]] = []
        #: (contact or lead, channel) that has one under way by now
        self._under_way: set[tuple[UUID | int | None, str]] = set()
        self._texted: dict[int, datetime] = {}
        #: what became of the text to a lead, by its inquiry
        self._replies: dict[UUID, Judgement] = {}

    def decide(self, row: DictRow) -> None:
        """The action is ours, or has another fate; or it is busy, and asked for again in a moment."""
        point = row["contact_point_id"]
        whose = row["lead_id"] if row["channel"] in _ONE_A_LEAD else point
        if row["in_flight"] or (whose, row["channel"]) in self._under_way:
            self.busy.append((row["channel"], row["id"]))
            return
        if point in self._texted and row["answered_at"] is None:
            row["answered_at"] = self._texted[point]  # answered a moment ago in this very transaction
        if told := self._replies.get(row["cause_id"]):
            row["answer"] = told.as_answer()
        row["credits_left"] = self._left
        attempt_id = uuid4()
        verdict = self._judge(row, attempt_id, self._wanted[row["id"]], self._now)
        is_answer = row["channel"] == "sms" and row["purpose"] == Purpose.INSTANT_REPLY
        if is_answer:
            self._replies[row["cause_id"]] = verdict
        is_ours = verdict.state is State.SENDING
        if is_ours:
            self.claimed.append(self._claimed(row, attempt_id, verdict))
            self._left -= verdict.cost
            self.spent += verdict.cost
            if whose is not None:
                self._under_way.add((whose, row["channel"]))
            if point is not None and is_answer:
                self._texted[point] = self._now
        self.decided.append((row, attempt_id if is_ours else None, verdict))

    def _claimed(self, row: DictRow, attempt_id: UUID, verdict: Judgement) -> Claimed:
        assert verdict.outgoing is not None
        return Claimed(
            row["id"],
            attempt_id,
            row["channel"],
            row["kind"],
            row["purpose"],
            self._wanted[row["id"]],
            row["failures"],
            verdict.outgoing,
            Call(self._lease_until),
        )


def kept_to_its_vendor(row: DictRow, vendor: str, names: Sequence[str], now: datetime) -> Judgement | None:
    """
    What becomes of an action whose outcome at one vendor was unknown and that another would now carry; None for others.

    An unknown never falls over to a second provider: only the vendor that may have the first message can drop the
    second, by its Message-ID. names: the vendors of its channel that are on.
    """
    if not row["resends"] or row["vendor"] is None or row["vendor"] == vendor:
        return None
    if row["vendor"] in names:
        return Judgement(State.PLANNED, f"waits for {row['vendor']}, which may have it", due_at=now + SAME_VENDOR_AGAIN)
    return Judgement(State.UNKNOWN, f"{row['vendor']} may have it and is off now; a person decides")


async def _still_open(db: Database, unseen: list[UUID], now: datetime) -> list[tuple[str, UUID]]:
    """Of the actions no row was read for, those that wait behind a lock rather than being done already."""
    if not unseen:
        return []
    return [(row["channel"], row["id"]) for row in await db.all("claim_unseen", ids=unseen, now=now)]


async def _write(
    connection: Connection,
    decided: Sequence[tuple[DictRow, UUID | None, Judgement]],
    wanted: Mapping[UUID, str],
    now: datetime,
) -> None:
    await connection.execute(
        q("claim_write"),
        {
            "now": now,
            "lease_s": LEASE_S,
            "ids": [row["id"] for row, _, _ in decided],
            "states": [verdict.state.value for _, _, verdict in decided],
            "attempt_ids": [attempt_id for _, attempt_id, _ in decided],
            "due_ats": [_due(verdict, now) for _, _, verdict in decided],
            "wake_s": [_wake_s(row, verdict) for row, _, verdict in decided],
            "vendors": [wanted[row["id"]] if attempt_id else None for row, attempt_id, _ in decided],
            "reasons": [verdict.reason for _, _, verdict in decided],
            "decisions": [
                None if verdict.decision is None else _json.encode(verdict.decision).decode()
                for _, _, verdict in decided
            ],
            "key_ids": [verdict.data_key_id for _, _, verdict in decided],
            "contents": [verdict.content for _, _, verdict in decided],
            "facts": [verdict.evidence and verdict.evidence.facts for _, _, verdict in decided],
            "messages": [verdict.evidence and verdict.evidence.message for _, _, verdict in decided],
            "message_key_ids": [verdict.evidence and verdict.evidence.data_key_id for _, _, verdict in decided],
            "senders": [verdict.evidence and verdict.evidence.sender for _, _, verdict in decided],
            "segments": [_segments(verdict.outgoing) for _, _, verdict in decided],
        },
    )


def _segments(outgoing: Outgoing | None) -> int | None:
    """What a text will be billed as: counted now, because its words are sealed afterwards."""
    return segments(outgoing.body).count if isinstance(outgoing, OutgoingText) else None


def _due(verdict: Judgement, now: datetime) -> datetime | None:
    if verdict.state is State.DEFERRED:
        return verdict.due_at or now + timedelta(minutes=1)
    return verdict.due_at if verdict.state is State.PLANNED else None


def _wake_s(row: DictRow, verdict: Judgement) -> float | None:
    if verdict.state is State.SENDING:
        return LEASE_S + (CRM_AGAIN_AFTER_S if _is_not_waited_for(row) else RECONCILE_AFTER_S)
    return 0.0 if verdict.state in {State.DEFERRED, State.PLANNED} else None


def _is_not_waited_for(row: DictRow) -> bool:
    """
    True for what changes nothing when it is done twice (a CRM record, a line in a chat, an order to delete, a delivery
    that its receiver knows by its id), and for Slack and data vendors, which can neither be asked nor report by
    themselves.
    """
    return bool(row["channel"] in _NOT_WAITED_FOR or row["kind"] == "forget_texts")
