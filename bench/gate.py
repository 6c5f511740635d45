"""How long the gate takes for one decision."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from leadwake.compliance.decision import Facts, Message
from leadwake.compliance.gate import may_send
from leadwake.compliance.tables import Tables
from leadwake.domain.values import Channel, ConsentLevel, Purpose

_NOW = datetime(2026, 12, 1, 17, tzinfo=UTC)
_CASES = (
    (Purpose.INSTANT_REPLY, "+12125550142", "NY", "10001", 0),  # fresh, daytime
    (Purpose.INSTANT_REPLY, "+13105550142", "CA", "90001", -5),  # early morning there
    (Purpose.MARKETING, "+18135550142", "FL", "33606", 10),  # quiet hours: searched for the next opening
    (Purpose.MARKETING, "+14125550142", None, None, 0),  # place from the number alone
)


def microseconds(turns: int = 500) -> float:
    """One decision, over four usual cases; the tables are loaded and warm."""
    tables = Tables.load()
    cases = [
        (
            Message(Channel.SMS, purpose, number, state, code),
            Facts(ConsentLevel.WRITTEN, inquiry_at=_NOW),
            _NOW + timedelta(hours=hours),
        )
        for purpose, number, state, code, hours in _CASES
    ]
    for message, facts, now in cases:
        may_send(message, facts, tables, now)
    began = time.perf_counter()
    for _ in range(turns):
        for message, facts, now in cases:
            may_send(message, facts, tables, now)
    return (time.perf_counter() - began) / (turns * len(cases)) * 1e6
