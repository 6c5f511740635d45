"""The team's pages: server-rendered, live where something changes, whole without JavaScript."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from starlette.types import Receive, Scope, Send

from leadwake.web.pages import (
    assets,
    consent,
    entry,
    forms,
    holding,
    inbox,
    leads,
    letters,
    messages,
    now,
    privacy,
    public,
    record,
    rules,
    setup,
    snippets,
    talk,
    team,
)
from leadwake.web.pages.route import error_page, wants_page
from leadwake.web.sessions import LoginTries

__all__ = ["install", "router"]


def router() -> APIRouter:
    """Every route of the pages."""
    routes = APIRouter(include_in_schema=False)
    parts = (
        now,
        talk,
        holding,
        inbox,
        snippets,
        leads,
        record,
        letters,
        setup,
        messages,
        rules,
        team,
        forms,
        consent,
        privacy,
        public,
        entry,
        assets,
    )
    for part in parts:
        routes.include_router(part.router)
    return routes


def install(app: FastAPI) -> None:
    """What the pages keep with the application, and a page for browsers that ask for what is not there."""
    app.state.login_tries = LoginTries()
    otherwise = app.router.default

    async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and wants_page(request := Request(scope)):
            await error_page(request, 404)(scope, receive, send)
        else:
            await otherwise(scope, receive, send)

    app.router.default = nothing_here
