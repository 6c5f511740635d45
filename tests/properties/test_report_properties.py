"""However a team's money is spent and earned, what the rows of a table say adds up to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.kpis import FEW, KPIS
from leadwake.domain.proof import Figures
from leadwake.domain.report import Line, Report
from leadwake.domain.report_facts import Came, Facts, Inputs, Reached, Spent, months
from leadwake.domain.report_values import values

TIES = st.one_of(
    st.tuples(st.just("lead"), st.sampled_from(["Zillow", "website", "Erased since", ""])),
    st.sampled_from([("gone", ""), ("none", "")]),
)
SEQUENCES, FEW_OF = st.sampled_from(["", "new buyer", "No sequence"]), st.integers(0, 40)
SPENT = st.builds(
    lambda whose, sequence, counts: Spent(*whose, sequence, *counts),
    TIES, SEQUENCES, st.tuples(FEW_OF, FEW_OF, FEW_OF, FEW_OF, FEW_OF),
)  # fmt: skip
REACHED = st.builds(
    lambda kind, whose, sequence, agent, currency, n, cents: Reached(
        kind, *whose, sequence, agent, currency, n, n, cents, None
    ),
    st.sampled_from(["conversation", "meeting", "won"]), TIES, SEQUENCES, st.sampled_from(["", "a", "b"]),
    st.sampled_from(["USD", "EUR"]), st.integers(1, 9), st.integers(0, 10**9),
)  # fmt: skip
CAME = st.builds(lambda whose, n, met: Came(*whose, n + met, n + met, met), TIES, FEW_OF, FEW_OF)
PRICE = st.decimals(0, 999, places=5)
NAMES = ("segment_price", "mail_price", "lookup_price", "monthly_fixed", "minutes_per_action", "hourly_cost")
INPUTS = st.builds(
    lambda said, paid: {
        **{(name, ""): v for name, v in said.items()}, **{("source_monthly", s): v for s, v in paid.items()}
    },
    st.dictionaries(st.sampled_from(NAMES), PRICE), st.dictionaries(st.sampled_from(["Zillow", "radio"]), PRICE),
)  # fmt: skip
DAYS = st.integers(1, 100).map(lambda n: [date(2027, 12, 20) + timedelta(days=d) for d in range(n)])
FACTS = st.builds(
    lambda days, came, spent, reached, done: Facts(
        days, Figures(), 0, came, spent, reached, {"new buyer": 4}, {"n": 3, "found": 2},
        {"done": done, **{n + end: 0 for n in ("actions", "assigned", "aside") for end in ("", "_wrong")}},
    ),
    DAYS, st.lists(CAME, max_size=4), st.lists(SPENT, max_size=6), st.lists(REACHED, max_size=6), FEW_OF,
)  # fmt: skip


def _sums(lines: Sequence[Line]) -> tuple[Fraction, int, int, int, dict[str, int]]:
    revenue: dict[str, int] = {}
    for line in lines:
        for currency, cents in line.revenue.items():
            revenue[currency] = revenue.get(currency, 0) + cents
    counts = [sum(getattr(line, name) for line in lines) for name in ("conversations", "meetings", "sales")]
    return sum((line.cost for line in lines), Fraction(0)), *counts, revenue  # type: ignore[return-value]


@given(FACTS, INPUTS)
def test_sources_add_up_to_the_whole_and_so_do_sequences(facts: Facts, inputs: Inputs) -> None:
    report = Report(facts, inputs)
    found = values(report)
    by_source, by_sequence = _sums(report.sources), _sums(report.sequences)

    assert by_source == by_sequence
    assert _sums(report.agents)[1:] == by_source[1:]
    assert found["cost"].amount == by_source[0]
    assert [found[name].n for name in ("conversations", "meetings", "sales")] == list(by_source[1:4])
    assert found["revenue"].amount == Fraction(by_source[4].get("USD", 0), 100)
    assert found["leads"].n == sum(line.leads for line in report.sources)


@given(FACTS, INPUTS)
def test_the_cost_is_what_was_taken_at_its_price_and_each_month_by_its_days(facts: Facts, inputs: Inputs) -> None:
    def price(name: str) -> Fraction:
        return Fraction(inputs.get((name, ""), Decimal(0)))

    a_month = price("monthly_fixed") + sum(Fraction(v) for (name, _), v in inputs.items() if name == "source_monthly")
    cost = a_month * months(facts.days) + sum(
        row.segments * price("segment_price") + row.mails * price("mail_price") + row.lookups * price("lookup_price")
        for row in facts.spent
    )

    assert Report(facts, inputs).cost()[0] == cost


@given(FACTS, INPUTS)
def test_no_figure_is_shown_by_a_price_nobody_said_nor_a_share_of_too_few(facts: Facts, inputs: Inputs) -> None:
    said = {name for name, _ in inputs}
    for name, value in values(Report(facts, inputs)).items():
        assert value.kpi is KPIS[name]
        assert not set(value.missing) & said
        if value.missing:
            assert value.plain is None
            assert value.words.startswith("Enter ")
        if value.part is not None and value.n < FEW:
            assert "%" not in value.words
            assert value.plain is None


def test_a_month_is_a_month_whatever_its_days() -> None:
    for year, month in ((2027, 2), (2028, 2), (2027, 12)):
        first = date(year, month, 1)
        days = [day for n in range(31) if (day := first + timedelta(days=n)).month == month]

        assert months(days) == 1
