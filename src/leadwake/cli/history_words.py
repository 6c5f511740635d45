"""A report of `whatif history`, as people and as programs read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import click

from leadwake.cli.output import print_table, printable
from leadwake.compliance.decision import instant_text
from leadwake.workflows.history import Example, Report
from leadwake.workflows.rehearsal_tally import Tally

_WHAT: Final = {"sms": "texts", "email": "e-mails", "call": "calls to make", "alert": "alerts"}
_ONE: Final = {"sms": "text", "email": "e-mail", "call": "call", "alert": "alert"}
#: touches of an example that are shown
_SHOWN: Final = 6
#: agents that are listed
_AGENTS: Final = 20

Prices = Mapping[str, float | None]


def tell(report: Report, prices: Prices) -> None:
    """The report for a person, on standard output."""
    click.echo(_headline(report))
    click.echo()
    columns = list(_columns(report))
    print_table(["", *(name for name, _, _ in columns)], _totals(columns, prices), empty="")
    _tell_reasons(columns[-1][1])
    _tell_agents(columns[-1][1])
    _tell_examples(report)


def _headline(report: Report) -> str:
    last = (report.changed or report.now).tally
    if report.did is None:
        days = report.follow.days if report.follow else 0
        when = f"{last.people:,} people of the file, each followed for {days} days after they asked"
    else:
        when = f"{last.people:,} people who asked or met us from {report.since:%d %b %Y} to {report.until:%d %b %Y}"
    return f"{when}: {last.enrolled:,} would be in a sequence."


def _columns(report: Report) -> Iterator[tuple[str, Tally, Mapping[str, int]]]:
    """(name, tally, how many of each), the one that is asked about last."""
    if report.did is not None:
        yield "happened", report.did, report.did_amounts
    yield "as it stands" if report.did is not None else "as shipped", report.now.tally, report.now.tally.amounts()
    if report.changed is not None:
        yield "changed", report.changed.tally, report.changed.tally.amounts()


def _totals(columns: list[tuple[str, Tally, Mapping[str, int]]], prices: Prices) -> Iterator[list[str]]:
    yield ["people in a sequence", *(f"{tally.enrolled:,}" for _, tally, _ in columns)]
    for what, name in _WHAT.items():
        yield [name, *(f"{amounts.get(what, 0):,}" for _, _, amounts in columns)]
    yield ["segments billed", *("" if name == "happened" else f"{tally.segments:,}" for name, tally, _ in columns)]
    if any(price is not None for price in prices.values()):
        costs = ("" if name == "happened" else f"${cost(tally, prices):,.2f}" for name, tally, _ in columns)
        yield ["cost", *costs]
    yield ["left later than at their turn", *(f"{tally.late.total():,}" for _, tally, _ in columns)]
    yield ["did not leave", *(f"{tally.withheld.total():,}" for _, tally, _ in columns)]


def cost(tally: Tally, prices: Prices) -> float:
    """In dollars, of what has a price."""
    return (tally.segments * (prices["sms"] or 0) + tally.sent["email"] * (prices["email"] or 0)) / 100


def _tell_reasons(tally: Tally) -> None:
    for title, found in (
        ("Sequences", tally.began),
        ("How they end", tally.ended),
        ("No sequence", tally.passed_over),
        ("Later than at their turn", tally.late),
        ("Did not leave", Counter({f"{what} {reason}": n for (what, reason), n in tally.withheld.items()})),
    ):
        if found:
            click.echo(f"\n{title}: {', '.join(f'{printable(name)} {n:,}' for name, n in found.most_common())}")


def _tell_agents(tally: Tally) -> None:
    loads = agents(tally)
    if not loads:
        return
    click.echo("\nWhat it asks of people:")
    rows = (
        [load["agent"] or "nobody yet", f"{load['calls']:,}", f"{load['alerts']:,}", f"{load['most_on_a_day']}",
         load["busiest"]]
        for load in loads[:_AGENTS]
    )  # fmt: skip
    print_table(["agent", "calls", "alerts", "most on a day", "which was"], rows, empty="")


def agents(tally: Tally) -> list[dict[str, Any]]:
    """Calls and alerts by agent, and their busiest day; whoever has most first."""
    days: dict[str, Counter[date]] = {}
    for found in (tally.calls, tally.alerts):
        for (agent, day), n in found.items():
            days.setdefault(agent, Counter())[day] += n
    loads = []
    for agent, by_day in days.items():
        busiest, most = max(by_day.items(), key=lambda pair: (pair[1], pair[0]))
        calls = sum(n for (whose, _), n in tally.calls.items() if whose == agent)
        loads.append(
            {"agent": agent, "calls": calls, "alerts": by_day.total() - calls, "most_on_a_day": most,
             "busiest": busiest.isoformat(), "days": {day.isoformat(): n for day, n in sorted(by_day.items())}}
        )  # fmt: skip
    return sorted(loads, key=lambda load: (-load["calls"] - load["alerts"], load["agent"]))


def _tell_examples(report: Report) -> None:
    if not report.examples:
        return
    is_compared = report.did is not None or report.changed is not None
    click.echo("\nMost different:" if is_compared else "\nMost of all:")
    for example in report.examples:
        click.echo(f"  {printable(example.lived.lead.id)}{_compared(example) if is_compared else ''}")
        for line in _touches(report, example):
            click.echo(f"    {line}")


def _compared(example: Example) -> str:
    before = ", ".join(f"{n} {_ONE[what]}{'s' if n > 1 else ''}" for what, n in example.before.items() if n)
    return f", before: {before or 'nothing'}"


def _touches(report: Report, example: Example) -> Iterator[str]:
    zone = (report.changed or report.now).team.zone
    found = list(example.lived.foreseen)
    for following, each in found[:_SHOWN]:
        step = following.sequence.steps[each.step].name
        subject = f' "{printable(each.said.subject)}"' if each.said and each.said.subject else ""
        why = "" if each.reason in {"ok", "sequence"} else f" ({each.reason})"
        when = each.at.astimezone(zone).strftime("%a %d %b %H:%M")
        yield f"{when}  {each.decision:6} {_ONE[each.channel]:6} {following.sequence.name}/{step}{subject}{why}"
    if len(found) > _SHOWN:
        yield f"and {len(found) - _SHOWN} more"


def as_json(report: Report, prices: Prices) -> dict[str, Any]:
    """The report for programs."""
    return {
        "since": instant_text(report.since) if report.did is not None else None,
        "until": instant_text(report.until) if report.did is not None else None,
        "happened": _happened(report) if report.did is not None else None,
        "in_force": _tally(report.now.tally, prices),
        "changed": _tally(report.changed.tally, prices) if report.changed else None,
        "examples": [_example(each) for each in report.examples],
    }


def _happened(report: Report) -> dict[str, Any]:
    assert report.did is not None
    return {
        "people": report.did.people, "in_a_sequence": report.did.enrolled, "amounts": dict(report.did_amounts),
        "did_not_leave": _withheld(report.did), "ended": dict(report.did.ended),
    }  # fmt: skip


def _tally(tally: Tally, prices: Prices) -> dict[str, Any]:
    is_priced = any(price is not None for price in prices.values())
    return {
        "people": tally.people, "in_a_sequence": tally.enrolled, "sequences": dict(tally.began),
        "amounts": dict(tally.amounts()), "segments": tally.segments,
        "cost_dollars": round(cost(tally, prices), 4) if is_priced else None, "late": dict(tally.late),
        "did_not_leave": _withheld(tally), "ended": dict(tally.ended), "no_sequence": dict(tally.passed_over),
        "agents": agents(tally),
    }  # fmt: skip


def _withheld(tally: Tally) -> list[dict[str, Any]]:
    return [
        {"channel": channel, "reason": reason, "n": n} for (channel, reason), n in tally.withheld.most_common()
    ]  # fmt: skip


def _example(example: Example) -> dict[str, Any]:
    touches = [
        {"at": instant_text(each.at), "sequence": following.sequence.name,
         "step": following.sequence.steps[each.step].name, "channel": each.channel, "decision": each.decision,
         "reason": each.reason}
        for following, each in example.lived.foreseen
    ]  # fmt: skip
    return {"lead": example.lived.lead.id, "before": dict(example.before), "touches": touches}
