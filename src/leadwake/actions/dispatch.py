"""Each vendor's bounded slots: actions are handed over, claimed in batches as slots fall free, carried out, settled.

Handing over never waits. What finds no slot stays planned in the database, and its id waits here; if this process dies,
the pump wakes it elsewhere.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from leadwake import log
from leadwake.actions.circuit import RECONNECT, Circuit
from leadwake.actions.claims import Claimed, Claims
from leadwake.actions.limits import Permit
from leadwake.actions.outcomes import (
    CREDENTIALS_PAUSE_S,
    VENDORS_PATIENCE,
    Patience,
    Result,
    accepted,
    of_error,
)
from leadwake.actions.planning import CRM_CHANNELS
from leadwake.actions.settle import Settler
from leadwake.actions.yielding import Yielding
from leadwake.clock import Clock
from leadwake.errors import BadCredentials, DatabaseAway, NotYet, OutcomeUnknown, ProviderError, Rejected, Throttled
from leadwake.providers.ports import (
    CONNECT_AGAIN,
    Accepted,
    ChatLine,
    ChatUpdate,
    CrmContact,
    CrmNote,
    ForgetContact,
    ForgetMessages,
    ForgetTexts,
    OutgoingDeal,
    WebhookDelivery,
)
from leadwake.storage.db import is_refusal

_log = log.get(__name__)

#: calls under way at once, for each vendor and process
SLOTS = 64
#: ids that wait for a slot, for each channel; what does not fit stays planned and is woken by the pump
WAITING = 5_000
#: actions claimed in one transaction
CLAIM_BATCH = 100
#: of these, those that may take their time, and their share of a vendor's slots: whatever somebody waits for finds the
#: next claim near and a slot free
PATIENT_BATCH, PATIENT_SLOTS = 8, 16
#: claimed by themselves, because whoever counts what they cost may be busy: that must not hold up a message
APART = ("enrich",)
#: doing these twice is doing them once
_REPEATABLE = (
    ChatLine,
    ChatUpdate,
    CrmContact,
    CrmNote,
    ForgetContact,
    ForgetMessages,
    ForgetTexts,
    OutgoingDeal,
    WebhookDelivery,
)
#: a vendor whose day is used up is looked at again after this long: the limit may have been changed
LONGEST_HOLD_S = 300.0
#: a contact that is busy just now is tried again after this long
BUSY_S = 0.25


class Vendors(Protocol):
    """Which vendors serve a channel, best first, and how to reach one."""

    def names(self, channel: str) -> Sequence[str]: ...

    async def send(self, claimed: Claimed) -> Accepted: ...

    async def aclose(self) -> None: ...


ClaimMany = Callable[[Mapping[UUID, str]], Awaitable[Claims]]


class Limits(Protocol):
    """How many calls each vendor may have now."""

    async def take(self, vendor: str, wanted: int) -> Permit: ...

    async def give_back(self, vendor: str, unused: int) -> None: ...

    async def owe(self, vendor: str, more: int) -> None: ...


@dataclass(slots=True)
class Lane:
    """One channel: who waits. What somebody waits for goes before what may take its time."""

    channel: str
    urgent: dict[UUID, None] = field(default_factory=dict)
    patient: dict[UUID, None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.urgent) + len(self.patient)

    def add(self, action_id: UUID, *, is_patient: bool) -> None:
        """It waits, behind those of its kind."""
        if len(self) < WAITING:
            (self.patient if is_patient else self.urgent)[action_id] = None

    def next(self) -> _Wanted:
        """Whose turn it is, who waits no more. One waits at least."""
        waiting = self.urgent or self.patient
        action_id = next(iter(waiting))
        del waiting[action_id]
        return _Wanted(action_id, self.channel, waiting is self.patient)

    def put_back(self, wanted: Sequence[_Wanted]) -> None:
        """They wait again, before all others of their kind, in the order they had."""
        for is_patient in (False, True):
            ids = [one.action_id for one in wanted if one.is_patient is is_patient]
            waiting = self.patient if is_patient else self.urgent
            later = dict(waiting)
            waiting.clear()
            waiting.update(dict.fromkeys(ids))
            waiting.update(later)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An action that is to have a slot."""

    action_id: UUID
    channel: str
    is_patient: bool


class Dispatcher:
    """
    Carries actions out: the one door to the vendors.

    claim: claims action id → vendor name. circuit_changed tells the page; called, the metrics (action, outcome,
    seconds). slots: calls under way at once for each vendor; failed: what a failure says about the vendor; patience:
    how long one action is tried.
    """

    def __init__(
        self,
        clock: Clock,
        settler: Settler,
        claim: ClaimMany,
        vendors: Vendors,
        limits: Limits,
        *,
        circuit_changed: Callable[[Circuit], None],
        called: Callable[[Claimed, str, float], None],
        slots: int = SLOTS,
        failed: Callable[[Circuit, ProviderError], None] | None = None,
        patience: Patience = VENDORS_PATIENCE,
    ) -> None:
        self._clock = clock
        self._settler = settler
        self._claim = claim
        self.vendors = vendors
        self._limits = limits
        self._circuit_changed = circuit_changed
        self._called = called
        self._slots, self._failed, self._patience = slots, failed or _judge_circuit, patience
        channels = ("sms", "email", "voice", "slack", "enrich", "chat", *CRM_CHANNELS.values())
        self._lanes = {channel: Lane(channel) for channel in channels}
        self.circuits: dict[str, Circuit] = {}
        self._busy_slots: dict[str, int] = {}
        self._held_until: dict[str, float] = {}
        self._under_way: set[UUID] = set()
        self._patient: dict[UUID, str] = {}
        self._yielding = Yielding()
        self._calls: set[asyncio.Task[None]] = set()
        self._kick = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._stopping = False

    def offer(self, channel: str, ids: Iterable[UUID], *, is_patient: bool = False) -> None:
        """The actions are carried out as soon as a slot of their vendor is free, the patient ones last. Never waits."""
        lane = self._lanes.setdefault(channel, Lane(channel))
        for action_id in ids:
            if action_id not in self._under_way:
                lane.add(action_id, is_patient=is_patient)
        if not is_patient:
            self._yielding.urgent(asyncio.get_running_loop().time())
        self._kick.set()

    def use(self, vendors: Vendors) -> Vendors:
        """New calls go by these vendors; the old ones are returned, to be closed when their calls have ended."""
        old, self.vendors = self.vendors, vendors
        self.circuits, self._held_until = {}, {}
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
        return sum(len(lane) for lane in self._lanes.values()) + len(self._calls)

    async def run(self) -> None:
        """Claims and carries out until cancelled."""
        while True:
            await self._kick.wait()
            self._kick.clear()
            while not self._stopping and (taken := self._take()):
                async with self._claiming:
                    if wanted := await self._permitted(taken):
                        await self._start(wanted)
            self._wake_when_a_vendor_may_be_asked()

    async def stop(self, seconds: float) -> None:
        """Nothing new is claimed; calls under way have ended, or `seconds` are over."""
        self._stopping = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async with self._claiming:  # what is being claimed just now becomes calls, which are waited for, too
                    pass
                if self._calls:
                    await asyncio.wait(self._calls)

    def _take(self) -> dict[_Wanted, str]:
        """Actions for which a slot is free now, with their vendor; look-ups apart, and after everything else."""
        others = [lane for lane in self._lanes.values() if lane.channel not in APART]
        return self._take_of(others) or self._take_of([self._lanes[channel] for channel in APART])

    def _take_of(self, lanes: Sequence[Lane]) -> dict[_Wanted, str]:
        """Of these lanes; their slots are taken."""
        taken: dict[_Wanted, str] = {}
        patient = 0
        for lane in lanes:
            while len(lane) and len(taken) < CLAIM_BATCH:
                vendor = self._vendor(lane.channel)
                if vendor is None or (not lane.urgent and not self._may_more(vendor, patient)):
                    break
                wanted = lane.next()
                if wanted.is_patient:
                    patient += 1
                    self._patient[wanted.action_id] = vendor
                taken[wanted] = vendor
                self._under_way.add(wanted.action_id)
                self._busy_slots[vendor] = self._busy_slots.get(vendor, 0) + 1
                self.circuit(vendor).took()
        return taken

    def _may_more(self, vendor: str, patient: int) -> bool:
        """Whether one more that may take its time is claimed now. patient: how many are in this claim already."""
        under_way = sum(each == vendor for each in self._patient.values())
        if patient >= PATIENT_BATCH or under_way >= PATIENT_SLOTS:
            return False
        return self._yielding.takes(asyncio.get_running_loop().time())

    async def _permitted(self, taken: Mapping[_Wanted, str]) -> dict[UUID, str]:
        """Those that their vendor's limits let go now; the others wait again, and so does the vendor."""
        wanted: dict[UUID, str] = {}
        for vendor in set(taken.values()):
            ours = [one for one, name in taken.items() if name == vendor]
            permit = await self._permit(vendor, len(ours))
            wanted.update((one.action_id, vendor) for one in ours[: permit.calls])
            if later := ours[permit.calls :]:
                self._wait(vendor, later, permit)
        return wanted

    async def _permit(self, vendor: str, wanted: int) -> Permit:
        try:
            return await self._limits.take(vendor, wanted)
        except DatabaseAway:
            return Permit(0, 0.5)  # nothing can be claimed without it either

    def _wait(self, vendor: str, later: Sequence[_Wanted], permit: Permit) -> None:
        for one in later:
            self._let_go(one.action_id, vendor)
        for channel in {one.channel for one in later}:
            self._lanes[channel].put_back([one for one in later if one.channel == channel])
        if permit.used_up is not None:
            said = f"has had today's {permit.used_up:,} calls"
            self.circuit(vendor).hold(said, min(permit.wait_s, LONGEST_HOLD_S))
        else:
            self._held_until[vendor] = asyncio.get_running_loop().time() + permit.wait_s

    def _vendor(self, channel: str) -> str | None:
        """The first vendor of the channel with a free slot whose circuit lets a call through; "" when none is on."""
        names = self.vendors.names(channel)
        if not names:
            return "" if self.circuit("").free(self._slots) else None
        for name in names:
            circuit = self.circuit(name)
            if self._held_until.get(name, 0.0) > asyncio.get_running_loop().time():
                return None  # asked as fast as it may be: that is no failure
            if circuit.free(self._slots - self._busy_slots.get(name, 0)) > 0:
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
        busy = [(channel, action_id, action_id in self._patient) for channel, action_id in claims.busy]
        unused = Counter(vendor for action_id, vendor in wanted.items() if action_id not in ours)
        for action_id, vendor in wanted.items():
            if action_id not in ours:
                self._let_go(action_id, vendor)
        for claimed in claims.claimed:
            task = asyncio.create_task(self._carry_out(claimed))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)
        if busy:
            asyncio.get_running_loop().call_later(BUSY_S, self._offer_again, busy)
        with suppress(DatabaseAway):
            for vendor, number in unused.items():
                await self._limits.give_back(vendor, number)

    def _offer_again(self, busy: Sequence[tuple[str, UUID, bool]]) -> None:
        for channel, action_id, is_patient in busy:
            self.offer(channel, [action_id], is_patient=is_patient)

    def _let_go(self, action_id: UUID, vendor: str) -> None:
        self._leave(action_id, vendor)
        self.circuit(vendor).let_go()

    def _leave(self, action_id: UUID, vendor: str) -> None:
        """Its slot is free."""
        self._under_way.discard(action_id)
        self._patient.pop(action_id, None)
        self._busy_slots[vendor] -= 1

    async def _carry_out(self, claimed: Claimed) -> None:
        loop, circuit = asyncio.get_running_loop(), self.circuit(claimed.vendor)
        began, outcome, is_probe = loop.time(), "ok", circuit.is_open
        result: Result | None = None
        try:
            result = accepted(claimed.action_id, claimed.attempt_id, await self.vendors.send(claimed))
            circuit.succeeded()
        except ProviderError as error:
            outcome = type(error).__name__
            self._failed(circuit, error)
            if isinstance(claimed.outgoing, _REPEATABLE):
                error = _known(error)
            result = of_error(
                claimed.action_id,
                claimed.attempt_id,
                claimed.failures,
                error,
                self._clock.now(),
                spends=not is_probe,
                patience=self._patience,
            )
        except Exception:
            # a fault of ours after the claim: whether bytes left is not known, reconciling finds out
            outcome = "fault"
            circuit.let_go()
            _log.exception("call_failed", action=str(claimed.action_id), vendor=claimed.vendor)
        finally:
            self._leave(claimed.action_id, claimed.vendor)
            self._kick.set()
        if result is not None:
            self._settler.put(result)
        self._called(claimed, outcome, loop.time() - began)
        if claimed.call.requests > 1:
            with suppress(DatabaseAway):
                await self._limits.owe(claimed.vendor, claimed.call.requests - 1)

    def _wake_when_a_vendor_may_be_asked(self) -> None:
        """A circuit may close by then, or a limit lets one more go."""
        loop = asyncio.get_running_loop()
        waits = [circuit.wait_s for circuit in self.circuits.values() if circuit.is_open]
        waits += [at - loop.time() for at in self._held_until.values() if at > loop.time()]
        if wait := self._yielding.wait_s(loop.time()):
            waits.append(wait)
        if self._timer is not None:
            self._timer.cancel()
        if waits and any(len(lane) for lane in self._lanes.values()):
            self._timer = loop.call_later(max(0.01, min(waits)), self._kick.set)


def _judge_circuit(circuit: Circuit, error: ProviderError) -> None:
    """What a failure says about the vendor, rather than about this one message."""
    if isinstance(error, BadCredentials):
        reason = RECONNECT if error.code == CONNECT_AGAIN else "refuses our credentials"
        circuit.failed(reason, at_once_s=CREDENTIALS_PAUSE_S)
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
