"""Look-ups are claimed by themselves: whoever counts what they cost must not hold up a message."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from leadwake.actions.claims import Claimed, Claims
from leadwake.actions.dispatch import Dispatcher
from leadwake.actions.limits import Permit
from leadwake.clock import Clock
from leadwake.providers.ports import Accepted

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
