"""What other weights would change, tried on the newest leads; nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from leadwake.domain.scoring import Signal, Weights, score_at
from leadwake.storage import scores
from leadwake.workflows.office import Office

#: leads it is tried on, the newest
TRIED: Final = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """tried: how many leads. moved: (from, to) temperature → how many; before, after: how many are of each."""

    tried: int
    moved: Mapping[tuple[str, str], int]
    before: Mapping[str, int]
    after: Mapping[str, int]

    @property
    def changes(self) -> int:
        """How many leads change their temperature."""
        return sum(self.moved.values())


async def preview(office: Office, weights: Weights) -> Preview:
    """The newest leads scored by the weights in force and by these, at the same instant."""
    now = office.clock.now()
    by_lead: dict[UUID, list[Signal]] = defaultdict(list)
    for row in await office.db.all("score_recent_signals", limit=TRIED):
        by_lead[row["lead_id"]] += scores.signals_in([row])
    counts: tuple[dict[str, int], ...] = (defaultdict(int), defaultdict(int))
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for signals in by_lead.values():
        was, will = (score_at(signals, each, now).temperature.value for each in (office.weights, weights))
        counts[0][was] += 1
        counts[1][will] += 1
        if was != will:
            moved[was, will] += 1
    return Preview(len(by_lead), moved, *counts)
