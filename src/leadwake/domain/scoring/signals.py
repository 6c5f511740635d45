"""What a score is made of: signals with their time on one side, named contributions on the other. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadwake.domain.values import Temperature


@dataclass(frozen=True, slots=True)
class Signal:
    """
    Something that says something about a lead: a code, never words of theirs.

    cause: what it is of (an inquiry, a message, a call, a meeting, a visit), so that what is said of one thing again
    takes the place of what was said before. at: aware.
    """

    code: str
    at: datetime
    cause: UUID


@dataclass(frozen=True, slots=True)
class Reason:
    """One contribution, in words. points: never 0, save that the base may stand alone; code: of its signal, if any."""

    text: str
    points: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """
    value: 0-100, the sum of the reasons' points; reasons: the base first, then the weightiest.

    is_enriched: something that was looked up counts in it.
    """

    value: int
    temperature: Temperature
    reasons: tuple[Reason, ...]
    is_enriched: bool = False
