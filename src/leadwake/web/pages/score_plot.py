"""How a lead's score came to be what it is, as a small picture with its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leadwake.domain.scoring.course import Move, course
from leadwake.storage import scores
from leadwake.storage.reading import Lead
from leadwake.workflows.office import Office

#: of the picture; scores go from 0 to 100
WIDTH, HEIGHT = 300, 64


@dataclass(frozen=True, slots=True)
class Plot:
    """
    line: the points of a polyline. hot, warm: how far down their thresholds are. first_at: where it begins.

    least, most: of its values. moves: what moved it, newest first. is_enriched: something looked up counts in it.
    """

    line: str
    hot: float
    warm: float
    first_at: datetime | None
    first: int
    least: int
    most: int
    moves: Sequence[Move]
    is_enriched: bool

    @property
    def is_worth_a_look(self) -> bool:
        """False where there is nothing to see yet but one value."""
        return self.least != self.most


async def plot(office: Office, lead: Lead) -> Plot:
    """The picture of a lead's score up to now."""
    async with office.db.connection() as connection:
        signals = await scores.signals_of(connection, lead.id)
    found = course(signals, await scores.versions(office.db), office.clock.now())
    looked_up = {code for code, one in office.weights.by_code.items() if one.kind == "enrichment"}
    values = [value for _, value in found.points[:-1]] + [lead.score]
    return Plot(
        _line(found.points, lead.score), _down(office.weights.hot), _down(office.weights.warm),
        found.points[0][0] if found.points else None, values[0], min(values), max(values), found.moves,
        any(signal.code in looked_up for signal in signals),
    )  # fmt: skip


def _line(points: Sequence[tuple[datetime, int]], now: int) -> str:
    """The points from left to right; the last is the score that stands."""
    if len(points) < 2:
        return ""
    first, whole = points[0][0], (points[-1][0] - points[0][0]).total_seconds() or 1.0
    values = [*(value for _, value in points[:-1]), now]
    across = [(at - first).total_seconds() / whole * WIDTH for at, _ in points]
    return " ".join(f"{x:.1f},{_down(value):.1f}" for x, value in zip(across, values, strict=True))


def _down(value: int) -> float:
    return HEIGHT - 2 - value / 100 * (HEIGHT - 4)
