"""How fast what may take its time goes on while leads come in that wait for a first answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: such actions a second, and at once, while somebody waits: the processor keeps time for whoever came just now
PER_S: Final = 40.0
AT_ONCE: Final = 4
#: seconds after the last urgent action in which another one is likely
LIVE_S: Final = 5.0


@dataclass(slots=True)
class Yielding:
    """A bucket that counts only in lively times. Instants are seconds of one monotonic clock."""

    _urgent_at: float = float("-inf")
    _full_at: float = float("-inf")

    def urgent(self, now: float) -> None:
        """Somebody waits for an answer."""
        self._urgent_at = now

    def is_lively(self, now: float) -> bool:
        """True while leads come in."""
        return now - self._urgent_at < LIVE_S

    def takes(self, now: float) -> bool:
        """Whether one that may take its time may go now; then it counts."""
        if not self.is_lively(now):
            return True
        if self.wait_s(now) > 0:
            return False
        self._full_at = max(self._full_at, now) + 1 / PER_S
        return True

    def wait_s(self, now: float) -> float:
        """Until the next one may go; 0 when it may go now."""
        if not self.is_lively(now):
            return 0.0
        return max(0.0, self._full_at - now - (AT_ONCE - 1) / PER_S)
