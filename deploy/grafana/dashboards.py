"""The Grafana dashboards as code: run, it writes dashboards/*.json; a test holds both alike.

Plain dictionaries of Grafana's own JSON: what is used of it is small, and no library has to be kept for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "dashboards"
SOURCE = {"type": "prometheus", "uid": "leadwake"}
#: Grafana's grid is so wide
WIDE = 24


@dataclass(frozen=True)
class Panel:
    """
    One panel. queries: legend → PromQL. kind: timeseries, stat. unit: as Grafana calls it (s, percentunit, short, x).

    steps: (value, colour) from which on it is coloured; the first value is None. note: what it says, in a sentence.
    """

    title: str
    queries: Mapping[str, str]
    note: str
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8
    steps: tuple[tuple[float | None, str], ...] = ((None, "blue"),)
    most: float | None = None


def rate(name: str, by: str, window: str = "$__rate_interval", more: str = "") -> str:
    """A counter's increase a second, by labels."""
    return f"sum by ({by}) (rate({name}{more}[{window}]))"


def quantile(share: float, name: str, by: str) -> str:
    """A quantile of a histogram, by labels."""
    return f"histogram_quantile({share}, sum by (le, {by}) (rate({name}_bucket[$__rate_interval])))"


OPERATIONS: Mapping[str, tuple[Panel, ...]] = {
    "The response promise": (
        Panel("Answered within 60 s, 28 days", {"": "leadwake:slo_share"}, "99 % are promised.", "percentunit",
              "stat", 6, ((None, "red"), (0.99, "green"))),
        Panel("Error budget left", {"": "leadwake:slo_budget_left"}, "Below 0 the promise is broken.", "percentunit",
              "stat", 6, ((None, "red"), (0.1, "orange"), (0.25, "green"))),
        Panel("Burn", {"{{window}}": "leadwake:slo_burn"}, "How many times faster than allowed the budget burns.", "x",
              width=12, steps=((None, "green"), (6.0, "orange"), (14.4, "red"))),
        Panel("What is done by itself", {"{{act}}": "max by (act) (leadwake_slo_acting)"},
              "1 while it goes on; Proof says why it began.", most=1),
        Panel("First touch", {
            "median, {{channel}}": quantile(0.5, "leadwake_first_touch_seconds", "channel"),
            "p99, {{channel}}": quantile(0.99, "leadwake_first_touch_seconds", "channel"),
        }, "From the lead's own time to accepted by the vendor.", "s"),
        Panel("Delivered", {"median, {{channel}}": quantile(0.5, "leadwake_delivered_seconds", "channel")},
              "From the lead's own time to delivered, as the carrier or mailbox says.", "s"),
    ),
    "Leads coming in": (
        Panel("Captures", {"{{source}}, {{outcome}}": rate("leadwake_captures_total", "source, outcome")},
              "A second, by source and what became of them.", "cps", width=12),
        Panel("Availability from outside", {"{{probe}}": "leadwake_availability"},
              "Share of 28 days seen up, of what a probe saw.", "percentunit", "stat", 6,
              ((None, "red"), (0.995, "green"))),
        Panel("Seen from outside", {"{{probe}}": "leadwake_probe_up"}, "1 while a lead would be taken.", width=6,
              most=1),
        Panel("Certificate", {"{{probe}}": "leadwake_probe_certificate_expiry_timestamp_seconds - time()"},
              "Until it ends, as a probe was shown it.", "s", "stat", 6, ((None, "red"), (1_209_600.0, "green"))),
        Panel("Refused before they were read", {"{{status}}": rate("leadwake_refused_requests_total", "status")},
              "Bad keys and signatures, too large, too fast.", "cps", width=6),
        Panel("Up", {"{{instance}}": 'up{job="leadwake"}'}, "1 while Prometheus reaches it.", width=6, most=1),
        Panel("Looked at itself", {"": "time() - max(leadwake_looked_timestamp_seconds)"},
              "Seconds ago; minutes mean that no worker runs, or the database is away.", "s", "stat", 6,
              ((None, "green"), (120.0, "red"))),
    ),
    "Work": (
        Panel("Actions", {"{{kind}} {{state}}": rate("leadwake_actions_total", "kind, state")},
              "A second, by kind and the state they came to.", "cps", width=12),
        Panel("Dead letters", {"": "max(leadwake_dead_letters)"}, "Each needs a person.", kind="stat", width=4,
              steps=((None, "green"), (1.0, "red"))),
        Panel("Queue lag", {"{{queue}}": "max by (queue) (leadwake_queue_lag_seconds)"},
              "Age of the oldest action that is overdue.", "s"),
        Panel("Queue depth", {"{{queue}}": "max by (queue) (leadwake_queue_depth)"}, "Wake-ups that wait."),
        Panel("Calls to vendors", {"{{vendor}} {{outcome}}": rate("leadwake_vendor_request_seconds_count",
              "vendor, outcome")}, "A second, by how they ended.", "cps"),
        Panel("Vendors' answers, p95", {"{{vendor}}": quantile(0.95, "leadwake_vendor_request_seconds", "vendor")},
              "A call may take 10 s in all.", "s"),
    ),
    "The machine": (
        Panel("Processor", {"{{instance}}": '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}'
              "[$__rate_interval]))"}, "Share in use.", "percentunit", most=1),
        Panel("Memory in use", {"{{instance}}": "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes"},
              "Share; above 92 % somebody is told.", "percentunit", most=1),
        Panel("Disk in use", {"{{mountpoint}}": 'max by (mountpoint) (1 - node_filesystem_avail_bytes'
              '{fstype!~"tmpfs|ramfs|overlay|squashfs"} / node_filesystem_size_bytes)'}, "Share.", "percentunit",
              most=1),
    ),
}  # fmt: skip


def kpi(title: str, name: str, note: str, unit: str = "short", steps: Iterable[tuple[float | None, str]] = ()) -> Panel:
    """A figure of reports, as docs/reports.md defines it."""
    found = tuple(steps) or ((None, "blue"),)
    return Panel(title, {"": f'max(leadwake_kpi{{kpi="{name}"}})'}, note, unit, "stat", 6, found)


def over_time(title: str, names: Iterable[str], unit: str = "short") -> Panel:
    """Some of these figures, as they moved."""
    chosen = "|".join(names)
    query = f'max by (kpi) (leadwake_kpi{{kpi=~"{chosen}"}})'
    return Panel(title, {"{{kpi}}": query}, "Each point is over the 28 days before it.", unit, width=12)


BUSINESS: Mapping[str, tuple[Panel, ...]] = {
    "How fast people hear from us (28 days)": (
        kpi("Machine response, median", "response_machine", "Promised are 60 s.", "s",
            ((None, "green"), (60.0, "red"))),
        kpi("Delivered response, median", "response_delivered", "As the carrier or mailbox says.", "s"),
        kpi("Human response, median", "response_human", "From the first offer to a person's touch.", "s"),
        kpi("Hot leads touched within 4 h", "agent_response", "By a person, of all hot ones.", "percent"),
        over_time("Response, medians", ("response_machine", "response_human"), "s"),
        Panel("People's response, by temperature",
              {"{{temperature}}": quantile(0.5, "leadwake_agent_response_seconds", "temperature")},
              "From the first offer to the first touch, median.", "s", width=12),
    ),
    "What came of them (28 days)": (
        kpi("Leads", "leads", "New people who asked."),
        kpi("Conversations", "conversations", "People who first wrote back or talked with us."),
        kpi("Meetings", "meetings", "People whose first meeting was made."),
        kpi("Sales", "sales", "Deals won."),
        kpi("Lead to meeting", "lead_to_meeting", "Of these leads, those with a meeting by now.", "percent"),
        kpi("Revenue", "revenue", "Of these sales, US dollars.", "currencyUSD"),
        over_time("Leads, conversations, meetings, sales", ("leads", "conversations", "meetings", "sales")),
    ),
    "What it costs (28 days)": (
        kpi("Cost", "cost", "At the prices your team says; empty while it says none.", "currencyUSD"),
        kpi("Cost a lead", "cost_per_lead", "Cost, divided by leads.", "currencyUSD"),
        kpi("Cost a meeting", "cost_per_meeting", "Cost, divided by meetings.", "currencyUSD"),
        kpi("Time saved", "time_saved", "Hours, at the minutes your team says.", "h"),
    ),
    "How well it works (28 days)": (
        kpi("Processing success", "processing_success", "Captures that ended with a lead.", "percent"),
        kpi("Enrichment", "enrichment_rate", "Look-ups that found somebody.", "percent"),
        kpi("Error rate", "error_rate", "Of what was tried and came to an end.", "percent"),
        kpi("Accuracy", "accuracy", "What was done without a person and stood.", "percent"),
        Panel("Look-ups", {"{{outcome}}": rate("leadwake_enrichment_total", "outcome")}, "A second, by outcome.",
              "cps", width=12),
    ),
}  # fmt: skip

DASHBOARDS = {
    "operations": ("Leadwake: operations", OPERATIONS, "now-6h", "30s"),
    "business": ("Leadwake: business", BUSINESS, "now-28d", "5m"),
}


def dashboard(name: str) -> dict[str, Any]:
    """The dashboard's JSON, as Grafana reads it."""
    title, rows, since, refresh = DASHBOARDS[name]
    panels: list[dict[str, Any]] = []
    at = 0
    for heading, found in rows.items():
        panels.append({"id": len(panels) + 1, "type": "row", "title": heading, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": at, "w": WIDE, "h": 1}})  # fmt: skip
        at = _placed(panels, found, at + 1)
    return {
        "uid": f"leadwake-{name}", "title": title, "tags": ["leadwake"], "schemaVersion": 39, "editable": False,
        "time": {"from": since, "to": "now"}, "refresh": refresh, "timezone": "browser", "panels": panels,
    }  # fmt: skip


def _placed(panels: list[dict[str, Any]], found: Iterable[Panel], at: int) -> int:
    """The row's panels are placed from left to right; where the next row begins."""
    x, high = 0, 0
    for panel in found:
        height = 4 if panel.kind == "stat" else 8
        if x + panel.width > WIDE:
            x, at, high = 0, at + high, 0
        panels.append(_panel(panel, len(panels) + 1, {"x": x, "y": at, "w": panel.width, "h": height}))
        x, high = x + panel.width, max(high, height)
    return at + high


def _panel(panel: Panel, number: int, place: Mapping[str, int]) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "unit": panel.unit, "min": 0 if panel.unit in {"s", "cps"} else None, "max": panel.most,
        "color": {"mode": "thresholds" if panel.kind == "stat" else "palette-classic"},
        "thresholds": {"mode": "absolute", "steps": [{"value": at, "color": colour} for at, colour in panel.steps]},
        "noValue": "nothing yet",
    }  # fmt: skip
    targets = [
        {"refId": chr(65 + n), "expr": query, "legendFormat": legend or panel.title, "datasource": SOURCE}
        for n, (legend, query) in enumerate(panel.queries.items())
    ]
    return {
        "id": number, "type": panel.kind, "title": panel.title, "description": panel.note, "gridPos": dict(place),
        "datasource": SOURCE, "targets": targets, "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}} if panel.kind == "stat" else {},
    }  # fmt: skip


def text(name: str) -> str:
    """The file's text."""
    return json.dumps(dashboard(name), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for each in DASHBOARDS:
        (FOLDER / f"{each}.json").write_text(text(each), "utf-8")
