"""Background tasks ended for sure."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any


async def end(tasks: Iterable[asyncio.Task[Any]], *, patience_s: float = 0.25) -> None:
    """
    Every task has ended; their errors are nobody's any more.

    Asked again each `patience_s` seconds: a library under way may turn one cancellation into an error of its own (a
    database driver's "statement cancelled"), and the loop around it would go on for ever.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=patience_s)
