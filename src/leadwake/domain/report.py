"""A report put together from what was counted and what the team says: by source, by sequence, by agent. Pure.

Money is exact, so that what the sources cost adds up to what everything cost, and so for sequences; it is rounded where
it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from leadwake.domain.outcome_words import money
from leadwake.domain.proof import Agent
from leadwake.domain.report_facts import Facts, Inputs, Reached, Spent, months

CURRENCY: Final = "USD"
#: what stands in a table for people whose row is gone, and for what is about nobody
GONE, NOBODY, NO_SEQUENCE, NO_AGENT = (
    "Erased since",
    "No source: the team’s own and fixed costs",
    "No sequence",
    "Nobody’s",
)


@dataclass(slots=True)
class Line:
    """
    What one source, sequence or agent brought and cost.

    leads: of a sequence, who began it. revenue: {currency: cents}. agent: as Proof counts them.
    """

    label: str
    leads: int = 0
    conversations: int = 0
    meetings: int = 0
    sales: int = 0
    revenue: dict[str, int] = field(default_factory=dict)
    cost: Fraction = Fraction(0)
    missing: set[str] = field(default_factory=set)
    agent: Agent | None = None

    @property
    def cost_words(self) -> str:
        """What it cost, or "?" while a price is not said."""
        return "?" if self.missing else dollars(self.cost)

    def per(self, count: str) -> str:
        """Its cost, divided by its leads, conversations, meetings or sales."""
        n = getattr(self, count)
        if self.missing:
            return "?"
        return dollars(self.cost / n) if n else "–"

    @property
    def revenue_words(self) -> str:
        """Its money, each currency by itself."""
        return ", ".join(money(cents, currency) for currency, cents in sorted(self.revenue.items())) or "–"


class Report:
    """The figures and tables of some days, by what the team says."""

    def __init__(self, facts: Facts, inputs: Inputs) -> None:
        self.facts = facts
        self.inputs = inputs
        self.months = months(facts.days)

    @property
    def sources(self) -> list[Line]:
        """By source, the most leads first; what belongs to none stands last."""
        lines: dict[tuple[str, str], Line] = {}

        def line(tie: str, source: str) -> Line:
            label = {"gone": GONE, "none": NOBODY}.get(tie, source)
            return lines.setdefault((tie, source), Line(label))

        for came in self.facts.came:
            line(came.tie, came.source).leads += came.leads
        for reached in self.facts.reached:
            _reach(line(reached.tie, reached.source), reached)
        for spent in self.facts.spent:
            self._spend(line(spent.tie, spent.source), spent)
        for (name, source), dollars_ in self.inputs.items():
            if name == "source_monthly":
                line("lead", source).cost += Fraction(dollars_) * self.months
        self._fix(line("none", ""))
        return [
            lines[key] for key in sorted(lines, key=lambda key: (key[0] != "lead", key[0], -lines[key].leads, key[1]))
        ]

    @property
    def sequences(self) -> list[Line]:
        """By the sequence that wrote last; what none did stands last, with all that is paid by the month."""
        lines: dict[str, Line] = {}

        def line(sequence: str) -> Line:
            return lines.setdefault(sequence, Line(sequence or NO_SEQUENCE))

        for sequence, n in self.facts.enrolled.items():
            line(sequence).leads += n
        for reached in self.facts.reached:
            _reach(line(reached.sequence), reached)
        for spent in self.facts.spent:
            self._spend(line(spent.sequence), spent)
        rest = line("")
        rest.cost += (
            sum((Fraction(v) for (name, _), v in self.inputs.items() if name == "source_monthly"), Fraction(0))
            * self.months
        )
        self._fix(rest)
        return [lines[key] for key in sorted(lines, key=lambda key: (not key, key))]

    @property
    def agents(self) -> list[Line]:
        """By the agent's id, as text, who has the lead now; "" for nobody."""
        lines: dict[str, Line] = {name: Line(name, agent=agent) for name, agent in self.facts.figures.by_agent.items()}
        for reached in self.facts.reached:
            _reach(lines.setdefault(reached.agent, Line(reached.agent)), reached)
        return list(lines.values())

    def cost(self) -> tuple[Fraction, set[str]]:
        """(dollars, what was not said): of everything."""
        whole = Line("")
        for line in self.sources:
            whole.cost += line.cost
            whole.missing |= line.missing
        return whole.cost, whole.missing

    def count(self, kind: str) -> int:
        """How many were reached in this way."""
        return sum(row.n for row in self.facts.reached if row.kind == kind)

    def price(self, *names: str) -> tuple[list[Fraction], tuple[str, ...]]:
        """(what the team says, what it does not say) of these."""
        known = [self.inputs.get((name, "")) for name in names]
        missing = tuple(name for name, value in zip(names, known, strict=True) if value is None)
        return [Fraction(value or 0) for value in known], missing

    def _spend(self, line: Line, spent: Spent) -> None:
        for name, count in (
            ("segment_price", spent.segments),
            ("mail_price", spent.mails),
            ("lookup_price", spent.lookups),
        ):
            if count:
                (price,), missing = self.price(name)
                line.cost += count * price
                line.missing |= set(missing)

    def _fix(self, line: Line) -> None:
        (fixed,), missing = self.price("monthly_fixed")
        line.cost += fixed * self.months
        line.missing |= set(missing)


def _reach(line: Line, reached: Reached) -> None:
    match reached.kind:
        case "conversation":
            line.conversations += reached.n
        case "meeting":
            line.meetings += reached.n
        case _:
            line.sales += reached.n
            line.revenue[reached.currency] = line.revenue.get(reached.currency, 0) + reached.cents


def dollars(amount: Fraction) -> str:
    """An amount as people write it: "$1,204.50", "$9,500", small ones to a tenth of a cent."""
    if amount.denominator == 1:
        return f"${int(amount):,}"
    return f"${float(amount):,.3f}" if 0 < amount < Fraction(1, 10) else f"${float(amount):,.2f}"
