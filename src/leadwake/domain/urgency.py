"""What needs a human first: the order of the page "Now". Pure; `now` is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from leadwake.domain.values import Temperature

#: a minute of waiting weighs as much as a point of the score, up to this many
MOST_WAITING_MIN: Final = 60

_DEGREES: Final = {Temperature.HOT: 0, Temperature.WARM: 1, Temperature.COLD: 2}
#: kind → its tier while it is not overdue; tiers 0 to 2 are above these
_TIERS: Final = {"claim": 3, "call": 4, "touch": 5, "follow_up": 5, "failed": 6, "dead": 7}
_HOT_CLAIM, _REPLY, _OVERDUE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    One thing that waits for a person.

    id: of the task, or of the action when kind is "dead" (a dead letter). kind: of `storage.tasks`, or dead. offered:
    the lead is held out to whoever looks. score: 0-100. at: since when. reason: a code, if there is one.
    """

    id: UUID
    lead_id: UUID
    kind: str
    temperature: Temperature
    score: int
    at: datetime
    due_at: datetime
    agent_id: UUID | None = None
    offered: bool = False
    reason: str | None = None

    def is_overdue(self, now: datetime) -> bool:
        """True once it should have been done."""
        return self.due_at <= now


@dataclass(frozen=True, slots=True)
class Person:
    """All that waits about one person, the most urgent first; never empty."""

    lead_id: UUID
    waiting: Sequence[Waiting]

    @property
    def first(self) -> Waiting:
        """What the card is about."""
        return self.waiting[0]


def urgency(it: Waiting, now: datetime) -> tuple[object, ...]:
    """
    A key that sorts the most urgent first; no two are equal.

    1. Tier: a hot lead nobody has, and somebody kept waiting in a chat; somebody who wrote or called back; whatever is
       overdue; then warm and cold leads nobody has, calls, leads of theirs that nobody was in touch with, what did not
       arrive, dead letters.
    2. Within it: offered to whoever looks, hotter, overdue, higher score and longer waiting (a minute for a point, up
       to an hour's worth: an old lead does not stay above every new one for ever), and who came first.
    """
    waited_min = (now - it.at).total_seconds() / 60
    weight = it.score + min(max(waited_min, 0.0), MOST_WAITING_MIN)
    return (_tier(it, now), not it.offered, _DEGREES[it.temperature], not it.is_overdue(now), -weight, it.at, it.id)


def ranked(found: Iterable[Waiting], now: datetime) -> list[Person]:
    """Everybody something waits for, the most urgent first, each once."""
    people: dict[UUID, list[Waiting]] = {}
    for it in sorted(found, key=lambda it: urgency(it, now)):
        people.setdefault(it.lead_id, []).append(it)
    return [Person(lead_id, waiting) for lead_id, waiting in people.items()]


def _tier(it: Waiting, now: datetime) -> int:
    is_kept_waiting = it.kind == "reply" and it.reason == "chat" and it.is_overdue(now)
    if is_kept_waiting or (it.kind == "claim" and it.temperature is Temperature.HOT):
        return _HOT_CLAIM
    if it.kind == "reply":
        return _REPLY
    # a dead letter is late from its first moment; it never hides a person who waits
    return _OVERDUE if it.kind != "dead" and it.is_overdue(now) else _TIERS[it.kind]
