"""Each vendor's bounded slots: actions are handed over, claimed in batches as slots fall free, carried out, settled.

Handing over never waits. What finds no slot stays planned in the database, and its id waits here; if this process dies,
the pump wakes it elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from leadwake import log
from leadwake.actions.circuit import Circuit
from leadwake.actions.claims import Claimed, Claims
from leadwake.actions.outcomes import CREDENTIALS_PAUSE_S, Result, accepted, of_error
from leadwake.actions.planning import CRM_CHANNELS
from leadwake.actions.settle import Settler
from leadwake.clock import Clock
from leadwake.errors import BadCredentials, DatabaseAway, NotYet, OutcomeUnknown, ProviderError, Rejected, Throttled
from leadwake.providers.ports import (
    Accepted,
    ChatUpdate,
    CrmContact,
    CrmNote,
    ForgetContact,
    ForgetMessages,
    ForgetTexts,
)
from leadwake.storage.db import is_refusal

_log = log.get(__name__)

#: calls under way at once, for each vendor and process
SLOTS = 64
#: ids that wait for a slot, for each channel; what does not fit stays planned and is woken by the pump
WAITING = 5_000
#: actions claimed in one transaction
CLAIM_BATCH = 100
#: doing these twice is doing them once
_REPEATABLE = (ChatUpdate, CrmContact, CrmNote, ForgetContact, ForgetMessages, ForgetTexts)
#: a contact that is busy just now is tried again after this long
BUSY_S = 0.25


class Vendors(Protocol):
    """Which vendors serve a channel, best first, and how to reach one."""

    def names(self, channel: str) -> Sequence[str]: ...

    async def send(self, claimed: Claimed) -> Accepted: ...

    async def aclose(self) -> None: ...


ClaimMany = Callable[[Mapping[UUID, str]], Awaitable[Claims]]


@dataclass(slots=True)
class Lane:
    """One channel: who waits, and the vendors that serve it."""

    channel: str
    waiting: dict[UUID, None] = field(default_factory=dict)


class Dispatcher:
    """
    Carries actions out: the one door to the vendors.

    claim: claims action id → vendor name. circuit_changed tells the page; called, the metrics (action, outcome,
    seconds).
    """

    def __init__(
        self,
        clock: Clock,
        settler: Settler,
        claim: ClaimMany,
        vendors: Vendors,
        *,
        circuit_changed: Callable[[Circuit], None],
        called: Callable[[Claimed, str, float], None],
    ) -> None:
        self._clock = clock
        self._settler = settler
        self._claim = claim
        self.vendors = vendors
        self._circuit_changed = circuit_changed
        self._called = called
        self._lanes = {channel: Lane(channel) for channel in ("sms", "email", "voice", "slack", *CRM_CHANNELS.values())}
        self.circuits: dict[str, Circuit] = {}
        self._busy_slots: dict[str, int] = {}
        self._under_way: set[UUID] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self._kick = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._stopping = False

    def offer(self, channel: str, ids: Iterable[UUID]) -> None:
        """The actions are carried out as soon as a slot of their vendor is free. Never waits."""
        waiting = self._lanes[channel].waiting
        for action_id in ids:
            if action_id not in self._under_way and len(waiting) < WAITING:
                waiting[action_id] = None
        self._kick.set()

    def use(self, vendors: Vendors) -> Vendors:
        """New calls go by these vendors; the old ones are returned, to be closed when their calls have ended."""
        old, self.vendors = self.vendors, vendors
        self.circuits = {}
        self._kick.set()
        return old

    def circuit(self, vendor: str) -> Circuit:
        """The vendor's circuit in this process."""
        if vendor not in self.circuits:
            self.circuits[vendor] = Circuit(vendor, self._circuit_changed)
        return self.circuits[vendor]

    @property
    def load(self) -> int:
        """Actions handed over and not yet carried out."""
        return sum(len(lane.waiting) for lane in self._lanes.values()) + len(self._calls)

    async def run(self) -> None:
        """Claims and carries out until cancelled."""
        while True:
            await self._kick.wait()
            self._kick.clear()
            while not self._stopping and (wanted := self._take()):
                async with self._claiming:
                    await self._start(wanted)
            self._wake_when_a_circuit_may_close()

    async def stop(self, seconds: float) -> None:
        """Nothing new is claimed; calls under way have ended, or `seconds` are over."""
        self._stopping = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async with self._claiming:  # what is being claimed just now becomes calls, which are waited for, too
                    pass
                if self._calls:
                    await asyncio.wait(self._calls)

    def _take(self) -> dict[UUID, str]:
        """Ids for which a slot is free now, with their vendor; their slots are taken."""
        wanted: dict[UUID, str] = {}
        for lane in self._lanes.values():
            while lane.waiting and len(wanted) < CLAIM_BATCH:
                vendor = self._vendor(lane.channel)
                if vendor is None:
                    break
                action_id = next(iter(lane.waiting))
                del lane.waiting[action_id]
                wanted[action_id] = vendor
                self._under_way.add(action_id)
                self._busy_slots[vendor] = self._busy_slots.get(vendor, 0) + 1
                self.circuit(vendor).took()
        return wanted

    def _vendor(self, channel: str) -> str | None:
        """The first vendor of the channel with a free slot whose circuit lets a call through; "" when none is on."""
        names = self.vendors.names(channel)
        if not names:
            return "" if self.circuit("").free(SLOTS) else None
        for name in names:
            circuit = self.circuit(name)
            if circuit.free(SLOTS - self._busy_slots.get(name, 0)) > 0:
                return name
            if not circuit.is_open:
                return None  # merely busy: a second vendor is for one that fails
        return None

    async def _start(self, wanted: dict[UUID, str]) -> None:
        try:
            claims = await self._claim(wanted)
        except Exception as error:
            for action_id, vendor in wanted.items():
                self._let_go(action_id, vendor)
            if not isinstance(error, DatabaseAway) and not is_refusal(error):
                _log.exception("claim_failed", actions=len(wanted))
            await asyncio.sleep(0.5)  # the ids are planned in the database: the pump brings them back
            return
        ours = {claimed.action_id for claimed in claims.claimed}
        for action_id, vendor in wanted.items():
            if action_id not in ours:
                self._let_go(action_id, vendor)
        for claimed in claims.claimed:
            task = asyncio.create_task(self._carry_out(claimed))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)
        if claims.busy:
            asyncio.get_running_loop().call_later(BUSY_S, self._offer_again, claims.busy)

    def _offer_again(self, busy: Sequence[tuple[str, UUID]]) -> None:
        for channel, action_id in busy:
            self.offer(channel, [action_id])

    def _let_go(self, action_id: UUID, vendor: str) -> None:
        self._under_way.discard(action_id)
        self._busy_slots[vendor] -= 1
        self.circuit(vendor).let_go()

    async def _carry_out(self, claimed: Claimed) -> None:
        loop, circuit = asyncio.get_running_loop(), self.circuit(claimed.vendor)
        began, outcome, is_probe = loop.time(), "ok", circuit.is_open
        result: Result | None = None
        try:
            result = accepted(claimed.action_id, claimed.attempt_id, await self.vendors.send(claimed))
            circuit.succeeded()
        except ProviderError as error:
            outcome = type(error).__name__
            _judge_circuit(circuit, error)
            if isinstance(claimed.outgoing, _REPEATABLE):
                error = _known(error)
            result = of_error(
                claimed.action_id, claimed.attempt_id, claimed.failures, error, self._clock.now(), spends=not is_probe
            )
        except Exception:
            # a fault of ours after the claim: whether bytes left is not known, reconciling finds out
            outcome = "fault"
            circuit.let_go()
            _log.exception("call_failed", action=str(claimed.action_id), vendor=claimed.vendor)
        finally:
            self._under_way.discard(claimed.action_id)
            self._busy_slots[claimed.vendor] -= 1
            self._kick.set()
        if result is not None:
            self._settler.put(result)
        self._called(claimed, outcome, loop.time() - began)

    def _wake_when_a_circuit_may_close(self) -> None:
        waits = [circuit.wait_s for circuit in self.circuits.values() if circuit.is_open]
        if self._timer is not None:
            self._timer.cancel()
        if waits and any(lane.waiting for lane in self._lanes.values()):
            self._timer = asyncio.get_running_loop().call_later(max(0.05, min(waits)), self._kick.set)


def _judge_circuit(circuit: Circuit, error: ProviderError) -> None:
    """What a failure says about the vendor, rather than about this one message."""
    if isinstance(error, BadCredentials):
        circuit.failed("refuses our credentials", at_once_s=CREDENTIALS_PAUSE_S)
    elif isinstance(error, Rejected | NotYet):
        circuit.succeeded()
    elif isinstance(error, Throttled):
        circuit.failed("asks us to slow down", at_once_s=min(error.retry_after_s or 1.0, 300.0))
    elif error.code == "lease":
        circuit.let_go()
    else:
        circuit.failed("does not answer" if isinstance(error, OutcomeUnknown) else "is failing")


def _known(error: ProviderError) -> ProviderError:
    """A CRM write is an upsert, deleting or changing twice is doing it once: an unknown outcome is made again."""
    if not isinstance(error, OutcomeUnknown):
        return error
    return ProviderError(str(error), vendor=error.vendor, code=error.code)
