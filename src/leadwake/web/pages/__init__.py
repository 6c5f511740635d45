"""The team's pages: server-rendered, live where something changes, whole without JavaScript."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from leadwake.web.pages import assets, entry, leads, letters, messages, now, setup, team
from leadwake.web.sessions import LoginTries

__all__ = ["install", "router"]


def router() -> APIRouter:
    """Every route of the pages."""
    routes = APIRouter(include_in_schema=False)
    for part in (now, leads, letters, setup, messages, team, entry, assets):
        routes.include_router(part.router)
    return routes


def install(app: FastAPI) -> None:
    """What the pages keep with the application."""
    app.state.login_tries = LoginTries()
