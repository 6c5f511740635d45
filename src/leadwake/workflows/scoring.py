"""Workflow 2: a lead is scored anew whenever something happens, within a second; and when what was has faded.

Whoever makes something happen writes a signal in the same transaction (most by the database's own triggers), and a
row that says so. Every worker process looks; a lead's own lock keeps two from scoring it at once, and a process that
dies has scored nobody.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from leadwake import log
from leadwake.domain.scoring import Reason, Score, Signal, signals_of, weighed
from leadwake.domain.scoring.weighing import LEAST_APART
from leadwake.domain.values import Inquiry, Temperature
from leadwake.errors import DatabaseAway
from leadwake.storage import scores
from leadwake.storage.db import Connection, past_deadlocks, q
from leadwake.storage.vault import DataKey
from leadwake.workflows import hot_leads
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: nobody told us: it is looked all the same after
TICK_S: Final = 1.0
#: it is looked again whether something has faded, once nothing had
SLOW_TICK_S: Final = 10.0
#: leads in one look for news, and of those that fade or are scored by new weights
_NEWS, _SLOW = 100, 25
#: work at most so long of a second at what nobody waits for
_SLOW_S: Final = 0.2
#: a row of a list that does not say when they asked is taken for older than this
_OLD: Final = timedelta(days=31)
_inquiry = msgspec.json.Decoder(Inquiry)


class Scorer:
    """Scores of one process."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._heard = asyncio.Event()
        self._slow_at = 0.0

    def heard(self, _: str = "") -> None:
        """There may be news."""
        self._heard.set()

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            try:
                await news(self._office)
                await self._slowly()
            except DatabaseAway:
                _log.warning("scores_wait", reason="database away")
            except Exception:
                _log.exception("scores_failed")
            try:
                async with asyncio.timeout(TICK_S * random.uniform(0.8, 1.2)):  # noqa: S311 - keeps processes out of step
                    await self._heard.wait()
            except TimeoutError:
                pass
            self._heard.clear()

    async def _slowly(self) -> None:
        """What nobody waits for, a little in each turn while there is any."""
        if time.monotonic() >= self._slow_at and not await slowly(self._office):
            self._slow_at = time.monotonic() + SLOW_TICK_S


async def news(office: Office) -> int:
    """Every lead of whom there is something new is scored; how many. Raises DatabaseAway."""
    count = 0
    while True:
        waiting = await office.db.all("rescore_waiting", limit=_NEWS)
        done = sum([await _one(office, row["lead_id"], is_news=True) for row in waiting])
        count += done
        if not done:
            return count


async def slowly(office: Office) -> int:
    """Some of those whose score fades, and of those scored by other weights; how many. Raises DatabaseAway."""
    began, count = time.monotonic(), 0
    while time.monotonic() - began < _SLOW_S:
        faded = await office.db.all("rescore_faded", now=office.clock.now(), limit=_SLOW)
        done = sum([await _one(office, row["id"]) for row in faded])
        done += await _sweep(office)
        count += done
        if not done:
            break
    return count


async def _sweep(office: Office) -> int:
    """Leads scored by new weights, the newest first. Where they stand is written after them: they may come twice."""
    async with office.db.transaction() as connection:
        place = await (await connection.execute(q("score_sweep_next"))).fetchone()
        if place is None or place["version"] > office.weights.version:
            return 0
        values = {"below": place["below"], "limit": _SLOW}
        found = await (await connection.execute(q("score_sweep_leads"), values)).fetchall()
        for row in found:
            await _one(office, row["id"], is_quiet=True)
        if found:
            at = {"version": place["version"], "below": found[-1]["id"]}
            await connection.execute(q("score_sweep_at"), at)
        else:
            await connection.execute(q("score_sweep_over"), {"version": place["version"]})
    return len(found)


async def _one(office: Office, lead_id: UUID, *, is_news: bool = False, is_quiet: bool = False) -> bool:
    async def once() -> bool:
        async with office.db.transaction() as connection:
            return await _scored(office, connection, lead_id, is_news=is_news, is_quiet=is_quiet)

    try:
        return await past_deadlocks(once)
    except DatabaseAway:
        raise
    except Exception:  # one lead's trouble is no other's, and is not met again at once
        _log.exception("lead_not_scored", lead=str(lead_id))
        await office.db.run("rescore_later", lead_id=lead_id, rescore_at=office.clock.now() + LEAST_APART)
        return False


async def _scored(
    office: Office, connection: Connection, lead_id: UUID, *, is_news: bool, is_quiet: bool
) -> bool:  # fmt: skip
    """False when there was nothing to do, or somebody else has the lead just now."""
    row = await (await connection.execute(q("rescore_lock"), {"lead_id": lead_id})).fetchone()
    if row is None and await _is_there(connection, lead_id):
        return False
    taken = await connection.execute(q("rescore_taken"), {"lead_id": lead_id})
    if row is None or (is_news and not taken.rowcount):
        return False
    await _write(office, connection, row, is_quiet=is_quiet)
    return True


async def _is_there(connection: Connection, lead_id: UUID) -> bool:
    return await (await connection.execute(q("lead_is_there"), {"id": lead_id})).fetchone() is not None


async def rescore(office: Office, connection: Connection, lead_id: UUID) -> None:
    """The lead is scored anew within the caller's transaction, which has the lead's lock already."""
    row = await (await connection.execute(q("rescore_lock"), {"lead_id": lead_id})).fetchone()
    if row is not None:
        await connection.execute(q("rescore_taken"), {"lead_id": lead_id})
        await _write(office, connection, row, is_quiet=False)


async def _write(office: Office, connection: Connection, row: DictRow, *, is_quiet: bool) -> None:
    """The row says what the score is by now; a lead that became hot is somebody's business at once."""
    lead_id, now = row["id"], office.clock.now()
    signals: list[Signal] = []
    if row["restricted_at"] is None:
        signals = [*await scores.signals_of(connection, lead_id), *await _unread(office, connection, lead_id)]
    if not signals:
        await connection.execute(q("lead_rescore_at"), {"lead_id": lead_id, "rescore_at": None})
        return
    score, rescore_at = weighed(signals, office.weights, now)
    written = {"lead_id": lead_id, "rescore_at": rescore_at, "now": now, **columns(score)}
    if _is_as_before(row, score):
        await connection.execute(q("lead_rescore_at"), {"lead_id": lead_id, "rescore_at": rescore_at})
        return
    await connection.execute(q("lead_rescored"), written)
    if not is_quiet and score.temperature is Temperature.HOT and row["temperature"] != "hot":
        await hot_leads.became_hot(office, connection, row, score, _moved(signals, score), now)


def _is_as_before(row: DictRow, score: Score) -> bool:
    reasons = [{"text": reason.text, "points": reason.points} for reason in score.reasons]
    return (row["score"], row["temperature"], row["reasons"]) == (score.value, score.temperature.value, reasons)


def _moved(signals: Sequence[Signal], score: Score) -> Reason | None:
    """What made the score what it is just now: the weightiest of what came with the last signal."""
    last = max(signal.at for signal in signals)
    newest = {signal.code for signal in signals if signal.at == last}
    newest |= {"asked_again"} if newest & {"asked"} else set()
    found = [reason for reason in score.reasons if reason.code in newest]
    return max(found, key=lambda reason: reason.points, default=None)


async def _unread(office: Office, connection: Connection, lead_id: UUID) -> list[Signal]:
    """The signals of inquiries that nobody has read for them yet; from here on they are kept."""
    found = await (await connection.execute(q("inquiries_unread"), {"lead_id": lead_id})).fetchall()
    signals = []
    for row in found:
        key = office.vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
        codes = _read(key, row)
        kept = {"lead_id": lead_id, "cause_id": row["id"], "at": row["at"], "codes": codes}
        await connection.execute(q("signals_keep"), kept)
        signals += [Signal(code, row["at"], row["id"]) for code in codes]
    return signals


def _read(key: DataKey, row: DictRow) -> list[str]:
    inquiry = _inquiry.decode(key.open(row["sealed_details"], b"inquiry.details"))
    if row["listed"] and inquiry.claimed_at is None:
        inquiry = dataclasses.replace(inquiry, claimed_at=row["at"] - _OLD)
    return signals_of(inquiry, now=row["at"], listed=row["listed"])


def columns(score: Score) -> dict[str, Any]:
    """A score as the columns of a lead, and of an inquiry."""
    return {
        "score": score.value,
        "temperature": score.temperature.value,
        "reasons": Jsonb([{"text": reason.text, "points": reason.points} for reason in score.reasons]),
    }
