"""What came of a lead, in words: a meeting, won, lost, with its money. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

KINDS: Final[Mapping[str, str]] = {"meeting": "Meeting", "won": "Won", "lost": "Lost"}


def said(outcome: Mapping[str, Any]) -> str:
    """An outcome {"outcome", "cents", "currency"} at the head of a line: "Won: $9,500"."""
    kind = KINDS.get(str(outcome.get("outcome")), "Outcome")
    cents = outcome.get("cents")
    return f"{kind}: {money(cents, str(outcome.get('currency', 'USD')))}" if isinstance(cents, int) else kind


def money(cents: int, currency: str) -> str:
    """An amount as people here write it: "$9,500", "$9,500.50", "EUR 9,500"."""
    whole, rest = divmod(cents, 100)
    amount = f"{whole:,}" + (f".{rest:02}" if rest else "")
    return f"${amount}" if currency == "USD" else f"{currency} {amount}"
