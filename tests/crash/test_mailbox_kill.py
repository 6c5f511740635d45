"""Kill -9 of the process that reads the mailbox: each mail becomes a lead once, and none is marked that is not ours."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from contextlib import suppress
from uuid import uuid4

import pytest
from scenarios import Stage, scenario
from traffic import settled

from harness import Installation, apart, until
from imap_case import ImapServer, an_imap_server

pytestmark = [pytest.mark.crash, pytest.mark.asyncio(loop_scope="session")]

MAILS = range(40)
CHANCE = random.Random(11)


def a_mail(n: int) -> bytes:
    return (
        f"From: Person Number{n} <person{n}@example.com>\r\nTo: team@ours.example\r\nSubject: 12 Oak St\r\n"
        f"Message-ID: <kill-{n}@mail.example.com>\r\n\r\nHello, is the house at {n} Oak St still for sale? I would like"
        f" to see it this week. My number is (813) 555-7{n:03}.\r\n"
    ).encode()


@scenario
async def test_a_killed_reader_of_the_mailbox_loses_no_mail_and_takes_none_twice(stage: Stage) -> None:
    with an_imap_server(stage.root / f"imap-{uuid4().hex[:8]}") as server:
        async with apart(stage.root, stage.url, LEADWAKE_IMAP_URL=server.url()) as it:
            for first in MAILS[::5]:
                await asyncio.to_thread(server.deliver, *(a_mail(n) for n in MAILS[first : first + 5]))
                await _read_a_little_and_killed(it)
            await until(lambda: _all_marked(server), seconds=60, what="every mail is marked as read")
            await settled(it, seconds=100)

            assert await it.value("select count(*) from capture") == len(MAILS)
            assert await it.value("select count(*) from lead") == len(MAILS)
            texts = [record["body"]["To"] for record in await it.sandbox.received("twilio") if "Body" in record["body"]]
            for n in MAILS:
                assert texts.count(f"+18135557{n:03}") <= 1, "the lead is answered at most once"


async def _read_a_little_and_killed(it: Installation) -> None:
    """About as long as a worker takes to begin and look, so that it dies before, in and after its look."""
    await asyncio.sleep(CHANCE.uniform(1.0, 2.2))
    for pid in it.pids("worker"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    it.start("worker")


async def _all_marked(server: ImapServer) -> bool:
    return await asyncio.to_thread(server.unread) == 0
