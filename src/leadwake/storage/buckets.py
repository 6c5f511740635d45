"""Token buckets: so much at once, then so much a second; in this process's memory, or elsewhere for every process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Final, Protocol, cast

#: what is owed beyond this is let go, so that a mistake in counting stops nothing for long
OWED_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Taken:
    """How many of those wanted may go now, and the seconds until one more may."""

    granted: int
    wait_s: float


class Buckets(Protocol):
    """
    Where levels are kept. wanted below 0 gives back what was not used after all.

    owe: so many were used without asking; the level may fall below nothing, by what comes in OWED_S.
    """

    async def take(self, key: str, per_s: float, burst: float, wanted: int) -> Taken: ...

    async def owe(self, key: str, per_s: float, burst: float, number: int) -> None: ...

    async def aclose(self) -> None: ...


class SharedBuckets(Buckets, Protocol):
    """Kept elsewhere, for every process."""

    async def is_there(self) -> bool: ...


@dataclass(slots=True)
class MemoryBuckets:
    """This process's own. share: how many processes count for themselves beside each other, each a part of the rate."""

    share: Callable[[], int] = lambda: 1
    now: Callable[[], float] = time.monotonic
    _levels: dict[str, tuple[float, float]] = field(default_factory=dict)

    async def take(self, key: str, per_s: float, burst: float, wanted: int) -> Taken:
        """As many as there are tokens for."""
        rate, most, level, now = self._now(key, per_s, burst)
        granted = max(min(wanted, math.floor(level)), min(wanted, 0))
        level = min(most, level - granted)
        self._levels[key] = (level, now)
        return Taken(granted, max(0.0, (1 - level) / rate))

    async def owe(self, key: str, per_s: float, burst: float, number: int) -> None:
        """They are paid for by those that come."""
        rate, _, level, now = self._now(key, per_s, burst)
        self._levels[key] = (max(-OWED_S * rate, level - number), now)

    def _now(self, key: str, per_s: float, burst: float) -> tuple[float, float, float, float]:
        """This process's rate and burst, the level, and the instant."""
        parts, now = max(1, self.share()), self.now()
        rate, most = per_s / parts, max(1.0, burst / parts)
        level, at = self._levels.get(key, (most, now))
        return rate, most, min(most, level + (now - at) * rate), now

    async def aclose(self) -> None:
        """Nothing is held."""


def shared(url: str, otherwise: Buckets) -> SharedBuckets:
    """Those in the Redis at this URL. Whoever has none does not carry its client in memory."""
    module = import_module("leadwake.storage.redis_buckets")
    return cast("SharedBuckets", module.RedisBuckets(url, otherwise))
