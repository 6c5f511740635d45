"""Kill -9 behind a chat while both sides write: each line stands there once, in order, and is read once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from uuid import UUID, uuid4

import httpx
import pytest
from scenarios import Stage, scenario
from traffic import settled

from chat_case import SITE, Visitor, with_chat
from harness import Installation, apart, until
from leadwake.domain.values import Channel
from leadwake.workflows import letters, next_actions

pytestmark = [pytest.mark.crash, pytest.mark.asyncio(loop_scope="session")]

CHANCE = random.Random(43)
THEIRS = [f"Question {n}" for n in range(10)]
OURS = [f"Answer {n}" for n in range(6)]


@scenario
async def test_a_chat_goes_on_while_web_and_workers_are_killed(stage: Stage) -> None:
    async with apart(stage.root, stage.url) as it:
        await with_chat(it.office, it.office.team[0])
        await it.ready()
        async with httpx.AsyncClient(base_url=it.url, headers={"Origin": SITE}, trust_env=False, timeout=5) as http:
            maria = Visitor(http)
            await _until_taken(maria.begin)
            read: list[tuple[int, str]] = []
            reading = asyncio.create_task(_read(maria, read))
            await asyncio.gather(_write(maria), _answer(it, maria), _kill_and_replace(it))
            await it.ready()
            await settled(it, seconds=60)

            async def all_read() -> bool:
                return len(read) >= 2 + len(THEIRS) + len(OURS)

            await until(all_read, seconds=30, what="the browser has every line")
            reading.cancel()

        assert [number for number, _ in read] == list(range(1, 3 + len(THEIRS) + len(OURS)))
        assert [text for _, text in read if text.startswith("Question")] == THEIRS
        assert sorted(text for _, text in read if text.startswith("Answer")) == OURS
        assert await it.value("select count(*) from inquiry") == 1


async def _write(maria: Visitor) -> None:
    """As our script does: one after the other, the same again until it is taken."""
    for text in THEIRS:
        await _until_taken(partial(maria.say, text, str(uuid4())))
        await asyncio.sleep(CHANCE.uniform(0.1, 0.8))


async def _answer(it: Installation, maria: Visitor) -> None:
    lead_id = await it.value("select lead_id from chat where id = %s", UUID(maria.id))
    for text in OURS:
        written = await letters.write(it.office, it.office.team[0], lead_id, Channel.CHAT, text)
        assert isinstance(written, letters.Written)
        action = await it.value("select id from action where cause_id = %s", written.letter_id)
        await next_actions.send_now(it.office, lead_id, action, it.office.team[0])
        await asyncio.sleep(CHANCE.uniform(0.3, 1.2))


async def _read(maria: Visitor, read: list[tuple[int, str]]) -> None:
    """On from the last line, over a stream as long as there is one."""
    while True:
        with suppress(httpx.TransportError, AssertionError):
            async with maria.stream(after=read[-1][0] if read else 0) as events:
                async for event in events:
                    read += [(line["number"], line["text"]) for line in event["lines"]]
        await asyncio.sleep(0.2)


async def _until_taken(send: Callable[[], Awaitable[httpx.Response]]) -> None:
    async def taken() -> bool:
        return bool((await send()).is_success)

    await until(taken, seconds=60, what="it is taken")


async def _kill_and_replace(it: Installation) -> None:
    """The web and the worker in turns, each as soon as the other is back."""
    for kind in ("web", "worker", "web", "worker"):
        await asyncio.sleep(CHANCE.uniform(0.2, 0.8))
        pids = it.pids(kind)
        assert pids, f"a {kind} is there to be killed"
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if kind == "web":
            it.start("web", "--port", str(it.port))
            await it.ready(20)
        else:
            it.start("worker")
