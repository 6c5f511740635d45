"""Business time: what the gate, due dates and sequences go by.

Leases, heartbeats and time-outs stay on real time; `LEADWAKE_CLOCK` moves only this one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """
    Business time.

    start: None for the real time; else business time stood there when real time was `origin`, and runs `speed` times.
    """

    start: datetime | None = None
    speed: float = 1.0
    origin: datetime | None = None
    real: Callable[[], float] = field(default=time.time, repr=False)

    def now(self) -> datetime:
        """The business instant, aware UTC."""
        real = datetime.fromtimestamp(self.real(), UTC)
        if self.start is None or self.origin is None:
            return real
        return self.start + (real - self.origin) * self.speed

    def real_seconds(self, business: timedelta) -> float:
        """How many real seconds the business duration lasts."""
        return business.total_seconds() / self.speed

    def business(self, real: timedelta) -> timedelta:
        """How much business time passes in the real duration."""
        return real * self.speed
