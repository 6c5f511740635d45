"""R-CASE-9: no marketing message after three automated texts and calls in 24 hours, or fewer where a state says so.

FL, OK, MD and OR set three (R-STATE-3, sources in `us_state_rules.csv`, read 2026-11-22); we keep it everywhere,
unless a team tightened or loosened it. No team's number beats a state's.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from leadwake.compliance.case import Case
from leadwake.compliance.place import Place

SPAN = timedelta(hours=24)


def cap_clears_at(case: Case, place: Place) -> datetime | None:
    """When one more marketing message fits under the cap; None when it fits now. Any purpose before counts."""
    limit = min([case.policy.product_cap, *(rule.cap for rule in place.rules if rule.cap is not None)])
    counted = sorted((sent for sent in case.facts.prior_sends if case.now - sent < SPAN), reverse=True)
    return counted[limit - 1] + SPAN if len(counted) >= limit else None
