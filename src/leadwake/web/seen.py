"""Noting whose data an answer shows, and to whom: each route that shows somebody's says so by `saw`."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from fastapi import Request

from leadwake.domain.looks import How
from leadwake.workflows.looks import Looks


def saw(request: Request, how: How, leads: Iterable[UUID | None]) -> None:
    """Whoever asks sees data of these leads; it is written a moment later. Nothing when it is the person themselves."""
    person = getattr(request.state, "person", None)
    reader = f"user {person.id}" if person else getattr(request.state, "reader", None)
    if reader:
        looks: Looks = request.app.state.looks
        looks.saw(reader, how, leads)
