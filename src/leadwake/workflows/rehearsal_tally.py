"""What a rehearsal comes to: messages, calls, reasons, cost, and each agent's days; in all, or day by day."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta

from leadwake.domain.segments import segments
from leadwake.domain.sequence.rehearsal import Foreseen
from leadwake.workflows.office import Office
from leadwake.workflows.rehearsal import Following, LeadNow, Rehearsal, Team, team_of


@dataclass(slots=True)
class Tally:
    """
    What leads got, or would have. sent: by channel; segments: billed of its texts.

    late: left later than at its turn, by reason. withheld: did not leave, by (channel, reason). calls, alerts: by
    (agent, day of the team's own). began: by sequence. ended: by why, goes_on for what is still under way. passed_over:
    why no sequence began.
    """

    people: int = 0
    enrolled: int = 0
    began: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    segments: int = 0
    late: Counter[str] = field(default_factory=Counter)
    withheld: Counter[tuple[str, str]] = field(default_factory=Counter)
    calls: Counter[tuple[str, date]] = field(default_factory=Counter)
    alerts: Counter[tuple[str, date]] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)

    def add(self, team: Team, lead: LeadNow, ways: Sequence[Following], passed_over: Sequence[str] = ()) -> None:
        """One lead more, with all its ways."""
        self.people += 1
        self.enrolled += bool(ways)
        self.passed_over.update(passed_over)
        for following in ways:
            self.began[following.sequence.name] += 1
            self.ended[following.way.because] += 1
            for each in following.way.foreseen:
                self.touch(team, lead, each)

    def touch(self, team: Team, lead: LeadNow, each: Foreseen) -> None:
        """One thing more that would happen."""
        whose = (agent_of(team, lead), each.at.astimezone(team.zone).date())
        if each.decision == "task":
            self.calls[whose] += 1
        elif each.decision == "alert":
            self.alerts[whose] += 1
        elif each.leaves:
            self.sent[each.channel] += 1
            self.late.update([each.reason] if each.decision == "defer" else [])
            self.segments += segments(each.said.body).count if each.said and each.channel == "sms" else 0
        else:
            self.withheld[each.channel, each.reason] += 1

    def amounts(self) -> Counter[str]:
        """How many of each: sms, email, call, alert."""
        more = {"call": self.calls.total(), "alert": self.alerts.total()}
        return self.sent + Counter(more)


def agent_of(team: Team, lead: LeadNow) -> str:
    """Who would be asked to call; "" for nobody yet."""
    person = team.people.get(lead.agent_id) if lead.agent_id else None
    return person.name if person and not person.disabled else ""


@dataclass(frozen=True, slots=True)
class Day:
    """number: 0 is the day of the start, by the team's own clock. so_far: all that happened by its end."""

    number: int
    date: date
    so_far: Tally


def by_day(office: Office, rehearsal: Rehearsal) -> list[Day]:
    """What had happened by the end of each day of a rehearsal, for a slider; the last one is the whole of it."""
    team = team_of(office)
    begun = Tally(people=len(rehearsal.ways) + rehearsal.not_for, enrolled=len(rehearsal.ways))
    begun.began[rehearsal.sequence.name] = len(rehearsal.ways)
    touches = ((each.at, at, lead, each) for at, (lead, way) in enumerate(rehearsal.ways) for each in way.foreseen)
    left = deque(sorted(touches, key=lambda found: found[:2]))
    first, last = (instant.astimezone(team.zone).date() for instant in (rehearsal.start, rehearsal.until))
    days: list[Day] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        while left and left[0][0].astimezone(team.zone).date() <= day:
            _, _, lead, each = left.popleft()
            begun.touch(team, lead, each)
        days.append(Day(number, day, deepcopy(begun)))
    return days
