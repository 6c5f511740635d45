"""What became of a call nobody heard the end of: worker died, connection cut, deadline over.

Texts: Twilio is asked for texts to that number with exactly this body and a sid not yet ours, twice, 10 s apart. Found:
settled. Empty twice: one resend, marked "possible duplicate". Nobody to ask, for long: `unknown`, a person decides.
Mail cannot be asked for: the event webhook settles it, else it goes once more with the same Message-ID, marked.
Slack cannot be asked, and tells nothing later: a message goes once more at once, marked. So does a look-up at a data
vendor, unless its answer is here and only its end was not written.
A call is never placed again: a phone that rings twice is worse than one that does not ring; its person sees which.
CRM writes are upserts and are simply made again, as are orders to delete, changes of a message and webhooks.
The resend asks the gate again, as everything that is sent does.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.outcomes import Result
from leadwake.actions.planning import CRM_CHANNELS
from leadwake.actions.settle import Settler
from leadwake.actions.states import State
from leadwake.clock import Clock
from leadwake.errors import DatabaseAway, ProviderError
from leadwake.providers.ports import LEASE_S, SeenText
from leadwake.storage.db import Database

_log = log.get(__name__)

#: between the two looks for a text
SECOND_LOOK_S = 10.0
#: how long the vendor's list may stay away before a person has to decide
LIST_PATIENCE = timedelta(minutes=10)
LIST_AGAIN_S = 15.0
#: clocks of ours and the vendor's may differ by this much
CLOCK_SKEW = timedelta(minutes=5)
#: how often actions whose lease has ended are looked for
TICK_S = 2.0
_BATCH = 50
#: kinds that delete or change something in place
_REPEATABLE = frozenset({"forget_texts", "forget_slack", "alert_taken_slack", "chat", "human_chat"})


class TextList(Protocol):
    """Whoever can say which texts a vendor has taken."""

    async def find_texts(self, to: str, since: datetime) -> Sequence[SeenText]: ...


@dataclass(frozen=True, slots=True)
class SentContent:
    """What an attempt sent: to whom, and the exact body."""

    to: str
    body: str


class Reconciler:
    """Settles actions whose lease ended with nothing heard. content: opens what a row's attempt sent."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settler: Settler,
        content: Callable[[DictRow], SentContent],
        texts: Callable[[str], TextList | None],
    ) -> None:
        self._db = db
        self._clock = clock
        self._settler = settler
        self._content = content
        self._texts = texts

    async def tick(self) -> int:
        """Every action that is due to be looked into has been; how many there were. Raises DatabaseAway."""
        rows = await self._db.all("reconcile_due", limit=_BATCH)
        await asyncio.gather(*(self._look_into(row) for row in rows))  # a list that hangs holds up no other row
        return len(rows)

    async def run(self) -> None:
        """Looks every couple of seconds until cancelled; apart from the pump, which a slow list must not hold up."""
        while True:
            try:
                await self.tick()
            except DatabaseAway:
                _log.warning("reconciling_waits", reason="database away")
            except Exception:
                _log.exception("reconciling_failed")
            await asyncio.sleep(TICK_S * random.uniform(0.8, 1.2))  # noqa: S311 - keeps several processes out of step

    async def _look_into(self, row: DictRow) -> None:
        if row["is_erased"]:
            # what it said, and to whom, is gone: there is nothing to look for, and nothing to send again
            self._settle(row, State.CANCELLED, "erased", "erased; whether it went out is not known")
        elif row["kind"] in _REPEATABLE:
            self._settle(row, State.PLANNED, "made_again", "no answer was heard; doing it twice is doing it once")
        elif row["channel"] == "sms":
            await self._look_for_text(row)
        elif row["channel"] == "voice":
            self._settle(row, State.UNKNOWN, "unheard", "no answer was heard; if the phone did not ring, call again")
        elif row["channel"] in CRM_CHANNELS.values():
            self._settle(row, State.PLANNED, "made_again", "no answer was heard; a CRM record may be written twice")
        elif row["channel"] == "webhook":
            self._settle(row, State.PLANNED, "made_again", "no answer was heard; the receiver knows it by its id")
        elif row["is_enriched"]:
            self._settle(row, State.SENT, "accepted", "")
        else:
            self._resend_or_ask(row, "no answer and no event was heard")

    async def _look_for_text(self, row: DictRow) -> None:
        vendor = self._texts(row["vendor"])
        claimed_at = row["lease_until"] - timedelta(seconds=LEASE_S)
        try:
            if vendor is None:
                raise ProviderError("is off now and cannot be asked", vendor=row["vendor"] or "")
            sent = self._content(row)
            seen = await vendor.find_texts(sent.to, claimed_at - CLOCK_SKEW)
        except ProviderError as error:
            await self._nobody_to_ask(row, claimed_at, error)
            return
        known = set(row["known_refs"] or ())
        ours = [text for text in seen if text.body == sent.body and text.ref not in known]
        if ours:
            # the oldest: if a person's same words went out twice, each action takes its own
            self._settle(row, State.SENT, "found", "found in the vendor's list", ref=ours[-1].ref)
        elif row["checks"] == 0:
            await self._again(row, SECOND_LOOK_S, checks=1)
        else:
            self._resend_or_ask(row, "not in the vendor's list, asked twice")

    async def _nobody_to_ask(self, row: DictRow, claimed_at: datetime, error: ProviderError) -> None:
        # real time on both sides: the lease is real
        if Clock().now() - claimed_at < LIST_PATIENCE:
            await self._again(row, LIST_AGAIN_S, checks=0)
            return
        _log.warning("outcome_unknown", action=str(row["id"]), vendor=row["vendor"], reason=str(error))
        self._settle(row, State.UNKNOWN, "gave_up_asking", "the vendor could not be asked whether it was sent")

    async def _again(self, row: DictRow, after_s: float, *, checks: int) -> None:
        await self._db.run(
            "reconcile_again", id=row["id"], attempt_id=row["attempt_id"], after_s=after_s, checks=checks
        )

    def _resend_or_ask(self, row: DictRow, reason: str) -> None:
        if row["resends"] == 0:
            self._settle(row, State.PLANNED, "resend", f"{reason}; sent once more", resends=1, possible_duplicate=True)
        else:
            self._settle(row, State.UNKNOWN, "unknown", f"{reason}, also after one resend; a person decides")

    def _settle(
        self,
        row: DictRow,
        state: State,
        event: str,
        reason: str,
        *,
        ref: str | None = None,
        resends: int = 0,
        possible_duplicate: bool = False,
    ) -> None:
        due_at = self._clock.now() if state is State.PLANNED else None
        self._settler.put(
            Result(
                row["id"],
                row["attempt_id"],
                state,
                event,
                reason,
                ref,
                due_at,
                resends=resends,
                possible_duplicate=possible_duplicate,
            )
        )
