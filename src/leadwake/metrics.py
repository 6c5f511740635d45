"""Numbers for Prometheus, under the names of the surfaces. Labels hold our own words only, never a sender's."""

from __future__ import annotations

import os
from collections.abc import Sequence

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_SECONDS = (0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 14400)
_FAST = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def _newest(name: str, what: str, labels: Sequence[str] = ()) -> Gauge:
    """What one process saw last is how it stands, whichever process that was."""
    return Gauge(name, what, labels, multiprocess_mode="mostrecent")


CAPTURES = Counter("leadwake_captures", "Captures by what became of them", ["source", "outcome"])
ACTIONS = Counter("leadwake_actions", "Actions by kind and the state they came to", ["kind", "state"])
FIRST_TOUCH = Histogram(
    "leadwake_first_touch_seconds", "From the lead's own time to accepted by the vendor", ["channel"], buckets=_SECONDS
)
DELIVERED = Histogram(
    "leadwake_delivered_seconds", "From the lead's own time to delivered", ["channel"], buckets=_SECONDS
)
VENDOR_REQUEST = Histogram("leadwake_vendor_request_seconds", "Calls to vendors", ["vendor", "outcome"], buckets=_FAST)
ENRICHMENT = Counter("leadwake_enrichment", "Look-ups of people by what became of them", ["outcome"])
REFUSED = Counter("leadwake_refused_requests", "Requests refused before they were read", ["status"])
DEAD_LETTERS = _newest("leadwake_dead_letters", "Actions that need a person")
QUEUE_DEPTH = _newest("leadwake_queue_depth", "Wake-ups waiting", ["queue"])
QUEUE_LAG = _newest("leadwake_queue_lag_seconds", "Age of the oldest overdue action", ["queue"])
SLO_GOOD = _newest("leadwake_slo_good", "Inquiries answered within 60 s, over 28 days")
SLO_TOTAL = _newest("leadwake_slo_total", "Inquiries that count, over 28 days")
SLO_BUDGET_LEFT = _newest("leadwake_slo_budget_left", "Share of the error budget that is left; below 0 overspent")
SLO_BURN = _newest("leadwake_slo_burn", "How many times faster than allowed the budget burns", ["window"])
SLO_LATE = _newest("leadwake_slo_late", "Inquiries answered late", ["window"])
SLO_ACTING = _newest("leadwake_slo_acting", "1 while this is done against late answers", ["act"])
KPI = _newest("leadwake_kpi", "A figure of reports over 28 days, in its unit (docs/reports.md)", ["kpi"])
AVAILABILITY = _newest("leadwake_availability", "Share of 28 days that a probe saw us up, of what it saw", ["probe"])
PROBE_UP = _newest("leadwake_probe_up", "1 if its last look saw us up", ["probe"])
PROBE_LAST = _newest("leadwake_probe_last_timestamp_seconds", "When a probe looked last", ["probe"])
PROBE_CERTIFICATE = _newest(
    "leadwake_probe_certificate_expiry_timestamp_seconds", "When the certificate that a probe was shown ends", ["probe"]
)
BACKUP_LAST = _newest("leadwake_backup_last_success_timestamp_seconds", "When the newest backup was made; 0: never")
LOOKED = _newest("leadwake_looked_timestamp_seconds", "When Leadwake looked at itself last")
AGENT_RESPONSE = Histogram(
    "leadwake_agent_response_seconds", "From the first offer to the first touch of a person", ["temperature"],
    buckets=(30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400),
)  # fmt: skip


def exposition() -> bytes:
    """The numbers as text: of all processes that `serve` runs, else of this one."""
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
