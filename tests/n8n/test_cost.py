"""What n8n in front of Leadwake costs: a lead posted to the one and to the other, and the memory of both."""

# ruff: noqa: T201 - the figures are printed for whoever keeps docs/n8n.md

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from bench import memory
from lane import Lane, a_lane

from harness import place, until

pytestmark = pytest.mark.n8n

LEADS, PER_S = 30, 0.5
Post = Callable[[dict[str, Any]], Awaitable[httpx.Response]]


async def test_what_a_lead_costs_by_n8n_and_without(installed: Path) -> None:
    with place() as root:
        async with a_lane(root, installed, clock="2026-12-01T17:00:00Z") as lane:
            await asyncio.sleep(10)  # both are idle
            idle, before = _memory(lane), _cpu_s(lane)
            direct = await _round(lane, 0, lambda lead: _straight(lane, lead))
            through = await _round(lane, 1, lane.lead_comes)
            await _all_told(lane)
            loaded, after = _memory(lane), _cpu_s(lane)
            runs = (await lane.n8n.api("GET", "/executions", params={"limit": "250"}))["data"]

            print(f"\n{LEADS} leads each way, {PER_S:g} a second; load {os.getloadavg()[0]:.1f}")
            for name, (answered, texted) in {"straight to Leadwake": direct, "through n8n": through}.items():
                print(f"{name}: answered {_figures(answered)}, text asked of the vendor {_figures(texted)}")
            for name in idle:
                used = (after[name] - before[name]) * 1000 / LEADS / 2
                print(f"{name}: idle {idle[name]:.0f} MB, after {loaded[name]:.0f} MB; processor {used:.0f} ms a lead")
            assert not [run for run in runs if run["status"] in {"error", "crashed"}]


async def _straight(lane: Lane, lead: dict[str, Any]) -> httpx.Response:
    headers = {"authorization": f"Bearer {lane.it.key}"}
    return await lane.web.post(f"{lane.it.url}/v1/leads", json=lead, headers=headers)


async def _round(lane: Lane, number: int, post: Post) -> tuple[list[float], list[float]]:
    """Milliseconds from posting to the answer, and to the text's request at the vendor; of each lead."""
    posted: dict[str, float] = {}
    answered: list[float] = []

    async def one(n: int) -> None:
        phone = f"+1{(212, 305, 404, 617)[n % 4]}555{100 + n // 4 + 50 * number:04d}"
        posted[phone] = began = time.time()
        answer = await post({
            "name": f"Ann Lee {n}", "phone": phone, "email": f"ann{number}.{n}@example.com", "interest": "buy_home",
            "message": f"Is number {n} still open?",
        })  # fmt: skip
        assert answer.status_code == 202, answer.text
        answered.append((time.time() - began) * 1000)

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for n in range(LEADS):
            await asyncio.sleep(max(0.0, began + n / PER_S - time.monotonic()))
            group.create_task(one(n))

    async def texts() -> dict[str, list[float]] | None:
        found: dict[str, list[float]] = {}
        for record in await lane.it.sandbox.received("twilio"):
            if (phone := record["body"].get("To")) in posted:
                found.setdefault(phone, []).append(datetime.fromisoformat(record["at"]).timestamp())
        return found if len(found) == LEADS else None

    came = await until(texts, seconds=60, what="every lead has a text")
    assert all(len(times) == 1 for times in came.values())
    return answered, [(times[0] - posted[phone]) * 1000 for phone, times in came.items()]


async def _all_told(lane: Lane) -> None:
    """No delivery to n8n is under way or due; what n8n was too slow for waits for its next try."""

    async def told() -> bool:
        query = (
            "select count(*) from action where channel = 'webhook' "
            "and (state = 'sending' or (state = 'planned' and due_at <= %s))"
        )
        return await lane.it.value(query, lane.it.office.clock.now()) == 0

    await until(told, seconds=300, what="n8n has heard of everything")


def _processes(lane: Lane) -> dict[str, list[psutil.Process]]:
    """The databases are not counted."""
    ours = [lane.it.processes[-1].pid, *lane.it.pids("web"), *lane.it.pids("worker")]
    return {"Leadwake": [psutil.Process(pid) for pid in ours], "n8n": lane.n8n.processes()}


def _memory(lane: Lane) -> dict[str, float]:
    return {name: memory.of(processes).pss for name, processes in _processes(lane).items()}


def _cpu_s(lane: Lane) -> dict[str, float]:
    return {name: sum(sum(one.cpu_times()[:2]) for one in processes) for name, processes in _processes(lane).items()}


def _figures(values: Sequence[float]) -> str:
    ordered = sorted(values)
    return f"p50 {ordered[len(ordered) // 2]:.0f} ms, p99 {ordered[int(len(ordered) * 0.99)]:.0f} ms"
