"""The scenarios of a file, under way together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from harness import database, new_database, place
from scenarios import SCENARIOS, Stage, Tasks


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def under_way(request: pytest.FixtureRequest) -> AsyncIterator[Tasks]:
    """The scenarios of this file whose tests were selected."""
    module = request.module.__name__
    names = [item.name for item in request.session.items if item.path == request.path]
    long = bool(request.config.getoption("--crash-long"))
    with place() as root:
        async with database(root) as server:
            tasks: Tasks = {}
            for number, name in enumerate(names):
                stage = Stage(root, await new_database(server, f"scenario_{number}"), long)
                tasks[name] = asyncio.create_task(_run(module, name, stage), name=name)
            try:
                yield tasks
            finally:
                for task in tasks.values():
                    task.cancel()
                await asyncio.gather(*tasks.values(), return_exceptions=True)


async def _run(module: str, name: str, stage: Stage) -> None:
    await SCENARIOS[module, name](stage)
