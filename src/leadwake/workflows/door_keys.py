"""The keys of our doors: made here, shown once, and pasted wherever leads come from."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime

from leadwake.workflows.office import Office


def verify_token(office: Office) -> str:
    """What Meta is to show when it checks our address: as it was set, else one of this installation's own."""
    own = hmac.digest(office.vault.link_key, b"meta verify token", "sha256").hex()[:32]
    return office.settings.get("META_VERIFY_TOKEN") or own


def verifies(office: Office, given: str) -> bool:
    """True for the verify token; the app's secret, which only whoever owns the app knows, is as good."""
    fits = [
        hmac.compare_digest(known.encode(), given.encode("utf-8", "replace"))
        for known in (
            verify_token(office),
            office.settings.get("META_WEBHOOK_SECRET"),
            office.settings.former_secret("META_VERIFY_TOKEN", datetime.now(UTC)),
        )
        if known
    ]
    return any(fits)
