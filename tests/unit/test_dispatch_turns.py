"""Who is claimed with whom: what counts costs is claimed apart, and what may take its time leaves room."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from leadwake.actions.claims import Claimed, Claims
from leadwake.actions.dispatch import PATIENT_BATCH, PATIENT_SLOTS, Dispatcher
from leadwake.actions.limits import Permit
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
