"""A vendor or the database is away, slow or cuts off: the others go on as before, and in the end all is sent once."""

# ruff: noqa: T201 - the figures are printed for whoever reads them

from __future__ import annotations

import asyncio
import email
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from statistics import quantiles
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from scenarios import Stage, scenario
from stop_case import text_in
from traffic import Sender, action_of_mail, action_of_text, people, prove, settled

from harness import Installation, apart, served, until
from leadwake.storage.embedded import postmaster
from leadwake.storage.embedded.cluster import path_in
from ports import free_port

pytestmark = [pytest.mark.crash, pytest.mark.asyncio(loop_scope="session")]

#: how a vendor can be away; slow answers come within the deadline of a call, late ones do not
WAYS: tuple[dict[str, Any], ...] = (
    {"mode": "refuse"},
    {"mode": "error"},
    {"mode": "throttle"},
    {"mode": "slow", "delay_ms": 3_000},
    {"mode": "cut"},
)
LATE = {"mode": "slow", "delay_ms": 15_000}
PER_S = 4.0
#: nine in ten of the others' calls may leave this much later than before: far less than waiting for a vendor costs
GRACE_S = 1.5


async def latencies(it: Installation, vendor: str) -> dict[str, list[float]]:
    """Inquiry → seconds from its commit until the vendor had the lead's own message, by the vendor's clock."""
    query = (
        "select a.id::text, c.real_at from action a join capture c on c.id = cause_id where kind in ('sms', 'email')"
    )
    stored = {row["id"]: row["real_at"] for row in await it.rows(query)}
    read = action_of_text if vendor == "twilio" else action_of_mail
    found: dict[str, list[float]] = {}
    for record in await it.sandbox.received(vendor):
        if (real_at := stored.get(read(record))) is not None:
            arrived_at = datetime.fromisoformat(record["at"])
            found.setdefault(real_at.isoformat(), []).append((arrived_at - real_at).total_seconds())
    return found


def ninetieth(seconds: list[float]) -> float:
    """Nine in ten are not above."""
    return quantiles(seconds, n=10)[-1]


async def outage(stage: Stage, vendor: str) -> None:
    """One vendor is away in every way, one after the other, while leads keep coming."""
    seconds = 60.0 if stage.long else 5.0
    ways = (*WAYS, LATE) if stage.long else WAYS
    async with apart(stage.root, stage.url) as it:
        sender = Sender(it)
        calm = list(islice(people(), 30))
        await sender.post_all(calm, per_s=PER_S * 2)
        began_at = await it.value("select now()")
        count = int(PER_S * seconds * len(ways))
        posting = asyncio.create_task(sender.post_all(list(islice(people(len(calm)), count)), per_s=PER_S))
        for way in ways:
            await it.sandbox.behave(vendor, **way, for_s=seconds)
            await asyncio.sleep(seconds)
        ended_at = await it.value("select now()")
        await posting
        await settled(it, seconds=240 if stage.long else 120)

        for other in {"twilio", "sendgrid"} - {vendor}:
            taken = await latencies(it, other)
            before = [s for at, times in taken.items() if datetime.fromisoformat(at) < began_at for s in times]
            during = [
                s for at, times in taken.items() if began_at <= datetime.fromisoformat(at) <= ended_at for s in times
            ]
            print(f"{vendor} away: {other} p90 {ninetieth(before):.3f} s before, {ninetieth(during):.3f} s during")
            assert ninetieth(during) < ninetieth(before) + GRACE_S
        proof = await prove(it, sender)
        print(f"{vendor} away: {proof}")
        assert proof.faults == []
        assert proof.sent_twice == 0
        kinds = "select kind from event where actor = %s order by id"
        happened = Counter(row["kind"] for row in await it.rows(kinds, f"vendor {vendor}"))
        assert happened["circuit_opened"] >= 1
        assert happened["circuit_opened"] == happened["circuit_closed"]
        assert await it.value("select count(*) from vendor_state where state = 'open'") == 0


@scenario
async def test_twilio_away_delays_nobody_else_and_texts_once(stage: Stage) -> None:
    await outage(stage, "twilio")


@scenario
async def test_sendgrid_away_delays_nobody_else_and_mails_once(stage: Stage) -> None:
    await outage(stage, "sendgrid")


@scenario
async def test_hubspot_away_delays_nobody_else(stage: Stage) -> None:
    await outage(stage, "hubspot")


@dataclass
class Mailbox:
    """A mail server's handler: the Message-IDs it took."""

    taken: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """The mail is taken."""
        assert isinstance(envelope.content, bytes)
        self.taken.append(str(email.message_from_bytes(envelope.content)["Message-ID"]))
        return "250 OK"


@asynccontextmanager
async def mail_server(port: int) -> AsyncIterator[Mailbox]:
    """A mail server on loopback."""
    mailbox = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(mailbox), "127.0.0.1", port)
    try:
        yield mailbox
    finally:
        server.close()


def message_ids(records: list[dict[str, Any]]) -> Counter[str]:
    """Message-ID → how often SendGrid took it."""
    return Counter(record["body"]["personalizations"][0]["headers"]["Message-ID"] for record in records)


@scenario
async def test_smtp_takes_over_what_sendgrid_refused_and_nothing_that_it_may_have(stage: Stage) -> None:
    port = free_port()
    async with (
        mail_server(port) as mailbox,
        apart(stage.root, stage.url, LEADWAKE_SMTP_URL=f"smtp://127.0.0.1:{port}") as it,
    ):
        # 1. known failures: the second provider takes over
        sender = Sender(it)
        await it.sandbox.behave("sendgrid", mode="error")
        await sender.post_all(list(islice(people(), 15)), per_s=10)
        await settled(it, seconds=60)
        assert set(Counter(mailbox.taken).values()) == {1}
        assert len(mailbox.taken) == 30
        assert not await it.sandbox.received("sendgrid")
        # 2. back again
        await it.sandbox.behave("sendgrid", mode="ok")

        async def closed() -> bool:
            await sender.post_all([next(people(20 + len(sender.acknowledged)))], per_s=1)
            await settled(it, seconds=30)
            return bool(await it.value("select state from vendor_state where vendor = 'sendgrid'") == "closed")

        await until(closed, seconds=60, what="SendGrid is used again", every_s=1)
        # 3. unknown outcomes: accepted, cut, no event; then SendGrid fails while they are looked into
        by_smtp, by_sendgrid = set(mailbox.taken), set(message_ids(await it.sandbox.received("sendgrid")))
        await it.sandbox.behave("sendgrid", mode="cut", callbacks=False)
        await sender.post_all(list(islice(people(200), 2)), per_s=10)

        async def accepted() -> set[str]:
            return set(message_ids(await it.sandbox.received("sendgrid"))) - by_sendgrid

        unknown: set[str] = await until(accepted, seconds=20, what="SendGrid has mails that we do not know of")
        await it.sandbox.behave("sendgrid", mode="error", for_s=50)
        await settled(it, seconds=150)

        taken = message_ids(await it.sandbox.received("sendgrid"))
        assert not unknown & (set(mailbox.taken) - by_smtp)
        assert {taken[message_id] for message_id in unknown} == {2}
        rows = await it.rows("select id::text, possible_duplicate from action where channel = 'email' and resends > 0")
        assert all(row["possible_duplicate"] for row in rows)
        assert {message_id.strip("<>").partition("@")[0] for message_id in unknown} <= {row["id"] for row in rows}
        assert set(Counter(mailbox.taken).values()) == {1}
        assert not set(mailbox.taken) & set(taken)


@scenario
async def test_leads_are_refused_or_kept_while_the_database_is_away(stage: Stage) -> None:
    """Killed under load, then frozen, as a disk that hangs; a stop that arrives just then is not lost either."""
    frozen_s = 60.0 if stage.long else 12.0
    async with served(stage.root) as it:
        sender = Sender(it, patience_s=180)
        posting = asyncio.create_task(sender.post_all(list(islice(people(), int(8 * (frozen_s + 13)))), per_s=8))
        await asyncio.sleep(3)
        first = it.postmaster()
        assert first
        os.kill(first, signal.SIGKILL)
        stopped = await text_in(it, "+12125550199", "STOP")
        await asyncio.sleep(5)
        cluster = path_in(it.data_dir)
        frozen = list(postmaster.survivors(cluster))
        for pid in frozen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(frozen_s)
        for pid in frozen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        await posting
        await settled(it, seconds=240 if stage.long else 100)

        proof = await prove(it, sender, every_action_sent=False)
        print(f"database away: answers {dict(sender.answers)}; {proof}")
        assert stopped.status_code == 200
        assert await it.value("select count(*) from contact_point where opted_out_at is not null") == 1
        assert sender.answers[503] > 0
        assert sender.without_retry_after == 0
        assert proof.faults == []
        assert set(proof.actions) <= {"sent", "delivered"}
