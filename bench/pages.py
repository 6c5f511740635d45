"""How long the server takes for each page, in an office of a year: over HTTP, from the request to the last byte."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx

from bench.crowd import Crowd
from bench.installation import CLOCK, Failed, Installation
from leadwake.bootstrap import office_at
from leadwake.storage import staff
from leadwake.storage.credentials import hash_password
from leadwake.storage.db import q

#: pages asked for at once
AT_ONCE = (1, 4)
_TURNS = 200
_WARM = 20
_AGENTS = 15
_EMAIL, _PASSWORD = "bench@example-realty.example", "four quiet harbour seals"


@dataclass(frozen=True, slots=True)
class Filled:
    """What is there. rows: events, actions, attempts and tasks; ids, names, numbers: of some leads."""

    leads: int
    rows: int
    ids: Sequence[UUID]
    names: Sequence[str]
    numbers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds for one page, so many asked for at once. bytes: of the page as it travels, packed."""

    at_once: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    bytes: int


async def fill(installation: Installation, leads: int, say: Callable[[str], None]) -> Filled:
    """The installation holds so many leads of a year, a team of twenty, and an admin who can log in."""
    began = time.perf_counter()
    async with office_at(installation.settings(), installation.database, pool=2) as office:
        for number in range(_AGENTS):
            await staff.add(
                office.db, office.vault, name=f"Agent {number}", email=f"agent{number}@example-realty.example",
                phone=f"+1813555{200 + number:04d}", role="agent", takes_leads=True,
            )  # fmt: skip
        await staff.add(
            office.db, office.vault, name="Bench", email=_EMAIL, phone=None, role="admin", takes_leads=False,
            password_hash=hash_password(_PASSWORD),
        )  # fmt: skip
        await office.refresh()
        crowd = Crowd(office.vault, office.agents, datetime.fromisoformat(CLOCK), leads)
        rows = await asyncio.to_thread(crowd.write, installation.database, say)
        async with office.db.connection() as connection:
            await connection.execute(q("office_changed"))
    say(f"  {leads:,} leads, {rows:,} rows of what they did, in {time.perf_counter() - began:.0f} s")
    some = random.Random(11).sample(range(leads), 200)
    return Filled(
        leads, rows, [crowd.ids[n] for n in some], [crowd.names[n] for n in some], [crowd.numbers[n] for n in some]
    )


async def measure(installation: Installation, office: Filled, at_once: int) -> dict[str, Times]:
    """Page → its times. A page that is not there is left out."""
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    base = f"http://127.0.0.1:{installation.port}"
    found = {}
    async with httpx.AsyncClient(base_url=base, headers=headers, limits=limits, timeout=30, trust_env=False) as client:
        answer = await client.post("/login", data={"email": _EMAIL, "password": _PASSWORD})
        if answer.status_code != 303:
            raise Failed(f"login: {answer.status_code}")
        for name, places in _places(office).items():
            if (await client.get(places[0])).status_code != 404:
                found[name] = await _times(client, places, at_once)
    return found


def _places(office: Filled) -> dict[str, Sequence[str]]:
    """Page → addresses to ask for, by turns."""
    first = [name.split()[0] for name in office.names]
    return {
        "/": ["/"],
        "/ for oneself": ["/?for=mine"],
        "/leads": ["/leads"],
        "/leads to see": ["/leads?see=1"],
        "/leads hot ones": ["/leads?temperature=hot"],
        "search: first name": [f"/leads?q={name}" for name in first],
        "search: three letters": [f"/leads?q={name[:3]}" for name in first],
        "search: whole name": [f"/leads?q={name.replace(' ', '+')}" for name in office.names],
        "search: number": [f"/leads?q={number[1:]}" for number in office.numbers],
        "/leads/{id}": [f"/leads/{lead_id}" for lead_id in office.ids],
        "/inbox": ["/inbox"],
        "/team": ["/team"],
        "/proof": ["/proof"],
        "/setup": ["/setup"],
        "/setup/health": ["/setup/health"],
        "/dead-letters": ["/dead-letters"],
    }


async def _times(client: httpx.AsyncClient, places: Sequence[str], at_once: int) -> Times:
    took: list[float] = []
    size = 0

    async def ask(number: int) -> None:
        nonlocal size
        began = time.perf_counter()
        answer = await client.get(places[number % len(places)])
        if number >= 0:
            took.append((time.perf_counter() - began) * 1000)
        size = int(answer.headers["content-length"])
        if answer.status_code != 200:
            raise Failed(f"{places[number % len(places)]}: {answer.status_code}")

    for number in range(-_WARM, 0):
        await ask(number)
    numbers = iter(range(_TURNS))

    async def asker() -> None:
        for number in numbers:
            await ask(number)

    await asyncio.gather(*(asker() for _ in range(at_once)))
    cuts = statistics.quantiles(took, n=100)
    return Times(at_once, cuts[49], cuts[94], cuts[98], size)
