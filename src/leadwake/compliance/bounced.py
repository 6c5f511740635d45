"""R-UNSUB-2: an address that does not exist gets no more automated mail; bulk senders are judged by their bounces."""

from __future__ import annotations

from leadwake.compliance.case import Case
from leadwake.compliance.decision import Refusal

BOUNCED = Refusal("address_bounced", "R-UNSUB-2")


def refuse_bounced(case: Case) -> Refusal | None:
    """No automated mail to an address that mail came back from for good; an inquiry after that makes it count again."""
    return BOUNCED if case.is_email and case.facts.address_bounced else None
