"""One vendor hangs on every call: what the leads wait for that it has no part in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Bench, percentile
from bench.load import Generator, Sent

RATE, HANG_MS = 10.0, 10_000
#: who hangs → what must not slow down: texts, mails, the acknowledgement
WATCHED: Mapping[str, tuple[str, ...]] = {
    "hubspot": ("text", "mail", "ack"), "sendgrid": ("text", "ack"), "twilio": ("mail", "ack"),
}  # fmt: skip
_SETTLES_S = 180.0


@dataclass(frozen=True, slots=True)
class Waits:
    """p99 in ms, from the instant a lead was due, of what reached its vendor; missing: leads for which it did not."""

    p99_ms: Mapping[str, float]
    missing: Mapping[str, int]


async def measure(bench: Bench, vendor: str | None, seconds: float, delay_ms: int) -> Waits:
    """Ten leads a second while `vendor` hangs (None: all answer). Afterwards all answer after delay_ms, and settle."""
    vendors, generator = bench.installation.vendors, Generator(bench.installation.port)
    vendors.clear()
    if vendor:
        vendors.hang(vendor, HANG_MS)
    try:
        sent = await generator.at_rate(bench.leads, RATE, seconds)
        await asyncio.sleep(2)  # a text that leaves later than this is counted as missing
        received = await asyncio.to_thread(vendors.received)
    finally:
        vendors.behave(delay_ms=delay_ms, receipts=False)
        generator.close()
    await bench.installation.settled(patience_s=_SETTLES_S)
    texts, mails = _waits(sent, received.texts, "phone"), _waits(sent, received.mails, "email")
    acks = [(one.acknowledged_at - one.due_at) * 1000 for one in sent if one.status == 202]
    found = {"text": texts, "mail": mails, "ack": acks}
    return Waits(
        {what: percentile(values, 99) for what, values in found.items()},
        {what: len(sent) - len(values) for what, values in found.items()},
    )


def _waits(sent: Sequence[Sent], arrived: Mapping[str, list[float]], by: str) -> list[float]:
    return [(arrived[to][0] - one.due_at) * 1000 for one in sent if (to := getattr(one, by)) in arrived]
