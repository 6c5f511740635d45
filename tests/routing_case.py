"""A small team and a lead, for the tests of routing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from leadwake.domain.routing import Candidate
from leadwake.domain.routing_rules import Asked
from leadwake.domain.shifts import Hours, Shift

EASTERN = ZoneInfo("America/New_York")
ALWAYS = Hours(EASTERN)
WEEKDAYS = Hours(EASTERN, (Shift((1, 2, 3, 4, 5), time(9), time(17)),))
NEVER = Hours(EASTERN, (Shift((7,), time(3), time(3, 1)),))
#: a Tuesday, 10:00 in New York
NOON = datetime(2026, 11, 24, 15, tzinfo=UTC)
NIGHT = datetime(2026, 11, 25, 7, tzinfo=UTC)


def agent(name: str, **given: Any) -> Candidate:
    """Somebody who takes leads, always on shift, without limits, unless said otherwise."""
    usual: Mapping[str, Any] = {
        "takes_leads": True, "licences": (), "languages": ("en",), "specialties": (), "areas": (), "hours": ALWAYS,
    }  # fmt: skip
    return Candidate(name.lower(), name, **{**usual, **given})


def lead(**given: Any) -> Asked:
    """A hot buyer in Texas."""
    usual: Mapping[str, Any] = {
        "state": "TX", "postal_code": "78701", "country": None, "language": None, "interest": "buy_home",
        "source": "website", "channel": "web_form", "score": 84, "temperature": "hot", "owner_id": None,
    }  # fmt: skip
    return Asked(**{**usual, **given})
