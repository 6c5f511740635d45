"""Every sequence that is in force, and the older versions that leads are still on their way through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

from leadwake.domain.sequence.model import Branch, Sequence
from leadwake.domain.sequence.progress import Choice
from leadwake.domain.sequence.reading import SequenceRefused, read_published

#: facts that cost a look into other tables; only sequences that ask for them have them read
LOOKED_UP: Final = frozenset({"visits", "opened_booking", "enriched"})


@dataclass(frozen=True, slots=True)
class Published:
    """A sequence in force. is_paused: nobody is enrolled, and whoever is in it waits."""

    name: str
    version: int
    is_paused: bool = False


@dataclass(frozen=True)
class Book:
    """published: by name. sources: the text of every version there was, read when it is needed first."""

    published: Mapping[str, Published] = field(default_factory=dict)
    sources: Mapping[tuple[str, int], str] = field(default_factory=dict)

    def version(self, name: str, version: int) -> Sequence | None:
        """This version; None when it is not known here yet, or was written for another Leadwake."""
        source = self.sources.get((name, version))
        return _read(source) if source is not None else None

    def in_force(self, name: str) -> Sequence | None:
        """The version that leads are enrolled in now."""
        held = self.published.get(name)
        return self.version(name, held.version) if held else None

    @cached_property
    def choice(self) -> Choice:
        """Those that a lead may be enrolled in now."""
        names = (each.name for each in self.published.values() if not each.is_paused)
        return Choice(tuple(found for name in names if (found := self.in_force(name)) is not None))

    @cached_property
    def looking(self) -> list[str]:
        """The sequences that look at facts of LOOKED_UP, in any version."""
        every = (self.version(*key) for key in self.sources)
        return sorted({each.name for each in every if each is not None and _facts(each) & LOOKED_UP})


@lru_cache(maxsize=256)
def _read(source: str) -> Sequence | None:
    try:
        return read_published(source)
    except SequenceRefused:
        return None


def _facts(sequence: Sequence) -> set[str]:
    return {
        condition.fact for step in sequence.steps if isinstance(step.act, Branch) for condition in step.act.conditions
    }
