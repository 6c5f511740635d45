"""Availability as probes elsewhere measured it, for the pages and as metrics."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from leadwake.domain import probe
from leadwake.domain.probe import Availability
from leadwake.metrics import AVAILABILITY, PROBE_CERTIFICATE, PROBE_LAST, PROBE_UP
from leadwake.workflows.office import Office


async def read(office: Office, now: datetime) -> list[Availability]:
    """What each probe saw over the last weeks, by name; one that has been silent all that time is not among them."""
    since = now - timedelta(days=probe.DAYS)
    seen: dict[str, dict[date, tuple[int, int]]] = {}
    for row in await office.db.all("probe_days", since=since, now=now):
        seen.setdefault(row["probe"], {})[row["day"]] = (row["up_s"], row["down_s"])
    return [
        probe.availability(
            row["probe"], seen.get(row["probe"], {}), now, (row["at"], row["is_up"], row["why"], row["tls_until"])
        )
        for row in await office.db.all("probe_last", since=since, now=now)
    ]


async def show(office: Office, now: datetime) -> None:
    """The metrics say the same."""
    for one in await read(office, now):
        if one.share is not None:
            AVAILABILITY.labels(one.probe).set(one.share)
        PROBE_UP.labels(one.probe).set(one.is_up)
        PROBE_LAST.labels(one.probe).set(one.last_at.timestamp())
        if one.tls_until is not None:
            PROBE_CERTIFICATE.labels(one.probe).set(one.tls_until.timestamp())
