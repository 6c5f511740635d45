"""What a line or a cell looks like: a label, a question that is one, a value of a field, a rule, a closing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from leadwake.intake.mail.labels import FOREIGN, field_of, is_plain
from leadwake.intake.mail.values import is_nothing

_RULE = re.compile(r"[\s\-=_*~#·•—–+]{2,}|([*=~#_-])\1{2,}.{1,60}\1{3}")
_ASKS_YOU = re.compile(r"(?!.*\b(?:i|me|we|us)\b).{0,80}\byour?\b.{0,80}\?", re.IGNORECASE)
_CLOSING = re.compile(r"(?:many |kind |best )?(?:thanks|thank you|regards|best|sincerely|cheers)\b", re.IGNORECASE)


def is_rule(text: str) -> bool:
    """Whether a line only parts what is above from what is below."""
    return _RULE.fullmatch(text) is not None


def begins_closing(text: str) -> bool:
    """Whether a line begins a greeting at the end of a letter."""
    return _CLOSING.match(text) is not None


def is_closing(text: str) -> bool:
    """Whether a line is a greeting at the end of a letter, and no more."""
    return begins_closing(text) and len(text.split()) <= 3


def is_question(text: str) -> bool:
    """Whether a line asks for a field, as forms do above its answer; people ask for other things."""
    return _ASKS_YOU.fullmatch(text) is not None and field_of(text) not in {None, FOREIGN, "message"}


def is_label(cell: str) -> bool:
    """Whether a cell is a label by its mark or its words."""
    return len(cell) < 100 and "\n" not in cell and (cell.rstrip().endswith((":", "?")) or field_of(cell) is not None)


def are_labels(labels: Sequence[str], values: Sequence[str]) -> bool:
    """Whether every other cell of a row names the next: one at least is a label of ours, and no value is."""
    return any(map(is_label, labels)) and all(map(may_be_label, labels)) and not any(map(is_plain, values))


def may_be_label(cell: str) -> bool:
    """Whether the first cell of two may name the second."""
    if sum(char.isdigit() for char in cell) >= 7:
        return False  # a number to call
    return is_label(cell) or (len(cell) < 80 and "\n" not in cell and "@" not in cell and cell[:1].isalpha())


def fits(field: str | None, value: str) -> bool:
    """Whether a line below a label may be its value."""
    digits = sum(char.isdigit() for char in value)
    if is_nothing(value):
        return True
    match field:
        case "email":
            return "@" in value
        case "phone" | "phone_other" | "fax":
            return digits >= 7
        case "name" | "first_name" | "last_name":
            return len(value.split()) <= 6 and digits == 0 and value[-1:] not in ".!?:"
        case "postal_code" | "income" | "occupants" | "move_in" | "requested_at":
            return digits > 0 or len(value.split()) <= 3
        case _:
            return len(value) <= 300
