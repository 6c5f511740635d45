"""Waiting for another program, which can only be asked: the one place where tests that are not asynchronous sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

_Found = TypeVar("_Found")


def until(
    look: Callable[[], _Found | None],
    what: str,
    *,
    seconds: float = 30.0,
    every_s: float = 0.05,
    trying: type[Exception] | tuple[type[Exception], ...] = OSError,
) -> _Found:
    """
    What the look found, once that is neither None nor False; a failed test after `seconds`.

    trying: the errors by which the other program says that it is not there yet.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = look()
        except trying:
            found = None
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(every_s)  # there is nothing to be told by: the other program is asked again
