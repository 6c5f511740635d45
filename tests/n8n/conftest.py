"""The long lane: a real n8n and a real Leadwake, beside each other. `make n8n` installs the one and runs this."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lane import Lane, a_lane

from harness import place


@pytest.fixture(scope="session")
def installed(request: pytest.FixtureRequest) -> Path:
    """Where n8n is installed."""
    where = request.config.getoption("--n8n")
    if where is None:
        pytest.skip("n8n takes minutes to install: make n8n does, and runs this")
    return Path(where).resolve()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lane(installed: Path) -> AsyncIterator[Lane]:
    """Both, with the four workflows imported; business time runs sixty times as fast as the real one."""
    with place() as root:
        async with a_lane(root, installed, clock="2026-12-01T17:00:00Zx60") as found:
            yield found
