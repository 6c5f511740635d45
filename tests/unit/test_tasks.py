"""Background tasks end, also those that mistake being cancelled for an error of their library."""

from __future__ import annotations

import asyncio

from leadwake.tasks import end


async def test_a_task_whose_cancellation_was_swallowed_ends_all_the_same() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 3:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await end([task], patience_s=0.01)

    assert task.cancelled()
    assert swallowed == 3


async def test_a_task_that_failed_while_ending_troubles_nobody() -> None:
    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("at the end")

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await end([task])

    assert isinstance(task.exception(), ValueError)
