"""A vendor that keeps failing is left alone for a while; its actions wait as planned."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: failures in a row that open the circuit
THRESHOLD = 5
#: seconds it stays open, longer each time in a row
OPEN_S = (2.0, 5.0, 10.0, 20.0, 30.0)
#: why a vendor's circuit is open whose OAuth connection is lost
RECONNECT = "has to be connected again"


@dataclass(slots=True)
class Circuit:
    """
    How one vendor fares, as this process sees it.

    Closed: calls go out. Open: none until `open_until`; then one is let through, and its result decides.
    changed: called with the circuit when it opens and when it closes.
    """

    vendor: str
    changed: Callable[[Circuit], None] = lambda _: None
    now: Callable[[], float] = time.monotonic
    failures: int = 0
    openings: int = 0
    open_until: float | None = None
    reason: str = ""
    _probing: bool = field(default=False)
    _held: bool = field(default=False)

    @property
    def is_open(self) -> bool:
        """True from the opening until a call succeeds."""
        return self.open_until is not None

    @property
    def wait_s(self) -> float:
        """Seconds until a call may be tried; 0 when it may now."""
        return max(0.0, (self.open_until or 0.0) - self.now())

    def free(self, slots: int) -> int:
        """How many of the free slots may be used now."""
        if self.open_until is None:
            return slots
        return min(slots, 1) if not self._probing and self.wait_s == 0 else 0

    def took(self) -> None:
        """A call is about to be made."""
        if self.open_until is not None:
            self._probing = True

    def let_go(self) -> None:
        """The call that was about to be made was not."""
        self._probing = False

    def succeeded(self) -> None:
        """The vendor answered as it should (a refusal of one message counts: it is there)."""
        if self._held and not self._probing and self.wait_s > 0:
            return  # of a call made before
        was_open, self._probing, self._held = self.is_open, False, False
        self.failures, self.openings, self.open_until, self.reason = 0, 0, None, ""
        if was_open:
            self.changed(self)

    def hold(self, reason: str, seconds: float) -> None:
        """No call for so long, whatever those under way come back with: it is not the vendor that fails."""
        self._held, self._probing = True, False
        self.open_until, self.reason = max(self.open_until or 0.0, self.now() + seconds), reason
        self.changed(self)

    def failed(self, reason: str, *, at_once_s: float | None = None) -> None:
        """The vendor failed. at_once_s: open now and for this long (it said so, or refuses who we are)."""
        probing, self._probing = self._probing, False
        self.failures += 1
        if at_once_s is None and not probing and self.failures < THRESHOLD:
            return
        if self.is_open and not probing and at_once_s is None:
            return  # late results of calls made before it opened
        open_s = OPEN_S[min(self.openings, len(OPEN_S) - 1)] if at_once_s is None else at_once_s
        self.openings += 1
        self.open_until, self.reason = max(self.open_until or 0.0, self.now() + open_s), reason
        self.changed(self)
