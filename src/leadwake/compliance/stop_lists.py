"""R-CASE-2: who said stop, on any route, hears nothing more on any channel from anyone in the team.

47 CFR 64.1200(a)(10), (d)(6), by way of the requirements R-REV and R-TCPA-5 (read 2026-11-22). The law would let some
transactional messages through; the stricter reading is kept.
"""

from __future__ import annotations

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Refusal
from leadwake.domain.values import ConsentLevel

OPTED_OUT = Refusal("opted_out", "R-CASE-2")
OWN_LIST = Refusal("internal_dnc", "R-CASE-2")


def refuse_stop_listed(case: Case) -> Refusal | None:
    """No message of any purpose after an opt-out, nor to the team's own do-not-contact list."""
    if case.facts.consent == ConsentLevel.REVOKED:
        return OPTED_OUT
    return OWN_LIST if case.facts.dnc == "internal" else None
