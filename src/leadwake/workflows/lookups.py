"""What a data vendor answers about somebody: at once, later by its own post, or later when it is asked.

Answers may come in any order and more than once. Each is merged into the row of the action that asked, under that
action's lock, so that there is one enrichment, and one count of what it cost.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.claims import Claimed
from leadwake.errors import DatabaseAway, NotYet, OutcomeUnknown, ProviderError, Rejected
from leadwake.metrics import ENRICHMENT
from leadwake.providers.apollo import FURTHER_COST
from leadwake.providers.ports import Accepted, Call, Enricher, Enrichment, Lookup
from leadwake.providers.together import Together
from leadwake.storage import enrichment as rows
from leadwake.storage.db import Connection, is_refusal, q
from leadwake.storage.enrichment import Found
from leadwake.storage.events import record
from leadwake.storage.intake import open_profile
from leadwake.workflows.enrichment import VENDOR, add_credits, day_of
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: what nobody posted to us is asked for after this long, then again and again (business time)
POLL_AFTER: Final = timedelta(minutes=2)
POLL_AGAIN: Final = timedelta(minutes=10)
#: Apollo keeps a result for thirty days; nobody waits that long for a number
GIVE_UP_AFTER: Final = timedelta(days=2)
TICK_S: Final = 15.0
_BATCH: Final = 20
#: who decides things where they work, by the vendor's words
_SENIOR: Final = frozenset({"owner", "founder", "c_suite", "partner", "vp", "head", "director"})
_AGAIN_S: Final = 0.5
_WRITERS: Final = 2


class Lookups:
    """Asks, and keeps what is said. Few answers are written at once, so that messages find a connection."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._writing = asyncio.Semaphore(_WRITERS)
        self._together = Together()

    async def ask(self, vendor: Enricher, claimed: Claimed, lookup: Lookup) -> Accepted:
        """
        The vendor was asked, and what it said is kept; what was counted out for nothing is given back.

        Raises ProviderError. A credit whose answer was lost stays counted: it may have been charged.
        """
        try:
            found = await self._together.match(vendor, lookup, claimed.call)
        except OutcomeUnknown:
            ENRICHMENT.labels("unknown").inc()
            raise
        except ProviderError:
            ENRICHMENT.labels("failed").inc()
            await self._surely(lambda: _give_back(self._office, lookup))
            raise
        await self._surely(lambda: _answered(self._office, claimed, lookup, found))
        return Accepted(found.ref)

    async def _surely(self, write: Callable[[], Awaitable[None]]) -> None:
        """Written, however long the database stays away: the answer was paid for."""
        async with self._writing:
            while True:
                try:
                    return await write()
                except DatabaseAway:
                    await asyncio.sleep(_AGAIN_S)
                except Exception as error:
                    if not is_refusal(error):
                        raise
                    await asyncio.sleep(_AGAIN_S / 10)


async def posted(office: Office, action_id: UUID, found: Enrichment) -> bool:
    """What was found later is kept; False when nothing is known of such a request (any more). Raises DatabaseAway."""
    async with office.db.transaction() as connection:
        action = await _action(connection, action_id)
        if action is None or action["wrapped"] is None or action["claimed_at"] is None:
            return False
        await _merge_late(office, connection, action, found)
    return True


async def _give_back(office: Office, lookup: Lookup) -> None:
    assert lookup.day is not None
    async with office.db.transaction() as connection:
        await add_credits(connection, lookup.day, Decimal(-lookup.cost))


async def _answered(office: Office, claimed: Claimed, lookup: Lookup, found: Enrichment) -> None:
    """The answer that came at once."""
    assert lookup.day is not None
    async with office.db.transaction() as connection:
        action = await _action(connection, claimed.action_id)
        if action is None or action["attempt_id"] != claimed.attempt_id:
            return  # another attempt is at it; this one's credits stay counted
        before = await _before(connection, action)
        cost = Decimal(lookup.cost) if found.credits is None else found.credits
        late = "awaited" if found.is_pending and found.ref else "none"
        if before is not None and before["late"] == "came":  # its later part was faster, and has said what it cost
            cost, late = before["credits"], "came"
        else:
            await add_credits(connection, lookup.day, cost - lookup.cost)
        if action["wrapped"] is None:
            return  # erased meanwhile: nobody is left to know anything of
        poll_at = office.clock.now() + POLL_AFTER if late == "awaited" else None
        values = {"late": late, "ref": found.ref, "day": lookup.day, "credits": cost, "poll_at": poll_at}
        await _write(office, connection, action, before, found, values)


async def _merge_late(office: Office, connection: Connection, action: DictRow, found: Enrichment) -> None:
    """What came later, the first time or again; it may even be here before the answer itself."""
    before = await _before(connection, action)
    day = before["day"] if before else day_of(office, action["claimed_at"])
    counted = before["credits"] if before else Decimal(FURTHER_COST)
    cost = counted if found.credits is None else found.credits
    if before is not None and before["late"] == "came":
        cost = max(cost, counted)  # the same again is the same; a second part of it may have cost more
    await add_credits(connection, day, cost - counted)
    ref = before["request_ref"] if before else None
    values = {"late": "came", "ref": ref, "day": day, "credits": cost, "poll_at": None}
    await _write(office, connection, action, before, found, values)


async def _give_up(office: Office, action_id: UUID) -> None:
    """Nothing more comes; what was counted out for it stays counted."""
    async with office.db.transaction() as connection:
        action = await _action(connection, action_id)
        before = await _before(connection, action) if action else None
        if action is None or before is None or action["wrapped"] is None or before["late"] != "awaited":
            return
        kept = {"late": "given_up", "ref": before["request_ref"], "poll_at": None}
        values = {**kept, "day": before["day"], "credits": before["credits"]}
        await _write(office, connection, action, before, Enrichment(), values)


async def _action(connection: Connection, action_id: UUID) -> DictRow | None:
    return await (await connection.execute(q("enrichment_action"), {"id": action_id})).fetchone()


async def _before(connection: Connection, action: DictRow) -> DictRow | None:
    return await (await connection.execute(q("enrichment_read"), {"id": action["id"]})).fetchone()


async def _write(
    office: Office, connection: Connection, action: DictRow, before: DictRow | None, more: Enrichment,
    values: dict[str, Any],
) -> None:  # fmt: skip
    """The row says what is known by now; what is new about them stands in the log, by names of facts only."""
    key = office.vault.open_data_key(action["data_key_id"], action["kek_id"], action["wrapped"])
    known = rows.opened(key, before["sealed_found"]) if before else Found()
    profile = open_profile(office.vault, action)
    emails = [email for email in more.emails if email != profile.get("email")]  # what they gave us is not found
    phones = [phone for phone in more.phones if phone != profile.get("phone")]
    found = known.with_more(more.facts, emails, phones)
    outcome = "found" if found else "pending" if values["late"] == "awaited" else "not_found"
    await connection.execute(
        q("enrichment_write"),
        {
            "id": action["id"], "lead_id": action["lead_id"], "vendor": VENDOR, "practice": action["practice"],
            "asked_at": action["claimed_at"], "outcome": outcome, "key_id": key.id, "found": rows.sealed(key, found),
            **values,
        },
    )  # fmt: skip
    if outcome == (before["outcome"] if before else None) and found == known:
        return
    ENRICHMENT.labels(outcome).inc()
    if outcome != "pending":
        about = {"action": str(action["id"]), "facts": sorted(found.facts), "emails": len(found.emails)}
        if found.facts.get("seniority") in _SENIOR:
            about["senior"] = True
        kind = "enriched" if found else "not_enriched"
        await record(
            connection, office.clock.now(), f"vendor {VENDOR}", kind, lead_id=action["lead_id"], **about,
            phones=len(found.phones),
        )  # fmt: skip


class LateResults:
    """Asks for what nobody posted to us. vendor: who can be asked, None while it is off."""

    def __init__(self, office: Office, vendor: Callable[[], Enricher | None]) -> None:
        self._office = office
        self._vendor = vendor

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            try:
                await self.tick()
            except DatabaseAway:
                _log.warning("late_results_wait", reason="database away")
            except Exception:
                _log.exception("late_results_failed")
            await asyncio.sleep(TICK_S * random.uniform(0.8, 1.2))  # noqa: S311 - keeps several processes out of step

    async def tick(self) -> int:
        """Every result that is due has been asked for; how many. Raises DatabaseAway."""
        vendor, now = self._vendor(), self._office.clock.now()
        if vendor is None:
            return 0
        due = await self._office.db.all("enrichments_awaited", now=now, again_at=now + POLL_AGAIN, limit=_BATCH)
        for row in due:
            await self._look(vendor, row, now)
        return len(due)

    async def _look(self, vendor: Enricher, row: DictRow, now: datetime) -> None:
        try:
            found = await vendor.late_result(row["request_ref"], Call.for_seconds())
        except NotYet as error:
            if now - row["asked_at"] > GIVE_UP_AFTER:
                await _give_up(self._office, row["action_id"])
            elif error.retry_after_s is not None:
                at = now + max(timedelta(seconds=error.retry_after_s), timedelta(seconds=TICK_S))
                await self._office.db.run("enrichment_poll_at", id=row["action_id"], at=at)
        except Rejected as error:
            if error.code in _FINAL or now - row["asked_at"] > GIVE_UP_AFTER:
                await _give_up(self._office, row["action_id"])
        except ProviderError as error:
            _log.warning("late_result_not_asked", action=str(row["action_id"]), reason=str(error))
        else:
            await posted(self._office, row["action_id"], found)


_FINAL: Final = frozenset({"request_id_unknown", "request_id_expired", "invalid_request_id"})
