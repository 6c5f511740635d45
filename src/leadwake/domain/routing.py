"""
Whom a lead goes to, and why: never without the licence; then who works now, who fits, has room, whose turn it is.

Pure: the team, the rules and the instant are arguments, so that "Try it", `whatif route` and replays ask the same code.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leadwake.domain.place import STATES
from leadwake.domain.routing_rules import Asked, RoutingRules, Rule, plain
from leadwake.domain.shifts import Hours

#: who was away, or is new, catches up by so many leads and no more
CATCH_UP = 3
#: from this part of their capacity on, agents come after those with more room
BUSY_FROM = 0.8
#: how well an agent fits; each outweighs all after it together
LANGUAGE, SPECIALTY, ZIP_AREA, STATE_AREA = 8, 4, 2, 1

_US = frozenset({None, "", "US", "AS", "GU", "MP", "PR", "VI"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A member of the team as routing sees them.

    licences: states. areas: states or beginnings of ZIP codes. capacity: None without limit. load: open leads and
    unanswered offers. served, served_hot: leads given so far, the hot ones apart, each divided by the agent's weight
    then.
    """

    id: str
    name: str
    takes_leads: bool
    licences: tuple[str, ...]
    languages: tuple[str, ...]
    specialties: tuple[str, ...]
    areas: tuple[str, ...]
    hours: Hours
    capacity: int | None = None
    load: int = 0
    served: float = 0.0
    served_hot: float = 0.0
    on_call: bool = False
    paused: bool = False

    @property
    def is_full(self) -> bool:
        """True when one lead more is too many."""
        return self.capacity is not None and self.load >= self.capacity

    @property
    def is_busy(self) -> bool:
        """True when little room is left."""
        return self.capacity is not None and self.load >= BUSY_FROM * self.capacity

    def given(self, asked: Asked) -> float:
        """What counts for fairness with such a lead."""
        return self.served_hot if asked.temperature == "hot" else self.served


@dataclass(frozen=True, slots=True)
class Eligible:
    """Somebody who may have the lead. points: (code, number), such as ("language:es", 8)."""

    agent: str
    name: str
    points: tuple[tuple[str, int], ...]
    on_shift: bool
    load: int
    capacity: int | None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody who may not. why: not_taking, unlicensed, paused, full, asked_before, not_in_rule, not_the_owner."""

    agent: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Trace:
    """
    Whom the lead goes to and how that came about.

    because: owner, rule, default, on_call; without anybody off_shift, nobody. rule: its name.
    licence: the state whose licence it takes; licensing: checked, no_state, none_recorded, abroad.
    weight, served_from: of the chosen one; their count of leads goes on from there, so that whoever was away does not
    catch up for ever. ranked: who would be next, best first. next_begin: when the first of them works again.
    """

    chosen: str | None
    because: str
    rule: str
    licence: str | None
    licensing: str
    temperature: str
    weight: float = 1.0
    served_from: float = 0.0
    eligible: tuple[Eligible, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    ranked: tuple[str, ...] = ()
    next_begin: datetime | None = None

    def as_json(self, names: bool = False) -> dict[str, Any]:
        """Plain JSON values; without names ids and codes only, as they are stored."""
        eligible = [
            dataclasses.asdict(each) | {"points": [list(point) for point in each.points]} for each in self.eligible
        ]
        skipped = [dataclasses.asdict(each) for each in self.skipped]
        for each in () if names else (*eligible, *skipped):
            del each["name"]
        return {
            "chosen": self.chosen, "because": self.because, "rule": self.rule, "licence": self.licence,
            "licensing": self.licensing, "temperature": self.temperature, "weight": self.weight,
            "served_from": self.served_from, "eligible": eligible, "skipped": skipped, "ranked": list(self.ranked),
            "next_begin": self.next_begin.isoformat() if self.next_begin else None,
        }  # fmt: skip


def route(
    asked: Asked, candidates: Sequence[Candidate], rules: RoutingRules, now: datetime, *,
    exclude: Iterable[str] = frozenset(), bulk: bool = False,
) -> Trace:  # fmt: skip
    """
    Whom the lead goes to now.

    now: aware. exclude: agents who had their chance. bulk: many leads at once, which nobody has to answer in minutes,
    so that it does not matter who is on shift.
    A returning person stays with their owner, also one who is off shift, paused or full.
    """
    asked_before, licensing = frozenset(exclude), _licensing(asked, candidates)
    licence = asked.state if licensing == "checked" else None
    matching = rules.matching(asked)
    owner = next((each for each in candidates if each.id == asked.owner_id), None)
    if owner and owner.takes_leads and owner.id not in asked_before and _is_licensed(owner, licence):
        return _to_owner(owner, asked, candidates, matching, licence, licensing, now)
    skipped, eligible = [], []
    for each in sorted(candidates, key=lambda each: each.id):
        if why := _refusal(each, licence, asked_before):
            skipped.append(Skipped(each.id, each.name, why))
        else:
            eligible.append(each)
    rule, tier, because = _first_rule(matching, eligible, now, bulk=bulk)
    if rule:
        skipped += [Skipped(each.id, each.name, "not_in_rule") for each in eligible if not rule.names(each.id)]
        eligible = [each for each in eligible if rule.names(each.id)]
    ranked = _ranked(asked, tier, rule) if rule else []
    first = ranked[0] if ranked else None
    return Trace(
        first.id if first else None, because, (rule or matching[-1]).name, licence, licensing, asked.temperature,
        rule.weight(first.id) if first and rule else 1.0,
        _level(first, asked, tier, rule) if first and rule else 0.0,
        tuple(_eligible(each, asked, rule or matching[-1], now) for each in _best_first(eligible, ranked)),
        tuple(skipped),
        tuple(each.id for each in ranked), _first_begin(eligible, now) if because == "off_shift" else None,
    )  # fmt: skip


def _first_begin(eligible: Iterable[Candidate], now: datetime) -> datetime | None:
    return min((begin for each in eligible if (begin := each.hours.next_begin(now))), default=None)


def after(candidates: Iterable[Candidate], asked: Asked, trace: Trace) -> list[Candidate]:
    """The team once the chosen one has the lead: for many leads at once, and for simulations."""
    return [_with_one_more(each, asked, trace) if each.id == trace.chosen else each for each in candidates]


def _with_one_more(one: Candidate, asked: Asked, trace: Trace) -> Candidate:
    step, is_hot = 1 / trace.weight, asked.temperature == "hot"
    return dataclasses.replace(
        one,
        load=one.load + 1,
        served=one.served if is_hot else max(one.served, trace.served_from) + step,
        served_hot=max(one.served_hot, trace.served_from) + step if is_hot else one.served_hot,
    )


def _licensing(asked: Asked, candidates: Iterable[Candidate]) -> str:
    """Whether a licence is asked for: as soon as anybody's is recorded, and only where the lead is known to live."""
    held = {state for each in candidates for state in each.licences}
    if not held:
        return "none_recorded"
    if asked.state is None:
        return "no_state"
    abroad = asked.country not in _US and asked.state not in STATES and asked.state not in held
    return "abroad" if abroad else "checked"


def _is_licensed(one: Candidate, licence: str | None) -> bool:
    return licence is None or licence in one.licences


def _refusal(one: Candidate, licence: str | None, asked_before: frozenset[str]) -> str | None:
    if not one.takes_leads:
        return "not_taking"
    if not _is_licensed(one, licence):
        return "unlicensed"
    if one.paused:
        return "paused"
    if one.is_full:
        return "full"
    return "asked_before" if one.id in asked_before else None


def _to_owner(
    owner: Candidate, asked: Asked, candidates: Iterable[Candidate], matching: Sequence[Rule], licence: str | None,
    licensing: str, now: datetime,
) -> Trace:  # fmt: skip
    rule = next(rule for rule in matching if rule.names(owner.id))
    others = sorted((each for each in candidates if each.id != owner.id), key=lambda each: each.id)
    return Trace(
        owner.id, "owner", rule.name, licence, licensing, asked.temperature, rule.weight(owner.id), owner.given(asked),
        (_eligible(owner, asked, rule, now),), tuple(Skipped(each.id, each.name, "not_the_owner") for each in others),
        (owner.id,),
    )  # fmt: skip


def _first_rule(
    matching: Sequence[Rule], eligible: Sequence[Candidate], now: datetime, *, bulk: bool
) -> tuple[Rule | None, list[Candidate], str]:
    """
    The first rule with somebody who can take it now, those people, and the word for it.

    A rule whose people are all asleep does not keep a lead from a colleague who is at work; nobody is woken who did
    not offer to be.
    """
    at_work = [each for each in eligible if bulk or each.hours.is_on(now)]
    for tier, because in ((at_work, None), ([each for each in eligible if each.on_call], "on_call")):
        for rule in matching:
            if named := [each for each in tier if rule.names(each.id)]:
                return rule, named, because or ("default" if rule is matching[-1] else "rule")
    return None, [], "off_shift" if eligible else "nobody"


def _ranked(asked: Asked, tier: Sequence[Candidate], rule: Rule) -> list[Candidate]:
    def order(one: Candidate) -> tuple[int, bool, float, str]:
        fit = sum(number for _, number in _points(one, asked))
        # rounded: thirds added in another order are not a hair less
        return -fit, one.is_busy, round(_level(one, asked, tier, rule), 9), one.id

    return sorted(tier, key=order)


def _level(one: Candidate, asked: Asked, tier: Iterable[Candidate], rule: Rule) -> float:
    """
    Where the agent stands in the turn (stride scheduling): the lowest is next.

    Among people who were all there, nobody is below where the last lead was given from; who was away is, and is
    brought up to at most CATCH_UP of their own leads below it.
    """
    given_from = max(each.given(asked) - 1 / rule.weight(each.id) for each in tier)
    return max(one.given(asked), given_from - CATCH_UP / rule.weight(one.id))


def _points(one: Candidate, asked: Asked) -> list[tuple[str, int]]:
    found = []
    if asked.language and asked.language != "en" and asked.language in one.languages:
        found.append((f"language:{asked.language}", LANGUAGE))
    interest = plain(asked.interest)
    # by the agent's own word: the lead's may be any text, and this is stored in the clear
    if word := next((name for name in one.specialties if interest and plain(name) == interest), None):
        found.append((f"specialty:{word}", SPECIALTY))
    zips = tuple(area for area in one.areas if any(map(str.isdigit, area)))
    if asked.postal_code and zips and asked.postal_code.startswith(zips):
        found.append(("area:zip", ZIP_AREA))
    elif asked.state and asked.state in one.areas:
        found.append(("area:state", STATE_AREA))
    return found


def _eligible(one: Candidate, asked: Asked, rule: Rule, now: datetime) -> Eligible:
    return Eligible(
        one.id, one.name, tuple(_points(one, asked)), one.hours.is_on(now), one.load, one.capacity, rule.weight(one.id)
    )


def _best_first(eligible: Sequence[Candidate], ranked: Sequence[Candidate]) -> list[Candidate]:
    place: Mapping[str, int] = {each.id: number for number, each in enumerate(ranked)}
    return sorted(eligible, key=lambda each: (place.get(each.id, len(place)), each.id))
