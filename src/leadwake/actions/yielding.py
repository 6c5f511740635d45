"""How fast what may take its time goes on while leads come in that wait for a first answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: such actions a second while somebody waits: the processor keeps time for whoever came just now
PER_S: Final = 40.0
#: they go in groups of so many: one by one, each would cost a claim and a settling of its own
GROUP: Final = 8
#: seconds after the last urgent action in which another one is likely
LIVE_S: Final = 5.0


@dataclass(slots=True)
class Yielding:
    """Groups, one after the other, counted only in lively times. Instants are seconds of one monotonic clock."""

    _urgent_at: float = float("-inf")
    _next_at: float = float("-inf")
    _left: int = 0

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
        if now >= self._next_at:
            self._left, self._next_at = GROUP, now + GROUP / PER_S
        if not self._left:
            return False
        self._left -= 1
        return True

    def wait_s(self, now: float) -> float:
        """Until the next one may go; 0 when it may go now."""
        return 0.0 if self._left or not self.is_lively(now) else max(0.0, self._next_at - now)
