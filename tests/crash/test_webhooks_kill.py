"""Kill -9 in the middle of deliveries: every one is made, under its own id."""

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

from harness import apart, until
from leadwake.storage import ledger
from leadwake.workflows import webhook_endpoints
from webhook_case import a_receiver

pytestmark = [pytest.mark.crash, pytest.mark.asyncio(loop_scope="session")]

LEADS = 24


@scenario
async def test_a_worker_killed_in_the_middle_of_deliveries_leaves_none_undelivered(stage: Stage) -> None:
    hold = asyncio.Event()
    async with (
        a_receiver(hold=hold) as receiver,
        apart(stage.root, stage.url, LEADWAKE_WEBHOOKS_ALLOW_PRIVATE="on") as it,
    ):
        await webhook_endpoints.add(it.office, receiver.url, ["lead.created"], it.office.team[0])
        await Sender(it).post_all(list(islice(people(), LEADS)), per_s=20)
        await receiver.hears(8)  # all its slots are taken
        for pid in it.pids("worker"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        hold.set()
        await it.start_worker()

        async def all_sent() -> bool:
            query = "select count(*) from action where channel = 'webhook' and state = 'sent'"
            return bool(await it.value(query) == LEADS)

        await until(all_sent, seconds=60, what="every delivery is made")
        told = Counter(got.json["data"]["lead"]["id"] for got in receiver.got)
        ids = {got.id for got in receiver.got}

        assert len(told) == len(ids) == LEADS
        assert sum(told.values()) > LEADS  # those under way were made again, under their ids
        assert (await ledger.read(it.office.db, it.office.clock.now())).problems == []
