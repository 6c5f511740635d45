"""Scenarios under way together: those of one file, and those of two files that would each mostly wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from scenarios import SCENARIOS, Stage, Tasks

from harness import database, new_database, place
from leadwake.storage.embedded import EmbeddedServer

#: files whose scenarios begin with the first test of any of them; about as many as two processors carry
TOGETHER = (
    {"test_kill"}, {"test_outages", "test_stop"},
    {"test_escalation", "test_mailbox_kill", "test_webhooks_kill", "test_chat_kill", "test_nurture_kill"},
)  # fmt: skip


class Theatre:
    """The place and the server that scenarios share, and those that were begun."""

    def __init__(self, root: Path, server: EmbeddedServer) -> None:
        self.root, self.server = root, server
        self.tasks: dict[str, Tasks] = {}

    async def begin(self, modules: set[str], request: pytest.FixtureRequest) -> None:
        """The selected scenarios of these files are under way."""
        self.tasks |= {module: {} for module in modules}
        long = bool(request.config.getoption("--crash-long"))
        for number, item in enumerate(request.session.items):
            module = item.path.stem
            if module in modules and item.path.parent == request.path.parent:
                stage = Stage(self.root, await new_database(self.server, f"scenario_{number}"), long)
                self.tasks[module][item.name] = asyncio.create_task(_run(module, item.name, stage), name=item.name)

    async def end(self) -> None:
        """None is under way."""
        every = [task for tasks in self.tasks.values() for task in tasks.values()]
        for task in every:
            task.cancel()
        await asyncio.gather(*every, return_exceptions=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def theatre() -> AsyncIterator[Theatre]:
    """An embedded server that nobody harms, for the scenarios that harm something else."""
    with place() as root:
        async with database(root) as server:
            found = Theatre(root, server)
            try:
                yield found
            finally:
                await found.end()


@pytest_asyncio.fixture(loop_scope="session")
async def under_way(theatre: Theatre, request: pytest.FixtureRequest) -> Tasks:
    """The scenarios of this test's file."""
    module = request.path.stem
    if module not in theatre.tasks:
        await theatre.begin(next(group for group in TOGETHER if module in group), request)
    return theatre.tasks[module]


async def _run(module: str, name: str, stage: Stage) -> None:
    await SCENARIOS[module, name](stage)
