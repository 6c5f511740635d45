"""The figures of reports over four weeks as metrics, by their one definition (domain/kpis.py), worked out hourly."""

from __future__ import annotations

from typing import Final

from leadwake.domain import proof
from leadwake.domain.report import Report
from leadwake.domain.report_values import values
from leadwake.metrics import KPI
from leadwake.storage import reports
from leadwake.workflows.office import Office

EVERY_S: Final = 3600.0
PERIOD: Final = "28"


async def show_if_due(office: Office) -> None:
    """Each figure is set; one that cannot be had (nothing happened, no price was said, too few) is NaN."""
    if office.noted.is_due(("kpis",), EVERY_S):
        await show(office)


async def show(office: Office) -> None:
    """The same now."""
    now, zone = office.clock.now(), office.settings.time_zone
    period = proof.period(PERIOD, now, zone)
    facts = await reports.read(office.db, period.begin, period.end, zone, practice=office.is_practice, now=now)
    found = values(Report(facts, reports.known(await reports.inputs(office.db))))
    for name, value in found.items():
        KPI.labels(name).set(float("nan") if value.plain is None else value.plain)
