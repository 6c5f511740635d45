"""How long the sum of a lead's signals takes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from uuid import UUID

from leadwake.domain.scoring import SHIPPED, Signal, weighed

_NOW = datetime(2026, 12, 1, 17, tzinfo=UTC)
#: of somebody who was about for a season
_SIGNALS = 60


def microseconds(turns: int = 500) -> float:
    """One lead scored, with when it is to be scored again; every kind of signal is among theirs."""
    codes = islice(cycle(SHIPPED.by_code), 7 * _SIGNALS)
    signals = [
        Signal(code, _NOW - timedelta(days=place * 1.5), UUID(int=place % 9))
        for place, code in enumerate(islice(codes, 0, None, 7))
    ]
    began = time.perf_counter()
    for _ in range(turns):
        weighed(signals, SHIPPED, _NOW)
    return (time.perf_counter() - began) / turns * 1e6
