"""Each figure of domain/kpis.py, made from a report; where a price was not said, it says which. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from leadwake.domain.kpis import ASKED, FEW, KPIS, Kpi
from leadwake.domain.outcome_words import money
from leadwake.domain.proof import Times
from leadwake.domain.report import CURRENCY, Report, dollars
from leadwake.domain.wording import duration


@dataclass(frozen=True, slots=True)
class Value:
    """
    A figure. amount: in the KPI's unit, a median for seconds; None for none. n: how many it is about.

    part: of n, for a share. missing: what the team would have to say. note: what stands beside it.
    """

    kpi: Kpi
    amount: Fraction | None
    n: int
    part: int | None = None
    missing: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_few(self) -> bool:
        """True for a share of too few to say anything."""
        return self.part is not None and 0 < self.n < FEW

    @property
    def words(self) -> str:
        """The figure as people read it."""
        if self.missing:
            return f"Enter {' and '.join(ASKED[name].label for name in self.missing)} to see this"
        if self.is_few:
            return "too few"
        return "–" if self.amount is None else _SHOWN[self.kpi.unit](self.amount)

    @property
    def plain(self) -> float | int | None:
        """The figure for a program or a spreadsheet; None where there is none to be had."""
        if self.amount is None or self.missing or self.is_few:
            return None
        return int(self.amount) if self.kpi.unit == "count" else round(float(self.amount), 4)


_SHOWN: Final[Mapping[str, Callable[[Fraction], str]]] = {
    "seconds": lambda amount: duration(float(amount)),
    "percent": lambda amount: f"{int(amount)} %",
    "dollars": dollars,
    "hours": lambda amount: f"{float(amount):,.1f} h",
    "count": lambda amount: f"{int(amount):,}",
    "ratio": lambda amount: f"${float(amount):,.2f}",
}


def values(report: Report) -> Mapping[str, Value]:
    """Every figure by name, in the table's order."""
    return {name: make(report, KPIS[name]) for name, make in FIGURES.items()}


def _times(kpi: Kpi, times: Times) -> Value:
    median = times.median
    return Value(kpi, None if median is None else Fraction(str(median)), times.n)


def _share(kpi: Kpi, part: int, n: int) -> Value:
    return Value(kpi, Fraction(100 * part, n) if n else None, n, part)


def _count(kpi: Kpi, n: int) -> Value:
    return Value(kpi, Fraction(n), n)


def _took(kind: str) -> Callable[[Report, Kpi], Value]:
    def made(report: Report, kpi: Kpi) -> Value:
        times = Times()
        for row in report.facts.reached:
            if row.kind == kind:
                times.tenths.update(row.tenths or ())
        return _times(kpi, times)

    return made


def _processing(report: Report, kpi: Kpi) -> Value:
    found = report.facts.figures.captures
    whole = found.total() - found["spam"] - found["rejected"]
    return _share(kpi, found["lead"] + found["known"], whole)


def _agent_response(report: Report, kpi: Kpi) -> Value:
    hot = report.facts.figures.hot
    return _share(kpi, hot["in_time"], max(0, hot["offered"] - report.facts.in_time))


def _errors(report: Report, kpi: Kpi) -> Value:
    states = [states for _, states in report.facts.figures.channels]
    failed = sum(each[state] for each in states for state in ("dead", "unknown", "undelivered", "bounced"))
    return _share(kpi, failed, failed + sum(each[state] for each in states for state in ("sent", "delivered")))


def _accuracy(report: Report, kpi: Kpi) -> Value:
    found = report.facts.automated
    whole, wrong = (sum(found[name + end] for name in ("actions", "assigned", "aside")) for end in ("", "_wrong"))
    return _share(kpi, whole - wrong, whole)


def _leads(report: Report, kpi: Kpi) -> Value:
    return _count(kpi, sum(row.leads for row in report.facts.came))


def _met(report: Report, kpi: Kpi) -> Value:
    came = report.facts.came
    return _share(kpi, sum(row.met for row in came), sum(row.known for row in came))


def _revenue(report: Report, kpi: Kpi) -> Value:
    won = [row for row in report.facts.reached if row.kind == "won"]
    others: dict[str, int] = {}
    for row in won:
        if row.currency != CURRENCY:
            others[row.currency] = others.get(row.currency, 0) + row.cents
    note = ", ".join(f"and {money(cents, currency)}" for currency, cents in sorted(others.items()))
    ours = [row for row in won if row.currency == CURRENCY]
    return Value(kpi, Fraction(sum(row.cents for row in ours), 100), sum(row.priced for row in ours), note=note)


def _cost(report: Report, kpi: Kpi) -> Value:
    cost, missing = report.cost()
    spent, uncounted = report.facts.spent, sum(row.uncounted for row in report.facts.spent)
    note = f"{uncounted} texts of before segments were counted, taken for one segment each" if uncounted else ""
    n = sum(row.texts + row.mails + row.lookups for row in spent)
    return Value(kpi, cost, n, missing=_in_order(missing), note=note)


def _per(count: Callable[[Report], int]) -> Callable[[Report, Kpi], Value]:
    def made(report: Report, kpi: Kpi) -> Value:
        (cost, missing), n = report.cost(), count(report)
        return Value(kpi, cost / n if n else None, n, missing=_in_order(missing))

    return made


def _time_saved(report: Report, kpi: Kpi) -> Value:
    (minutes,), missing = report.price("minutes_per_action")
    done = report.facts.automated["done"]
    return Value(kpi, minutes * done / 60, done, missing=missing)


def _return(report: Report, kpi: Kpi) -> Value:
    (cost, unknown), done = report.cost(), report.facts.automated["done"]
    (minutes, hourly), unsaid = report.price("minutes_per_action", "hourly_cost")
    worth = minutes * done / 60 * hourly
    return Value(kpi, worth / cost if cost else None, done, missing=_in_order({*unknown, *unsaid}))


def _revenue_per_cost(report: Report, kpi: Kpi) -> Value:
    (cost, missing), revenue = report.cost(), _revenue(report, KPIS["revenue"])
    amount = (revenue.amount or 0) / cost if cost else None
    return Value(kpi, amount, revenue.n, missing=_in_order(missing))


def _in_order(names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in ASKED if name in names)


FIGURES: Final[Mapping[str, Callable[[Report, Kpi], Value]]] = {
    "response_machine": lambda report, kpi: _times(kpi, report.facts.figures.machine),
    "response_delivered": lambda report, kpi: _times(kpi, report.facts.figures.delivered),
    "response_human": lambda report, kpi: _times(kpi, report.facts.figures.human),
    "agent_response": _agent_response,
    "processing_success": _processing,
    "enrichment_rate": lambda report, kpi: _share(kpi, report.facts.enriched["found"], report.facts.enriched["n"]),
    "error_rate": _errors,
    "accuracy": _accuracy,
    "leads": _leads,
    "conversations": lambda report, kpi: _count(kpi, report.count("conversation")),
    "meetings": lambda report, kpi: _count(kpi, report.count("meeting")),
    "sales": lambda report, kpi: _count(kpi, report.count("won")),
    "lead_to_meeting": _met,
    "asked_to_meeting": _took("meeting"),
    "asked_to_won": _took("won"),
    "revenue": _revenue,
    "cost": _cost,
    "cost_per_lead": _per(lambda report: sum(row.leads for row in report.facts.came)),
    "cost_per_conversation": _per(lambda report: report.count("conversation")),
    "cost_per_meeting": _per(lambda report: report.count("meeting")),
    "cost_per_sale": _per(lambda report: report.count("won")),
    "time_saved": _time_saved,
    "return_on_cost": _return,
    "revenue_per_cost": _revenue_per_cost,
}
