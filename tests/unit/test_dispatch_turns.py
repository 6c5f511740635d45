"""Who is claimed with whom: what counts costs is claimed apart, and what may take its time leaves room."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from leadwake.actions.claims import Claimed, Claims
from leadwake.actions.dispatch import PATIENT_BATCH, PATIENT_SLOTS, Dispatcher
from leadwake.actions.limits import Permit
from leadwake.actions.yielding import GROUP, LIVE_S, PER_S, Yielding
from leadwake.clock import Clock
from leadwake.providers.ports import Accepted, Call, OutgoingEmail

CHANNELS = ("sms", "email", "crm", "slack", "voice")


class EveryVendor:
    """A vendor for each channel, called like it; nothing is ever handed to one here."""

    def names(self, channel: str) -> Sequence[str]:
        return (channel,)

    async def send(self, claimed: Claimed) -> Accepted:
        raise AssertionError(claimed)

    async def aclose(self) -> None: ...

    async def take(self, vendor: str, wanted: int) -> Permit:  # noqa: ARG002 - it has no limits
        return Permit(wanted)

    async def give_back(self, vendor: str, unused: int) -> None: ...

    async def owe(self, vendor: str, more: int) -> None: ...


class Hanging(EveryVendor):
    """Every call to it hangs; how many are under way."""

    def __init__(self) -> None:
        self.calls, self.is_full = 0, asyncio.Event()

    async def send(self, claimed: Claimed) -> Accepted:
        del claimed
        self.calls += 1
        if self.calls == PATIENT_SLOTS:
            self.is_full.set()
        await asyncio.Event().wait()
        raise AssertionError


def a_claim(action_id: UUID, vendor: str) -> Claimed:
    """As `claim` gives it."""
    mail = OutgoingEmail(
        "maria@example.com", "Hello", "Hello", "<p>Hello</p>", "<1@example.com>", "us@example.com", "Us"
    )
    return Claimed(action_id, uuid4(), "email", "email", "marketing", vendor, 0, mail, Call.for_seconds())


async def test_a_look_up_is_never_claimed_together_with_a_message_and_goes_last() -> None:
    claimed: list[set[str]] = []
    is_done = asyncio.Event()

    async def claim(wanted: Mapping[UUID, str]) -> Claims:
        claimed.append(set(wanted.values()))
        if "enrich" in claimed[-1]:
            is_done.set()
        return Claims([], [])

    vendors = EveryVendor()
    dispatcher = Dispatcher(
        Clock(),
        None,
        claim,
        vendors,
        vendors,
        circuit_changed=lambda _: None,
        called=lambda *_: None,  # type: ignore[arg-type]  # no result is written
    )
    for channel in ("enrich", *CHANNELS):
        dispatcher.offer(channel, [uuid4() for _ in range(3)])
    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(5):
        await is_done.wait()
    running.cancel()

    assert claimed == [set(CHANNELS), {"enrich"}]


async def test_what_may_take_its_time_is_claimed_in_small_numbers_and_never_fills_the_slots() -> None:
    claimed: list[int] = []
    held = asyncio.Event()
    urgent = uuid4()

    async def claim(wanted: Mapping[UUID, str]) -> Claims:
        claimed.append(len(wanted))
        if urgent in wanted:
            held.set()
        return Claims([a_claim(action_id, vendor) for action_id, vendor in wanted.items()], [])

    vendors = Hanging()
    dispatcher = Dispatcher(
        Clock(),
        None,  # type: ignore[arg-type]  # no call ever ends
        claim,
        vendors,
        vendors,
        circuit_changed=lambda _: None,
        called=lambda *_: None,
    )
    dispatcher.offer("email", [uuid4() for _ in range(500)], is_patient=True)
    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(5):
        await vendors.is_full.wait()
        dispatcher.offer("email", [urgent])
        await held.wait()
    running.cancel()
    await dispatcher.stop(0)
    assert max(claimed) <= PATIENT_BATCH
    assert vendors.calls <= PATIENT_SLOTS + 1


@given(st.lists(st.tuples(st.floats(0, 0.5), st.booleans()), min_size=1, max_size=300))
def test_while_leads_come_in_what_may_take_its_time_never_goes_faster_than_its_share(
    steps: list[tuple[float, bool]],
) -> None:
    yielding, now, lively = Yielding(), 1000.0, list[float]()
    for passed, is_urgent in steps:
        now += passed
        if is_urgent:
            yielding.urgent(now)
        if yielding.takes(now) and yielding.is_lively(now):
            lively.append(now)

    for first, at in enumerate(lively):
        within = [each for each in lively[first:] if each - at <= 1]
        assert len(within) <= PER_S + GROUP


@given(st.floats(0, 3600), st.integers(0, 200))
def test_whoever_may_take_their_time_goes_at_the_latest_when_it_was_said(ago: float, wanted: int) -> None:
    yielding, now = Yielding(), 1000.0
    yielding.urgent(now)
    for _ in range(wanted):
        yielding.takes(now)
    wait = yielding.wait_s(now)

    assert wait <= wanted / PER_S + 1e-9
    assert yielding.takes(now + wait + 1e-6)
    assert yielding.takes(now + LIVE_S + ago)
