"""Kill -9 and SIGSTOP at any moment: nothing acknowledged is lost, nobody is texted twice.

The scenarios of this file run at the same time, each on an installation of its own, as most of them wait for leases.
"""

# ruff: noqa: T201 - the figures are printed for whoever reads them

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import islice
from typing import Any

import httpx
import psycopg
import pytest
from chaos import Chaos
from scenarios import Stage, scenario
from traffic import Sender, people, prove, settled

from harness import Installation, Wall, apart, road, served, until

pytestmark = [pytest.mark.crash, pytest.mark.asyncio(loop_scope="session")]


async def lead_posted(it: Installation, number: int = 0) -> tuple[Sender, dict[str, Any]]:
    """One lead is acknowledged; its sender and its body."""
    lead = next(people(number))
    sender = Sender(it)
    await sender.post_all([lead], per_s=1)
    return sender, lead


def text_to_lead(it: Installation) -> Callable[[], Awaitable[dict[str, Any]]]:
    """The action of the lead's text, as it stands."""

    async def read() -> dict[str, Any]:
        query = "select id::text, state, attempts, possible_duplicate, reason from action where kind = 'sms'"
        return (await it.rows(query))[0]

    return read


async def is_sending(it: Installation) -> None:
    """The lead's text has been claimed."""
    text = text_to_lead(it)

    async def claimed() -> bool:
        return bool((await text())["state"] == "sending")

    await until(claimed, seconds=20, what="the text is claimed", every_s=0.02)


def number_of(lead: dict[str, Any]) -> str:
    """The lead's number as a vendor gets it."""
    return f"+1{lead['phone']}"


# Random moments ------------------------------------------------------------------------------------------------------


@scenario
async def test_nothing_is_lost_when_anything_is_killed_at_random_moments(stage: Stage) -> None:
    rounds, leads, per_s, strikes, every_s = (5, 2_000, 20.0, 30, 3.0) if stage.long else (1, 240, 8.0, 11, 2.5)
    for number in range(rounds):
        seed = int(
            os.environ.get("CRASH_SEED") or random.randrange(2**32)
        )  # the same harm again, at much the same time
        chaos_of = random.Random(seed)
        async with served(stage.root, workers=2) as it:
            # calls take a while, so that whatever is killed has some under way; accepted at once, or at the end of it
            # with no status callbacks, only the vendor's list can tell what became of a text
            await it.sandbox.behave("twilio", mode="ok", delay_ms=400, callbacks=chaos_of.random() < 0.5)
            await it.sandbox.behave("sendgrid", mode="slow", delay_ms=300)
            await it.sandbox.behave("hubspot", mode="slow", delay_ms=200)
            chaos = Chaos(it, chaos_of, longest_s=20.0 if stage.long else 14.0)
            sender = Sender(it)
            try:
                wanted = list(islice(people(), leads))
                await asyncio.gather(sender.post_all(wanted, per_s=per_s), chaos.strike(strikes, every_s=every_s))
                await settled(it, seconds=300 if stage.long else 120)
                proof = await prove(it, sender)
            except BaseException:
                print(f"seed {seed}; harm: {chaos}")
                raise
            print(f"round {number + 1}, seed {seed}: {proof}\n  harm {chaos}")

            assert proof.faults == []
            assert proof.leads == leads
            assert proof.sent_twice <= proof.texts / 10_000


# Exact moments -------------------------------------------------------------------------------------------------------


@scenario
async def test_worker_killed_between_claim_and_call_texts_once(stage: Stage) -> None:
    wall = Wall()
    async with AsyncExitStack() as stack:
        it = await stack.enter_async_context(
            apart(stage.root, stage.url, LEADWAKE_TWILIO_URL=f"http://127.0.0.1:{wall.port}/twilio")
        )
        sender, lead = await lead_posted(it)
        await is_sending(it)
        await it.processes[1].killed()
        wall.take_down()
        await stack.enter_async_context(road(wall.port, it.sandbox.url))
        it.start("worker")
        await settled(it, seconds=100)

        proof = await prove(it, sender)
        assert proof.faults == []
        assert len(await it.sandbox.texts_to(number_of(lead))) == 1
        assert (await text_to_lead(it)())["possible_duplicate"]  # nobody knows that it had not left


@scenario
async def test_worker_killed_after_the_vendor_accepted_is_found_in_the_list(stage: Stage) -> None:
    async with apart(stage.root, stage.url) as it:
        await it.sandbox.behave("twilio", mode="ok", delay_ms=60_000, callbacks=False)
        sender, lead = await lead_posted(it)

        async def arrived() -> bool:
            return bool(await it.sandbox.texts_to(number_of(lead)))

        await until(arrived, seconds=20, what="the vendor has the text")
        await it.processes[1].killed()
        await it.sandbox.behave("twilio", mode="ok")
        it.start("worker")
        await settled(it, seconds=100)

        proof = await prove(it, sender)
        text = await text_to_lead(it)()
        assert proof.faults == []
        assert not text["possible_duplicate"]
        assert text["attempts"] == 1
        assert text["reason"] == "found in the vendor's list"


@scenario
async def test_worker_killed_after_the_vendor_accepted_is_settled_by_the_callback(stage: Stage) -> None:
    async with apart(stage.root, stage.url) as it:
        await it.sandbox.behave("twilio", mode="ok", delay_ms=2_000)
        sender, lead = await lead_posted(it)

        async def arrived() -> bool:
            return bool(await it.sandbox.texts_to(number_of(lead)))

        await until(arrived, seconds=20, what="the vendor has the text", every_s=0.02)
        await it.processes[1].killed()
        text = text_to_lead(it)

        async def delivered() -> bool:
            return bool((await text())["state"] == "delivered")

        await until(delivered, seconds=20, what="the callback settles the text, with no worker alive")
        it.start("worker")
        await it.sandbox.behave("twilio", mode="ok")
        await settled(it, seconds=100)
        proof = await prove(it, sender)
        assert proof.faults == []
        assert len(await it.sandbox.texts_to(number_of(lead))) == 1


@scenario
async def test_worker_paused_beyond_its_lease_writes_nothing_when_it_wakes(stage: Stage) -> None:
    """Paused while its connection is being made, which the kernel then completes for it: all is ready but the lease."""
    wall = Wall()
    async with AsyncExitStack() as stack:
        it = await stack.enter_async_context(
            apart(stage.root, stage.url, LEADWAKE_TWILIO_URL=f"http://127.0.0.1:{wall.port}/twilio")
        )
        sender, lead = await lead_posted(it)
        await is_sending(it)
        paused = it.processes[1]
        paused.send(signal.SIGSTOP)
        wall.take_down()
        await stack.enter_async_context(road(wall.port, it.sandbox.url))
        it.start("worker")

        async def looked_for() -> bool:
            return bool(await it.value("select max(checks) from action where state = 'sending'"))

        await until(looked_for, seconds=90, what="the other worker has begun to look for the text")
        paused.send(signal.SIGCONT)
        await settled(it, seconds=60)

        proof = await prove(it, sender)
        assert proof.faults == []
        assert len(await it.sandbox.texts_to(number_of(lead))) == 1
        assert paused.popen.poll() is None


@scenario
async def test_worker_paused_after_the_vendor_accepted_changes_nothing_when_it_wakes(stage: Stage) -> None:
    async with apart(stage.root, stage.url) as it:
        await it.sandbox.behave("twilio", mode="ok", delay_ms=1_000, callbacks=False)
        sender, lead = await lead_posted(it)

        async def arrived() -> bool:
            return bool(await it.sandbox.texts_to(number_of(lead)))

        await until(arrived, seconds=20, what="the vendor has the text", every_s=0.02)
        paused = it.processes[1]
        paused.send(signal.SIGSTOP)
        it.start("worker")
        await settled(it, seconds=100)
        before = await text_to_lead(it)()
        paused.send(signal.SIGCONT)
        another, _ = await lead_posted(it, 1)
        sender.acknowledged |= another.acknowledged
        await settled(it, seconds=60)

        assert (await prove(it, sender)).faults == []
        assert (await it.rows("select state, attempts from action where id = %s::uuid", before["id"])) == [
            {"state": before["state"], "attempts": 1}
        ]
        assert len(await it.sandbox.texts_to(number_of(lead))) == 1


@scenario
async def test_web_killed_after_its_commit_answers_a_retry_with_the_same_inquiry(stage: Stage) -> None:
    """The commit is held up in the server by a lock of ours, the web killed meanwhile, then the commit let through."""
    async with apart(stage.root, stage.url) as it:
        await it.run(
            "create function hold() returns trigger language plpgsql as "
            "$$begin perform pg_advisory_xact_lock_shared(42); return null; end$$"
        )
        await it.run(
            "create constraint trigger hold after insert on capture deferrable initially deferred for each row execute "
            "function hold()"
        )
        lead = next(people())
        sender = Sender(it)
        async with await psycopg.AsyncConnection.connect(stage.url, autocommit=True) as holder:
            await holder.execute("select pg_advisory_lock(42)")
            async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
                posting = asyncio.create_task(sender._once(client, lead, "crash-held"))

                async def held() -> bool:
                    waiting = "select count(*) from pg_locks where locktype = 'advisory' and objid = 42 and not granted"
                    return bool(await it.value(waiting))

                await until(held, seconds=10, what="the commit waits", every_s=0.01)
                await it.processes[0].killed()
                await holder.execute("select pg_advisory_unlock(42)")
                assert await posting == 0
        stored = await until(
            lambda: it.value("select id::text from capture"),
            seconds=10,
            what="the commit goes through, its client dead",
        )
        it.start("web", "--port", str(it.port))
        await it.ready()
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            assert await sender._once(client, lead, "crash-held") == 202
        await settled(it, seconds=60)

        assert sender.acknowledged == {"crash-held": stored}
        assert (await prove(it, sender)).faults == []
        assert len(await it.sandbox.texts_to(number_of(lead))) == 1


@scenario
async def test_supervisor_killed_leaves_the_database_and_the_next_one_finishes(stage: Stage) -> None:
    async with served(stage.root) as it:
        await it.sandbox.behave("twilio", mode="slow", delay_ms=3_000)
        sender = Sender(it)
        await sender.post_all(list(islice(people(), 20)), per_s=40)
        children = [*it.pids("web"), *it.pids("worker")]
        first = it.postmaster()
        await it.processes[0].killed()

        async def gone() -> bool:
            return not set(children) & {*it.pids("web"), *it.pids("worker")}

        await until(gone, seconds=30, what="the children have ended")
        assert it.postmaster() == first
        it.start("serve", "--port", str(it.port))
        await it.ready()
        assert it.postmaster() == first
        await it.sandbox.behave("twilio", mode="ok")
        await settled(it, seconds=100)

        proof = await prove(it, sender)
        assert proof.faults == []
        assert proof.marked == 0  # told to end by the kernel, the worker waited for its calls


@scenario
async def test_clean_stop_waits_for_calls_and_leaves_nothing_in_sending(stage: Stage) -> None:
    async with apart(stage.root, stage.url) as it:
        worker = it.processes[-1]
        for round_ in range(4):
            await it.sandbox.behave("twilio", mode="slow", delay_ms=2_500)
            sender = Sender(it)
            leads = list(islice(people(round_ * 60), 60))
            posting = asyncio.create_task(sender.post_all(leads, per_s=120))
            await asyncio.sleep(0.1 + 0.13 * round_)  # in the middle of claims, at some other moment each time
            worker.send(signal.SIGTERM)
            assert await worker.ended() == 0
            await posting

            assert await it.value("select count(*) from action where state = 'sending'") == 0
            worker = await it.start_worker()
        await it.sandbox.behave("twilio", mode="ok")
        await settled(it, seconds=60)
        captures = await it.rows("select id::text from capture")
        proof = await prove(it, Sender(it, acknowledged={row["id"]: row["id"] for row in captures}))
        assert proof.faults == []
        assert proof.marked == 0
