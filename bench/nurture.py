"""A tick over a million enrollments of which ten thousand are due, and what live leads wait for meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg

from bench import memory
from bench.crowd import Crowd
from bench.figures import Bench, percentile
from bench.installation import CLOCK, Failed, Installation
from bench.load import Generator
from leadwake.bootstrap import office_at
from leadwake.workflows import sequences

DUE = 10_000
TOTALS = (100_000, 1_000_000)
RATE = 5.0
_PATIENCE_S = 60.0
#: mails, as most leads may not be texted
_SEQUENCE = """
sequence: bench
title: Bench
about: What the bench takes ten thousand leads through.
starts: by_hand
steps:
  - wait: 1 day
  - email:
      subject: {en: "Still looking?", es: "Sigue buscando?"}
      body:
        en: "Hi {{ lead.first_name }}, still looking? {{ agent.name }}, {{ business.name }}"
        es: "Hola. {{ agent.name }}, {{ business.name }}"
  - wait: 2 days
  - call: Ask how the search goes
"""
#: people who wait; only those that are due are ever opened, so that one profile does for all of these
_SLEEPERS = """
    insert into lead (id, data_key_id, sealed_profile, status, source, channel, created_at, last_at)
    select gen_random_uuid(), l.data_key_id, l.sealed_profile, 'answered', 'bench', 'web_form', %(now)s, %(now)s
      from (select data_key_id, sealed_profile from lead limit 1) l, generate_series(1, %(count)s)
"""
_SLEEP = """
    insert into enrollment (id, lead_id, sequence, version, cause, state, step, due_at, since, started_at)
    select gen_random_uuid(), l.id, 'bench', 1, 'list', 'waiting', 0,
           %(now)s::timestamptz + interval '30 days' + random() * interval '200 days', %(now)s, %(now)s
      from lead l where l.source = 'bench' and not exists (select 1 from enrollment e where e.lead_id = l.id)
"""
_WAKE = """
    insert into enrollment (id, lead_id, inquiry_id, sequence, version, cause, state, step, due_at, since, started_at)
    select gen_random_uuid(), i.lead_id, i.id, 'bench', 1, 'list', 'waiting', 0,
           %(now)s::timestamptz - interval '1 hour', %(now)s::timestamptz - interval '25 hours',
           %(now)s::timestamptz - interval '25 hours'
      from inquiry i where i.lead_id = any(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick. took_s: from its beginning until every touch was planned; pss_mb: of all our processes, the most."""

    took_s: float
    pss_mb: float


async def fill(installation: Installation, say: Callable[[str], None]) -> Sequence[UUID]:
    """Ten thousand leads as the product stores them, and a sequence; their ids."""
    async with office_at(installation.settings(), installation.database, pool=2) as office:
        await sequences.publish(office, _SEQUENCE, None)
        crowd = Crowd(office.vault, office.agents, datetime.fromisoformat(CLOCK), DUE)
        await asyncio.to_thread(crowd.write, installation.database, say)
    return crowd.ids


async def sleep(installation: Installation, total: int, say: Callable[[str], None]) -> None:
    """So many enrollments wait, none of them due."""
    began = time.perf_counter()
    async with await psycopg.AsyncConnection.connect(installation.database, autocommit=True) as connection:
        await connection.execute("set synchronous_commit = off")
        row = await (await connection.execute("select count(*) from lead where source = 'bench'")).fetchone()
        values = {"now": datetime.fromisoformat(CLOCK), "count": total - DUE - (row[0] if row else 0)}
        await connection.execute("alter table lead disable trigger user")
        await connection.execute(_SLEEPERS.encode(), values)
        await connection.execute("alter table lead enable trigger user")
        await connection.execute(_SLEEP.encode(), values)
        await connection.execute("vacuum (analyze) enrollment")
    say(f"  {total:,} enrollments, in {time.perf_counter() - began:.0f} s")


async def lay(installation: Installation, ids: Sequence[UUID]) -> None:
    """Ten thousand are due, in a sequence that is paused."""
    now = datetime.fromisoformat(CLOCK)
    async with await psycopg.AsyncConnection.connect(installation.database, autocommit=True) as connection:
        await connection.execute("update sequence set paused_at = %s where name = 'bench'", [now])
        await connection.execute("delete from enrollment where lead_id = any(%s)", [list(ids)])
        await connection.execute(_WAKE.encode(), {"now": now, "ids": list(ids)})
        await connection.execute("vacuum (analyze) enrollment")


async def tick(installation: Installation) -> Tick:
    """The sequence goes on, and the workers' own tick takes everybody due. Raises Failed when it does not."""
    now = datetime.fromisoformat(CLOCK)
    async with (
        memory.Watch(installation.processes().ours) as watch,
        await psycopg.AsyncConnection.connect(installation.database, autocommit=True) as connection,
    ):
        await connection.execute("update sequence set paused_at = null where name = 'bench'")
        await connection.execute("update chore set at = at - interval '1 day' where name = 'nurture'")
        due = "select count(*) from enrollment where state = 'waiting' and due_at <= %s"
        began, deadline = None, time.perf_counter() + _PATIENCE_S
        while time.perf_counter() < deadline:
            row = await (await connection.execute(due.encode(), [now])).fetchone()
            left = row[0] if row else 0
            if left == 0 and began is not None:
                return Tick(time.perf_counter() - began, watch.most.pss)
            if left < DUE and began is None:
                began = time.perf_counter()
            await asyncio.sleep(0.2)  # counting ten thousand costs time of the same machine
    raise Failed("the tick did not take everybody who was due")


async def beside(bench: Bench, ids: Sequence[UUID] | None, seconds: float) -> tuple[float, int]:
    """p99 of the text in ms of five live leads a second, and how many had none. ids: who falls due meanwhile."""
    vendors, generator = bench.installation.vendors, Generator(bench.installation.port)
    vendors.clear()
    if ids is not None:
        await lay(bench.installation, ids)
    sending = asyncio.create_task(generator.at_rate(bench.leads, RATE, seconds))
    try:
        if ids is not None:
            await asyncio.sleep(2)
            await tick(bench.installation)
        sent = await sending
        await asyncio.sleep(2)
        received = await asyncio.to_thread(vendors.received)
    finally:
        generator.close()
    await bench.installation.settled(patience_s=180)
    waits = [(received.texts[one.phone][0] - one.due_at) * 1000 for one in sent if one.phone in received.texts]
    return percentile(waits, 99), len(sent) - len(waits)
