"""What this team changed about the rules: tighter as it likes, looser only by name, with who, why and when.

A team may only tighten a default; what is marked SAFE DEFAULT in the requirements may be loosened by a named person
with a reason. Not on the list, and so never loosened: stop lists, what a number must be, the federal hours, the
states' hours, and that somebody who gave us nothing is not written to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from leadwake.compliance.hours import FEDERAL, Hours
from leadwake.compliance.states import STATE_NAMES
from leadwake.domain.values import Channel, Purpose

#: R-CASE-9, ours where no state says less: automated messages to a number in 24 hours
PRODUCT_CAP = 3
#: no loosening goes beyond
HIGHEST_CAP = 10
#: Fifth Circuit: R-TCPA-2
FIFTH_CIRCUIT = frozenset({"LA", "MS", "TX"})
#: shorter reasons are none
MIN_REASON_CHARS = 10
MAX_REASON_CHARS = 500
#: what may be switched off; confirmations of a stop, a person's own messages and alerts to the team may not
SWITCHES = tuple(
    (channel, purpose)
    for channel in (Channel.SMS, Channel.EMAIL, Channel.VOICE)
    for purpose in (Purpose.INSTANT_REPLY, Purpose.TRANSACTIONAL, Purpose.MARKETING)
)


class Loosened(StrEnum):
    """The safe defaults that may be given up."""

    PRODUCT_CAP = "product_cap"
    UNVERIFIED_REPLIES = "unverified_replies"
    ORAL_CONSENT_TEXTS = "oral_consent_texts"
    CONFIRMED_ADDRESS = "confirmed_address"
    UK_SOFT_OPT_IN = "uk_soft_opt_in"
    GDPR_ENRICHMENT = "gdpr_enrichment"


@dataclass(frozen=True, slots=True)
class Loosening:
    """
    One safe default given up.

    by: who answers for it, `user <id>`. limit: with PRODUCT_CAP the cap that holds instead.
    Raises ValueError without somebody, a reason in words, and an aware instant.
    """

    name: Loosened
    by: str
    reason: str
    at: datetime
    limit: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, Loosened):
            raise ValueError(f"{self.name!r} is no default that may be given up")
        if not self.by.strip():
            raise ValueError("a loosening names who answers for it")
        if not MIN_REASON_CHARS <= len(self.reason.strip()) <= MAX_REASON_CHARS:
            raise ValueError(f"a loosening says why, in {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters")
        if self.at.utcoffset() is None:
            raise ValueError("a loosening says when, with a zone")
        if self.name is Loosened.PRODUCT_CAP:
            if self.limit is None or not PRODUCT_CAP < self.limit <= HIGHEST_CAP:
                raise ValueError(f"a looser cap is {PRODUCT_CAP + 1} to {HIGHEST_CAP}")
        elif self.limit is not None:
            raise ValueError(f"{self.name} takes no limit")


@dataclass(frozen=True, slots=True)
class Policy:
    """
    The team's own rules on top of the tables; without arguments, the defaults.

    hours: marketing and answers that came too late for "fresh" wait for these too; state_hours: the same in one state.
    closed_days: 0 is Monday. cap: automated messages to a number in 24 hours. fresh_replies: R-CASE-8 is used.
    holds: state → until when marketing there waits (R-STATE-6). off: what is not sent at all.
    version: 0 for the defaults; each change has its own. Raises ValueError for what makes no sense.
    """

    version: int = 0
    hours: Hours | None = None
    state_hours: Mapping[str, Hours] = field(default_factory=lambda: MappingProxyType({}))
    closed_days: frozenset[int] = frozenset()
    cap: int | None = None
    fresh_replies: bool = True
    holds: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    off: frozenset[tuple[Channel, Purpose]] = frozenset()
    loosenings: tuple[Loosening, ...] = ()

    def __post_init__(self) -> None:
        for hours in filter(None, (self.hours, *self.state_hours.values())):
            _check_hours(hours)
        for state in (*self.state_hours, *self.holds):
            if state not in STATE_NAMES:
                raise ValueError(f"{state!r} is no state")
        if not self.closed_days < frozenset(range(7)):
            raise ValueError("closed days are days of the week, and not all of them; switch messages off instead")
        if self.cap is not None and not 1 <= self.cap <= PRODUCT_CAP:
            raise ValueError(f"a tighter cap is 1 to {PRODUCT_CAP}")
        if any(until.utcoffset() is None for until in self.holds.values()):
            raise ValueError("a hold ends at an instant with a zone")
        if not self.off <= frozenset(SWITCHES):
            raise ValueError("only automated messages can be switched off")
        if len({loosening.name for loosening in self.loosenings}) != len(self.loosenings):
            raise ValueError("a default is given up once")

    @property
    def product_cap(self) -> int:
        """The cap where no state says less."""
        loosened = self.loosening(Loosened.PRODUCT_CAP)
        ours = loosened.limit if loosened and loosened.limit else PRODUCT_CAP
        return ours if self.cap is None else min(self.cap, ours)

    @property
    def has_hours(self) -> bool:
        """Whether the team keeps hours of its own."""
        return bool(self.hours or self.state_hours or self.closed_days)

    def loosening(self, name: Loosened) -> Loosening | None:
        """Who gave the default up, and why; None while it holds."""
        return next((loosening for loosening in self.loosenings if loosening.name is name), None)

    def allows(self, name: Loosened) -> bool:
        """Whether the default is given up."""
        return self.loosening(name) is not None

    def spans(self, states: tuple[str, ...]) -> Iterator[Hours]:
        """The team's own hours that hold in one of the states."""
        if self.hours is not None:
            yield self.hours
        for state in states:
            if state in self.state_hours:
                yield self.state_hours[state]

    def held_until(self, states: tuple[str, ...], now: datetime) -> datetime | None:
        """When the last hold on one of the states ends; None when none holds now."""
        return max(
            (self.holds[state] for state in states if state in self.holds and self.holds[state] > now), default=None
        )


def _check_hours(hours: Hours) -> None:
    if not 0 <= hours.opens < hours.closes <= 24 * 60:
        raise ValueError("hours begin before they end, within one day")
    if max(hours.opens, FEDERAL.opens) >= min(hours.closes, FEDERAL.closes):
        raise ValueError("hours outside 8:00 to 21:00 would leave nothing; switch messages off instead")


#: the defaults: what holds while nobody changed anything
STANDARD = Policy()
