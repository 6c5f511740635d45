"""R-CASE-7, R-CASE-10: the hours in which a message may leave, and the first instant open on every clock.

47 CFR 64.1200(c)(1), 8:00 to 21:00 at the called party's place, and the states' own hours (`us_state_rules.csv`),
read 2026-11-22. Whether written consent lifts the hours is contested; they are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from leadwake.compliance.hours import FEDERAL, SHUT, Hours
from leadwake.compliance.place import Place
from leadwake.compliance.policy import STANDARD, Policy
from leadwake.compliance.tables import StateRule, Tables

Closure = Literal["team_hours", "quiet_hours", "day_closed", "holiday"]

#: the stronger reason is named where several hold (R-CASE-10)
_STRONGER: tuple[Closure, ...] = ("team_hours", "quiet_hours", "day_closed", "holiday")


@dataclass(frozen=True, slots=True)
class Windows:
    """The open hours of one kind of message at one place.

    solicitation: the states' hours, Sundays and holidays apply; not so for transactional messages (R-CASE-7).
    automated_voice: the states' hours for automated calls apply too.
    policy: the team's own hours, which narrow a solicitation's and never widen them.
    """

    place: Place
    tables: Tables
    solicitation: bool
    automated_voice: bool
    policy: Policy = STANDARD

    def closure(self, at: datetime) -> Closure | None:
        """Why the message may not leave at the instant; None when it may. Raises Missing."""
        found: Closure | None = None
        for zone in self.place.zones:
            local = at.astimezone(zone)
            hours, why = self._day(local.date())
            minute = local.hour * 60 + local.minute
            if not _is_within(minute, hours):
                found = _stronger(found or why, why)
            elif not _is_within(minute, self._narrowed(hours, local.date())):
                found = found or "team_hours"
        return found

    def next_open(self, start: datetime, until: datetime) -> datetime | None:
        """The earliest instant from `start` to `until` open on every clock, aware UTC, if any. Raises Missing."""
        at = start
        while at <= until:
            # no common opening is before any single clock's next one, so going from clock to clock skips nothing
            earliest = at
            for zone in self.place.zones:
                opening = self._opening(zone, at, until)
                if opening is None:
                    return None
                at = opening
            if at == earliest:
                return at if self.closure(at) is None else None
        return None

    def _opening(self, zone: ZoneInfo, at: datetime, until: datetime) -> datetime | None:
        """The earliest instant from `at` to `until` open on this clock."""
        local = at.astimezone(zone)
        today, minute = local.date(), local.hour * 60 + local.minute
        last = until.astimezone(zone).date()
        while today <= last:
            hours = self._narrowed(self._day(today)[0], today)
            if _is_within(minute, hours):
                return at
            if minute < hours.opens < hours.closes:
                opens = datetime.combine(today, time(*divmod(hours.opens, 60)), zone).astimezone(UTC)
                return max(opens, at)
            today, minute = today + timedelta(days=1), -1
        return None

    def _day(self, on: date) -> tuple[Hours, Closure]:
        """What all states together leave open of a local day, and why it is shut outside of that."""
        opens, closes = FEDERAL
        why: Closure = "quiet_hours"
        for rule in self.place.rules:
            for hours, closed_by in self._asked(rule, on):
                opens, closes = max(opens, hours.opens), min(closes, hours.closes)
                if hours == SHUT:
                    why = _stronger(why, closed_by)
        return Hours(opens, closes), why

    def _narrowed(self, lawful: Hours, on: date) -> Hours:
        """What the team leaves of a day's lawful hours; its own hours bind solicitations only."""
        policy = self.policy
        if not policy.has_hours or not self.solicitation:
            return lawful
        if on.weekday() in policy.closed_days:
            return SHUT
        opens, closes = lawful
        for hours in policy.spans(self.place.states):
            opens, closes = max(opens, hours.opens), min(closes, hours.closes)
        return Hours(opens, closes)

    def _asked(self, rule: StateRule, on: date) -> Iterator[tuple[Hours, Closure]]:
        """Each span the state asks for on the day, and what it is called when it shuts the whole day."""
        weekday = on.weekday()
        if self.solicitation:
            yield rule.week[weekday], "day_closed"
            # a holiday never opens what its weekday keeps shut
            if rule.holiday is not None and self.tables.is_holiday(rule.code, on):
                yield rule.holiday, "holiday"
        if self.automated_voice and rule.voice is not None:
            yield rule.voice.week[weekday], "day_closed"
            if rule.voice.holiday is not None and self.tables.is_holiday(rule.code, on):
                yield rule.voice.holiday, "holiday"


def _is_within(minute: int, hours: Hours) -> bool:
    return hours.opens <= minute < hours.closes


def _stronger(one: Closure, other: Closure) -> Closure:
    return max(one, other, key=_STRONGER.index)
