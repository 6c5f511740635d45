"""A call to our number into an Inquiry: all it says is who called, and that is all an answer needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.fields import inquiry

CHANNEL = "phone_call"
SOURCE = "phone"


def parse_call(meta: Mapping[str, str], now: datetime) -> Inquiry:
    """
    The inquiry in a call.

    meta: `number`, as the network told it; `at`, when they called (ISO 8601), else it counts as now; `taken_by`, the id
    of the colleague who took it. Raises InputError when the caller shows no number that can be called.
    """
    at = datetime.fromisoformat(meta["at"]) if meta.get("at") else now
    found = inquiry({"phone": meta.get("number") or None}, asked_at=at, channel=CHANNEL, source=SOURCE)
    if found.phone is None:
        raise InputError({"phone": "the caller shows no number"})
    return replace(found, taken_by=meta.get("taken_by") or None)
