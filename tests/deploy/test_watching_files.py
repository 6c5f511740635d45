"""What is shipped for Prometheus, Alertmanager and Grafana, started and asked: nothing of it is a sample."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import prometheus_client
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from programs import program, started

from leadwake import metrics
from leadwake.domain.budget import PAIRS
from leadwake.ops import kpi_metrics, watching
from office_case import House, api_key, until
from ports import free_port

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "rules"
#: of others, and what is recorded
OTHERS = re.compile(r"^(up|pg_up|node_\w+|leadwake:[\w:]+)$")

sys.path.insert(0, str(DEPLOY / "grafana"))
import dashboards  # noqa: E402 - it lies beside what it makes


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((RULES / "leadwake.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _alerts() -> list[dict[str, Any]]:
    return [rule for rule in _rules() if "alert" in rule]


def _queries() -> list[tuple[str, str]]:
    """(dashboard: panel, PromQL) of every panel."""
    return [
        (f"{name}: {panel['title']}", target["expr"])
        for name in dashboards.DASHBOARDS
        for panel in dashboards.dashboard(name)["panels"]
        for target in panel.get("targets", [])
    ]


def _ours() -> set[str]:
    found: set[str] = set()
    for each in vars(metrics).values():
        if isinstance(each, prometheus_client.metrics.MetricWrapperBase):
            name = each._name
            found |= {name, f"{name}_total", f"{name}_bucket", f"{name}_count", f"{name}_sum"}
    return found


def _named(query: str) -> set[str]:
    return set(re.findall(r"\b(?:leadwake|node|pg)[_:][\w:]+|\bup\b(?=\{)", query))


def test_the_dashboards_are_what_the_code_makes() -> None:
    for name in dashboards.DASHBOARDS:
        assert (DEPLOY / "grafana" / "dashboards" / f"{name}.json").read_text("utf-8") == dashboards.text(name)
        placed = [panel["gridPos"] for panel in dashboards.dashboard(name)["panels"]]
        assert all(place["x"] + place["w"] <= dashboards.WIDE for place in placed)
        cells = [(x, y) for p in placed for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
        assert len(cells) == len(set(cells)), "no panel lies over another"


def test_rules_and_panels_use_only_metrics_that_exist() -> None:
    recorded = {rule["record"] for rule in _rules() if "record" in rule}
    for where, query in [*_queries(), *((rule.get("alert") or rule["record"], rule["expr"]) for rule in _rules())]:
        names = _named(query)
        assert names, where
        assert {name for name in names if ":" in name} <= recorded, where
        assert {name for name in names if not OTHERS.match(name)} <= _ours(), where


def test_burn_thresholds_are_those_that_leadwake_acts_by() -> None:
    told = {rule["alert"]: rule["expr"] for rule in _alerts()}
    for name, (long, short, factor) in zip(
        ("ResponseBudgetBurnsFast", "ResponseBudgetBurnsSlowly"), PAIRS, strict=True
    ):
        spans = {60: "1h", 5: "5m", 360: "6h", 30: "30m"}
        assert f'window="{spans[long]}"}} > {factor:g} ' in told[name]
        assert f'window="{spans[short]}"}} > {factor:g}' in told[name]


def test_every_alert_says_what_is_wrong_what_to_do_and_where_to_read_on() -> None:
    page = (ROOT / "docs" / "watching.md").read_text("utf-8")
    for rule in _alerts():
        assert set(rule["annotations"]) == {"summary", "action", "page"}, rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert f"### {rule['alert']}\n" in page
        assert rule["annotations"]["page"] == f"docs/watching.md#{rule['alert'].lower()}"


def test_every_alert_is_tested_to_fire_and_not_to_fire() -> None:
    program("promtool")
    tests = sorted((RULES / "tests").glob("*_test.yml"))
    for rule in _alerts():
        name = rule["alert"]
        found = re.findall(
            rf'alertname="{name}".*?\n.*?\n\s+exp_samples: \[\{{labels: "\{{\}}", value: (\d)\}}\]',
            "".join(one.read_text() for one in tests),
        )
        assert set(found) >= {"0", "1"}, name
    groups = [group["name"] for group in yaml.safe_load((RULES / "leadwake.yml").read_text())["groups"]]
    for one in tests:
        assert yaml.safe_load(one.read_text())["group_eval_order"] == groups, one.name
    _checked("promtool", "test", "rules", *tests)


def test_the_programs_take_the_files_as_they_are() -> None:
    _checked("promtool", "check", "config", DEPLOY / "prometheus" / "prometheus.yml")
    _checked("amtool", "check-config", DEPLOY / "alertmanager" / "alertmanager.yml")
    for file in DEPLOY.glob("grafana/provisioning/*/*.yml"):
        assert yaml.safe_load(file.read_text())["apiVersion"] == 1
    for name in ("targets", "targets-docker"):
        for file in (DEPLOY / "prometheus" / name).glob("*.yml"):
            assert all(group["targets"] for group in yaml.safe_load(file.read_text()))


def _checked(name: str, *arguments: str | Path) -> None:
    found = subprocess.run([program(name), *map(str, arguments)], capture_output=True, text=True, timeout=180)
    assert found.returncode == 0, found.stdout + found.stderr


@asynccontextmanager
async def _prometheus(folder: Path, scraped: dict[str, str], alertmanager: str) -> AsyncIterator[httpx.AsyncClient]:
    """The shipped configuration with a faster clock, at these targets (job → address)."""
    shutil.copytree(DEPLOY / "prometheus", folder / "prometheus", ignore=shutil.ignore_patterns("tests"))
    config = folder / "prometheus" / "prometheus.yml"
    config.write_text(config.read_text().replace(": 15s", ": 500ms"))
    targets = [{"targets": [address], "labels": {"job": job}} for job, address in scraped.items()]
    (folder / "prometheus" / "targets" / "scrape.yml").write_text(yaml.safe_dump(targets))
    (folder / "prometheus" / "targets" / "alertmanager.yml").write_text(yaml.safe_dump([{"targets": [alertmanager]}]))
    port = free_port()
    command = [
        program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with started(command, folder / "prometheus.log"):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            await until(lambda: _answers(client, "/-/ready"))
            yield client


async def _answers(client: httpx.AsyncClient, path: str) -> bool:
    try:
        return (await client.get(path)).status_code == 200
    except httpx.TransportError:
        return False


async def _asked(client: httpx.AsyncClient, query: str) -> list[Any]:
    answer = (await client.get("/api/v1/query", params={"query": query})).json()
    assert answer["status"] == "success", (query, answer)
    return answer["data"]["result"]  # type: ignore[no-any-return]


async def _load(house: House, n: int) -> None:
    """One lead more, answered, delivered and touched; a request refused; a look from outside."""
    lead = {"name": f"Ann {n}", "phone": f"+18135550{n:03}", "email": f"ann{n}@company{n}.example.com"}
    await house.post(lead | {"source": "website", "message": "Today please", "timeline": "asap"})
    await house.http.get("/v1/leads", headers={"Authorization": "Bearer wrong"})
    await house.http.post("/v1/leads", json={}, headers={"Authorization": "Bearer wrong"})
    await house.rows(
        "update inquiry set offered_at = asked_at, human_at = asked_at + interval '5 minutes' where human_at is null"
    )
    await watching.watch(house.office)


async def test_every_panel_is_answered_by_a_prometheus_that_scraped_a_loaded_leadwake(
    house: House, tmp_path: Path
) -> None:
    key = await api_key(house.office, "probe:write")
    look = {"id": str(uuid4()), "is_up": True, "tls_until": "2027-01-20T00:00:00Z"}
    told = {"probe": "office", "every_s": 60, "look": look, "lead": {"name": "P", "email": "p@leadwake.invalid"}}
    answer = await house.http.post("/v1/probe", json=told, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 202, answer.text
    await _load(house, 99)
    await house.settled()
    house.advance(timedelta(seconds=70))  # from then on it counts
    await kpi_metrics.show(house.office)
    node = f"127.0.0.1:{free_port()}"
    exporter = [program("prometheus-node-exporter"), f"--web.listen-address={node}"]
    scraped = {"leadwake": house.url.removeprefix("http://"), "node": node}
    with started(exporter, tmp_path / "node.log"):
        async with _prometheus(tmp_path, scraped, "127.0.0.1:9") as client:
            unanswered = dict(_queries())
            for n in range(60):
                await _load(house, n)
                for where, query in list(unanswered.items()):
                    if await _asked(client, query.replace("$__rate_interval", "20s")):
                        del unanswered[where]
                if not unanswered:
                    break
            assert unanswered == {}
            broken = [
                rule for group in (await client.get("/api/v1/rules")).json()["data"]["groups"]
                for rule in group["rules"] if rule["health"] == "err"
            ]  # fmt: skip
            assert broken == []


@contextmanager
def _slack() -> Iterator[tuple[str, list[Any]]]:
    """Takes what is posted as Slack's incoming webhooks do."""
    got: list[Any] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/services/T0/B0/secret", got
        server.shutdown()


async def test_an_alert_of_the_rules_reaches_slack_in_plain_words(idle_house: House, tmp_path: Path) -> None:
    house = idle_house
    for n in range(4):
        await house.post({"name": "Bo", "email": f"bo{n}@example.com"})
    house.advance(timedelta(seconds=70))
    await watching.watch(house.office)
    async with AsyncExitStack() as stack:
        url, got = stack.enter_context(_slack())
        shutil.copytree(DEPLOY / "alertmanager", tmp_path / "alertmanager")
        (tmp_path / "slack_url").write_text(url)
        config = tmp_path / "alertmanager" / "alertmanager.yml"
        config.write_text(config.read_text().replace("/etc/alertmanager/slack_url", str(tmp_path / "slack_url")))
        port = free_port()
        command = [
            program("prometheus-alertmanager"), f"--config.file={config}", f"--storage.path={tmp_path / 'am'}",
            f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
        ]  # fmt: skip
        stack.enter_context(started(command, tmp_path / "alertmanager.log"))
        scraped = {"leadwake": house.url.removeprefix("http://")}
        await stack.enter_async_context(_prometheus(tmp_path, scraped, f"127.0.0.1:{port}"))

        async def told() -> bool:
            return any("Leads wait" in json.dumps(one) for one in got)

        await until(told, limit_s=60)
    (said,) = [one for one in got if "Leads wait" in json.dumps(one)]
    (attachment,) = said["attachments"]

    assert attachment["title"].startswith("Leads wait. So many answers are late")
    assert "What to do: Call new leads yourselves." in attachment["text"]
    assert "Since " in attachment["text"]
    assert "docs/watching.md#responsebudgetburnsfast" in attachment["text"]
    assert attachment["color"] == "danger"
    assert attachment["fallback"] == attachment["title"]
