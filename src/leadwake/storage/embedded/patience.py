"""Waiting for a condition with a limit, telling the person in front of the screen what for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

_STEP_S = 0.02
_REPORT_S = 2.0


class Patience:
    """Lasts so many seconds; says every two what is waited for, and for how long already."""

    def __init__(self, what: str, seconds: float, progress: Callable[[str], None]) -> None:
        self.what = what
        self._seconds = seconds
        self._progress = progress
        self._started = time.monotonic()
        self._report_at = _REPORT_S

    @property
    def waited_s(self) -> float:
        """Seconds so far."""
        return time.monotonic() - self._started

    async def lasts(self) -> bool:
        """True after a moment's wait; False when the time is up."""
        await asyncio.sleep(_STEP_S)
        if self.waited_s >= self._report_at:
            self._progress(f"{self.what}… {self.waited_s:.0f} s")
            self._report_at += _REPORT_S
        return self.waited_s < self._seconds
