"""What CRMs write as text or number, read with care: ids, money, words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
#: nobody sells a house for more; what is above is a mistake
_MOST = Decimal(10) ** 12


def ref(value: object) -> str | None:
    """An id of the vendor's that may stand in a path; None for anything else."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and _ID.fullmatch(text) else None


def word(entry: Mapping[str, Any], name: str, limit: int = 320) -> str | None:
    """A text value that is not blank, cut."""
    value = entry.get(name)
    return (value.strip()[:limit] or None) if isinstance(value, str) else None


def instant(value: object) -> datetime | None:
    """An ISO 8601 instant; None for anything else."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


def cents(value: object) -> int | None:
    """An amount of money in hundredths; None when there is none that can be believed."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
        return None
    try:
        amount = Decimal(str(value).strip()[:40])
    except InvalidOperation:
        return None
    return int((amount * 100).to_integral_value()) if amount.is_finite() and 0 <= amount <= _MOST else None


def currency(value: object) -> str:
    """A currency's three letters; US dollars where nothing is said."""
    return value if isinstance(value, str) and _CURRENCY.fullmatch(value) else "USD"
