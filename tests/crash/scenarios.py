"""Tests that mostly wait, for leases and second looks, run at the same time, each on a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

Tasks = dict[str, asyncio.Task[None]]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a scenario takes place. url: of a fresh database on a server that all share; long: under make crash."""

    root: Path
    url: str
    long: bool


Scenario = Callable[[Stage], Awaitable[None]]

#: (module, name) → what to run
SCENARIOS: dict[tuple[str, str], Scenario] = {}


def scenario(run: Scenario) -> Callable[[Tasks], Awaitable[None]]:
    """A test that begins together with others (those that were selected; see conftest) and waits for its own end."""
    name = run.__name__
    SCENARIOS[run.__module__, name] = run

    async def test(under_way: Tasks) -> None:
        await under_way[name]

    test.__name__ = test.__qualname__ = name
    test.__doc__, test.__module__ = run.__doc__, run.__module__
    return test
