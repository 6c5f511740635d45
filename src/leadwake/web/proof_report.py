"""Proof for one reader: the same figures for the page, the CSV and the API, with the names that reader may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from leadwake.domain import proof as figures
from leadwake.domain import proof_words as words
from leadwake.domain.proof import Agent, Figures, Period, Times
from leadwake.storage import proof
from leadwake.storage.proof import Proof
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office

#: sources shown one by one; the rest are many and small
SOURCES = 30
HELD = 30
LINES = ("machine", "delivered", "human")


@dataclass(frozen=True, slots=True)
class Line:
    """
    One of the three response lines.

    missing: how many have none yet, missing_words: how to say so; before: the median then.
    """

    name: str
    label: str
    times: Times
    missing: int
    missing_words: str
    before: float | None
    before_n: int


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, in percent (None of nothing). rest: what is left out and why, "" for nothing."""

    name: str
    label: str
    part: int
    whole: int
    before: int | None
    rest: str = ""

    @property
    def percent(self) -> int | None:
        """Rounded down."""
        return figures.share(self.part, self.whole)


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent's row; `own`: the reader's. name None: the whole team."""

    name: str | None
    agent: Agent
    own: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What one reader sees. agents: by name; for who is no manager, their own row alone. team: everybody's together."""

    proof: Proof
    office: Office
    sees_all: bool
    agents: Sequence[AgentRow]
    team: AgentRow

    @property
    def now(self) -> Figures:
        """The period's figures."""
        return self.proof.now

    @property
    def period(self) -> Period:
        """The period."""
        return self.proof.period

    @property
    def lines(self) -> list[Line]:
        """Machine, delivered, human: three lines, never mixed."""
        now, before = self.now, self.proof.before
        return [
            Line(
                "machine", "Machine", now.machine, now.inquiries - now.machine.n, "not answered",
                before.machine.median, before.machine.n,
            ),
            Line(
                "delivered", "Delivered", now.delivered, max(0, now.machine.n - now.delivered.n), "not confirmed",
                before.delivered.median, before.delivered.n,
            ),
            Line(
                "human", "Human", now.human, now.offered - now.human.n, "waiting", before.human.median, before.human.n,
            ),
        ]  # fmt: skip

    @property
    def shares(self) -> list[Share]:
        """How many kept the promise, how many the target."""
        now, before = self.now, self.proof.before
        waits = self.proof.in_time
        return [
            Share(
                "within_60s", "Answered within 60 s", now.machine.within(figures.MACHINE_TARGET_S), now.inquiries,
                figures.share(before.machine.within(figures.MACHINE_TARGET_S), before.inquiries),
            ),
            Share(
                "hot_within_4h", "Hot: a person within 4 h", now.hot["in_time"], max(0, now.hot["offered"] - waits),
                figures.share(before.hot["in_time"], before.hot["offered"]),
                f"{waits} still have time" if waits else "",
            ),
        ]  # fmt: skip

    @property
    def held(self) -> list[tuple[str, str, int]]:
        """(what happened, why, how many), the most first."""
        found: Counter[tuple[str, str]] = Counter()
        for (what, reason), n in self.now.held.items():
            found[words.what(what), words.why(reason)] += n
        return [(what, why, n) for (what, why), n in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


async def report(office: Office, name: str, reader: Person | None) -> Report:
    """The report for a member of the team; reader None: a program that may read reports. Raises DatabaseAway."""
    zone = office.settings.time_zone
    period = figures.period(name, office.clock.now(), zone)
    found = await proof.read(office.db, period, zone, practice=office.is_practice)
    sees_all = reader is None or reader.role in {"manager", "admin"}
    rows = [_row(office, agent, reader) for agent in found.now.by_agent.values()]
    if reader is not None and reader.takes_leads and not any(row.own for row in rows):
        rows.append(AgentRow(reader.name, Agent(str(reader.id)), own=True))
    shown = sorted((row for row in rows if sees_all or row.own), key=lambda row: (row.name or "").casefold())
    return Report(found, office, sees_all, shown, AgentRow(None, _team(found.now), own=False))


def _row(office: Office, agent: Agent, reader: Person | None) -> AgentRow:
    person = office.person(UUID(agent.id))
    return AgentRow(person.name if person else "Somebody who left", agent, own=person is not None and person == reader)


def _team(now: Figures) -> Agent:
    whole = Agent("")
    for agent in now.by_agent.values():
        whole.offers.update(agent.offers)
        whole.times.tenths.update(agent.times.tenths)
    return whole
