"""What the gate decides by: tables that can be read and reach far enough, and defaults that somebody gave up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leadwake.compliance.policy_words import loosened
from leadwake.ops.doctor.finding import Finding, failed, ok, warning
from leadwake.workflows.office import Office

_ABOUT = "rules of law"
#: tables that end sooner are to be replaced now: a deferral looks two weeks ahead, and the work takes its time
_SOON = timedelta(days=90)


def findings(office: Office) -> Iterator[Finding]:
    """The tables in force, and what the team made looser than the default."""
    yield from _tables(office)
    for loosening in office.policy.loosenings:
        text = (
            f"a default was given up by {_who(office, loosening.by)} on {loosening.at:%Y-%m-%d}: {loosened(loosening)}"
        )
        yield warning("your rules", text, "back to the default in one tap: setup page, Rules")


def _tables(office: Office) -> Iterator[Finding]:
    tables, shipped = office.tables, office.shipped
    if problems := tables.problems:
        text = f"{len(problems)} problems in the tables, such as: {problems[0]}"
        mend = "install Leadwake again, with tzdata" if tables is shipped else "leadwake rules use shipped"
        yield failed(_ABOUT, text, f"{mend}: what is unreadable is not sent to")
        return
    today, end = office.clock.now().date(), tables.holidays_end
    if end is not None and end < today + _SOON:
        mend = "update Leadwake, or load tables of your own: leadwake rules load DIR --reason TEXT"
        over = "ended" if end < today else "end"
        yield warning(_ABOUT, f"the holidays in the tables {over} on {end}: then states that close are blocked", mend)
    if tables is not shipped and tables.effective < shipped.effective:
        text = f"your own tables are of {tables.effective}, those of this version of {shipped.effective}"
        yield warning(_ABOUT, text, "compare: leadwake rules export DIR; go over: leadwake rules use shipped")
    yield ok(_ABOUT, f"tables {tables.version}, " + ("as shipped" if tables is shipped else "your own"))


def _who(office: Office, by: str) -> str:
    return next((person.name for person in office.team if by == f"user {person.id}"), by)
