"""Routing rules as data: which leads go to whom, in order, and how long anybody may take. The last rule is everyone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

#: the last rule: any lead, anybody who may; it cannot be deleted, moved or given conditions
EVERYONE = "everyone"
#: after this long without a person, a hot lead is management's once more, whatever the team's times
DAY_ALERT = timedelta(hours=24)

_OTHER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What routing knows of a lead.

    state: two letters, where they live by their own word, else by their ZIP; never by the area code (None: unknown).
    language: ISO 639-1, None when unknown. score: 0-100. owner_id: whose they were when they asked again.
    """

    state: str | None
    postal_code: str | None
    country: str | None
    language: str | None
    interest: str | None
    source: str
    channel: str
    score: int
    temperature: str
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """
    Which leads a rule is for: all must hold, an empty one always does. What is not known of a lead holds nowhere.

    states: two letters. postal_prefixes: beginnings of ZIP codes. languages: ISO 639-1. scores: 0-100, both included.
    Sources, channels and interests are compared without case, spaces and punctuation.
    """

    sources: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    postal_prefixes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    temperatures: tuple[str, ...] = ()
    min_score: int | None = None
    max_score: int | None = None

    def hold(self, asked: Asked) -> bool:
        """True when the rule is for this lead."""
        return all(self._each(asked).values())

    def unmet(self, asked: Asked) -> Conditions:
        """Those that keep this lead from the rule; the others empty."""
        return Conditions(**{name: getattr(self, name) for name, holds in self._each(asked).items() if not holds})

    def _each(self, asked: Asked) -> dict[str, bool]:
        """Condition → whether it holds."""
        return {
            "sources": _among(asked.source, self.sources),
            "channels": _among(asked.channel, self.channels),
            "interests": _among(asked.interest, self.interests),
            "states": not self.states or asked.state in self.states,
            "postal_prefixes": not self.postal_prefixes or (asked.postal_code or "").startswith(self.postal_prefixes),
            "languages": not self.languages or asked.language in self.languages,
            "temperatures": not self.temperatures or asked.temperature in self.temperatures,
            "min_score": self.min_score is None or asked.score >= self.min_score,
            "max_score": self.max_score is None or asked.score <= self.max_score,
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule. agents: ids of those it gives leads to, empty for everyone.

    weights: id → share; somebody with 2 gets twice the leads of somebody with 1, which is what nobody named has.
    """

    name: str
    when: Conditions = Conditions()
    agents: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def names(self, agent_id: str) -> bool:
        """True when the rule gives leads to this agent."""
        return not self.agents or agent_id in self.agents

    def weight(self, agent_id: str) -> float:
        """The agent's weight under this rule; more than 0."""
        return self.weights.get(agent_id, 1.0)


@dataclass(frozen=True, slots=True)
class Times:
    """
    How long anybody may take, in minutes.

    claim_minutes: temperature → for claiming an offer. touch_minutes: temperature → an owner who was silent that long
    loses the lead. alert_minutes: management hears of a hot lead nobody was in touch with. pool_size: how many are
    asked at once after max_agents_asked, one by one, let it go; pool_minutes: how long they have.
    """

    claim_minutes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({"hot": 5, "warm": 30}))
    pool_minutes: int = 15
    touch_minutes: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType({"hot": 15, "warm": 120, "cold": 1440})
    )
    alert_minutes: int = 10
    pool_size: int = 5
    max_agents_asked: int = 3

    def claim(self, temperature: str) -> timedelta:
        """How long an agent may take to claim such a lead; cold ones are not offered, and count as warm."""
        return timedelta(minutes=self.claim_minutes.get(temperature, self.claim_minutes["warm"]))

    def touch(self, temperature: str) -> timedelta:
        """How long an owner may be silent."""
        return timedelta(minutes=self.touch_minutes[temperature])

    @property
    def pool(self) -> timedelta:
        """How long the pool has."""
        return timedelta(minutes=self.pool_minutes)

    @property
    def alert(self) -> timedelta:
        """When management hears of a hot lead without a person."""
        return timedelta(minutes=self.alert_minutes)


@dataclass(frozen=True, slots=True)
class RoutingRules:
    """The whole list, in order; the last is `EVERYONE`. version: 0 for what holds while nobody wrote a rule."""

    version: int = 0
    rules: tuple[Rule, ...] = (Rule(EVERYONE),)
    times: Times = Times()

    def matching(self, asked: Asked) -> tuple[Rule, ...]:
        """The rules that are for this lead, in order; the default is always among them."""
        return tuple(rule for rule in self.rules if rule.when.hold(asked))


#: what holds while nobody wrote a rule
STANDARD = RoutingRules()


def plain(word: str | None) -> str:
    """A source's, channel's or interest's name as it is compared: `Realtor.com` and `realtor com` are one."""
    return _OTHER.sub("", (word or "").lower())


def _among(word: str | None, wanted: Iterable[str]) -> bool:
    names = {plain(name) for name in wanted}
    return not names or plain(word) in names
