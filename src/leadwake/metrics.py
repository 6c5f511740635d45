"""Numbers for Prometheus, under the names of the surfaces. Labels hold our own words only, never a sender's."""

from __future__ import annotations

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_SECONDS = (0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 14400)
_FAST = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

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
DEAD_LETTERS = Gauge("leadwake_dead_letters", "Actions that need a person", multiprocess_mode="mostrecent")
QUEUE_DEPTH = Gauge("leadwake_queue_depth", "Wake-ups waiting", ["queue"], multiprocess_mode="mostrecent")
QUEUE_LAG = Gauge(
    "leadwake_queue_lag_seconds", "Age of the oldest overdue action", ["queue"], multiprocess_mode="mostrecent"
)
SLO_GOOD = Gauge("leadwake_slo_good", "Inquiries answered within 60 s, over 28 days", multiprocess_mode="mostrecent")
SLO_TOTAL = Gauge("leadwake_slo_total", "Inquiries that count, over 28 days", multiprocess_mode="mostrecent")
SLO_BUDGET_LEFT = Gauge(
    "leadwake_slo_budget_left", "Share of the error budget that is left; below 0 overspent",
    multiprocess_mode="mostrecent",
)  # fmt: skip
SLO_BURN = Gauge(
    "leadwake_slo_burn", "How many times faster than allowed the budget burns", ["window"],
    multiprocess_mode="mostrecent",
)  # fmt: skip
SLO_LATE = Gauge("leadwake_slo_late", "Inquiries answered late", ["window"], multiprocess_mode="mostrecent")
SLO_ACTING = Gauge(
    "leadwake_slo_acting", "1 while this is done against late answers", ["act"], multiprocess_mode="mostrecent"
)
KPI = Gauge(
    "leadwake_kpi", "A figure of reports over 28 days, in its unit (docs/reports.md)", ["kpi"],
    multiprocess_mode="mostrecent",
)  # fmt: skip
AVAILABILITY = Gauge(
    "leadwake_availability", "Share of 28 days that a probe saw us up, of what it saw", ["probe"],
    multiprocess_mode="mostrecent",
)  # fmt: skip
PROBE_UP = Gauge("leadwake_probe_up", "1 if its last look saw us up", ["probe"], multiprocess_mode="mostrecent")
PROBE_LAST = Gauge(
    "leadwake_probe_last_timestamp_seconds", "When a probe looked last", ["probe"], multiprocess_mode="mostrecent"
)
PROBE_CERTIFICATE = Gauge(
    "leadwake_probe_certificate_expiry_timestamp_seconds", "When the certificate that a probe was shown ends",
    ["probe"], multiprocess_mode="mostrecent",
)  # fmt: skip
BACKUP_LAST = Gauge(
    "leadwake_backup_last_success_timestamp_seconds", "When the newest backup was made; 0: never",
    multiprocess_mode="mostrecent",
)  # fmt: skip
LOOKED = Gauge(
    "leadwake_looked_timestamp_seconds", "When Leadwake looked at itself last", multiprocess_mode="mostrecent"
)
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
