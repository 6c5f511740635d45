"""Concurrent workers never spend more than the day's credits, whatever they ask for, and never ask twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadwake.actions.claims import Claimed
from leadwake.bootstrap import open_office
from leadwake.providers.ports import Lookup
from leadwake.storage.db import Database
from leadwake.workflows.office import Office
from lookup_case import claims, looked_up_once, spent
from office_case import practice, rows

WORKERS = 6
_people = count()


@dataclass(repr=False)
class World:
    runner: asyncio.Runner
    office: Office
    pools: list[Database]


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """An office, and the connections of six workers beside it."""
    with asyncio.Runner() as runner:
        found = replace(practice(tmp_path / "data"), sandbox_url="http://127.0.0.1:9")
        office, _ = runner.run(open_office(found, database_url, pool=4))
        pools = [Database(database_url, max_size=2) for _ in range(WORKERS)]
        for pool in pools:
            runner.run(pool.open())
        yield World(runner, office, pools)
        for database in (*pools, office.db):
            runner.run(database.close())


async def _worker(office: Office, db: Database, ids: list[UUID]) -> list[Claimed]:
    """Claims until nothing is busy any more."""
    found: list[Claimed] = []
    while ids:
        claimed = await claims(office, *ids, db=db)
        found += claimed.claimed
        ids = [action_id for _, action_id in claimed.busy]
        await asyncio.sleep(0)
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(people=st.integers(1, 12), budget=st.integers(0, 40), further=st.booleans())
def test_many_workers_never_spend_more_than_the_days_credits(
    world: World, people: int, budget: int, *, further: bool
) -> None:
    runner, office, pools = world.runner, world.office, world.pools
    runner.run(rows(office.db, "delete from credit_day"))
    more = {
        "APOLLO_DAILY_CREDITS": str(budget), "APOLLO_WATERFALL": "on" if further else "",
        "PUBLIC_URL": "https://leads.example.com",
    }  # fmt: skip
    office.settings = replace(office.settings, values={**office.settings.values, **more})

    async def race() -> list[list[Claimed]]:
        leads = [{"name": "Ann Lee", "email": f"p{next(_people)}@example.com"} for _ in range(people)]
        ids = [(await looked_up_once(office, lead))[1] for lead in leads]
        # each has some to itself, so that they count at the same time; then all want all
        apart = await asyncio.gather(*(_worker(office, pool, ids[n::WORKERS]) for n, pool in enumerate(pools)))
        together = await asyncio.gather(*(_worker(office, pool, list(ids)) for pool in pools))
        return [*apart, *together]

    claimed = [one for each in runner.run(race()) for one in each]
    costs = [one.outgoing.cost for one in claimed if isinstance(one.outgoing, Lookup)]

    assert len({one.action_id for one in claimed}) == len(claimed), "asked about twice"
    assert sum(costs) == runner.run(spent(office)) <= budget
    assert len(claimed) == min(people, budget // (9 if further else 1)), "and no fewer than may be asked about"
