from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sandbox_case import Hook, Visitor, a_hook, running_sandbox


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    async with a_hook() as listening:
        yield listening


@pytest.fixture
async def sandbox(hook: Hook) -> AsyncIterator[Visitor]:
    async with running_sandbox(product_url=hook.url) as visitor:
        yield visitor
