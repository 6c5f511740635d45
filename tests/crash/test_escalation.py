"""Kill -9 in the middle of escalations: each goes on where it was, no step twice, none left out."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from contextlib import suppress
from typing import Any

import pytest
from scenarios import Stage, scenario
from traffic import Sender

from harness import Installation, apart, until

pytestmark = [pytest.mark.crash, pytest.mark.asyncio(loop_scope="session")]

LEADS = 12
HOT: dict[str, Any] = {
    "message": "Need to sell fast, please call me today about 12 Oak St, I have a real deadline",
    "interest": "sell_home",
    "timeline": "ASAP", "budget": "450000", "source": "website", "channel": "web_form", "consent": {"sms": True},
}  # fmt: skip
#: three agents are asked one by one (5 min each), then the pool, then management: all of it within this much of a lead
STEPS = """
select lead_id, step, count(*) as n, count(distinct agent_id) as agents
  from offer group by lead_id, step order by lead_id, step
"""


@scenario
async def test_a_killed_worker_takes_no_step_of_an_escalation_twice_and_leaves_none_out(stage: Stage) -> None:
    """A clock that runs sixty times as fast; the only worker is killed and replaced every second or so."""
    async with apart(stage.root, stage.url, LEADWAKE_CLOCK="2026-11-24T17:00:00Zx60") as it:
        leads = [
            {**HOT, "name": f"Person {n}", "phone": f"8135557{n:03}", "email": f"person{n}@example.com"}
            for n in range(LEADS)
        ]
        await Sender(it).post_all(leads, per_s=10)
        killing = asyncio.create_task(_kill_and_replace(it))

        async def all_in_the_pool() -> bool:
            query = "select count(*) from escalation where phase = 'pool'"
            return bool(await it.value(query) == LEADS)

        await until(all_in_the_pool, seconds=90, what="every lead is in the pool")
        killing.cancel()
        await _prove(it)


async def _kill_and_replace(it: Installation) -> None:
    chance = random.Random(4)
    while True:
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        for pid in it.pids("worker"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await it.start_worker()


async def _prove(it: Installation) -> None:
    taken: dict[Any, list[tuple[int, int, int]]] = {}
    for row in await it.rows(STEPS):
        taken.setdefault(row["lead_id"], []).append((row["step"], row["n"], row["agents"]))
    assert len(taken) == LEADS
    for lead, steps in taken.items():
        assert steps[:3] == [(0, 1, 1), (1, 1, 1), (2, 1, 1)], (lead, steps)
    asked_twice = "select 1 from offer where step < 3 group by lead_id, agent_id having count(*) > 1"
    assert await it.rows(asked_twice) == []
    unlogged = (
        "select o.id from offer o where o.state = 'timed_out' and not exists "
        "(select 1 from event e where e.lead_id = o.lead_id and e.kind = 'offer_timed_out')"
    )
    assert await it.rows(unlogged) == []
    # of those taken back, each message of an agent's is changed for itself
    alerts = await it.rows(
        "select cause_id, kind, count(*) as n from action where kind in ('alert_sms', 'alert_email', 'alert_slack') "
        "group by cause_id, kind, agent_id"
    )
    assert {row["n"] for row in alerts} == {1}
