"""Kill -9 while sequences take their steps: each step is planned once, and everybody gets theirs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from contextlib import suppress
from itertools import islice

import pytest
from scenarios import Stage, scenario
from traffic import Sender, people

from harness import Installation, apart, until
from leadwake.storage import ledger
from leadwake.workflows import sequences

pytestmark = [pytest.mark.crash, pytest.mark.asyncio(loop_scope="session")]

SEQUENCE = """
sequence: kill
title: Kill
about: Two mails.
starts: new_lead
rank: 9
steps:
  - wait: 20 minutes
  - email: {subject: Touch one, body: "{{ business.name }}"}
  - wait: 20 minutes
  - email: {subject: Touch two, body: "{{ business.name }}"}
"""


@scenario
async def test_workers_killed_among_the_steps_plan_each_step_once_and_forget_nobody(stage: Stage) -> None:
    leads, strikes = (400, 12) if stage.long else (60, 4)
    async with apart(stage.root, stage.url) as it:
        await sequences.publish(it.office, SEQUENCE, None)
        await Sender(it).post_all(list(islice(people(), leads)), per_s=20)
        for step in (0, 2):
            await _all_wait_at(it, step, leads)
            await it.run(
                "update enrollment set due_at = due_at - interval '1 hour', since = since - interval '1 hour', "
                "started_at = started_at - interval '1 hour'"
            )
            for _ in range(strikes):
                await asyncio.sleep(1.5)  # dies before, in and after its look
                for pid in it.pids("worker"):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                it.start("worker")
            await _all_sent(it, step + 1, leads)
        planned = await it.value("select count(*) from action where kind = 'nurture_email'")
        doubtful = await it.value("select count(*) from action where kind = 'nurture_email' and possible_duplicate")
        mails = [entry["body"] for entry in await it.sandbox.received("sendgrid") if entry["method"] == "POST"]
        told = Counter(
            (mail["personalizations"][0]["to"][0]["email"], mail["subject"])
            for mail in mails
            if mail["subject"].startswith("Touch")
        )

        assert planned == 2 * leads
        assert len(told) == 2 * leads
        assert sum(told.values()) - len(told) <= doubtful  # a mail nobody heard the answer to goes once more, marked
        assert (await ledger.read(it.office.db, it.office.clock.now())).problems == []


async def _all_wait_at(it: Installation, step: int, leads: int) -> None:
    async def there() -> bool:
        query = "select count(*) from enrollment where sequence = 'kill' and step = %s and due_at > since"
        return bool(await it.value(query, step) == leads)

    await until(there, seconds=120, what=f"everybody waits at step {step}")


async def _all_sent(it: Installation, step: int, leads: int) -> None:
    async def sent() -> bool:
        query = "select count(*) from action where kind = 'nurture_email' and ordinal = %s and settled_at is not null"
        return bool(await it.value(query, step) == leads)

    await until(sent, seconds=240, what=f"step {step} has reached everybody")
