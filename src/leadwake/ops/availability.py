"""Availability as probes elsewhere measured it, for the pages and as metrics."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from leadwake.domain import probe
from leadwake.domain.probe import Availability
from leadwake.metrics import AVAILABILITY, PROBE_CERTIFICATE, PROBE_LAST, PROBE_UP
from leadwake.workflows.office import Office

#: 28 days of looks are added up so often (real time)
_SHARE_EVERY_S: Final = 300.0


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
    """The metrics say the same: the newest looks each time, the share every few minutes, as it moves slowly."""
    newest = await office.db.all("probe_last", since=now - timedelta(days=1), now=now)
    for row in newest:
        PROBE_UP.labels(row["probe"]).set(row["is_up"])
        PROBE_LAST.labels(row["probe"]).set(row["at"].timestamp())
        if row["tls_until"] is not None:
            PROBE_CERTIFICATE.labels(row["probe"]).set(row["tls_until"].timestamp())
    if newest and office.noted.is_due(("availability",), _SHARE_EVERY_S):
        for one in await read(office, now):
            if one.share is not None:
                AVAILABILITY.labels(one.probe).set(one.share)
