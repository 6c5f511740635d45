"""A report for one reader: the same figures for the page, the CSV and the API, each beside the period before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from leadwake.domain import proof as figures
from leadwake.domain.proof import Period
from leadwake.domain.report import NO_AGENT, Line, Report
from leadwake.domain.report_values import Value, values
from leadwake.storage import reports
from leadwake.storage.reports import Said
from leadwake.workflows.office import Office

#: named periods of a report, in the order they are offered
PERIODS = {"7": "7 days", "28": "28 days", "90": "90 days", "month": "This month", "quarter": "This quarter"}
#: groups of figures on the page: (id, heading, figures)
GROUPS = (
    ("response", "How fast people hear from us",
     ("response_machine", "response_delivered", "response_human", "agent_response")),
    ("came", "What came of them",
     ("leads", "conversations", "meetings", "sales", "lead_to_meeting", "asked_to_meeting", "asked_to_won", "revenue")),
    ("costs", "What it costs",
     ("cost", "cost_per_lead", "cost_per_conversation", "cost_per_meeting", "cost_per_sale", "time_saved",
      "return_on_cost", "revenue_per_cost")),
    ("works", "How well it works", ("processing_success", "enrichment_rate", "error_rate", "accuracy")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure and the one of the period before."""

    now: Value
    before: Value

    @property
    def before_words(self) -> str:
        """The former figure as people read it."""
        return "?" if self.before.missing else self.before.words


@dataclass(frozen=True, slots=True)
class View:
    """What is shown. said: what the team says. agents: by name."""

    period: Period
    now: Report
    before: Report
    said: dict[tuple[str, str], Said]
    agents: list[Line]

    @property
    def named_sources(self) -> list[str]:
        """Sources by name, of this time or with a cost that was said."""
        said = {source for name, source in self.said if source}
        return sorted(said | {row.source for row in self.now.facts.came if row.source}, key=str.casefold)

    @property
    def values(self) -> dict[str, Shown]:
        """Every figure by name."""
        before = values(self.before)
        return {name: Shown(value, before[name]) for name, value in values(self.now).items()}


async def view(office: Office, name: str) -> View:
    """The report of a named period, compared with the one before. Raises DatabaseAway."""
    name = name if name in PERIODS else "28"
    return await view_of(office, figures.period(name, office.clock.now(), office.settings.time_zone))


async def view_of(office: Office, period: Period) -> View:
    """The report of a period. Raises DatabaseAway."""
    zone, now = office.settings.time_zone, office.clock.now()
    said = dict(await reports.inputs(office.db))
    known = reports.known(said)
    found, before = [
        Report(await reports.read(office.db, begin, end, zone, practice=office.is_practice, now=now), known)
        for begin, end in ((period.begin, period.end), (period.before_begin, period.before_end))
    ]
    return View(period, found, before, said, _agents(office, found))


def between(office: Office, first: date, last: date) -> Period:
    """The period of these days, whole, and as many days before."""
    zone, day = office.settings.time_zone, timedelta(days=1)
    begin, end = figures.midnight(first, zone), figures.midnight(last + day, zone)
    before = figures.midnight(first - (last - first) - day, zone)
    return Period("", first, last, begin, min(end, max(begin, office.clock.now())), before, begin)


def _agents(office: Office, report: Report) -> list[Line]:
    """By name; what is nobody's stands last."""
    lines = []
    for line in report.agents:
        person = office.person(UUID(line.label)) if line.label else None
        label = person.name if person else "Somebody who left" if line.label else NO_AGENT
        lines.append(replace(line, label=label))
    return sorted(lines, key=lambda line: (line.label == NO_AGENT, line.label.casefold()))
