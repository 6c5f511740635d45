"""How fast a vendor may be asked: what the team wrote, over what the vendors publish."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

_ENTRY: Final = re.compile(
    r"(?P<vendor>[a-z_]+)(?P<rates>(?:\s+\d+(?:\.\d+)?/(?:s|min|h|day))+|\s+none)", re.IGNORECASE
)
_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)/(s|min|h|day)", re.IGNORECASE)
_SECONDS: Final = {"s": 1.0, "min": 60.0, "h": 3600.0}
#: after a pause so much goes at once, in seconds' worth of calls
_BURST_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Limit:
    """Calls to one vendor. per_s: calls a second, None without limit; per_day: calls on one day of the team's."""

    per_s: float | None = None
    per_day: int | None = None

    @property
    def burst(self) -> float:
        """So many at once after a pause; at least one, so that the slowest goes on."""
        return max(1.0, (self.per_s or 0.0) * _BURST_S)


#: what vendors publish, less a little for whatever else asks in our name (vendors' contract facts, read 2026-11-22):
#: HubSpot 100 in 10 s and 250,000 a day; GoHighLevel 100 in 10 s and 200,000 a day; Calendly 500 a minute for each user
PUBLISHED: Final[Mapping[str, Limit]] = MappingProxyType(
    {
        "hubspot": Limit(8.0, 240_000),
        "gohighlevel": Limit(8.0, 190_000),
        "calendly": Limit(7.0),
    }
)


@lru_cache(maxsize=16)
def read_limits(text: str) -> Mapping[str, Limit]:
    """
    The limits written as "twilio 3/s 2000/day, hubspot 9/s, slack none": vendor → limit, each time once.

    Raises ValueError with what is wrong.
    """
    found: dict[str, Limit] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise ValueError(f"{entry!r} is no limit; write one like twilio 3/s 2000/day")
        vendor = match[1].lower()
        if vendor in found:
            raise ValueError(f"{vendor} stands twice")
        found[vendor] = _limit(match[2])
    return MappingProxyType(found)


def _limit(text: str) -> Limit:
    per_s, per_day = None, None
    for number, unit in _RATE.findall(text):
        if float(number) == 0:
            raise ValueError("a limit of 0 would send nothing; pause the vendor by taking its credentials out")
        if unit.lower() == "day":
            per_day = min(per_day or int(float(number)), int(float(number)))
        else:
            rate = float(number) / _SECONDS[unit.lower()]
            per_s = min(per_s or rate, rate)
    return Limit(per_s, per_day)
